//! A DHCP client (RFC 2131, 2132) for one interface: asks over the wire, tells the answer, renews at T1.
//!
//! Frames go through a packet socket, because before there is an address the kernel would not deliver a unicast answer;
//! the socket is open only while an answer is awaited, so that a waiting init is not woken by ordinary traffic.
//! The server may be the instance's own root for all we know: every length is checked. Network byte order on the wire.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::sys;

/// What a server granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub address: Ipv4Addr,
    pub prefix_len: u8,
    pub router: Option<Ipv4Addr>,
    pub name_servers: Vec<Ipv4Addr>,
    pub domain: Option<String>,
    pub hostname: Option<String>,
    pub mtu: Option<u16>,
    server: Ipv4Addr,
    renew_after: Duration,
    expires_after: Duration,
}

impl Lease {
    /// As resolv.conf(5) wants it, with those resolvers that DHCPv6 named (`others`) if this server named none; `None`
    /// without any.
    pub fn resolver_text(&self, others: &[Ipv6Addr]) -> Option<String> {
        resolver_text(self.domain.as_deref(), &self.name_servers, others)
    }
}

/// The same of a domain and resolvers, the second kind only without any of the first.
pub fn resolver_text(
    domain: Option<&str>,
    first: &[Ipv4Addr],
    others: &[Ipv6Addr],
) -> Option<String> {
    let mut servers: Vec<IpAddr> = first.iter().map(|server| IpAddr::V4(*server)).collect();
    if servers.is_empty() {
        servers.extend(others.iter().map(|server| IpAddr::V6(*server)));
    }
    let domain = domain.iter();
    let mut text: String = domain.map(|domain| format!("search {domain}\n")).collect();
    let lines = servers.iter();
    text.extend(lines.map(|server| format!("nameserver {server}\n")));
    (!servers.is_empty()).then_some(text)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Selecting,
    Requesting(Lease),
    Bound(Lease),
    Renewing(Lease),
}

/// What happened to the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Granted, or granted anew with other terms.
    Bound(Lease),
    /// Its address may not be used any more.
    Lost(Lease),
}

pub struct Client {
    link: u32,
    mac: [u8; 6],
    transaction: u32,
    state: State,
    socket: Option<OwnedFd>,
    deadline: Instant,
    /// Until the next repetition; doubles.
    patience: Duration,
    expires: Option<Instant>,
}

const PATIENCE_FIRST: Duration = Duration::from_millis(20);
const PATIENCE_MAX: Duration = Duration::from_secs(8);
/// RFC 2131 §4.4.5: not more often than once a minute while renewing.
const RENEW_PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    pub fn start(link: u32, mac: [u8; 6]) -> io::Result<Self> {
        let mut client = Self {
            link,
            mac,
            transaction: random()?,
            state: State::Selecting,
            socket: None,
            deadline: Instant::now(),
            patience: PATIENCE_FIRST,
            expires: None,
        };
        client.ask();
        Ok(client)
    }

    /// To be watched for reading, while an answer is awaited.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// When to call [`Client::advance`] at the latest.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Lets a lease be due for renewal now.
    pub fn renew(&mut self) {
        if let State::Bound(_) = self.state {
            self.deadline = Instant::now();
        }
    }

    /// Reads what came and does what is due. Answers what is to be applied.
    pub fn advance(&mut self, now: Instant) -> Option<Change> {
        let mut frame = [0; 1600];
        // Bounded: one call may not be held by a flood.
        for _ in 0..64 {
            let Some(Ok(len)) = self
                .socket
                .as_ref()
                .map(|socket| nix::unistd::read(socket, &mut frame))
            else {
                break;
            };
            let Some(answer) = frame
                .get(..len)
                .and_then(|frame| Answer::parse(frame, self.transaction, self.mac))
            else {
                continue;
            };
            match (&self.state, answer) {
                (State::Selecting, Answer::Offer(lease)) => {
                    self.state = State::Requesting(lease);
                    self.patience = PATIENCE_FIRST;
                    self.ask();
                }
                (State::Requesting(_) | State::Renewing(_), Answer::Ack(lease)) => {
                    return self.bind(lease, now);
                }
                (State::Requesting(_) | State::Renewing(_), Answer::Nak) => {
                    return self.restart();
                }
                _ => {}
            }
        }
        if now < self.deadline {
            return None;
        }
        match self.state.clone() {
            State::Bound(lease) => {
                self.transaction = random().unwrap_or(self.transaction.wrapping_add(1));
                self.patience = RENEW_PATIENCE;
                self.state = State::Renewing(lease);
                self.ask();
            }
            State::Renewing(_) if self.expires.is_some_and(|expires| now >= expires) => {
                return self.restart();
            }
            State::Selecting | State::Requesting(_) | State::Renewing(_) => self.ask(),
        }
        None
    }

    /// Begins anew, without an address.
    fn restart(&mut self) -> Option<Change> {
        let before = std::mem::replace(&mut self.state, State::Selecting);
        self.patience = PATIENCE_FIRST;
        self.ask();
        match before {
            State::Renewing(lease) => Some(Change::Lost(lease)),
            State::Selecting | State::Requesting(_) | State::Bound(_) => None,
        }
    }

    fn bind(&mut self, lease: Lease, now: Instant) -> Option<Change> {
        let previous = match &self.state {
            State::Renewing(previous) => Some(previous.clone()),
            _ => None,
        };
        self.expires = Some(now + lease.expires_after);
        self.deadline = now + lease.renew_after;
        self.socket = None;
        self.state = State::Bound(lease.clone());
        (previous.as_ref() != Some(&lease)).then_some(Change::Bound(lease))
    }

    /// Sends what the state asks for, and waits twice as long for an answer as the time before.
    fn ask(&mut self) {
        self.deadline = Instant::now() + self.patience;
        self.patience = (self.patience * 2).min(PATIENCE_MAX.max(self.patience));
        if self.socket.is_none() {
            self.socket = sys::packet_socket(self.link, libc::ETH_P_IP as u16).ok();
        }
        let frame = self.message();
        if let Some(socket) = &self.socket {
            // Lost or refused is the same to a client: it asks again.
            let _ = nix::unistd::write(socket, &frame);
        }
    }

    fn message(&self) -> Vec<u8> {
        let mut options = Vec::with_capacity(64);
        let (kind, client_address) = match &self.state {
            State::Selecting => (DISCOVER, Ipv4Addr::UNSPECIFIED),
            State::Requesting(lease) => {
                options.extend_from_slice(&[OPTION_REQUESTED, 4]);
                options.extend_from_slice(&lease.address.octets());
                options.extend_from_slice(&[OPTION_SERVER, 4]);
                options.extend_from_slice(&lease.server.octets());
                (REQUEST, Ipv4Addr::UNSPECIFIED)
            }
            State::Bound(lease) | State::Renewing(lease) => (REQUEST, lease.address),
        };
        options.extend_from_slice(&[OPTION_PARAMETERS, 8, 1, 3, 6, 12, 15, 26, 51, 58]);
        encode(self.mac, self.transaction, client_address, kind, &options)
    }
}

const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const NAK: u8 = 6;
const OPTION_REQUESTED: u8 = 50;
const OPTION_MESSAGE_TYPE: u8 = 53;
const OPTION_SERVER: u8 = 54;
const OPTION_PARAMETERS: u8 = 55;
const OPTION_CLIENT_ID: u8 = 61;
const MAGIC: [u8; 4] = [99, 130, 83, 99];
/// Ethernet, IPv4 without options, UDP.
const HEADERS_LEN: usize = 14 + 20 + 8;
/// The fixed part of a message, up to the magic number.
const FIXED_LEN: usize = 236;

/// A broadcast client message, from Ethernet header to padding (RFC 951: at least 300 bytes).
fn encode(
    mac: [u8; 6],
    transaction: u32,
    client_address: Ipv4Addr,
    kind: u8,
    options: &[u8],
) -> Vec<u8> {
    let mut message = vec![0; FIXED_LEN];
    message[0..3].copy_from_slice(&[1, 1, 6]); // request, Ethernet, address length
    message[4..8].copy_from_slice(&transaction.to_be_bytes());
    message[12..16].copy_from_slice(&client_address.octets());
    message[28..34].copy_from_slice(&mac);
    message.extend_from_slice(&MAGIC);
    message.extend_from_slice(&[OPTION_MESSAGE_TYPE, 1, kind, OPTION_CLIENT_ID, 7, 1]);
    message.extend_from_slice(&mac);
    message.extend_from_slice(options);
    message.push(255);
    message.resize(message.len().max(300), 0);

    let udp_len = (8 + message.len()) as u16;
    let ip_len = 20 + udp_len;
    let mut frame = Vec::with_capacity(14 + usize::from(ip_len));
    frame.extend_from_slice(&[0xff; 6]);
    frame.extend_from_slice(&mac);
    frame.extend_from_slice(&[0x08, 0x00]);
    let mut ip = [0u8; 20];
    ip[0] = 0x45;
    ip[2..4].copy_from_slice(&ip_len.to_be_bytes());
    ip[8] = 64;
    ip[9] = libc::IPPROTO_UDP as u8;
    ip[12..16].copy_from_slice(&client_address.octets());
    ip[16..20].copy_from_slice(&Ipv4Addr::BROADCAST.octets());
    let checksum = internet_checksum(&ip);
    ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    frame.extend_from_slice(&ip);
    frame.extend_from_slice(&[0, 68, 0, 67]);
    frame.extend_from_slice(&udp_len.to_be_bytes());
    frame.extend_from_slice(&[0, 0]); // RFC 768: no checksum
    frame.extend_from_slice(&message);
    frame
}

fn internet_checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes
        .chunks_exact(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
        .sum();
    !((sum & 0xffff) + (sum >> 16)) as u16
}

#[derive(Debug)]
enum Answer {
    Offer(Lease),
    Ack(Lease),
    Nak,
}

impl Answer {
    /// The server's answer to our transaction in an Ethernet frame, if it is one.
    fn parse(frame: &[u8], transaction: u32, mac: [u8; 6]) -> Option<Self> {
        let headers = frame.get(..HEADERS_LEN)?;
        let is_udp_to_client = headers[12..15] == [0x08, 0x00, 0x45]
            && headers[23] == libc::IPPROTO_UDP as u8
            && headers[34..38] == [0, 67, 0, 68];
        let message = frame.get(HEADERS_LEN..)?;
        let fixed = message.get(..FIXED_LEN)?;
        let ours =
            fixed[0] == 2 && fixed[4..8] == transaction.to_be_bytes() && fixed[28..34] == mac;
        if !is_udp_to_client || !ours || message.get(FIXED_LEN..FIXED_LEN + 4)? != MAGIC {
            return None;
        }
        let mut kind = None;
        let mut lease = Lease {
            address: ipv4(fixed.get(16..20)?)?,
            prefix_len: 32,
            router: None,
            name_servers: Vec::new(),
            domain: None,
            hostname: None,
            mtu: None,
            server: Ipv4Addr::UNSPECIFIED,
            renew_after: Duration::ZERO,
            expires_after: Duration::from_secs(3600),
        };
        let mut options = message.get(FIXED_LEN + 4..)?;
        while let Some((&code, rest)) = options.split_first() {
            match code {
                0 => options = rest,
                255 => break,
                _ => {
                    let (&len, rest) = rest.split_first()?;
                    let (value, rest) = rest.split_at_checked(usize::from(len))?;
                    options = rest;
                    match code {
                        1 => lease.prefix_len = u32::from(ipv4(value)?).leading_ones() as u8,
                        3 => lease.router = ipv4(value),
                        6 => {
                            lease.name_servers =
                                value.chunks_exact(4).filter_map(ipv4).take(4).collect()
                        }
                        12 => lease.hostname = name(value),
                        15 => lease.domain = name(value),
                        26 => lease.mtu = value.try_into().ok().map(u16::from_be_bytes),
                        51 => lease.expires_after = seconds(value)?,
                        OPTION_MESSAGE_TYPE => kind = value.first().copied(),
                        OPTION_SERVER => lease.server = ipv4(value)?,
                        58 => lease.renew_after = seconds(value)?,
                        _ => {}
                    }
                }
            }
        }
        // RFC 2131 §4.4.5: T1 is half the lease unless told otherwise.
        if lease.renew_after.is_zero() || lease.renew_after > lease.expires_after {
            lease.renew_after = lease.expires_after / 2;
        }
        lease.renew_after = lease.renew_after.max(Duration::from_secs(1));
        match kind? {
            OFFER => Some(Self::Offer(lease)),
            ACK => Some(Self::Ack(lease)),
            NAK => Some(Self::Nak),
            _ => None,
        }
    }
}

fn ipv4(bytes: &[u8]) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(*bytes.first_chunk::<4>()?))
}

fn seconds(bytes: &[u8]) -> Option<Duration> {
    Some(Duration::from_secs(u64::from(u32::from_be_bytes(
        bytes.try_into().ok()?,
    ))))
}

/// A host or domain name that may be written into a file: nothing but letters, digits, dots and hyphens.
fn name(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end_matches('\0');
    let proper = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(proper)).then(|| text.to_owned())
}

pub(super) fn random() -> io::Result<u32> {
    let mut bytes = [0; 4];
    io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(u32::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

    fn answer(kind: u8, options: &[u8]) -> Vec<u8> {
        let mut frame = encode(MAC, 7, Ipv4Addr::UNSPECIFIED, kind, options);
        frame[34..38].copy_from_slice(&[0, 67, 0, 68]);
        frame[HEADERS_LEN] = 2;
        frame[HEADERS_LEN + 16..HEADERS_LEN + 20].copy_from_slice(&[10, 0, 1, 10]);
        frame
    }

    #[test]
    fn an_offer_tells_everything_that_the_instance_needs() {
        let mut options = vec![
            1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 1, 1, 6, 4, 10, 0, 0, 2, 26, 2, 0x23, 0x29,
        ];
        options
            .extend_from_slice(b"\x0c\x0cip-10-0-1-10\x0f\x0cec2.internal\x33\x04\x00\x00\x0e\x10");
        let Some(Answer::Offer(lease)) = Answer::parse(&answer(OFFER, &options), 7, MAC) else {
            panic!("no offer")
        };
        assert_eq!(
            (lease.address, lease.prefix_len),
            (Ipv4Addr::new(10, 0, 1, 10), 24)
        );
        assert_eq!(lease.router, Some(Ipv4Addr::new(10, 0, 1, 1)));
        assert_eq!(
            (lease.mtu, lease.hostname.as_deref()),
            (Some(9001), Some("ip-10-0-1-10"))
        );
        assert_eq!(
            lease.resolver_text(&[Ipv6Addr::LOCALHOST]).as_deref(),
            Some("search ec2.internal\nnameserver 10.0.0.2\n")
        );
        let silent = Lease {
            name_servers: vec![],
            ..lease.clone()
        };
        assert_eq!(silent.resolver_text(&[]), None);
        assert_eq!(
            silent.resolver_text(&[Ipv6Addr::LOCALHOST]).as_deref(),
            Some("search ec2.internal\nnameserver ::1\n")
        );
        assert_eq!(
            (lease.renew_after.as_secs(), lease.expires_after.as_secs()),
            (1800, 3600)
        );
    }

    #[test]
    fn only_answers_to_our_own_question_count() {
        let good = answer(ACK, &[]);
        assert!(matches!(Answer::parse(&good, 7, MAC), Some(Answer::Ack(_))));
        assert!(
            Answer::parse(&good, 8, MAC).is_none(),
            "another transaction"
        );
        assert!(Answer::parse(&good, 7, [2; 6]).is_none(), "another client");
        assert!(
            Answer::parse(&answer(OFFER, &[6, 200, 1]), 7, MAC).is_none(),
            "an option beyond the end"
        );
        for len in 0..good.len() {
            // Whatever is cut off, parsing ends without a panic.
            let _ = Answer::parse(&good[..len], 7, MAC);
        }
    }

    #[test]
    fn a_name_with_a_line_break_does_not_reach_a_file() {
        assert_eq!(name(b"a\nnameserver 6.6.6.6"), None);
        assert_eq!(name(b"ip-10-0-1-10\0").as_deref(), Some("ip-10-0-1-10"));
    }

    #[test]
    fn the_header_checksum_is_right() {
        let frame = encode(MAC, 1, Ipv4Addr::UNSPECIFIED, DISCOVER, &[]);
        assert_eq!(internet_checksum(&frame[14..34]), 0);
    }
}
