//! A fast path in a few lines: what the kernel's program does, with every check spelled out anew, for tests of what the
//! engine hands over and takes back. Times are the test's own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use openvpc_engine::{
    Count, FastAdmission, FastId, FastKey, FastPath, FastReading, FastReport, FastWay, FastWindow,
    Frame, GsoKind, PortId, Time,
};
use openvpc_wire::ethernet::{self, Ethernet, HEADER_LEN};
use openvpc_wire::packet::{protocol, tcp_flag};
use openvpc_wire::{Packet, Tcp, Transport};

/// The path; clones are the same one.
#[derive(Clone, Default)]
pub struct SoftPath(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    slots: HashMap<u32, Slot>,
    admissions: HashMap<u32, (FastAdmission, Option<u32>)>,
    reports: VecDeque<(FastReport, Vec<u8>)>,
    /// Reports that were to be written; now and then there is no room for one.
    told: u32,
    retired: VecDeque<FastId>,
    next: u32,
    /// Ways are open at once.
    eager: bool,
    /// Packets forwarded.
    packets: u64,
}

struct Slot {
    way: FastWay,
    partner: Option<u32>,
    /// Hits that still go up, as if more packets had come before the engine was done.
    shut: u32,
    /// A packet has passed: none comes up any more.
    open: bool,
    revoked: bool,
    /// Its packets are reported.
    young: bool,
    /// It is what a connection's answers go by.
    answers: bool,
    fresh: bool,
    count: Count,
    first: Time,
    last: Time,
    window: FastWindow,
}

impl SoftPath {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// One whose ways are open at once.
    pub fn eager() -> SoftPath {
        let path = SoftPath::default();
        path.inner().eager = true;
        path
    }

    /// Packets forwarded so far.
    pub fn packets(&self) -> u64 {
        self.inner().packets
    }

    /// The admissions in force.
    pub fn admissions(&self) -> Vec<FastAdmission> {
        let inner = self.inner();
        let mut admissions: Vec<_> = inner.admissions.iter().collect();
        admissions.sort_by_key(|(id, _)| **id);
        admissions
            .into_iter()
            .map(|(_, (admission, _))| admission.clone())
            .collect()
    }

    /// Forwards a frame if it may: edits it, and says where it goes.
    pub fn run(&self, port: PortId, frame: &mut Frame<'_>, now: Time) -> Option<PortId> {
        let (key, packet, tcp) = read(port, frame)?;
        let mut inner = self.inner();
        let found = inner
            .slots
            .iter()
            .find(|(_, slot)| !slot.revoked && slot.way.key == key);
        let flags = tcp.map_or(0, |tcp| tcp.flags & ENDS_AND_ACK);
        let opens = flags == tcp_flag::SYN || packet.protocol == protocol::UDP;
        let Some((id, slot)) = found.map(|(id, slot)| (*id, slot)) else {
            return match opens {
                true => inner.admit(&key, frame, &packet, tcp, now),
                false => None,
            };
        };
        if slot.young {
            return inner.run_young(id, frame, &packet, tcp, now);
        }
        if flags & !tcp_flag::ACK != 0 {
            return None;
        }
        let way = slot.way;
        let (count, segment_len) = measure(frame, &packet, tcp)?;
        let idle = now.since(slot.last) >= u64::from(way.idle_secs) * 1_000_000_000;
        if segment_len > usize::from(way.mtu) || packet.ttl <= way.rewrite.hops || idle {
            return None;
        }
        let window = match (way.window, slot.partner, tcp) {
            (None, _, _) => None,
            (Some(_), Some(partner), Some(tcp)) => {
                let other = inner.slots.get(&partner).filter(|other| !other.revoked)?;
                Some(follow(slot.window, other.window, &tcp))
            }
            _ => return None,
        };
        let slot = inner.slots.get_mut(&id).unwrap();
        if slot.shut > 0 {
            slot.shut -= 1;
            return None;
        }
        slot.open = true;
        if slot.fresh {
            slot.first = now;
            slot.fresh = false;
        }
        slot.last = now;
        slot.count.add(count);
        slot.window = window.unwrap_or(slot.window);
        inner.packets += count.packets;
        way.rewrite.apply(frame, &packet);
        Some(way.out_port)
    }
}

const ENDS_AND_ACK: u8 = tcp_flag::SYN | tcp_flag::FIN | tcp_flag::RST | tcp_flag::ACK;

fn read(port: PortId, frame: &Frame<'_>) -> Option<(FastKey, Packet, Option<Tcp>)> {
    let header = Ethernet::parse(frame.bytes)?;
    let packet = Packet::parse(frame.bytes, header.ethertype).ok()?;
    let plain = match header.ethertype {
        ethernet::IPV4 => HEADER_LEN + 20,
        _ => HEADER_LEN + 40,
    };
    let whole = packet.end == frame.bytes.len() && packet.l4 == plain && packet.fragment.is_none();
    let segmented = frame.offload.gso != GsoKind::None;
    let (tcp, source_port, destination_port) = match packet.transport {
        Transport::Tcp(tcp) => (Some(tcp), tcp.source_port, tcp.destination_port),
        Transport::Udp {
            source_port,
            destination_port,
        } if !segmented => (None, source_port, destination_port),
        Transport::Icmp { kind, code, id } if !segmented => {
            let echo = match packet.protocol {
                protocol::ICMP => [0, 8],
                _ => [128, 129],
            };
            if !echo.contains(&kind) {
                return None;
            }
            (None, id, u16::from(kind) << 8 | u16::from(code))
        }
        _ => return None,
    };
    if !whole || packet.ttl <= 1 {
        return None;
    }
    let key = FastKey {
        port,
        destination_mac: header.destination,
        source_mac: header.source,
        protocol: packet.protocol,
        source: packet.source,
        destination: packet.destination,
        source_port,
        destination_port,
    };
    Some((key, packet, tcp))
}

fn measure(frame: &Frame<'_>, packet: &Packet, tcp: Option<Tcp>) -> Option<(Count, usize)> {
    let len = packet.ip_len();
    let (mut packets, mut bytes, mut segment_len) = (1, len, len);
    if frame.offload.gso != GsoKind::None {
        let headers = packet.l4 - HEADER_LEN + usize::from(tcp?.header_len);
        let (payload, size) = (len - headers, usize::from(frame.offload.gso_size));
        if size == 0 {
            return None;
        }
        packets = payload.div_ceil(size).max(1);
        bytes = payload + packets * headers;
        segment_len = headers + size.min(payload);
    }
    let count = Count {
        packets: packets as u64,
        bytes: bytes as u64,
    };
    Some((count, segment_len))
}

/// Whether a packet is one of those that a way is about, beside its key.
fn fits(way: &FastWay, frame: &Frame<'_>, packet: &Packet, tcp: Option<Tcp>) -> bool {
    measure(frame, packet, tcp)
        .is_some_and(|(_, len)| len <= usize::from(way.mtu) && packet.ttl > way.rewrite.hops)
}

fn follow(mut own: FastWindow, other: FastWindow, tcp: &Tcp) -> FastWindow {
    let after = |a: u32, b: u32| (a.wrapping_sub(b) as i32) > 0;
    let between =
        |low: u32, value: u32, high: u32| value.wrapping_sub(low) <= high.wrapping_sub(low);
    let end = tcp.sequence.wrapping_add(u32::from(tcp.payload_len));
    if between(other.ack, end, other.right_edge) && after(end, own.end) {
        own.end = end;
    }
    if tcp.flags & tcp_flag::ACK != 0 && between(own.ack, tcp.acknowledgement, other.end) {
        let edge = tcp
            .acknowledgement
            .wrapping_add(u32::from(tcp.window) << own.scale);
        if after(edge, own.right_edge) {
            own.right_edge = edge;
        }
        own.ack = tcp.acknowledgement;
    }
    own
}

impl Inner {
    /// Begins a flow, if an admission says so.
    fn admit(
        &mut self,
        key: &FastKey,
        frame: &mut Frame<'_>,
        packet: &Packet,
        tcp: Option<Tcp>,
        now: Time,
    ) -> Option<PortId> {
        let wide = FastKey {
            source_port: 0,
            ..*key
        };
        let meant = |admission: &FastAdmission| {
            admission.way.key == wide && admission.source_ports.contains(&key.source_port)
        };
        let mut admissions = self.admissions.iter();
        let (id, (admission, _)) = admissions.find(|(_, (admission, _))| meant(admission))?;
        let (id, admission) = (*id, admission.clone());
        if !fits(&admission.way, frame, packet, tcp) || !self.has_room() {
            return None;
        }
        let began = admission.back.map(|back| {
            let own = FastWay {
                key: *key,
                ..admission.way
            };
            let answered = FastKey {
                destination_port: key.source_port,
                ..back.key
            };
            let back = FastWay {
                key: answered,
                ..back
            };
            let [own, back] = [own, back].map(|way| self.add(&way, now));
            for (slot, partner, answers) in [(own, back, false), (back, own, true)] {
                let slot = self.slots.get_mut(&slot).unwrap();
                slot.partner = Some(partner);
                slot.young = true;
                slot.answers = answers;
            }
            [FastId(own), FastId(back)]
        });
        self.tell(key.port, Some((FastId(id), began)), frame, now);
        admission.way.rewrite.apply(frame, packet);
        Some(admission.way.out_port)
    }

    /// Forwards a packet of a connection that began so.
    fn run_young(
        &mut self,
        id: u32,
        frame: &mut Frame<'_>,
        packet: &Packet,
        tcp: Option<Tcp>,
        now: Time,
    ) -> Option<PortId> {
        use tcp_flag::{ACK, FIN, RST, SYN};
        let slot = &self.slots[&id];
        let (way, partner) = (slot.way, slot.partner);
        let flags = tcp.map_or(0, |tcp| tcp.flags & ENDS_AND_ACK);
        let resets = flags & (RST | SYN | FIN) == RST;
        let plain = flags == ACK || flags == FIN | ACK || resets;
        let idle = now.since(slot.last) >= 5_000_000_000;
        let may = (plain || slot.answers && flags == SYN | ACK) && !idle;
        let goes = may && fits(&way, frame, packet, tcp) && self.has_room();
        if goes {
            self.tell(way.key.port, None, frame, now);
            self.slots.get_mut(&id).unwrap().last = now;
        }
        if resets || !goes {
            for id in [Some(id), partner].into_iter().flatten() {
                self.slots.get_mut(&id).unwrap().revoked = true;
            }
        }
        if !goes {
            return None;
        }
        way.rewrite.apply(frame, packet);
        Some(way.out_port)
    }

    fn has_room(&mut self) -> bool {
        self.told += 1;
        self.eager || !self.told.is_multiple_of(11)
    }

    fn tell(
        &mut self,
        port: PortId,
        admission: Option<(FastId, Option<[FastId; 2]>)>,
        frame: &Frame<'_>,
        at: Time,
    ) {
        let report = FastReport {
            port,
            at,
            admission,
            len: frame.bytes.len(),
            gso_size: match frame.offload.gso {
                GsoKind::None => 0,
                _ => frame.offload.gso_size,
            },
        };
        let headers = frame.bytes.len().min(114);
        self.reports
            .push_back((report, frame.bytes[..headers].to_vec()));
        self.packets += 1;
    }

    fn add(&mut self, way: &FastWay, now: Time) -> u32 {
        self.next += 1;
        let slot = Slot {
            way: *way,
            partner: None,
            shut: if self.eager { 0 } else { self.next % 3 },
            open: self.eager,
            revoked: false,
            young: false,
            answers: false,
            fresh: true,
            count: Count::default(),
            first: now,
            last: now,
            window: way.window.unwrap_or_default(),
        };
        self.slots.insert(self.next, slot);
        self.next
    }
}

impl FastPath for SoftPath {
    fn install(&mut self, way: &FastWay, now: Time) -> Option<FastId> {
        Some(FastId(self.inner().add(way, now)))
    }

    fn install_pair(&mut self, ways: [&FastWay; 2], now: Time) -> Option<[FastId; 2]> {
        let mut inner = self.inner();
        let [one, two] = ways.map(|way| inner.add(way, now));
        inner.slots.get_mut(&one).unwrap().partner = Some(two);
        inner.slots.get_mut(&two).unwrap().partner = Some(one);
        Some([FastId(one), FastId(two)])
    }

    fn admit(&mut self, admission: &FastAdmission, _: Time) -> Option<(FastId, Option<FastId>)> {
        let mut inner = self.inner();
        inner.next += 2;
        let (own, back) = (inner.next - 1, inner.next);
        let back = admission.back.map(|_| back);
        inner.admissions.insert(own, (admission.clone(), back));
        Some((FastId(own), back.map(FastId)))
    }

    fn next_report(&mut self, frame: &mut [u8]) -> Option<FastReport> {
        let (report, headers) = self.inner().reports.pop_front()?;
        frame[..headers.len()].copy_from_slice(&headers);
        Some(report)
    }

    fn settle(&mut self) {}

    fn revoke(&mut self, id: FastId) {
        let mut inner = self.inner();
        inner.admissions.remove(&id.0);
        if let Some(slot) = inner.slots.get_mut(&id.0) {
            slot.revoked = true;
        }
        inner.retired.push_back(id);
    }

    fn next_retired(&mut self) -> Option<FastId> {
        self.inner().retired.pop_front()
    }

    fn release(&mut self, id: FastId) {
        self.inner().slots.remove(&id.0);
    }

    fn read(&mut self, id: FastId, _: Time) -> FastReading {
        let mut inner = self.inner();
        let slot = inner.slots.get_mut(&id.0).unwrap();
        slot.fresh = true;
        FastReading {
            count: slot.count,
            first: slot.first,
            last: slot.last,
            window: slot.window,
        }
    }

    fn is_open(&self, id: FastId) -> bool {
        self.inner().slots[&id.0].open
    }

    fn follow(&mut self, id: FastId, window: FastWindow) {
        self.inner().slots.get_mut(&id.0).unwrap().window = window;
    }
}
