//! A flow between two places: which addresses it would bear, and how it begins.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use openvpc_engine::{EniIndex, PortId, Probe, Question};
use openvpc_model::{NetworkInterface, Region, RouteDestination, RouteTarget, World};

use crate::place::{At, Place, public_of};
use crate::scene::{Host, find_interface};

/// The source port of a question that names none: the first of the range that hosts pick from (RFC 6335 §6).
pub const SOURCE_PORT: u16 = 49_152;

/// What is sent, beyond addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// To a port.
    Tcp(u16),
    /// To a port.
    Udp(u16),
    /// A ping, of either family.
    Icmp,
    /// Any other protocol by its IANA number.
    Protocol(u8),
}

impl Traffic {
    /// Reads a protocol as AWS names it, with a port where it has one.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn new(protocol: &str, port: Option<u16>) -> Result<Traffic, String> {
        let port_of = |name: &str| {
            port.ok_or_else(|| format!("{name} goes to a port: write DST:PORT, such as web:443"))
        };
        let without_port = |traffic| match port {
            None => Ok(traffic),
            Some(_) => Err(format!("{protocol} has no ports: leave `:PORT` away")),
        };
        match protocol.to_ascii_lowercase().as_str() {
            "tcp" | "6" => port_of("tcp").map(Traffic::Tcp),
            "udp" | "17" => port_of("udp").map(Traffic::Udp),
            "icmp" | "icmpv6" | "ping" | "1" | "58" => without_port(Traffic::Icmp),
            number => match number.parse() {
                Ok(number) => without_port(Traffic::Protocol(number)),
                Err(_) => Err(format!(
                    "{protocol:?} is no protocol: say tcp, udp, icmp or a number from 0 to 255"
                )),
            },
        }
    }

    /// The destination port.
    pub fn port(self) -> Option<u16> {
        match self {
            Traffic::Tcp(port) | Traffic::Udp(port) => Some(port),
            Traffic::Icmp | Traffic::Protocol(_) => None,
        }
    }

    fn probe(self, source_port: u16) -> Probe {
        match self {
            Traffic::Tcp(destination_port) => Probe::Tcp {
                source_port,
                destination_port,
            },
            Traffic::Udp(destination_port) => Probe::Udp {
                source_port,
                destination_port,
            },
            Traffic::Icmp => Probe::Echo { id: source_port },
            Traffic::Protocol(number) => Probe::Protocol(number),
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Traffic::Tcp(port) => write!(f, "tcp/{port}"),
            Traffic::Udp(port) => write!(f, "udp/{port}"),
            Traffic::Icmp => f.write_str("ping"),
            Traffic::Protocol(number) => write!(f, "protocol {number}"),
        }
    }
}

/// Splits `DST:PORT`; an IPv6 address with a port stands in brackets.
///
/// # Errors
/// A sentence for the user.
pub fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let port = |digits: &str| {
        u16::from_str(digits).map_err(|_| format!("{digits:?} is no port: say 0 to 65535"))
    };
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest
            .split_once(']')
            .ok_or_else(|| format!("{text:?} has no closing bracket"))?;
        return match rest.strip_prefix(':') {
            Some(digits) => Ok((address, Some(port(digits)?))),
            None if rest.is_empty() => Ok((address, None)),
            None => Err(format!("{rest:?} after the bracket is no port")),
        };
    }
    match text.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') => Ok((name, Some(port(digits)?))),
        _ => Ok((text, None)),
    }
}

/// A flow that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who begins.
    pub source: Place,
    /// With whom.
    pub destination: Place,
    /// How.
    pub traffic: Traffic,
    /// From which port (or with which echo identifier).
    pub source_port: u16,
    /// By IPv6, where a name leaves the choice.
    pub ipv6: bool,
}

impl Flow {
    /// The addresses that the flow's question needs a host to be imagined at.
    pub fn imagined(&self) -> Vec<IpAddr> {
        let places = [&self.source, &self.destination];
        let imagined = places.into_iter().filter_map(|place| match place.at {
            At::Imagined(address) => Some(address),
            At::Interface(..) | At::Host(_) | At::Address(_) => None,
        });
        let mut imagined: Vec<IpAddr> = imagined.collect();
        imagined.dedup();
        imagined
    }

    /// What to ask the engine, in a world with these hosts, the imagined ones included.
    ///
    /// # Errors
    /// A sentence for the user: the source cannot send such a packet at all.
    pub fn question(&self, world: &World, hosts: &[Host]) -> Result<Question, String> {
        let host = |number: u16, address: Option<IpAddr>| {
            let host = hosts.get(usize::from(number));
            let addresses = host.map(|host| host.engine.addresses.clone());
            let mut addresses = addresses.unwrap_or_default().into_iter();
            match address {
                Some(address) => Some(address),
                None => addresses.find(|own| own.is_ipv6() == self.wants_ipv6()),
            }
        };
        let number_of = |address: IpAddr| {
            let owns = |host: &Host| host.engine.addresses.contains(&address);
            hosts.iter().position(owns).map(|number| number as u16)
        };
        let ipv6 = self.wants_ipv6();
        let family = if ipv6 { "IPv6" } else { "IPv4" };
        let no_address = |place: &Place| format!("{} has no {family} address", place.label);
        let (from, source) = match self.source.at {
            At::Interface(id, address) => {
                let (_, region, eni) = find_interface(world, id)
                    .ok_or_else(|| format!("{} is gone", self.source.label))?;
                let own = address.filter(|own| own.is_ipv6() == ipv6 && has(eni, *own));
                let public = address.and_then(|public| private_behind(region, eni, public));
                let source = own.or(public).or_else(|| primary(eni, ipv6));
                let source = source.ok_or_else(|| no_address(&self.source))?;
                (PortId::Eni(EniIndex(eni.serial)), source)
            }
            At::Host(number) => {
                let source = host(number, None).ok_or_else(|| no_address(&self.source))?;
                (PortId::Outside(number), source)
            }
            At::Imagined(address) => {
                let number = number_of(address).ok_or_else(|| no_address(&self.source))?;
                (PortId::Outside(number), address)
            }
            At::Address(address) => {
                return Err(format!(
                    "nobody in particular has the address {address}: name the source by its interface or instance"
                ));
            }
        };
        let destination = match self.destination.at {
            At::Interface(id, address) => {
                let (_, region, eni) = find_interface(world, id)
                    .ok_or_else(|| format!("{} is gone", self.destination.label))?;
                let fitting = || self.as_seen(world, region, eni, ipv6);
                address
                    .or_else(fitting)
                    .ok_or_else(|| no_address(&self.destination))?
            }
            At::Host(number) => host(number, None).ok_or_else(|| no_address(&self.destination))?,
            At::Imagined(address) | At::Address(address) => address,
        };
        if source.is_ipv4() != destination.is_ipv4() {
            return Err(format!(
                "{source} and {destination} are of different families"
            ));
        }
        let probe = self.traffic.probe(self.source_port);
        Ok(Question {
            from,
            source,
            destination,
            probe,
        })
    }

    /// An address that was written settles the family.
    fn wants_ipv6(&self) -> bool {
        let places = [&self.source, &self.destination];
        let mut named = places.into_iter().filter_map(|place| match place.at {
            At::Interface(_, Some(address)) => Some(address),
            At::Interface(_, None) | At::Host(_) => None,
            At::Address(address) | At::Imagined(address) => Some(address),
        });
        named.next().map_or(self.ipv6, |address| address.is_ipv6())
    }

    /// The address by which the source would look for an interface: its private one within a VPC and where the source's
    /// routes lead to it by something else than a gateway to the internet; else its public one, if it has one.
    fn as_seen(
        &self,
        world: &World,
        region: &Region,
        eni: &NetworkInterface,
        ipv6: bool,
    ) -> Option<IpAddr> {
        let private = primary(eni, ipv6)?;
        let IpAddr::V4(address) = private else {
            return Some(private);
        };
        let inside = match self.source.at {
            At::Interface(id, _) => {
                let source = find_interface(world, id);
                source.is_some_and(|(_, home, source)| {
                    source.vpc == eni.vpc || has_private_way(home, source, private)
                })
            }
            At::Host(_) | At::Address(_) | At::Imagined(_) => false,
        };
        match public_of(region, eni, address) {
            Some(public) if !inside => Some(public.into()),
            Some(_) | None => Some(private),
        }
    }
}

/// Whether the source's route table knows a way to the address that is not one to the internet.
fn has_private_way(region: &Region, source: &NetworkInterface, address: IpAddr) -> bool {
    let subnet = region.subnets.get(&source.subnet);
    let table = subnet.and_then(|subnet| region.route_table_of(subnet));
    let Some(table) = table else {
        return false;
    };
    table.routes.iter().any(|route| {
        let blocks = match route.destination {
            RouteDestination::PrefixList(id) => region.prefix_list_cidrs(id),
            RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => {
                route.destination.network().into_iter().collect()
            }
        };
        matches!(
            route.target,
            RouteTarget::VpcPeeringConnection(_) | RouteTarget::NetworkInterface(_)
        ) && blocks.iter().any(|block| block.contains(&address))
    })
}

fn has(eni: &NetworkInterface, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => eni.private_ips.contains(&address),
        IpAddr::V6(address) => eni.ipv6_addresses.contains(&address),
    }
}

fn private_behind(region: &Region, eni: &NetworkInterface, public: IpAddr) -> Option<IpAddr> {
    let IpAddr::V4(public) = public else {
        return None;
    };
    let mut own = eni.private_ips.iter();
    let private = own.find(|private| public_of(region, eni, **private) == Some(public))?;
    Some(IpAddr::V4(*private))
}

fn primary(eni: &NetworkInterface, ipv6: bool) -> Option<IpAddr> {
    match ipv6 {
        false => eni.private_ips.first().map(|own| IpAddr::V4(*own)),
        true => eni.ipv6_addresses.first().map(|own| IpAddr::V6(*own)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_may_bear_a_port() {
        for (text, name, port) in [
            ("web:443", "web", Some(443)),
            ("web", "web", None),
            ("10.0.1.5:22", "10.0.1.5", Some(22)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]:53", "2001:db8::1", Some(53)),
            ("[2001:db8::1]", "2001:db8::1", None),
        ] {
            assert_eq!(split_port(text), Ok((name, port)), "{text}");
        }
        for text in [
            "web:",
            "web:65536",
            "web:ssh",
            "[2001:db8::1",
            "[2001:db8::1]53",
        ] {
            assert!(split_port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ports_are_asked_of_protocols_that_have_them() {
        assert_eq!(Traffic::new("tcp", Some(80)), Ok(Traffic::Tcp(80)));
        assert_eq!(Traffic::new("17", Some(53)), Ok(Traffic::Udp(53)));
        assert_eq!(Traffic::new("icmp", None), Ok(Traffic::Icmp));
        assert_eq!(Traffic::new("47", None), Ok(Traffic::Protocol(47)));
        for (protocol, port) in [("tcp", None), ("icmp", Some(1)), ("300", None), ("x", None)] {
            assert!(Traffic::new(protocol, port).is_err(), "{protocol}");
        }
    }
}
