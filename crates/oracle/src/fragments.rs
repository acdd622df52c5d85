//! Datagrams in pieces (I-12): a later piece never passes unless the first one did, and one that overlaps another loses
//! the datagram, whether or not that other one passed. What the first piece said of ports holds for all of them.

use std::net::IpAddr;

use crate::packet::{Body, Packet, Port};

/// Half a minute (I-12's bound on memory).
const UNFINISHED_SECS: u64 = 30;

/// A datagram whose first piece was seen.
#[derive(Clone, Debug)]
struct Datagram {
    key: Key,
    body: Body,
    began: u64,
    seen: Vec<(u16, u16)>,
    end: Option<u16>,
    passed: bool,
    lost: bool,
}

type Key = (Port, IpAddr, IpAddr, u8, u16);

/// All datagrams under way.
#[derive(Clone, Debug, Default)]
pub struct Datagrams(Vec<Datagram>);

impl Datagrams {
    /// The packet as the rules see it.
    ///
    /// # Errors
    /// Why it cannot pass.
    pub fn admit(&mut self, packet: &Packet, now: u64) -> Result<Packet, &'static str> {
        self.0
            .retain(|datagram| now - datagram.began < UNFINISHED_SECS * 1_000_000_000);
        let (Some(piece), Some(key)) = (packet.piece, key(packet)) else {
            return Ok(*packet);
        };
        // RFC 1858, RFC 3128: all of the transport header in the first, and none of it after.
        let header = match packet.protocol() {
            6 => 20,
            1 | 17 | 58 => 8,
            _ => 0,
        };
        if piece.from < header && (piece.from > 0 || piece.to < header) {
            return Err("I-12: a transport header in pieces");
        }
        let known = self.0.iter_mut().find(|datagram| datagram.key == key);
        let Some(datagram) = known else {
            if piece.from > 0 {
                return Err("I-12: its first piece did not come");
            }
            self.0.push(Datagram {
                key,
                body: packet.body,
                began: now,
                seen: vec![(0, piece.to)],
                end: None,
                passed: false,
                lost: false,
            });
            return Ok(*packet);
        };
        if !datagram.passed && piece.from > 0 {
            return Err("I-12: its first piece did not pass");
        }
        let overlaps =
            |(from, to): &(u16, u16)| piece.from < *to && *from < piece.to || piece.from == 0;
        let beyond = datagram.end.is_some_and(|end| piece.to > end);
        let ends = piece.to == packet.l4_len();
        let short = ends && datagram.seen.iter().any(|(_, to)| *to > piece.to);
        if datagram.lost || beyond || short || datagram.seen.iter().any(overlaps) {
            datagram.lost = true;
            return Err("I-12: overlapping pieces");
        }
        datagram.seen.push((piece.from, piece.to));
        if ends {
            datagram.end = Some(piece.to);
        }
        Ok(Packet {
            body: datagram.body,
            ..*packet
        })
    }

    /// Notes that a packet passed everything.
    pub fn passed(&mut self, packet: &Packet) {
        let key = key(packet);
        let known = self.0.iter_mut();
        for datagram in known.filter(|datagram| Some(datagram.key) == key) {
            datagram.passed = true;
        }
    }
}

fn key(packet: &Packet) -> Option<Key> {
    let piece = packet.piece.filter(|_| packet.is_fragment())?;
    let (source, destination) = (packet.source, packet.destination);
    // RFC 791 §3.2 counts the protocol, RFC 8200 §4.5 does not.
    let protocol = if source.is_ipv4() {
        packet.protocol()
    } else {
        0
    };
    Some((packet.from, source, destination, protocol, piece.id))
}
