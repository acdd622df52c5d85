//! A fast path in a few lines: what the kernel's program does, with every check spelled out anew, for tests of what the
//! engine hands over and takes back. Times are the test's own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use openvpc_engine::{
    Count, FastId, FastKey, FastPath, FastReading, FastWay, FastWindow, Frame, GsoKind, PortId,
    Time,
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

    /// Forwards a frame if it may: edits it, and says where it goes.
    pub fn run(&self, port: PortId, frame: &mut Frame<'_>, now: Time) -> Option<PortId> {
        let (key, packet, tcp) = read(port, frame)?;
        let mut inner = self.inner();
        let (id, slot) = inner
            .slots
            .iter()
            .find(|(_, slot)| !slot.revoked && slot.way.key == key)?;
        let (id, way) = (*id, slot.way);
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
        Transport::Tcp(tcp) => {
            let ends = tcp.flags & (tcp_flag::SYN | tcp_flag::FIN | tcp_flag::RST) != 0;
            if ends {
                return None;
            }
            (Some(tcp), tcp.source_port, tcp.destination_port)
        }
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
    fn add(&mut self, way: &FastWay, now: Time) -> u32 {
        self.next += 1;
        let slot = Slot {
            way: *way,
            partner: None,
            shut: if self.eager { 0 } else { self.next % 3 },
            open: self.eager,
            revoked: false,
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

    fn revoke(&mut self, id: FastId) {
        let mut inner = self.inner();
        inner.slots.get_mut(&id.0).unwrap().revoked = true;
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
