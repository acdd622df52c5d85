//! Telling a target who calls, in a header of the PROXY protocol before all that the client says (IP-6).
//!
//! The node of a load balancer terminates no connection, so the header goes into the client's stream by its numbers alone.
//! The SYN goes on with its sequence number lowered by the header's length: what the client then says already bears the
//! right numbers, and the header has a place of its own before it. Only until the target has acknowledged it is anything
//! to be done:
//!
//! - An acknowledgement that does not reach the client's first byte yet is raised to it, for the client knows of no header.
//! - A bare acknowledgement of the client's, the last packet of its handshake first of all, gives way to the header. So the
//!   target is not connected before it has it; should it get lost, the handshake repeats itself, and the header with it.
//! - What the client says from its first byte on goes with the header, unless that was sent a moment ago. Should it have
//!   been lost, nothing that the client said is acknowledged, and it says all of it again.
//!
//! Then the connection is like any other, and its packets are remembered.
//!
//! Reads: the binding's introduction. Writes: when it was sent, that it arrived, cells and counters of what goes beside a
//! packet. Exits: none.

use openvpc_wire::edit::{self, Number};
use openvpc_wire::packet::tcp_flag::{ACK, FIN, RST, SYN};
use openvpc_wire::proxy_protocol::{self, HEADER_LEN};
use openvpc_wire::{Frame, Packet, tcp};

use crate::cells::Addition;
use crate::counters::Count;
use crate::flow::{Direction, TcpFlags};
use crate::ids::{EniIndex, PortId};
use crate::nat::{Binding, Introduction};
use crate::snapshot::EndpointLabel;
use crate::state::side;
use crate::table::Handle;
use crate::walk::Walk;

/// How long a header may be on its way before another packet takes it along: less than any sender waits before it says
/// something again (RFC 6298 §2.4 asks for a second, Linux takes a fifth of it).
const PATIENCE_NANOS: u64 = 150_000_000;

/// What is done to the packet itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    sequence: Option<u32>,
    acknowledgement: Option<u32>,
    header: Option<Header>,
}

/// What goes before it.
#[derive(Clone, Copy, Debug)]
struct Header {
    bytes: [u8; HEADER_LEN],
    sequence: u32,
    /// The packet says nothing itself.
    instead: bool,
}

impl Edit {
    /// Carries it out on a packet whose addresses are edited already: what is to be sent beside it, and whether it goes on
    /// itself.
    pub(crate) fn apply(&self, frame: &mut Frame<'_>, packet: &Packet) -> (Option<Vec<u8>>, bool) {
        if let Some(sequence) = self.sequence {
            edit::set_number(frame, packet, Number::Sequence, sequence);
        }
        if let Some(acknowledgement) = self.acknowledgement {
            edit::set_number(frame, packet, Number::Acknowledgement, acknowledgement);
        }
        let Some(header) = &self.header else {
            return (None, true);
        };
        let before = tcp::before(frame.bytes, packet, &header.bytes, header.sequence);
        let stays = !header.instead || before.is_none();
        (before, stays)
    }
}

/// A packet of the client's, on its way to the target by the node's interface: both have recorded it.
pub(crate) fn toward_target(
    walk: &mut Walk<'_>,
    node: EniIndex,
    to: PortId,
    (handle, binding): (Handle, &Binding),
    label: Option<&EndpointLabel>,
) {
    let (Some(introduction), Some(segment)) = (walk.state.nat.introduction(handle), walk.segment)
    else {
        return;
    };
    walk.repeatable = false;
    let lowered = introduction.first.wrapping_sub(HEADER_LEN as u32);
    let mut edit = Edit {
        sequence: None,
        acknowledgement: None,
        header: None,
    };
    if segment.opens() {
        edit.sequence = Some(segment.tcp.sequence.wrapping_sub(HEADER_LEN as u32));
    } else if segment.tcp.sequence == introduction.first {
        if segment.tcp.flags & RST != 0 {
            edit.sequence = introduction.sent.is_none().then_some(lowered);
        } else if is_due(&introduction, walk) {
            let instead = segment.tcp.payload_len == 0 && segment.tcp.flags & FIN == 0;
            let ends = [binding.inside, binding.front].map(|end| (end.address, end.port));
            let id = label.map(|label| label.0.as_bytes());
            edit.header = Some(Header {
                bytes: proxy_protocol::header(ends[0], ends[1], id),
                sequence: lowered,
                instead,
            });
            walk.state.nat.has_introduced(handle, walk.now);
            count(walk, node, to, instead);
        }
    }
    walk.introduction = Some(Box::new(edit));
}

fn is_due(introduction: &Introduction, walk: &Walk<'_>) -> bool {
    introduction
        .sent
        .is_none_or(|sent| walk.now.since(sent) >= PATIENCE_NANOS)
}

/// Accounts for the header, at the node as it leaves and at the target as it comes: as a packet, or as what the packet that
/// it replaces has more.
fn count(walk: &mut Walk<'_>, node: EniIndex, to: PortId, instead: bool) {
    let packet = walk.packet();
    let tcp = match walk.segment {
        Some(segment) => usize::from(segment.tcp.header_len),
        None => return,
    };
    let headers = packet.l4 - openvpc_wire::ethernet::HEADER_LEN + tcp;
    let more = match instead {
        true => Count {
            packets: 0,
            bytes: HEADER_LEN as u64,
        },
        false => Count {
            packets: 1,
            bytes: (headers + HEADER_LEN) as u64,
        },
    };
    let addition = Addition {
        count: more,
        flags: TcpFlags::of_header(ACK),
        first: walk.now,
        now: walk.now,
    };
    let leaving = walk.nat.and_then(|passage| passage.cells[1]);
    let arriving = walk.legs.iter().flatten().last();
    let arriving = arriving.filter(|leg| PortId::Eni(leg.eni) == to);
    let places = [
        (node, Direction::Egress, leaving),
        match (arriving, to) {
            (Some(leg), _) => (leg.eni, Direction::Ingress, leg.cell),
            (None, PortId::Eni(eni)) => (eni, Direction::Ingress, None),
            (None, _) => return,
        },
    ];
    for (eni, direction, cell) in places {
        if let Some(counters) = walk.state.counters.get_mut(eni) {
            let counters = side(counters, direction);
            counters.wire.add(more);
            counters.accept.add(more);
            if cell.is_none() {
                counters.overflow.add(more);
            }
        }
        if let Some(cell) = cell {
            walk.state.cells.add(cell, &addition);
        }
    }
}

/// An answer of the target's, before the node makes it its own.
pub(crate) fn from_target(walk: &mut Walk<'_>, handle: Handle) {
    let (Some(introduction), Some(segment)) = (walk.state.nat.introduction(handle), walk.segment)
    else {
        return;
    };
    if segment.tcp.flags & ACK == 0 {
        return;
    }
    walk.repeatable = false;
    let short = introduction.first.wrapping_sub(segment.tcp.acknowledgement);
    match short {
        1..=HEADER_LEN_U32 => {
            walk.introduction = Some(Box::new(Edit {
                sequence: None,
                acknowledgement: Some(introduction.first),
                header: None,
            }));
        }
        // What opens the connection acknowledges nothing but the SYN.
        0 if segment.tcp.flags & SYN == 0 => walk.state.nat.is_introduced(handle),
        _ if (short as i32) < 0 => walk.state.nat.is_introduced(handle),
        _ => {}
    }
}

const HEADER_LEN_U32: u32 = HEADER_LEN as u32;
