//! Connection tracking: what each interface knows about its flows (SG-6 … SG-8, RFC 9293, RFC 5961).
//!
//! This is meaning, not memory: it survives every new snapshot, and only its own timers and events end it. One entry
//! serves both directions of a flow at one interface; a packet between two interfaces meets two entries.

use openvpc_wire::Tcp;
use openvpc_wire::packet::{protocol, tcp_flag};

use crate::defects::{Defect, planted};
use crate::facts::{FlowKey, eni_of};
use crate::fast_path::FastWindow;
use crate::flow::Direction;
use crate::ids::{EniIndex, GatewayId, RuleRef, Time};
use crate::snapshot::ConntrackTimeouts;
use crate::table::{Handle, Slot, Table};

/// Handshakes that do not complete (choice; AWS publishes none).
const TCP_OPENING_SECS: u32 = 60;
/// Idle time once one side has finished (choice).
const TCP_CLOSING_SECS: u32 = 120;
/// After both sides finished, for what is still on the way; then packets count as "after the connection closed".
const TCP_TIME_WAIT_SECS: u32 = 60;
/// After a reset, likewise.
const TCP_RESET_SECS: u32 = 10;
/// Echo and other query messages (choice).
const ICMP_SECS: u32 = 30;
/// Other protocols, by address and protocol only (SG-8).
const OTHER_SECS: u32 = 600;
/// An untracked flow is remembered only so that ICMP errors about it find it.
const UNTRACKED_SECS: u32 = 350;
/// How long an egress-only gateway waits for answers to a TCP connection, established or not (EO-28).
const ANSWER_TCP_SECS: u32 = 350;
const ANSWER_TCP_OPENING_SECS: u32 = 60;
/// … after a UDP datagram was answered, and before; other protocols as if answered.
const ANSWER_UDP_SECS: u32 = 180;
const ANSWER_UDP_SINGLE_SECS: u32 = 30;
const ANSWER_ICMP_SECS: u32 = 30;
/// Slots looked at per call to [`Conntrack::expire`].
const EXPIRE_SLOTS_MAX: usize = 8_192;
/// Slots looked at when an interface has no allowance left.
const EXPIRE_NOW_SLOTS_MAX: usize = 64;

/// One flow at one interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// False for a flow that rules judge packet by packet (SG-7).
    pub tracked: bool,
    /// The rule that let the first packet pass.
    pub rule: RuleRef,
    originator: Direction,
    state: State,
    last: Time,
    tcp_established_secs: u32,
    udp_stream_secs: u16,
    udp_single_secs: u16,
    /// Originator, responder.
    sides: [Side; 2],
}

/// A packet touches one cache line of a flow.
const _: () = assert!(size_of::<Slot<Connection>>() == 64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Untracked,
    UdpSingle,
    UdpReplied,
    UdpStream,
    Icmp,
    Other,
    TcpOpening,
    TcpEstablished,
    TcpClosing,
    TcpTimeWait,
    TcpReset,
}

/// What one side of a TCP connection has shown.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    /// It has sent something.
    seen: bool,
    /// It has acknowledged something.
    acked: bool,
    /// It has sent its FIN.
    finished: bool,
    /// Its window scale.
    scale: u8,
    /// One past the highest sequence number it sent.
    end: u32,
    /// Its highest acknowledgement.
    ack: u32,
    /// Where its receive window ends.
    right_edge: u32,
}

/// A flow about to be entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    pub key: FlowKey,
    pub originator: Direction,
    pub protocol: u8,
    pub tracked: bool,
    pub rule: RuleRef,
    /// Of the snapshot that the rule is of.
    pub generation: u64,
    pub timeouts: ConntrackTimeouts,
}

/// The TCP part of a packet, with the window scale if it is a SYN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub tcp: Tcp,
    pub scale: u8,
}

impl Segment {
    /// SYN and nothing that contradicts it: what opens a connection.
    pub(crate) fn opens(&self) -> bool {
        use tcp_flag::{ACK, FIN, RST, SYN};
        self.tcp.flags & (SYN | ACK | FIN | RST) == SYN
    }
}

/// A direction of a flow whose packets change nothing but its time and windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steady {
    /// It times out after so long.
    pub idle_secs: u32,
    /// How the sender and the receiver of the direction stand, if the connection is followed.
    pub windows: Option<[FastWindow; 2]>,
}

/// All flows of all interfaces.
pub(crate) struct Conntrack {
    table: Table<44, Connection>,
    /// By place in the table: the egress-only gateway that the interface's packets last left by. Kept beside the flows,
    /// whose cache line is full.
    gateways: Vec<Option<GatewayId>>,
    /// By place in the table: the generation of the snapshot that the flow was opened under, whose numbers name its
    /// rule; the low half of it.
    generations: Vec<u32>,
    hand: usize,
}

impl Conntrack {
    pub(crate) fn new(seed: u64) -> Conntrack {
        Conntrack {
            table: Table::new(seed),
            gateways: Vec::new(),
            generations: Vec::new(),
            hand: 0,
        }
    }

    /// Finds the live flow of `key`.
    pub(crate) fn find(&self, key: &FlowKey, now: Time) -> Option<Handle> {
        self.table
            .find(key)
            .filter(|handle| self.is_live(*handle, now))
    }

    /// Whether the flow is still there and has not timed out.
    #[inline]
    pub(crate) fn is_live(&self, handle: Handle, now: Time) -> bool {
        self.table
            .get(handle)
            .is_some_and(|connection| !connection.has_expired(now))
    }

    /// A live flow.
    pub(crate) fn get(&self, handle: Handle) -> Option<&Connection> {
        self.table.get(handle)
    }

    /// The way in which the flow's first packet passed its interface.
    pub(crate) fn originator(&self, handle: Handle) -> Option<Direction> {
        self.table.get(handle).map(|known| known.originator)
    }

    /// Enters a flow with its first packet, over a dead one of the same key if need be. Returns how many entries the
    /// interface has more than before.
    pub(crate) fn open(
        &mut self,
        draft: &Draft,
        segment: Option<&Segment>,
        now: Time,
    ) -> (Handle, u32) {
        let replaced = self
            .table
            .find(&draft.key)
            .and_then(|handle| self.table.remove(handle));
        let handle = self.table.insert(draft.key, Connection::new(draft, now));
        if let Some(gateway) = self.gateways.get_mut(handle.place()) {
            *gateway = None;
        }
        let generation = draft.generation as u32;
        match self.generations.get_mut(handle.place()) {
            Some(place) => *place = generation,
            None => self.generations.push(generation),
        }
        self.touch(handle, draft.originator, segment, now);
        (handle, if replaced.is_some() { 0 } else { 1 })
    }

    /// How many generations before `now` a flow was opened.
    pub(crate) fn age(&self, handle: Handle, now: u64) -> u32 {
        let opened = self.generations.get(handle.place());
        opened.map_or(0, |opened| (now as u32).wrapping_sub(*opened))
    }

    /// Notes a packet of a flow that passed its interface in `direction`; whether the flow's state moved on.
    #[inline]
    pub(crate) fn touch(
        &mut self,
        handle: Handle,
        direction: Direction,
        segment: Option<&Segment>,
        now: Time,
    ) -> bool {
        let Some(connection) = self.table.get_mut(handle) else {
            return false;
        };
        let before = connection.state;
        connection.follow(direction, segment, now);
        connection.state != before
    }

    /// Notes when the last of the packets passed that the fast path has forwarded.
    pub(crate) fn refresh(&mut self, handle: Handle, last: Time) {
        if let Some(connection) = self.table.get_mut(handle)
            && !connection.is_over()
        {
            connection.last = connection.last.max(last);
        }
    }

    /// What further packets of this direction need, if they change nothing but the flow's time and windows; a flow that
    /// lets in `answers` is idle sooner (EO-28).
    pub(crate) fn steady(
        &self,
        handle: Handle,
        direction: Direction,
        answers: bool,
    ) -> Option<Steady> {
        let connection = self.table.get(handle)?;
        let reply = direction != connection.originator;
        let mut windows = None;
        match connection.state {
            State::UdpSingle if reply => return None,
            State::UdpReplied if !reply => return None,
            State::TcpOpening | State::TcpTimeWait | State::TcpReset => return None,
            State::TcpEstablished | State::TcpClosing => {
                let [first, second] = connection.sides;
                if ![first, second].iter().all(|side| side.seen && side.acked) {
                    return None;
                }
                windows = Some(match reply {
                    false => [first.window(), second.window()],
                    true => [second.window(), first.window()],
                });
            }
            State::UdpSingle
            | State::UdpReplied
            | State::UdpStream
            | State::Icmp
            | State::Other
            | State::Untracked => {}
        }
        let mut idle_secs = connection.timeout_secs();
        if answers {
            idle_secs = idle_secs.min(connection.answer_secs());
        }
        Some(Steady { idle_secs, windows })
    }

    /// Takes over how the sender of a direction stands, after the fast path has followed it.
    pub(crate) fn take_window(
        &mut self,
        handle: Handle,
        direction: Direction,
        window: &FastWindow,
    ) {
        if let Some(connection) = self.table.get_mut(handle)
            && matches!(connection.state, State::TcpEstablished | State::TcpClosing)
        {
            let reply = direction != connection.originator;
            let side = &mut connection.sides[usize::from(reply)];
            side.end = window.end;
            side.ack = window.ack;
            side.right_edge = window.right_edge;
        }
    }

    /// Notes that a packet of the interface left by an egress-only gateway, which lets in the answers to what the
    /// interface began.
    pub(crate) fn leaves_by(&mut self, handle: Handle, gateway: GatewayId) {
        let began = |connection: &Connection| connection.originator == Direction::Egress;
        if !self.table.get(handle).is_some_and(began) {
            return;
        }
        let place = handle.place();
        if self.gateways.len() <= place {
            self.gateways.resize(self.table.slots(), None);
        }
        self.gateways[place] = Some(gateway);
    }

    /// The live flow of `key`, if answers to it may come in by this egress-only gateway.
    pub(crate) fn find_left_by(
        &self,
        key: &FlowKey,
        gateway: GatewayId,
        now: Time,
    ) -> Option<Handle> {
        let flow = self.find(key, now)?;
        let noted = self.gateways.get(flow.place()).copied().flatten();
        (noted == Some(gateway) && self.awaits_answer(flow, now)).then_some(flow)
    }

    /// Whether the flow is live and short enough idle for an egress-only gateway (EO-28).
    #[inline]
    pub(crate) fn awaits_answer(&self, handle: Handle, now: Time) -> bool {
        self.table.get(handle).is_some_and(|connection| {
            let idle = connection.is_idle(connection.answer_secs(), now);
            !connection.has_expired(now) && (!idle || planted(Defect::EgressOnlyEndless))
        })
    }

    /// Removes flows that have timed out, looking at a bounded number; reports each interface that lost one.
    pub(crate) fn expire(&mut self, now: Time, lost: impl FnMut(EniIndex)) {
        self.expire_some(now, EXPIRE_SLOTS_MAX, lost);
    }

    /// Looks at a few flows only, for a packet that needs room now.
    pub(crate) fn expire_few(&mut self, now: Time, lost: impl FnMut(EniIndex)) {
        self.expire_some(now, EXPIRE_NOW_SLOTS_MAX, lost);
    }

    fn expire_some(&mut self, now: Time, slots: usize, mut lost: impl FnMut(EniIndex)) {
        for _ in 0..slots.min(self.table.slots()) {
            self.hand = if self.hand + 1 < self.table.slots() {
                self.hand + 1
            } else {
                0
            };
            if let Some((handle, key, connection)) = self.table.at(self.hand)
                && connection.has_expired(now)
            {
                lost(eni_of(key));
                self.table.remove(handle);
            }
        }
    }

    /// Removes every flow of an interface.
    pub(crate) fn forget(&mut self, gone: impl Fn(EniIndex) -> bool) {
        for place in 0..self.table.slots() {
            if let Some((handle, key, _)) = self.table.at(place)
                && gone(eni_of(key))
            {
                self.table.remove(handle);
            }
        }
    }
}

impl Connection {
    fn new(draft: &Draft, now: Time) -> Connection {
        let state = match draft.protocol {
            _ if !draft.tracked => State::Untracked,
            protocol::TCP => State::TcpOpening,
            protocol::UDP => State::UdpSingle,
            protocol::ICMP | protocol::ICMPV6 => State::Icmp,
            _ => State::Other,
        };
        Connection {
            tracked: draft.tracked,
            rule: draft.rule,
            originator: draft.originator,
            state,
            last: now,
            tcp_established_secs: draft.timeouts.tcp_established_secs,
            udp_stream_secs: draft.timeouts.udp_stream_secs.min(180) as u16,
            udp_single_secs: draft.timeouts.udp_single_secs.min(60) as u16,
            sides: [Side::default(); 2],
        }
    }

    /// Whether a fresh SYN begins another connection instead of belonging to this one (RFC 9293 §3.6.1).
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::TcpTimeWait | State::TcpReset)
    }

    #[inline]
    fn has_expired(&self, now: Time) -> bool {
        self.is_idle(self.timeout_secs(), now) && !planted(Defect::FlowsNeverExpire)
    }

    #[inline]
    fn timeout_secs(&self) -> u32 {
        match self.state {
            State::Untracked => UNTRACKED_SECS,
            State::UdpSingle | State::UdpReplied => u32::from(self.udp_single_secs),
            State::UdpStream => u32::from(self.udp_stream_secs),
            State::Icmp => ICMP_SECS,
            State::Other => OTHER_SECS,
            State::TcpOpening => TCP_OPENING_SECS,
            State::TcpEstablished => self.tcp_established_secs,
            State::TcpClosing => TCP_CLOSING_SECS,
            State::TcpTimeWait => TCP_TIME_WAIT_SECS,
            State::TcpReset => TCP_RESET_SECS,
        }
    }

    fn is_idle(&self, secs: u32, now: Time) -> bool {
        now.since(self.last) >= u64::from(secs) * 1_000_000_000
    }

    /// EO-28.
    fn answer_secs(&self) -> u32 {
        match self.state {
            State::Untracked => 0,
            State::UdpSingle => ANSWER_UDP_SINGLE_SECS,
            State::UdpReplied | State::UdpStream | State::Other => ANSWER_UDP_SECS,
            State::Icmp => ANSWER_ICMP_SECS,
            State::TcpEstablished => ANSWER_TCP_SECS,
            State::TcpOpening | State::TcpClosing | State::TcpTimeWait | State::TcpReset => {
                ANSWER_TCP_OPENING_SECS
            }
        }
    }

    /// Moves the state on. A closed connection is not kept alive by what still trickles in.
    #[inline]
    fn follow(&mut self, direction: Direction, segment: Option<&Segment>, now: Time) {
        let reply = direction != self.originator;
        if !self.is_over() {
            self.last = now;
        }
        match (self.state, segment) {
            (State::UdpSingle, _) if reply => self.state = State::UdpReplied,
            (State::UdpReplied, _) if !reply => self.state = State::UdpStream,
            (State::TcpOpening | State::TcpEstablished | State::TcpClosing, Some(segment)) => {
                self.follow_tcp(usize::from(reply), segment);
            }
            _ => {}
        }
    }

    fn follow_tcp(&mut self, from: usize, segment: &Segment) {
        let tcp = &segment.tcp;
        let [own, other] = if from == 0 {
            let [own, other] = &mut self.sides;
            [own, other]
        } else {
            let [other, own] = &mut self.sides;
            [own, other]
        };
        if tcp.flags & tcp_flag::RST != 0 {
            if own.may_reset(other, tcp) {
                self.state = State::TcpReset;
            }
            return;
        }
        own.advance(other, segment);
        self.state = match (self.sides[0].finished, self.sides[1].finished) {
            (true, true) => State::TcpTimeWait,
            (true, false) | (false, true) => State::TcpClosing,
            (false, false) if self.sides[0].acked && self.sides[1].acked => State::TcpEstablished,
            (false, false) => State::TcpOpening,
        };
    }
}

impl Side {
    fn window(&self) -> FastWindow {
        FastWindow {
            end: self.end,
            ack: self.ack,
            right_edge: self.right_edge,
            scale: self.scale,
        }
    }

    /// Takes in a segment that this side sent. What lies outside the window the other side has opened changes nothing,
    /// so that a forger who cannot see the flow cannot move it.
    fn advance(&mut self, other: &Side, segment: &Segment) {
        let tcp = &segment.tcp;
        let (syn, fin) = (
            tcp.flags & tcp_flag::SYN != 0,
            tcp.flags & tcp_flag::FIN != 0,
        );
        let end = tcp
            .sequence
            .wrapping_add(u32::from(tcp.payload_len))
            .wrapping_add(u32::from(syn))
            .wrapping_add(u32::from(fin));
        if !self.seen {
            if !syn {
                return;
            }
            self.seen = true;
            self.scale = segment.scale;
            self.end = end;
        } else if other.acked && is_between(other.ack, end, other.right_edge) {
            if is_after(end, self.end) {
                self.end = end;
            }
            self.finished |= fin;
        } else if !other.acked && syn && !other.seen {
            self.end = end;
        }
        let floor = if self.acked { self.ack } else { other.end };
        if tcp.flags & tcp_flag::ACK != 0
            && other.seen
            && is_between(floor, tcp.acknowledgement, other.end)
        {
            // A SYN's own window is never scaled (RFC 7323 §2.2).
            let scale = if syn { 0 } else { self.scale };
            let edge = tcp
                .acknowledgement
                .wrapping_add(u32::from(tcp.window) << scale);
            if !self.acked || is_after(edge, self.right_edge) {
                self.right_edge = edge;
            }
            self.acked = true;
            self.ack = tcp.acknowledgement;
        }
    }

    /// Whether a reset from this side is one that the other side would believe (RFC 5961 §3): at what it expects next,
    /// or at something sent and not yet acknowledged.
    fn may_reset(&self, other: &Side, tcp: &Tcp) -> bool {
        if !self.seen {
            return tcp.flags & tcp_flag::ACK != 0 && tcp.acknowledgement == other.end;
        }
        if !other.acked {
            return tcp.sequence == self.end;
        }
        is_between(other.ack, tcp.sequence, self.end)
    }
}

/// Sequence-number order (RFC 1982).
#[inline]
fn is_after(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

#[inline]
fn is_between(low: u32, value: u32, high: u32) -> bool {
    value.wrapping_sub(low) <= high.wrapping_sub(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_looks_at_a_bounded_number_of_flows_per_call_and_reaches_all() {
        let mut conntrack = Conntrack::new(1);
        let flows = 3 * EXPIRE_SLOTS_MAX as u32 + 7;
        for number in 0..flows {
            let addresses = [number, 1].map(|bits| std::net::Ipv4Addr::from(bits).into());
            let draft = Draft {
                key: crate::facts::flow_key(EniIndex(0), protocol::UDP, 0, [1, 2], addresses),
                originator: Direction::Egress,
                protocol: protocol::UDP,
                tracked: true,
                rule: RuleRef(0),
                generation: 0,
                timeouts: ConntrackTimeouts::default(),
            };
            conntrack.open(&draft, None, Time(0));
        }
        let late = Time::from_secs(1_000);
        let mut per_call = Vec::new();
        while per_call.iter().sum::<usize>() < flows as usize {
            let mut lost = 0;
            conntrack.expire(late, |_| lost += 1);
            assert!(lost > 0, "a call that forgot nothing: {per_call:?}");
            per_call.push(lost);
        }
        let most = EXPIRE_SLOTS_MAX;
        assert_eq!(per_call, [most, most, most, 7]);
    }
}
