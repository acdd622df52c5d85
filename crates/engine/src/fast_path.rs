//! Verdicts handed to something that replays them without asking, such as a program in the kernel: what it is told, and
//! what it must do.
//!
//! It may forget, and it may send any packet up to the engine; it never decides. Where the engine has said beforehand what
//! it would say to the first packets of flows ([`FastAdmission`]), it forwards them without asking, and tells of each. A
//! packet that it forwards is one that the engine would have forwarded in the same way, and what the packet leaves behind
//! (counts, times, the windows of a connection) is read from it and becomes the engine's.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use openvpc_wire::Mac;
use serde::{Deserialize, Serialize};

use crate::counters::Count;
use crate::ids::{PortId, Time};
use crate::rewrite::Rewrite;

/// One direction of a flow, as one fast path calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FastId(pub u32);

/// The packets that are meant: exact in every field. TCP without SYN, FIN and RST, UDP, and echo messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FastKey {
    /// Where they come in.
    pub port: PortId,
    /// Of the frame.
    pub destination_mac: Mac,
    /// Of the frame.
    pub source_mac: Mac,
    /// IANA number.
    pub protocol: u8,
    /// Of the packet.
    pub source: IpAddr,
    /// Of the packet.
    pub destination: IpAddr,
    /// The identifier of an echo message.
    pub source_port: u16,
    /// Type and code of an echo message, the type in the high byte.
    pub destination_port: u16,
}

/// What one side of a TCP connection has shown, once both have sent and acknowledged (RFC 5961).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FastWindow {
    /// One past the highest sequence number it sent.
    pub end: u32,
    /// Its highest acknowledgement.
    pub ack: u32,
    /// Where its receive window ends.
    pub right_edge: u32,
    /// Its window scale.
    pub scale: u8,
}

/// What is done to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FastWay {
    /// The packets.
    pub key: FastKey,
    /// Where they go.
    pub out_port: PortId,
    /// What is done to them in place: never one that ends in the other IP version. A TTL must be greater than 1, whatever
    /// the hops.
    pub rewrite: Rewrite,
    /// Longest IP packet, per segment.
    pub mtu: u16,
    /// After so long without a packet the next one goes up, at least 1.
    pub idle_secs: u16,
    /// How the sender of these packets stands, if the connection's windows must be followed.
    pub window: Option<FastWindow>,
}

/// New flows that may begin without asking the engine, for it would say the same to each: TCP connections, or datagrams.
///
/// Every packet that is forwarded by it, and every further one of a connection that began by it, is reported, and judged by
/// the engine from the report: what it leaves behind is the engine's alone. No such packet overtakes one of its flow that
/// waits for the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastAdmission {
    /// The packets that begin flows, but for their source port, which is 0 here: SYNs, or datagrams.
    pub way: FastWay,
    /// What answers a connection, but for its destination port, which is 0 here; none for datagrams, whose answers go up.
    pub back: Option<FastWay>,
    /// Of the first packets.
    pub source_ports: RangeInclusive<u16>,
}

/// A packet that was forwarded without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FastReport {
    /// Where it came in.
    pub port: PortId,
    /// When.
    pub at: Time,
    /// The admission it went by, if it belonged to no connection that the fast path knew; with the two directions of the
    /// connection that it began, if it did.
    pub admission: Option<(FastId, Option<[FastId; 2]>)>,
    /// Bytes of the frame.
    pub len: usize,
    /// Payload of each packet that a TCP frame is to become; 0 if it is whole.
    pub gso_size: u16,
}

/// What was forwarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FastReading {
    /// Since the way was installed; a frame that is to be segmented counts as its segments.
    pub count: Count,
    /// The first packet since the previous reading; meaningless without one.
    pub first: Time,
    /// The last packet.
    pub last: Time,
    /// How the sender stands now.
    pub window: FastWindow,
}

/// Replays verdicts.
pub trait FastPath: Send {
    /// Forwards these packets from now on, once those of them that wait for the engine have been served. None if there is
    /// no room, or a port is not one of its own.
    fn install(&mut self, way: &FastWay, now: Time) -> Option<FastId>;

    /// Both directions of a connection, each following the other's window.
    fn install_pair(&mut self, ways: [&FastWay; 2], now: Time) -> Option<[FastId; 2]>;

    /// Lets flows begin from now on: the admission, and what answers by it. None if there is no room, or a port is not one
    /// of its own.
    fn admit(&mut self, admission: &FastAdmission, now: Time) -> Option<(FastId, Option<FastId>)>;

    /// The next report, in the order in which the packets passed; its headers are written to the beginning of `frame`, which
    /// has room for the longest frame.
    fn next_report(&mut self, frame: &mut [u8]) -> Option<FastReport>;

    /// Waits until every packet has passed that had met what was revoked before: all of them are reported or counted then.
    fn settle(&mut self);

    /// Forwards no packet by it that comes later. It may still be counted by one that came before.
    fn revoke(&mut self, id: FastId);

    /// One that was revoked, and will change no more; in the order of revocation. It may be read once more and must then
    /// be released.
    fn next_retired(&mut self) -> Option<FastId>;

    /// Its place may be taken by another.
    fn release(&mut self, id: FastId);

    /// What it has forwarded.
    fn read(&mut self, id: FastId, now: Time) -> FastReading;

    /// Whether it forwards packets already, so that the window is no longer the engine's to write.
    fn is_open(&self, id: FastId) -> bool;

    /// Notes what a packet that the engine forwarded changed; before it is open.
    fn follow(&mut self, id: FastId, window: FastWindow);
}

/// What became of verdicts that could be handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastCounters {
    /// Directions of flows that are with the fast path now.
    pub entries: u64,
    /// Handed over so far.
    pub installed: u64,
    /// Not taken, since there was no room: the engine forwards them.
    pub refused: u64,
    /// Packets that it has forwarded, as far as they were read.
    pub packets: u64,
    /// Admissions that are in force.
    pub admissions: u64,
    /// Connections that began without asking, and datagrams that passed so.
    pub admitted: u64,
    /// Of the packets that were reported, those that the engine would not have forwarded in the same way. There are none,
    /// or the fast path is at fault.
    pub disagreed: u64,
}
