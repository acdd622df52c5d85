//! What became of a shot: read like a sentence, panicking with the packet's story.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use openvpc_engine::{DropReason, Mac, Offload, PortId, Trace, Verdict};
use openvpc_wire::packet::{Packet, Transport, protocol};
use openvpc_wire::{Tcp, ethernet::Ethernet};

use crate::frames::{FrameSpec, L4, build};
use crate::host::Host;
use crate::packets::Shot;
use crate::world::{Arrived, World};

/// The verdicts on the frames of one shot, and what arrived.
pub struct Outcome {
    world: Rc<RefCell<World>>,
    verdicts: Vec<Verdict>,
    arrived: Vec<Arrived>,
    trace: Trace,
}

impl Outcome {
    pub(crate) fn of(world: Rc<RefCell<World>>, shot: Shot) -> Outcome {
        let mut outcome = Outcome {
            world,
            verdicts: Vec::new(),
            arrived: Vec::new(),
            trace: Trace::default(),
        };
        for frame in &shot.frames {
            outcome.transmit(shot.port, frame, shot.offload);
        }
        outcome
    }

    fn transmit(&mut self, port: PortId, frame: &[u8], offload: Offload) {
        let (verdict, trace, arrived) = self.world.borrow_mut().transmit(port, frame, offload);
        self.verdicts.push(verdict);
        self.trace = trace;
        self.arrived.extend(arrived);
    }

    /// Every frame was forwarded to `host`.
    #[track_caller]
    pub fn reaches(self, host: &Host) -> Outcome {
        let port = Some(host.port());
        assert!(
            self.verdicts.iter().all(|verdict| verdict.port() == port),
            "{:?}: {}",
            self.verdicts,
            self.story()
        );
        self
    }

    /// Every frame was dropped for `reason`.
    #[track_caller]
    pub fn dropped(self, reason: DropReason) -> Outcome {
        let dropped = Verdict::Drop(reason);
        assert!(
            self.verdicts.iter().all(|verdict| *verdict == dropped),
            "{:?}: {}",
            self.verdicts,
            self.story()
        );
        self
    }

    /// The router replied to every frame.
    #[track_caller]
    pub fn replied(self) -> Outcome {
        assert!(
            self.verdicts
                .iter()
                .all(|verdict| *verdict == Verdict::Reply),
            "{:?}: {}",
            self.verdicts,
            self.story()
        );
        self
    }

    /// Lets the receiver answer what arrived: echo replies for requests, UDP back, SYN-ACK for SYN. The outcome is then
    /// that of the answers.
    #[track_caller]
    pub fn answered(self) -> Outcome {
        let answers: Vec<(PortId, Vec<u8>)> = self
            .arrived
            .iter()
            .map(|arrived| (arrived.port, answer(&self.world, arrived)))
            .collect();
        assert!(!answers.is_empty(), "nothing arrived: {}", self.story());
        let mut outcome = Outcome {
            world: self.world,
            verdicts: Vec::new(),
            arrived: Vec::new(),
            trace: Trace::default(),
        };
        for (port, frame) in answers {
            outcome.transmit(port, &frame, Offload::default());
        }
        outcome
    }

    /// Lets the receiver answer with an ICMP error of this type and code about what arrived.
    #[track_caller]
    pub fn answered_by_error(self, kind: u8, code: u8, quote_len: usize) -> Outcome {
        let arrived = self.arrived.first().cloned().expect("something arrived");
        let (ethernet, packet) = parse(&arrived.bytes);
        let mut message = vec![kind, code, 0, 0, 0, 0, 0, 0];
        let quote = &arrived.bytes[14..packet.end];
        message.extend_from_slice(&quote[..quote.len().min(quote_len)]);
        let frame = back(&ethernet, &packet, L4::Icmp(message));
        let mut outcome = Outcome {
            world: self.world,
            verdicts: Vec::new(),
            arrived: Vec::new(),
            trace: Trace::default(),
        };
        outcome.transmit(arrived.port, &frame, Offload::default());
        outcome
    }

    /// The single verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdicts[0]
    }

    /// The frames that arrived, anywhere.
    pub fn frames(&self) -> Vec<&[u8]> {
        self.arrived
            .iter()
            .map(|arrived| &arrived.bytes[..])
            .collect()
    }

    /// The first packet that arrived, parsed.
    #[track_caller]
    pub fn packet(&self) -> Packet {
        parse(&self.arrived.first().expect("something arrived").bytes).1
    }

    /// The TCP header of the first packet that arrived.
    #[track_caller]
    pub fn segment(&self) -> Tcp {
        match self.packet().transport {
            Transport::Tcp(tcp) => tcp,
            other => panic!("not TCP: {other:?}"),
        }
    }

    /// The steps of the last frame.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The address that the receiver saw.
    #[track_caller]
    pub fn seen_as(self, source: &str, destination: &str) -> Outcome {
        let packet = self.packet();
        let expected: (IpAddr, IpAddr) = (source.parse().unwrap(), destination.parse().unwrap());
        assert_eq!(
            (packet.source, packet.destination),
            expected,
            "{}",
            self.story()
        );
        self
    }

    fn story(&self) -> String {
        let steps = self.trace.steps.iter();
        steps
            .map(|step| {
                format!(
                    "\n  {:?} at {:?}: {:?} {:?}",
                    step.stage, step.at, step.decision, step.rule
                )
            })
            .collect()
    }
}

/// Parses a frame that arrived.
fn parse(bytes: &[u8]) -> (Ethernet, Packet) {
    let ethernet = Ethernet::parse(bytes).expect("an Ethernet header");
    (
        ethernet,
        Packet::parse(bytes, ethernet.ethertype).expect("an IP packet"),
    )
}

fn back(ethernet: &Ethernet, packet: &Packet, l4: L4) -> Vec<u8> {
    build(&FrameSpec {
        source_mac: ethernet.destination,
        destination_mac: ethernet.source,
        source: packet.destination,
        destination: packet.source,
        ttl: 64,
        l4,
    })
}

fn answer(world: &Rc<RefCell<World>>, arrived: &Arrived) -> Vec<u8> {
    let (ethernet, packet) = parse(&arrived.bytes);
    let payload = &arrived.bytes[packet.l4..packet.end];
    let l4 = match packet.transport {
        Transport::Icmp { .. } => {
            let mut message = payload.to_vec();
            message[0] = if packet.protocol == protocol::ICMP {
                0
            } else {
                129
            };
            L4::Icmp(message)
        }
        Transport::Udp {
            source_port,
            destination_port,
        } => L4::Udp {
            ports: (destination_port, source_port),
            payload: payload[8..].to_vec(),
        },
        Transport::Tcp(tcp) => L4::Tcp {
            ports: (tcp.destination_port, tcp.source_port),
            sequence: 5_000,
            acknowledgement: tcp.sequence.wrapping_add(1),
            flags: 18,
            payload: Vec::new(),
        },
        Transport::Other | Transport::Later => L4::Raw(packet.protocol, payload.to_vec()),
    };
    let mut ethernet = ethernet;
    // A host sends to whoever its own neighbour table names, which for a neighbour is the neighbour.
    ethernet.source = next_hop(world, arrived.port, packet.source);
    back(&ethernet, &packet, l4)
}

fn next_hop(world: &Rc<RefCell<World>>, port: PortId, destination: IpAddr) -> Mac {
    Host {
        world: world.clone(),
        port,
    }
    .next_mac(destination)
}
