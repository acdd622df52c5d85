//! Tracked flows of every interface, as one list (SG-6…SG-8).
//!
//! The tables give TCP's established, UDP's and other protocols' idle times. They are silent on half-open and closing
//! connections and on ICMP; there the product's own choice stands.

use std::net::IpAddr;

use crate::packet::{ACK, Body, FIN, Packet, RST, SYN};
use crate::rules::{Way, tracked_ports};
use crate::world::Eni;

const OPENING_SECS: u64 = 60;
const CLOSING_SECS: u64 = 120;
const CLOSED_SECS: u64 = 60;
const RESET_SECS: u64 = 10;
const ICMP_SECS: u64 = 30;
const UNTRACKED_SECS: u64 = 350;
const OTHER_SECS: u64 = 600;

/// A tracked flow at one interface.
#[derive(Clone, Debug)]
pub struct Flow {
    eni: usize,
    protocol: u8,
    near: (IpAddr, u16),
    far: (IpAddr, u16),
    /// Direction of the packet that opened it.
    opened: Way,
    /// Direction of echo requests: one that comes back is no reply (SG-6).
    asked: Option<Way>,
    last: u64,
    /// The egress-only gateway by which it left last (EO-20).
    left_by: Option<u64>,
    packets: [u64; 2],
    /// A request after an answer: a second exchange, hence a UDP stream (SG-8).
    again: bool,
    /// It has shown its SYN.
    began: [bool; 2],
    acked: [bool; 2],
    finished: [bool; 2],
    reset: bool,
    /// SG-7: every packet asks the rules.
    pub untracked: bool,
    /// TCP is over: what is still on the way passes for a while, a SYN begins anew.
    pub over: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Tracking(Vec<Flow>);

impl Tracking {
    /// The live flow that a packet belongs to.
    pub fn find(
        &mut self,
        eni: usize,
        of: &Eni,
        way: Way,
        packet: &Packet,
        now: u64,
    ) -> Option<&mut Flow> {
        self.0
            .retain(|flow| flow.eni != eni || now - flow.last < flow.idle_secs(of) * 1_000_000_000);
        let (near, far) = ends(way, packet);
        self.0.iter_mut().find(|flow| {
            flow.eni == eni
                && flow.protocol == packet.protocol()
                && flow.near == near
                && flow.far == far
                && flow.asked == asked(way, packet)
        })
    }

    /// Notes an accepted packet: of a known flow, or the first of a new one.
    pub fn accept(
        &mut self,
        eni: usize,
        of: &Eni,
        (way, packet): (Way, &Packet),
        untracked: bool,
        now: u64,
    ) {
        if let Some(flow) = self.find(eni, of, way, packet, now) {
            if flow.untracked == untracked && !(flow.over && packet.opens_tcp()) {
                flow.see(way, packet, now);
                return;
            }
            flow.eni = usize::MAX;
        }
        self.0.retain(|flow| flow.eni != usize::MAX);
        let (near, far) = ends(way, packet);
        let mut flow = Flow {
            eni,
            protocol: packet.protocol(),
            near,
            far,
            opened: way,
            asked: asked(way, packet),
            last: now,
            left_by: None,
            packets: [0; 2],
            again: false,
            began: [false; 2],
            acked: [false; 2],
            finished: [false; 2],
            reset: false,
            untracked,
            over: false,
        };
        flow.see(way, packet, now);
        self.0.push(flow);
    }
}

impl Flow {
    /// EO-20: it leaves by an egress-only gateway, which records what began inside.
    pub fn leaves_by(&mut self, gateway: u64) {
        if self.opened == Way::Egress {
            self.left_by = Some(gateway);
        }
    }

    /// EO-23, EO-28: it left by this gateway, and not too long ago.
    pub fn awaits_answer_by(&self, gateway: u64, now: u64) -> bool {
        let secs = match self.protocol {
            6 if self.acked == [true; 2] && self.finished == [false; 2] && !self.over => 350,
            6 => 60,
            17 if self.packets[1] == 0 => 30,
            58 => 30,
            _ => 180,
        };
        self.left_by == Some(gateway) && now - self.last < secs * 1_000_000_000
    }

    fn see(&mut self, way: Way, packet: &Packet, now: u64) {
        let side = usize::from(way != self.opened);
        self.packets[side] += 1;
        self.again |= side == 0 && self.packets[1] > 0;
        if self.untracked {
            self.last = now;
            return;
        }
        if self.over {
            return; // What trickles in after the end keeps nothing alive.
        }
        self.last = now;
        let Body::Tcp { flags, .. } = packet.body else {
            return;
        };
        if packet.is_later() {
            return;
        }
        let open = self.acked == [true; 2];
        self.began[side] |= flags & SYN != 0;
        // Nothing is acknowledged that has not begun.
        self.acked[side] |= flags & ACK != 0 && self.began[1 - side];
        self.finished[side] |= flags & FIN != 0 && open;
        self.reset |= flags & RST != 0;
        self.over = self.reset || self.finished == [true; 2];
    }

    fn idle_secs(&self, of: &Eni) -> u64 {
        let [established, stream, single] = of.timeouts;
        if self.untracked {
            return UNTRACKED_SECS;
        }
        match self.protocol {
            6 if self.reset => RESET_SECS,
            6 if self.over => CLOSED_SECS,
            6 if self.finished != [false; 2] => CLOSING_SECS,
            6 if self.acked == [true; 2] => established,
            6 => OPENING_SECS,
            17 if self.again => stream,
            17 => single,
            1 | 58 => ICMP_SECS,
            _ => OTHER_SECS,
        }
    }
}

fn asked(way: Way, packet: &Packet) -> Option<Way> {
    match packet.body {
        Body::Echo { reply: false, .. } => Some(way),
        Body::Echo { reply: true, .. } => Some(way.back()),
        Body::Tcp { .. } | Body::Udp { .. } | Body::Error { .. } | Body::Other(_) => None,
    }
}

fn ends(way: Way, packet: &Packet) -> ((IpAddr, u16), (IpAddr, u16)) {
    let ports = tracked_ports(packet);
    let source = (packet.source, ports.0);
    let destination = (packet.destination, ports.1);
    match way {
        Way::Ingress => (destination, source),
        Way::Egress => (source, destination),
    }
}
