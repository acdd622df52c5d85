//! A flow-log record as a question: would this flow fare today as the record says that it did?

use std::net::IpAddr;

use openvpc_model::{NetworkInterfaceId, VpcId, World};

use crate::flow::{Flow, Traffic};
use crate::place::{At, Place, of_address, public_of};
use crate::scene::{Host, find_interface};

/// The fields of a record in the default format that a question needs.
struct Record {
    interface: NetworkInterfaceId,
    source: IpAddr,
    destination: IpAddr,
    ports: (u16, u16),
    protocol: u8,
    action: String,
}

/// The first port that only clients choose on most hosts.
const EPHEMERAL: u16 = 32_768;

/// Reads a record of version 2 in the default format: the flow, and what the record has to say about it. One from a
/// service's port to a client's is an answer; it is the flow that it answers that is asked about.
///
/// # Errors
/// A sentence for the user: another format, no traffic, an interface that is gone.
pub fn flow(world: &World, hosts: &[Host], line: &str) -> Result<(Flow, Vec<String>), String> {
    let record = parse(line)?;
    let (_, region, eni) = find_interface(world, record.interface)
        .ok_or_else(|| format!("{} is gone, or was never here", record.interface))?;
    let mut notes = vec![format!("The record says {}.", record.action)];
    let has_ports = matches!(record.protocol, 6 | 17);
    let answers = has_ports && record.ports.0 < EPHEMERAL && record.ports.1 >= EPHEMERAL;
    let (from, to, ports) = match answers {
        false => (record.source, record.destination, record.ports),
        true => {
            notes.push("It is of an answer; asked is what it answers.".to_owned());
            let (server, client) = record.ports;
            (record.destination, record.source, (client, server))
        }
    };
    let is_own = |address: IpAddr| match address {
        IpAddr::V4(address) => eni.private_ips.contains(&address),
        IpAddr::V6(address) => eni.ipv6_addresses.contains(&address),
    };
    let own = |address: IpAddr| Place {
        label: address.to_string(),
        at: At::Interface(eni.id, Some(address)),
    };
    let (source, destination) = match (is_own(from), is_own(to)) {
        (true, _) => (own(from), other(world, hosts, eni.vpc, to)),
        (false, true) => {
            let source = other(world, hosts, eni.vpc, from);
            let from_outside = matches!(source.at, At::Host(_) | At::Imagined(_));
            // From outside it is the public address that stands for the interface's.
            let public = match to {
                IpAddr::V4(private) if from_outside => public_of(region, eni, private),
                IpAddr::V4(_) | IpAddr::V6(_) => None,
            };
            (source, own(public.map_or(to, IpAddr::V4)))
        }
        (false, false) => {
            return Err(format!(
                "neither {from} nor {to} is an address of {} now",
                record.interface
            ));
        }
    };
    let traffic = match record.protocol {
        6 => Traffic::Tcp(ports.1),
        17 => Traffic::Udp(ports.1),
        1 | 58 => Traffic::Icmp,
        number => Traffic::Protocol(number),
    };
    let flow = Flow {
        ipv6: from.is_ipv6(),
        source,
        destination,
        traffic,
        source_port: ports.0,
    };
    Ok((flow, notes))
}

/// The other end: an interface of the same VPC, or whoever has the address.
fn other(world: &World, hosts: &[Host], vpc: VpcId, address: IpAddr) -> Place {
    let regions = world.regions.values();
    let mut all = regions.flat_map(|region| region.network_interfaces.values());
    let owner = all.find(|eni| {
        let has = match address {
            IpAddr::V4(address) => eni.private_ips.contains(&address),
            IpAddr::V6(address) => eni.ipv6_addresses.contains(&address),
        };
        has && eni.vpc == vpc
    });
    Place {
        label: address.to_string(),
        at: match owner {
            Some(eni) => At::Interface(eni.id, Some(address)),
            None => of_address(world, hosts, address),
        },
    }
}

fn parse(line: &str) -> Result<Record, String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [
        "2",
        _account,
        interface,
        source,
        destination,
        source_port,
        destination_port,
        protocol,
        _packets,
        _bytes,
        _start,
        _end,
        action,
        _status,
    ] = fields.as_slice()
    else {
        return Err(
            "this is no record of the default format: \
             2 ACCOUNT ENI SRCADDR DSTADDR SRCPORT DSTPORT PROTOCOL PACKETS BYTES START END ACTION STATUS"
                .to_owned(),
        );
    };
    if *source == "-" {
        return Err("the record tells of no traffic".to_owned());
    }
    let wrong = |name: &str, text: &str| format!("{text:?} is no {name}");
    let number = |name: &str, text: &str| text.parse::<u16>().map_err(|_| wrong(name, text));
    Ok(Record {
        interface: interface
            .parse()
            .map_err(|_| wrong("network interface", interface))?,
        source: source.parse().map_err(|_| wrong("address", source))?,
        destination: destination
            .parse()
            .map_err(|_| wrong("address", destination))?,
        ports: (
            number("port", source_port)?,
            number("port", destination_port)?,
        ),
        protocol: protocol.parse().map_err(|_| wrong("protocol", protocol))?,
        action: (*action).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_tell_of_no_flow_are_refused() {
        for line in [
            "",
            "version account-id interface-id",
            "2 123456789012 eni-00000000000000001 - - - - - - - 1 2 - NODATA",
            "2 123456789012 eni-00000000000000001 10.0.0.1 x 1 2 6 1 40 1 2 ACCEPT OK",
            "2 123456789012 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 1 2 ACCEPT OK",
            "2 123456789012 eni-00000000000000001 10.0.0.1 10.0.0.2 1 99999 6 1 40 1 2 ACCEPT OK",
        ] {
            assert!(flow(&World::default(), &[], line).is_err(), "{line}");
        }
    }
}
