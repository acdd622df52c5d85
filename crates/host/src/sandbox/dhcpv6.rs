//! An IPv6 host's first questions for one interface: who is the router (RFC 4861 §6.3), and, if the router says that
//! addresses are managed, which are mine (DHCPv6, RFC 8415)? Renewed at T1, and at once when told that they changed.
//!
//! [`Core`] is values in, values out; [`Client`] gives it a packet socket, open only while an answer is awaited. The
//! answers may come from the instance's own root for all we know: every length is checked.

use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use openvpc_wire::dhcpv6::{self, Address, Kind, Message, Writer, duid_of, option, status};
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::ndp::{self, Advertised};
use openvpc_wire::{Mac, Packet, Transport, ethernet};

use super::dhcp::random;
use crate::sys;

/// What the router and its DHCPv6 server told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    pub addresses: Vec<Ipv6Addr>,
    /// The default router.
    pub router: Option<Ipv6Addr>,
    /// The prefix whose hosts are neighbours.
    pub on_link: Option<(Ipv6Addr, u8)>,
    pub name_servers: Vec<Ipv6Addr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Discovering,
    Soliciting,
    Requesting,
    Bound,
    Renewing,
    Rebinding,
}

const PATIENCE_FIRST: Duration = Duration::from_millis(20);
const PATIENCE_MAX: Duration = Duration::from_secs(8);
/// RFC 8415 §7.6, REN_TIMEOUT.
const RENEW_PATIENCE: Duration = Duration::from_secs(10);
/// A lease for ever is asked about once a day.
const DAY: Duration = Duration::from_secs(86_400);
/// More than an interface can have.
const ADDRESSES_MAX: usize = 64;
const NAME_SERVERS_MAX: usize = 4;

/// What to do after a look at a frame or at the clock.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Wait,
    /// [`Core::question`] is to be sent.
    Ask,
    /// The lease is another one now.
    Changed,
}

struct Core {
    mac: Mac,
    /// The client's number for its one association.
    association: u32,
    transaction: u32,
    state: State,
    advertised: Option<Advertised>,
    server: Vec<u8>,
    lease: Lease,
    deadline: Instant,
    /// Until the next repetition; doubles.
    patience: Duration,
    rebind_at: Instant,
    expires_at: Instant,
}

impl Core {
    fn new(mac: Mac, association: u32, transaction: u32, now: Instant) -> Core {
        Core {
            mac,
            association,
            transaction,
            state: State::Discovering,
            advertised: None,
            server: Vec::new(),
            lease: Lease::default(),
            deadline: now,
            patience: PATIENCE_FIRST,
            rebind_at: now,
            expires_at: now,
        }
    }

    /// Whether an answer is awaited.
    fn is_waiting(&self) -> bool {
        self.state != State::Bound
    }

    /// Goes on with another exchange.
    fn turn_to(&mut self, state: State, patience: Duration) -> Step {
        self.state = state;
        self.patience = patience;
        self.transaction = self.transaction.wrapping_add(1);
        Step::Ask
    }

    /// The frame that the state asks for; it is repeated after twice the patience of the time before.
    fn question(&mut self, now: Instant) -> Vec<u8> {
        self.deadline = now + self.patience;
        self.patience = (self.patience * 2).min(PATIENCE_MAX.max(self.patience));
        let mut frame = Vec::new();
        let kind = match self.state {
            State::Discovering => {
                ndp::emit_router_solicitation(&mut frame, self.mac);
                return frame;
            }
            State::Soliciting => Kind::Solicit,
            State::Requesting => Kind::Request,
            State::Bound | State::Renewing => Kind::Renew,
            State::Rebinding => Kind::Rebind,
        };
        let mut payload = Vec::new();
        let mut writer = Writer::begin(&mut payload, kind, self.transaction);
        writer.option(option::CLIENT_ID, &duid_of(self.mac));
        if matches!(kind, Kind::Request | Kind::Renew) {
            writer.option(option::SERVER_ID, &self.server);
        }
        writer.option(option::ELAPSED_TIME, &[0, 0]);
        writer.option(option::REQUESTED, &option::NAME_SERVERS.to_be_bytes());
        if kind == Kind::Solicit {
            writer.option(option::RAPID_COMMIT, &[]);
        }
        writer.association((option::IA_NA, self.association), (0, 0), |inner| {
            for address in &self.lease.addresses {
                inner.address(&Address {
                    address: *address,
                    preferred_secs: 0,
                    valid_secs: 0,
                });
            }
        });
        let envelope = Envelope {
            source_mac: self.mac,
            destination_mac: Mac([0x33, 0x33, 0, 1, 0, 2]),
            source: self.mac.link_local().into(),
            destination: dhcpv6::ALL_SERVERS.into(),
        };
        let ports = (dhcpv6::CLIENT_PORT, dhcpv6::SERVER_PORT);
        ip::emit_udp(&mut frame, &envelope, ports.0, ports.1, &payload);
        frame
    }

    /// Looks at what came.
    fn read(&mut self, frame: &[u8], now: Instant) -> Step {
        let ethertype = frame.get(12..14).map(|two| [two[0], two[1]]);
        if ethertype.map(u16::from_be_bytes) != Some(ethernet::IPV6) {
            return Step::Wait;
        }
        let Ok(packet) = Packet::parse(frame, ethernet::IPV6) else {
            return Step::Wait;
        };
        match packet.transport {
            Transport::Icmp { .. } if self.state == State::Discovering => {
                let advertised = ndp::parse_router_advertisement(frame, &packet);
                // Without a DHCPv6 server there is nothing to ask for.
                match advertised.filter(|advertised| advertised.managed) {
                    Some(advertised) => {
                        self.advertised = Some(advertised);
                        self.turn_to(State::Soliciting, PATIENCE_FIRST)
                    }
                    None => Step::Wait,
                }
            }
            Transport::Udp {
                source_port: dhcpv6::SERVER_PORT,
                destination_port: dhcpv6::CLIENT_PORT,
            } if packet.destination == IpAddr::from(self.mac.link_local()) => {
                let payload = frame.get(packet.l4 + 8..packet.end).unwrap_or_default();
                match Message::parse(payload) {
                    Some(message) => self.hear(&message, now),
                    None => Step::Wait,
                }
            }
            _ => Step::Wait,
        }
    }

    fn hear(&mut self, message: &Message<'_>, now: Instant) -> Step {
        let ours = message.transaction == self.transaction & 0xff_ffff
            && message.client() == Some(&duid_of(self.mac));
        let Some(server) = message.server().filter(|_| ours) else {
            return Step::Wait;
        };
        let association = message
            .associations()
            .find(|found| found.code == option::IA_NA && found.id == self.association);
        let granted = association.filter(|found| {
            let told = [message.options.status(), found.options.status()];
            told == [status::SUCCESS; 2]
        });
        match (&self.state, message.kind) {
            (State::Soliciting, Kind::Advertise) if granted.is_some() => {
                self.server = server.to_vec();
                self.turn_to(State::Requesting, PATIENCE_FIRST)
            }
            (State::Soliciting, Kind::Reply)
                if message.options.find(option::RAPID_COMMIT).is_none() =>
            {
                Step::Wait
            }
            (
                State::Soliciting | State::Requesting | State::Renewing | State::Rebinding,
                Kind::Reply,
            ) => {
                let Some(granted) = granted else {
                    // Nothing for us, or nothing that the server knows of: ask again, in peace.
                    let before = std::mem::take(&mut self.lease);
                    self.turn_to(State::Soliciting, PATIENCE_MAX);
                    self.deadline = now + PATIENCE_MAX;
                    return match before.addresses.is_empty() {
                        true => Step::Wait,
                        false => Step::Changed,
                    };
                };
                self.server = server.to_vec();
                let held: Vec<Address> = granted
                    .options
                    .addresses()
                    .filter(|held| held.valid_secs > 0)
                    .take(ADDRESSES_MAX)
                    .collect();
                let servers = message.options.find(option::NAME_SERVERS);
                let timers = (granted.t1_secs, granted.t2_secs);
                self.bind(&held, servers.unwrap_or_default(), timers, now)
            }
            _ => Step::Wait,
        }
    }

    fn bind(&mut self, held: &[Address], servers: &[u8], timers: (u32, u32), now: Instant) -> Step {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds)).min(DAY);
        let shortest = held.iter().map(|held| held.preferred_secs).min();
        let shortest = seconds(shortest.unwrap_or(0));
        // RFC 8415 §14.2: zero leaves it to the client.
        let (t1, t2) = match timers {
            (0, _) | (_, 0) => (shortest / 2, shortest * 4 / 5),
            (t1, t2) => (seconds(t1), seconds(t2)),
        };
        let t1 = t1.max(Duration::from_secs(1));
        let valid = held.iter().map(|held| held.valid_secs).max().unwrap_or(0);
        self.rebind_at = now + t2.max(t1);
        self.expires_at = now + seconds(valid).max(t2).max(t1);
        self.deadline = now + t1;
        self.state = State::Bound;
        let router = self.advertised.filter(|told| told.lifetime_secs > 0);
        let lease = Lease {
            addresses: held.iter().map(|held| held.address).collect(),
            router: router.map(|told| told.router),
            on_link: self.advertised.and_then(|told| told.on_link),
            name_servers: servers
                .chunks_exact(16)
                .filter_map(|bytes| Some(Ipv6Addr::from(*bytes.first_chunk::<16>()?)))
                .take(NAME_SERVERS_MAX)
                .collect(),
        };
        let before = std::mem::replace(&mut self.lease, lease);
        match before == self.lease {
            true => Step::Wait,
            false => Step::Changed,
        }
    }

    /// Looks at the clock.
    fn elapse(&mut self, now: Instant) -> Step {
        if now < self.deadline {
            return Step::Wait;
        }
        match self.state {
            State::Discovering | State::Soliciting => Step::Ask,
            // The server may have forgotten its offer.
            State::Requesting if self.patience >= PATIENCE_MAX => {
                self.turn_to(State::Discovering, PATIENCE_FIRST)
            }
            State::Requesting => Step::Ask,
            State::Bound => self.turn_to(State::Renewing, RENEW_PATIENCE),
            State::Renewing | State::Rebinding if now >= self.expires_at => {
                self.lease = Lease::default();
                self.turn_to(State::Discovering, PATIENCE_FIRST);
                self.deadline = now;
                Step::Changed
            }
            State::Renewing if now >= self.rebind_at => {
                self.turn_to(State::Rebinding, RENEW_PATIENCE)
            }
            State::Renewing | State::Rebinding => Step::Ask,
        }
    }

    /// Asks what has changed, before it is due.
    fn refresh(&mut self) -> Step {
        match self.state {
            State::Bound | State::Renewing | State::Rebinding => {
                self.turn_to(State::Renewing, PATIENCE_FIRST)
            }
            State::Discovering | State::Soliciting | State::Requesting => Step::Ask,
        }
    }
}

/// The questions of one interface, on its wire.
pub struct Client {
    core: Core,
    link: u32,
    started: Instant,
    socket: Option<OwnedFd>,
}

impl Client {
    pub fn start(link: u32, mac: [u8; 6]) -> io::Result<Self> {
        let now = Instant::now();
        let mut client = Self {
            core: Core::new(Mac(mac), link, random()?, now),
            link,
            started: now,
            socket: None,
        };
        client.ask(now);
        Ok(client)
    }

    /// To be watched for reading, while an answer is awaited.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// When to call [`Client::advance`] at the latest.
    pub fn deadline(&self) -> Instant {
        self.core.deadline
    }

    /// Whether there is nothing to wait for: it has its addresses, or has not got any within a second.
    pub fn is_settled(&self, now: Instant) -> bool {
        !self.core.is_waiting() || now >= self.started + Duration::from_secs(1)
    }

    /// What holds now.
    pub fn lease(&self) -> &Lease {
        &self.core.lease
    }

    /// The addresses are said to have changed.
    pub fn refresh(&mut self) {
        self.core.refresh();
        self.ask(Instant::now());
    }

    /// Reads what came and does what is due; tells whether the lease is another one now.
    pub fn advance(&mut self, now: Instant) -> bool {
        let mut frame = [0; 9_100];
        // Bounded: one call may not be held by a flood.
        for _ in 0..64 {
            let Some(Ok(len)) = self
                .socket
                .as_ref()
                .map(|socket| nix::unistd::read(socket, &mut frame))
            else {
                break;
            };
            let step = self.core.read(frame.get(..len).unwrap_or_default(), now);
            if !self.core.is_waiting() {
                self.socket = None;
            }
            match step {
                Step::Wait => {}
                Step::Ask => self.ask(now),
                Step::Changed => return true,
            }
        }
        match self.core.elapse(now) {
            Step::Wait => false,
            Step::Ask => {
                self.ask(now);
                false
            }
            Step::Changed => true,
        }
    }

    fn ask(&mut self, now: Instant) {
        if self.socket.is_none() {
            self.socket = sys::packet_socket(self.link, libc::ETH_P_IPV6 as u16).ok();
        }
        let frame = self.core.question(now);
        if let Some(socket) = &self.socket {
            // Lost or refused is the same to a client: it asks again.
            let _ = nix::unistd::write(socket, &frame);
        }
    }
}

#[cfg(test)]
#[path = "dhcpv6/tests.rs"]
mod tests;
