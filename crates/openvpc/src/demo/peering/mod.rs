//! VPC peering: three VPCs, two connections, and everything that a connection does not lead to (AWS: VPC peering guide).
//! The numbers of the steps are those of acceptance scenario 5.
//!
//! A and B are peered, B and C are peered. B has an internet gateway, a NAT gateway and a gateway endpoint,
//! which A can route to and never use. Security groups are open unless a step says otherwise.

mod life;
mod limits;
mod names;
mod rules;
mod topology;

use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::{Background, Stage};
use topology::{End, Topology};

const GROUP: &str = "fl";
const NC: &str = "/run/openvpc/bin/nc";
/// Traffic path of a connection within a region.
const PEERED: (&str, &str) = ("egress", "4");
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
    let ab = life::request_and_accept(tour)?;
    life::half_a_route(tour, &ab)?;
    let bc = life::a_second_connection(tour)?;
    limits::transit(tour, &ab, &bc)?;
    limits::gateways_of_the_peer(tour, &ab)?;
    limits::gateway_endpoint_of_the_peer(tour, &ab)?;
    limits::interface_endpoint_of_the_peer(tour)?;
    rules::group_of_the_peer(tour)?;
    rules::network_acl(tour)?;
    names::public_name(tour, &ab)?;
    names::resolver_of_the_peer(tour)?;
    life::refusals(tour)?;
    life::delete(tour, &ab)
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

    fn ping(&mut self, from: &End, to: &str, replies: usize) -> Result<(), String> {
        let command = ["ping", "-c", "4", "-i", "0.1", "-W", "1", to];
        let ran = self.stage.exec(&from.instance, &command)?;
        let heard = ran.stdout.matches("bytes from").count();
        self.stage
            .expect(&format!("{replies} replies"), &heard, &replies);
        Ok(())
    }

    /// Whether a TCP connection comes about within a second.
    fn connects(&mut self, from: &End, to: &str, port: &str, wanted: bool) -> Result<(), String> {
        let command = [NC, "-z", "-w", "1", to, port];
        let ran = self.stage.exec(&from.instance, &command)?;
        let what = if wanted { "connects" } else { "no answer" };
        self.stage.expect(what, &(ran.status == 0), &wanted);
        Ok(())
    }

    /// Something that answers on a TCP port for as long as it lives.
    fn server(&mut self, at: &End, port: &str) -> Result<Background, String> {
        let server = self
            .stage
            .background(&at.instance, &[NC, "-l", "-k", port])?;
        for _ in 0..80 {
            let probe = [NC, "-z", "-w", "1", "127.0.0.1", port];
            if self.stage.probe(&at.instance, &probe)?.status == 0 {
                return Ok(server);
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        Err(format!("{} does not listen on port {port}", at.instance))
    }
}

/// The record of four echoes, one way, at one of the two hosts.
fn echoes(
    at: &End,
    other: &str,
    way: (&'static str, &'static str),
    action: &'static str,
) -> Expected {
    let (src, dst) = match way.0 {
        "egress" => (&*at.address, other),
        _ => (other, &*at.address),
    };
    Expected {
        way: Some(way),
        tcp_flags: Some(0),
        ..Expected::ping(&at.eni, src, dst, action)
    }
}

/// The record of a flow with these ports, where they are known: the host's and the other side's.
fn flow(
    at: &End,
    other: &str,
    way: (&'static str, &'static str),
    protocol: u8,
    (near, far): (Option<u16>, Option<u16>),
    action: &'static str,
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
        tcp_flags: None,
        ..echoes(at, other, way, action)
    }
}

/// Four echoes and their replies between two hosts, at both of them.
fn conversation(near: &End, far: &End) -> Vec<Expected> {
    let both = [(near, &far.address), (far, &near.address)];
    let records = both.map(|(at, other)| {
        [
            echoes(at, other, PEERED, "ACCEPT"),
            echoes(at, other, IN, "ACCEPT"),
        ]
    });
    records.into_iter().flatten().collect()
}
