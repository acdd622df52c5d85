//! The router as a DHCPv6 server (RFC 8415): it gives each interface its own IPv6 addresses, all of them in the first
//! association that asks, and nothing else. It holds no leases: an address is the interface's as long as the VPC says
//! so, and a renewal tells what has changed since. Neither filtered nor logged (SG-9, spec 01 §7).
//!
//! Reads: interface, subnet, DHCP options. Writes: the reply buffer. Exit: `DhcpUnanswered`.

use std::net::{IpAddr, Ipv6Addr};

use openvpc_wire::dhcpv6::{self, Address, Association, Kind, Message, Writer, option, status};
use openvpc_wire::ip::{self, Envelope};

use crate::counters::UnloggedClass;
use crate::stages::local::{Asker, Local};
use crate::verdict::DropReason;
use crate::walk::Walk;

/// Preferred lifetime unless the DHCP options set tells another, as AWS gives it.
const PREFERRED_SECS: u32 = 140;
/// How much longer an address stays valid: 450 seconds in all by default, as on EC2.
const DEPRECATED_SECS: u32 = 310;
/// Associations in one message; a client has one. More is no client.
const ASSOCIATIONS_MAX: usize = 8;
/// Addresses in one message, far above what an interface can hold.
const ADDRESSES_MAX: usize = 128;

/// Answers a datagram to the server's port, or refuses to.
pub(crate) fn answer(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<Local, DropReason> {
    let reply = respond(walk, asker).ok_or(DropReason::DhcpUnanswered)?;
    let client = walk.packet().source;
    let envelope = Envelope {
        source_mac: asker.subnet.router_mac,
        destination_mac: asker.eni.mac,
        source: asker.subnet.router_mac.link_local().into(),
        destination: client,
    };
    let ports = (dhcpv6::SERVER_PORT, dhcpv6::CLIENT_PORT);
    ip::emit_udp(&mut walk.state.reply, &envelope, ports.0, ports.1, &reply);
    Ok(Local::Answered(UnloggedClass::Dhcp))
}

/// The answer to a client's message; `None` where RFC 8415 §16 tells a server to discard it.
fn respond(walk: &Walk<'_>, asker: &Asker<'_>) -> Option<Vec<u8>> {
    let packet = walk.packet();
    let (IpAddr::V6(source), IpAddr::V6(destination)) = (packet.source, packet.destination) else {
        return None;
    };
    if asker.subnet.ipv6.is_none() || !asker.may_claim(source) || packet.fragment.is_some() {
        return None;
    }
    let multicast = destination == dhcpv6::ALL_SERVERS;
    if !multicast && !asker.is_router_ipv6(destination) {
        return None;
    }
    let payload = walk.bytes.get(packet.l4 + 8..packet.end)?;
    let message = Message::parse(payload)?;
    let addresses: usize = message
        .associations()
        .map(|association| association.options.addresses().count())
        .sum();
    if message.associations().count() > ASSOCIATIONS_MAX || addresses > ADDRESSES_MAX {
        return None;
    }
    let server = Server {
        asker,
        duid: dhcpv6::duid_of(asker.subnet.router_mac),
    };
    server.respond(&message, multicast)
}

struct Server<'a> {
    asker: &'a Asker<'a>,
    duid: [u8; 10],
}

impl Server<'_> {
    fn respond(&self, message: &Message<'_>, multicast: bool) -> Option<Vec<u8>> {
        use Kind::*;
        let chosen = message.server();
        let proper = match message.kind {
            // To whoever is there.
            Solicit | Confirm | Rebind => multicast && chosen.is_none(),
            // To this server; RFC 8415 §18.4 has them told to use multicast.
            Request | Renew | Release | Decline => chosen == Some(&self.duid),
            InformationRequest => {
                let ours = chosen.is_none_or(|chosen| chosen == self.duid);
                multicast && ours && message.associations().next().is_none()
            }
            Advertise | Reply | Reconfigure => false,
        };
        if !proper || (message.client().is_none() && message.kind != InformationRequest) {
            return None;
        }
        let rapid = message.kind == Solicit && message.options.find(option::RAPID_COMMIT).is_some();
        let kind = match message.kind {
            Solicit if !rapid => Advertise,
            _ => Reply,
        };
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, kind, message.transaction);
        if let Some(client) = message.client() {
            writer.option(option::CLIENT_ID, client);
        }
        writer.option(option::SERVER_ID, &self.duid);
        if !multicast {
            writer.status(status::USE_MULTICAST, "use multicast");
            return Some(out);
        }
        match message.kind {
            Solicit | Request | Renew | Rebind => self.give(message, &mut writer),
            Confirm => self.confirm(message, &mut writer)?,
            // The address stays the interface's, whatever its host does with it.
            Release | Decline => writer.status(status::SUCCESS, "noted"),
            InformationRequest | Advertise | Reply | Reconfigure => {}
        }
        if rapid {
            writer.option(option::RAPID_COMMIT, &[]);
        }
        if kind == Advertise {
            // The highest there is: nobody need wait for another server.
            writer.option(option::PREFERENCE, &[255]);
        }
        if !matches!(message.kind, Confirm | Release | Decline) {
            self.configure(message, &mut writer);
        }
        Some(out)
    }

    /// The interface's addresses for the first association, regrets for all others.
    fn give(&self, message: &Message<'_>, writer: &mut Writer<'_>) {
        let mut own = self.asker.eni.ipv6.as_slice();
        for association in message.associations() {
            let id = (association.code, association.id);
            match association.code {
                option::IA_NA => {
                    let own = std::mem::take(&mut own);
                    let keeps = matches!(message.kind, Kind::Renew | Kind::Rebind);
                    self.fill(writer, &association, own, keeps);
                }
                option::IA_PD => writer.association(id, (0, 0), |inner| {
                    inner.status(status::NO_PREFIX, "no prefix is delegated");
                }),
                _ => writer.association(id, (0, 0), |inner| {
                    inner.status(status::NO_ADDRESSES, "no temporary addresses");
                }),
            }
        }
    }

    fn fill(
        &self,
        writer: &mut Writer<'_>,
        association: &Association<'_>,
        own: &[Ipv6Addr],
        keeps: bool,
    ) {
        let preferred_secs = self
            .asker
            .vpc
            .dhcp
            .ipv6_preferred_secs
            .unwrap_or(PREFERRED_SECS);
        // RFC 8415 §21.4: half and four fifths of the shortest preferred lifetime.
        let timers = match own.is_empty() {
            true => (0, 0),
            false => (preferred_secs / 2, preferred_secs / 5 * 4),
        };
        writer.association((association.code, association.id), timers, |inner| {
            for address in own {
                inner.address(&Address {
                    address: *address,
                    preferred_secs,
                    valid_secs: preferred_secs.saturating_add(DEPRECATED_SECS),
                });
            }
            let lost = association.options.addresses();
            let lost = lost.filter(|held| keeps && !own.contains(&held.address));
            let mut empty = own.is_empty();
            for held in lost {
                empty = false;
                inner.address(&Address {
                    preferred_secs: 0,
                    valid_secs: 0,
                    ..held
                });
            }
            if empty {
                let code = match keeps {
                    true => status::NO_BINDING,
                    false => status::NO_ADDRESSES,
                };
                inner.status(code, "the interface has no IPv6 address");
            }
        });
    }

    /// Whether a client that may have moved is still where it was (RFC 8415 §18.3.3).
    fn confirm(&self, message: &Message<'_>, writer: &mut Writer<'_>) -> Option<()> {
        let block = self.asker.subnet.ipv6?;
        let mut held = message
            .associations()
            .flat_map(|association| association.options.addresses())
            .peekable();
        held.peek()?;
        match held.all(|held| block.contains(&held.address)) {
            true => writer.status(status::SUCCESS, "on this link"),
            false => writer.status(status::NOT_ON_LINK, "of another link"),
        }
        Some(())
    }

    /// The options that were asked for.
    fn configure(&self, message: &Message<'_>, writer: &mut Writer<'_>) {
        let set = &self.asker.vpc.dhcp;
        let octets = |servers: &[Ipv6Addr]| -> Vec<u8> {
            servers.iter().flat_map(Ipv6Addr::octets).collect()
        };
        // RFC 5908 §4: each server is a suboption of its own.
        let ntp = set.ipv6_ntp_servers.iter().flat_map(|server| {
            let suboption = [0, 1, 0, 16];
            suboption.into_iter().chain(server.octets())
        });
        let domains = set.domain_name.as_deref().and_then(dhcpv6::encode_domains);
        for (code, value) in [
            (option::NAME_SERVERS, octets(&set.ipv6_name_servers)),
            (option::DOMAINS, domains.unwrap_or_default()),
            (option::NTP, ntp.collect()),
        ] {
            if message.asks_for(code) && !value.is_empty() {
                writer.option(code, &value);
            }
        }
    }
}
