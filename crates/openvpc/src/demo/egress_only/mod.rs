//! Egress-only internet gateway: IPv6 out and answers back, nothing that begins outside (AWS: VPC
//! user guide, "Enable outbound IPv6 traffic using an egress-only internet gateway"). The numbers of
//! the steps are those of acceptance scenario 2.
//!
//! Two hosts in one VPC, alike in all but their subnet's `::/0`: `p` by the egress-only gateway, `q`
//! by the internet gateway. Security group and network ACL are open, so that only the gateways differ.

mod gateway;
mod inward;
mod outward;
mod topology;

use std::time::Duration;

use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::Stage;
use topology::{Host, Topology};

const BOB: &str = "2001:db8:ffff::12";
const WEB: &str = "2001:db8:ffff::80";
const GROUP: &str = "fl";
const NC: &str = "/run/openvpc/bin/nc";
/// Sends packets that no well-behaved kernel would.
const PACKET: &str = "openvpc-packet";
/// Traffic path of both gateways to the internet.
const INTERNET: (&str, &str) = ("egress", "8");
const IN: (&str, &str) = ("ingress", "-");
/// A packet that no route takes along has no path.
const NOWHERE: (&str, &str) = ("egress", "-");
const TCP: u8 = 6;
const UDP: u8 = 17;

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    let topology = topology::build(stage)?;
    let mut reader = Reader::with_format(GROUP, LONG_FORMAT);
    reader.fresh(stage)?;
    let tour = &mut Tour {
        stage,
        reader,
        topology: &topology,
    };
    outward::ping(tour)?;
    outward::page(tour)?;
    inward::knocks(tour)?;
    inward::strays(tour)?;
    inward::beside_an_open_connection(tour)?;
    outward::datagram(tour)?;
    inward::by_the_internet_gateway(tour)?;
    outward::ipv4(tour)?;
    outward::network_acl(tour)?;
    outward::security_group(tour)?;
    let gateway = gateway::deleted(tour)?;
    gateway::refusals(tour, &gateway);
    Ok(())
}

struct Tour<'a> {
    stage: &'a mut Stage,
    reader: Reader,
    topology: &'a Topology,
}

impl Tour<'_> {
    fn records(&mut self, expected: &[Expected]) -> Result<(), String> {
        records::check(self.stage, &mut self.reader, expected)
    }

    fn ping(&mut self, from: &Host, to: &str, replies: usize) -> Result<(), String> {
        let command = ["ping", "-c", "4", "-i", "0.1", "-W", "1", to];
        let ran = self.stage.exec(&from.instance, &command)?;
        let what = format!("{replies} replies");
        let heard = ran.stdout.matches("bytes from").count();
        self.stage.expect(&what, &heard, &replies);
        Ok(())
    }

    /// An outside host sends what it likes; that it was sent is all it learns.
    fn outside(&mut self, host: &str, command: &[&str]) -> Result<(), String> {
        let ran = self.stage.outside(host, command)?;
        if ran.status == 0 {
            return Ok(());
        }
        Err(format!("{host}: {} did not run", command.join(" ")))
    }

    /// Waits until a program's socket is in the kernel's table (`tcp6` or `udp6`): until a line of it holds `mark`.
    fn wait_for_socket(
        &mut self,
        place: Place<'_>,
        table: &str,
        mark: &str,
    ) -> Result<String, String> {
        let path = format!("/proc/net/{table}");
        for _ in 0..80 {
            let ran = match place {
                Place::Instance(id) => self.stage.probe(id, &["cat", &path])?,
                Place::Outside(host) => self.stage.probe_outside(host, &["cat", &path])?,
            };
            if let Some(line) = ran.stdout.lines().find(|line| line.contains(mark)) {
                return Ok(line.to_owned());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Err(format!("no socket {mark:?} in {table}"))
    }
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Instance(&'a str),
    Outside(&'a str),
}

/// A record of four ICMPv6 echoes of 104 bytes, one way.
fn echoes(
    host: &Host,
    other: &str,
    way: (&'static str, &'static str),
    action: &'static str,
) -> Expected {
    let (src, dst) = match way.0 {
        "egress" => (&*host.address, other),
        _ => (other, &*host.address),
    };
    Expected {
        protocol: 58,
        count: Some((4, 416)),
        way: Some(way),
        tcp_flags: Some(0),
        ..Expected::ping(&host.eni, src, dst, action)
    }
}

/// A record of a TCP or UDP flow with these ports: at the host and at the other side.
fn flow(
    host: &Host,
    other: &str,
    way: (&'static str, &'static str),
    protocol: u8,
    (near, far): (Option<u16>, Option<u16>),
) -> Expected {
    let (src_port, dst_port) = match way.0 {
        "egress" => (near, far),
        _ => (far, near),
    };
    Expected {
        protocol,
        src_port,
        dst_port,
        count: None,
        ..echoes(host, other, way, "ACCEPT")
    }
}

fn with_flags(record: Expected, flags: u8) -> Expected {
    Expected {
        tcp_flags: Some(flags),
        ..record
    }
}
