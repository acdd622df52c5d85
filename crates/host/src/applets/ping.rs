//! `ping`, for hosts that have none: echo requests over IPv4 and IPv6 (RFC 792, RFC 4443), output and exit status as
//! iputils has them, because scripts read them.
//!
//! Each process has a new random echo id, so that each is a flow of its own (spec 07, common stage).

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn,
    SockaddrIn6, SockaddrStorage, bind, recvmsg, sendto, setsockopt, socket, sockopt,
};

use crate::sys;

const USAGE: &str = "usage: ping [-4|-6] [-c count] [-i interval] [-I address|interface] [-M do|dont|want] [-n] [-p pattern]
            [-q] [-s size] [-t ttl] [-w deadline] [-W timeout] destination";

pub fn main(arguments: &[String]) -> i32 {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("ping: {error}\n{USAGE}");
            return 2;
        }
    };
    match Ping::open(options).and_then(|mut ping| ping.run()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ping: {error}");
            2
        }
    }
}

struct Options {
    destination: String,
    ipv4: Option<bool>,
    count: Option<u64>,
    interval: Duration,
    source: Option<String>,
    discover_mtu: Option<i32>,
    quiet: bool,
    data_len: usize,
    /// What the data repeats; without one each byte is its place.
    pattern: Vec<u8>,
    ttl: Option<i32>,
    deadline: Option<Duration>,
    timeout: Duration,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            destination: String::new(),
            ipv4: None,
            count: None,
            interval: Duration::from_secs(1),
            source: None,
            discover_mtu: None,
            quiet: false,
            data_len: 56,
            pattern: Vec::new(),
            ttl: None,
            deadline: None,
            timeout: Duration::from_secs(10),
        };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(argument) = rest.next() {
            let Some(flags) = argument.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
                if !options.destination.is_empty() {
                    return Err(format!("one destination, not also {argument:?}"));
                }
                options.destination = argument.to_owned();
                continue;
            };
            for (at, flag) in flags.char_indices() {
                let glued = &flags[at + flag.len_utf8()..];
                match flag {
                    '4' => options.ipv4 = Some(true),
                    '6' => options.ipv4 = Some(false),
                    'q' => options.quiet = true,
                    'n' => {}
                    _ => {
                        let missing = || format!("option -{flag} is unknown or lacks its value");
                        let value = if glued.is_empty() {
                            rest.next()
                        } else {
                            Some(glued)
                        }
                        .ok_or_else(missing)?;
                        options
                            .set(flag, value)
                            .ok_or_else(|| format!("invalid -{flag} {value:?}"))?;
                        break;
                    }
                }
            }
        }
        if options.destination.is_empty() {
            Err("no destination".into())
        } else {
            Ok(options)
        }
    }

    fn set(&mut self, flag: char, value: &str) -> Option<()> {
        let seconds = || Duration::try_from_secs_f64(value.parse().ok()?).ok();
        match flag {
            'c' => self.count = Some(value.parse().ok().filter(|count| *count > 0)?),
            'i' => self.interval = seconds()?.max(Duration::from_millis(2)),
            'I' => self.source = Some(value.to_owned()),
            'M' => {
                self.discover_mtu = Some(match value {
                    "do" => libc::IP_PMTUDISC_DO,
                    "want" => libc::IP_PMTUDISC_WANT,
                    "dont" => libc::IP_PMTUDISC_DONT,
                    _ => return None,
                });
            }
            'p' => self.pattern = pattern(value)?,
            's' => self.data_len = value.parse().ok().filter(|len| *len <= 65_507 - ECHO_LEN)?,
            't' => self.ttl = Some(value.parse().ok().filter(|ttl| (1..=255).contains(ttl))?),
            'w' => self.deadline = Some(seconds()?),
            'W' => self.timeout = seconds()?,
            _ => return None,
        }
        Some(())
    }
}

/// Up to 16 bytes in hex digits, as iputils takes them.
fn pattern(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    let bytes = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit));
    (1..=32).contains(&digits.len()).then(|| bytes.collect())
}

/// The echo header: type, code, checksum, id, sequence.
const ECHO_LEN: usize = 8;

struct Ping {
    options: Options,
    target: SocketAddr,
    socket: OwnedFd,
    id: u16,
    sent_at: Vec<Instant>,
    answered: HashSet<u64>,
    errors: u64,
    duplicates: u64,
    round_trips: Vec<f64>,
}

impl Ping {
    fn open(options: Options) -> io::Result<Self> {
        let name = &options.destination;
        let target = (name.as_str(), 0)
            .to_socket_addrs()
            .ok()
            .and_then(|mut found| {
                found.find(|address| options.ipv4.is_none_or(|ipv4| address.is_ipv4() == ipv4))
            })
            .ok_or_else(|| io::Error::other(format!("{name}: Name or service not known")))?;
        let raw =
            |family, protocol| socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol);
        let socket = if target.is_ipv4() {
            raw(AddressFamily::Inet, SockProtocol::Icmp)?
        } else {
            raw(AddressFamily::Inet6, SockProtocol::IcmpV6)?
        };
        if target.is_ipv6() {
            sys::set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT, 1)?;
        }
        let (level, discover, ttl) = if target.is_ipv4() {
            (libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_TTL)
        } else {
            (
                libc::IPPROTO_IPV6,
                libc::IPV6_MTU_DISCOVER,
                libc::IPV6_UNICAST_HOPS,
            )
        };
        if let Some(mode) = options.discover_mtu {
            sys::set_option(&socket, level, discover, mode)?;
        }
        if let Some(value) = options.ttl {
            sys::set_option(&socket, level, ttl, value)?;
        }
        match options
            .source
            .as_deref()
            .map(|source| (source, source.parse::<IpAddr>()))
        {
            Some((_, Ok(address))) => {
                bind(
                    socket.as_raw_fd(),
                    &SockaddrStorage::from(SocketAddr::new(address, 0)),
                )?;
            }
            Some((interface, Err(_))) => {
                setsockopt(&socket, sockopt::BindToDevice, &interface.into())?
            }
            None => {}
        }
        let mut id = [0; 2];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut id)?;
        Ok(Self {
            options,
            target,
            socket,
            id: u16::from_ne_bytes(id),
            sent_at: Vec::new(),
            answered: HashSet::new(),
            errors: 0,
            duplicates: 0,
            round_trips: Vec::new(),
        })
    }

    fn run(&mut self) -> io::Result<i32> {
        let (name, ip) = (&self.options.destination, self.target.ip());
        if !self.options.pattern.is_empty() {
            let digits: String = self
                .options
                .pattern
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            println!("PATTERN: 0x{digits}");
        }
        let data_len = self.options.data_len;
        if ip.is_ipv4() {
            println!(
                "PING {name} ({ip}) {data_len}({}) bytes of data.",
                data_len + ECHO_LEN + 20
            );
        } else {
            println!("PING {name}({ip}) {data_len} data bytes");
        }
        let mut interrupts = SigSet::empty();
        interrupts.add(Signal::SIGINT);
        interrupts.thread_block()?;
        let interrupts = SignalFd::new(&interrupts)?;

        let start = Instant::now();
        let mut next = start;
        loop {
            let now = Instant::now();
            let sent = self.sent_at.len() as u64;
            let all_sent = self.options.count.is_some_and(|count| sent >= count);
            let all_seen = self
                .options
                .count
                .is_some_and(|count| self.answered.len() as u64 + self.errors >= count);
            let end = self.end_of_waiting(start, all_sent);
            if all_seen || end.is_some_and(|end| now >= end) {
                break;
            }
            if !all_sent && now >= next {
                self.send()?;
                next += self.options.interval;
                continue;
            }
            let wake = [(!all_sent).then_some(next), end]
                .into_iter()
                .flatten()
                .min();
            let wait = wake.map_or(PollTimeout::NONE, |wake| {
                let milliseconds = wake
                    .saturating_duration_since(now)
                    .as_micros()
                    .div_ceil(1000);
                PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
            });
            let mut fds = [
                PollFd::new(self.socket.as_fd(), PollFlags::POLLIN),
                PollFd::new(interrupts.as_fd(), PollFlags::POLLIN),
            ];
            poll(&mut fds, wait)?;
            let [readable, interrupted] = fds.map(|fd| fd.any().unwrap_or(false));
            if interrupted {
                break;
            }
            if readable {
                self.receive()?;
            }
        }
        Ok(self.summary(start.elapsed()))
    }

    /// As iputils waits: long while nothing ever came, else two of the longest round trips or an interval.
    fn end_of_waiting(&self, start: Instant, all_sent: bool) -> Option<Instant> {
        let deadline = self.options.deadline.map(|deadline| start + deadline);
        let linger = self.sent_at.last().filter(|_| all_sent).map(|last| {
            let longest = self.round_trips.iter().copied().fold(0.0, f64::max);
            *last
                + if self.round_trips.is_empty() {
                    self.options.timeout
                } else {
                    Duration::from_secs_f64(2.0 * longest / 1000.0)
                        .max(self.options.interval)
                        .min(self.options.timeout)
                }
        });
        [deadline, linger].into_iter().flatten().min()
    }

    fn send(&mut self) -> io::Result<()> {
        let sequence = (self.sent_at.len() + 1) as u16;
        let mut packet = vec![0; ECHO_LEN + self.options.data_len];
        packet[0] = if self.target.is_ipv4() { 8 } else { 128 };
        packet[4..6].copy_from_slice(&self.id.to_be_bytes());
        packet[6..8].copy_from_slice(&sequence.to_be_bytes());
        for (at, byte) in packet[ECHO_LEN..].iter_mut().enumerate() {
            *byte = match self.options.pattern.as_slice() {
                [] => at as u8,
                pattern => pattern[at % pattern.len()],
            };
        }
        if self.target.is_ipv4() {
            let sum = checksum(&packet);
            packet[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        self.sent_at.push(Instant::now());
        let sent = match self.target {
            SocketAddr::V4(v4) => sendto(
                self.socket.as_raw_fd(),
                &packet,
                &SockaddrIn::from(v4),
                MsgFlags::empty(),
            ),
            SocketAddr::V6(v6) => sendto(
                self.socket.as_raw_fd(),
                &packet,
                &SockaddrIn6::from(v6),
                MsgFlags::empty(),
            ),
        };
        match sent {
            Ok(_) => Ok(()),
            Err(Errno::EMSGSIZE) => {
                self.errors += 1;
                println!(
                    "ping: local error: message too long, mtu={}",
                    path_mtu(self.target).unwrap_or(0)
                );
                Ok(())
            }
            Err(Errno::ENETUNREACH) if sequence == 1 => {
                Err(io::Error::other("connect: Network is unreachable"))
            }
            Err(errno) => {
                println!("ping: sendmsg: {}", errno.desc());
                Ok(())
            }
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 65_600];
        let mut space = nix::cmsg_space!(i32);
        let mut parts = [io::IoSliceMut::new(&mut buffer)];
        let received = recvmsg::<SockaddrStorage>(
            self.socket.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::MSG_DONTWAIT,
        );
        let received = match received {
            Ok(received) => received,
            // An error that the kernel relates to this socket was already counted, or will be by time.
            Err(_) => return Ok(()),
        };
        let now = Instant::now();
        let from = received.address.and_then(|address| {
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        });
        let hop_limit = received.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::Ipv6HopLimit(limit) => u8::try_from(limit).ok(),
            _ => None,
        });
        let len = received.bytes;
        let packet = &buffer[..len];
        let (ttl, message) = if self.target.is_ipv4() {
            let header_len = packet.first().map_or(0, |byte| usize::from(byte & 15) * 4);
            (
                packet.get(8).copied(),
                packet.get(header_len..).unwrap_or_default(),
            )
        } else {
            (hop_limit, packet)
        };
        if let (Some(from), Some(&kind)) = (from, message.first()) {
            let reply = if self.target.is_ipv4() { 0 } else { 129 };
            if kind == reply {
                self.count_reply(from, ttl.unwrap_or(0), message, now);
            } else {
                self.count_error(from, message);
            }
        }
        Ok(())
    }

    fn count_reply(&mut self, from: IpAddr, ttl: u8, message: &[u8], now: Instant) {
        let Some(sequence) = self.own_sequence(message) else {
            return;
        };
        let Some(sent) = self.sent_at.get(sequence as usize - 1) else {
            return;
        };
        let milliseconds = now.duration_since(*sent).as_secs_f64() * 1000.0;
        let fresh = self.answered.insert(sequence);
        if fresh {
            self.round_trips.push(milliseconds);
        } else {
            self.duplicates += 1;
        }
        if !self.options.quiet {
            let digits = if milliseconds >= 100.0 {
                0
            } else if milliseconds >= 10.0 {
                1
            } else if milliseconds >= 1.0 {
                2
            } else {
                3
            };
            println!(
                "{} bytes from {from}: icmp_seq={sequence} ttl={ttl} time={milliseconds:.digits$} ms{}",
                message.len(),
                if fresh { "" } else { " (DUP!)" }
            );
        }
    }

    fn count_error(&mut self, from: IpAddr, message: &[u8]) {
        let (Some(&[kind, code]), Some(quoted)) =
            (message.first_chunk::<2>(), message.get(ECHO_LEN..))
        else {
            return;
        };
        let header_len = match self.target {
            SocketAddr::V4(_) => quoted.first().map_or(0, |byte| usize::from(byte & 15) * 4),
            SocketAddr::V6(_) => 40,
        };
        let Some(sequence) = quoted
            .get(header_len..)
            .and_then(|echo| self.own_sequence(echo))
        else {
            return;
        };
        let what = match (self.target.is_ipv4(), kind, code) {
            (true, 3, 0) => "Destination Net Unreachable".into(),
            (true, 3, 1) => "Destination Host Unreachable".into(),
            (true, 3, 2) => "Destination Protocol Unreachable".into(),
            (true, 3, 3) => "Destination Port Unreachable".into(),
            (true, 3, 4) => {
                let mtu = message
                    .get(6..8)
                    .map_or(0, |mtu| u16::from_be_bytes([mtu[0], mtu[1]]));
                format!("Frag needed and DF set (mtu = {mtu})")
            }
            (true, 3, 9 | 10 | 13) => "Packet filtered".into(),
            (true, 11, _) | (false, 3, _) => "Time to live exceeded".into(),
            (false, 1, 0) => "Destination unreachable: No route".into(),
            (false, 1, 1) => "Destination unreachable: Administratively prohibited".into(),
            (false, 1, 3) => "Destination unreachable: Address unreachable".into(),
            (false, 1, _) => "Destination unreachable".into(),
            (false, 2, _) => {
                let mtu = message.get(4..8).map_or(0, |mtu| {
                    u32::from_be_bytes([mtu[0], mtu[1], mtu[2], mtu[3]])
                });
                format!("Packet too big: mtu={mtu}")
            }
            (true, 3, code) => format!("Dest Unreachable, Bad Code: {code}"),
            _ => return,
        };
        self.errors += 1;
        if !self.options.quiet {
            println!("From {from} icmp_seq={sequence} {what}");
        }
    }

    /// The sequence number of an echo message of this process.
    fn own_sequence(&self, echo: &[u8]) -> Option<u64> {
        let id = echo.get(4..6)?;
        let sequence = echo.get(6..8)?;
        let sequence = u64::from(u16::from_be_bytes([sequence[0], sequence[1]]));
        (id == self.id.to_be_bytes() && sequence > 0).then_some(sequence)
    }

    fn summary(&self, elapsed: Duration) -> i32 {
        let (sent, received) = (self.sent_at.len(), self.answered.len());
        let lost = if sent == 0 {
            0.0
        } else {
            100.0 * (sent - received) as f64 / sent as f64
        };
        let lost = if lost.fract() == 0.0 {
            format!("{lost:.0}")
        } else {
            format!("{lost:.4}")
        };
        let counted = |count: u64, what: &str| {
            if count > 0 {
                format!(", +{count} {what}")
            } else {
                String::new()
            }
        };
        println!("\n--- {} ping statistics ---", self.options.destination);
        println!(
            "{sent} packets transmitted, {received} received{}{}, {lost}% packet loss, time {}ms",
            counted(self.duplicates, "duplicates"),
            counted(self.errors, "errors"),
            elapsed.as_millis()
        );
        if received > 0 {
            let count = self.round_trips.len() as f64;
            let mean = self.round_trips.iter().sum::<f64>() / count;
            let square = self.round_trips.iter().map(|time| time * time).sum::<f64>() / count;
            let least = self
                .round_trips
                .iter()
                .copied()
                .fold(f64::INFINITY, f64::min);
            let most = self.round_trips.iter().copied().fold(0.0, f64::max);
            let deviation = (square - mean * mean).max(0.0).sqrt();
            println!("rtt min/avg/max/mdev = {least:.3}/{mean:.3}/{most:.3}/{deviation:.3} ms");
        }
        // A reader that has gone away does not change the outcome.
        let _ = io::stdout().flush();
        let short = self.options.deadline.is_some()
            && self
                .options
                .count
                .is_some_and(|count| (received as u64) < count);
        i32::from(received == 0 || short)
    }
}

/// What the kernel knows of the path's MTU.
fn path_mtu(target: SocketAddr) -> Option<i32> {
    let probe = UdpSocket::bind(if target.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    })
    .ok()?;
    probe.connect(SocketAddr::new(target.ip(), 9)).ok()?;
    nix::sys::socket::getsockopt(&probe, sockopt::IpMtu).ok()
}

fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks(2) {
        sum += u32::from(u16::from_be_bytes([
            pair[0],
            pair.get(1).copied().unwrap_or(0),
        ]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_may_be_glued_and_mixed_with_the_destination() {
        let options = parse("-c4 10.0.1.11 -nqi 0.2 -W 1 -M do -s 8973").unwrap();
        assert_eq!(
            (options.count, options.data_len, options.quiet),
            (Some(4), 8973, true)
        );
        assert_eq!(options.interval, Duration::from_millis(200));
        assert_eq!(options.destination, "10.0.1.11");
    }

    #[test]
    fn what_ping_does_not_know_is_refused() {
        for line in [
            "-c 0 x",
            "-c",
            "x y",
            "-Z 1 x",
            "-s 70000 x",
            "-M maybe x",
            "-W -1 x",
            "-p xyz x",
            "-p 0123456789abcdef0123456789abcdef0 x",
            "",
        ] {
            assert!(parse(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_pattern_is_hex_digits() {
        assert_eq!(parse("-p ff00 x").unwrap().pattern, [0xff, 0x00]);
        assert_eq!(parse("-p 6f706 x").unwrap().pattern, [0x6f, 0x70, 0x06]);
    }

    #[test]
    fn the_checksum_covers_an_odd_last_byte() {
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
        assert_eq!(checksum(&[0xff]), !0xff00);
    }
}
