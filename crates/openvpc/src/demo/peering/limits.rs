//! What a connection never leads to: the peer's own peers and gateways.

use super::life::{remove_route, route};
use super::records::Expected;
use super::topology::LOGS;
use super::{IN, PEERED, TCP, Tour, echoes, flow};

/// Traffic path of a gateway endpoint.
const BY_ENDPOINT: (&str, &str) = ("egress", "7");
const WEB: &str = "198.51.100.80";
/// S3's addresses in the region, and the one that its names lead to.
const S3_BLOCK: &str = "198.18.10.0/24";
const S3: &str = "198.18.10.10";

pub fn transit(tour: &mut Tour, ab: &str, bc: &str) -> Result<(), String> {
    let (a, c) = (&tour.topology.a, &tour.topology.c);
    tour.stage
        .step("5. A and C route to each other through B: peering is not transitive");
    route(tour.stage, &a.table, "10.2.0.0/16", ab)?;
    route(tour.stage, &c.table, "10.0.0.0/16", bc)?;
    tour.ping(a, &c.address, 0)?;
    tour.records(&[echoes(a, &c.address, PEERED, "ACCEPT")])
}

pub fn gateways_of_the_peer(tour: &mut Tour, ab: &str) -> Result<(), String> {
    let a = &tour.topology.a;
    tour.stage
        .step("6. A sends everything to B: B's internet gateway and NAT gateway are B's alone");
    route(tour.stage, &a.table, "0.0.0.0/0", ab)?;
    let page = format!("http://{WEB}/");
    let ran = tour
        .stage
        .exec(&a.instance, &["curl", "-s", "-m", "1", &page])?;
    tour.stage.expect("no page", &(ran.status == 0), &false);
    let to_web = flow(a, WEB, PEERED, TCP, (None, Some(80)), "ACCEPT");
    tour.records(&[to_web])?;
    remove_route(tour.stage, &a.table, "0.0.0.0/0")
}

pub fn gateway_endpoint_of_the_peer(tour: &mut Tour, ab: &str) -> Result<(), String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage
        .step("7. A sends what is for S3 to B: B's gateway endpoint is B's alone");
    tour.connects(b, S3, "443", true)?;
    let asked = |at, way| flow(at, S3, way, TCP, (None, Some(443)), "ACCEPT");
    tour.records(&[asked(b, BY_ENDPOINT), asked(b, IN)])?;
    route(tour.stage, &a.table, S3_BLOCK, ab)?;
    tour.connects(a, S3, "443", false)?;
    tour.records(&[asked(a, PEERED)])?;
    remove_route(tour.stage, &a.table, S3_BLOCK)
}

/// Its network interface has an address of B's, as any host.
pub fn interface_endpoint_of_the_peer(tour: &mut Tour) -> Result<(), String> {
    let (a, logs) = (&tour.topology.a, &tour.topology.logs);
    tour.stage
        .step("8. B's interface endpoint is within reach: it has an address of B's");
    tour.connects(a, LOGS, "443", true)?;
    let client = |way| flow(a, LOGS, way, TCP, (None, Some(443)), "ACCEPT");
    let server = |way: (&'static str, &'static str)| {
        let ends = match way.0 {
            "egress" => (LOGS, &*a.address, Some(443), None),
            _ => (&*a.address, LOGS, None, Some(443)),
        };
        Expected {
            protocol: TCP,
            src_port: ends.2,
            dst_port: ends.3,
            count: None,
            way: Some(way),
            ..Expected::ping(logs, ends.0, ends.1, "ACCEPT")
        }
    };
    tour.records(&[client(PEERED), client(IN), server(IN), server(PEERED)])
}
