//! What a connection never leads to: the peer's own peers and gateways.

use super::life::{remove_route, route};
use super::{PEERED, TCP, Tour, echoes, flow};

const WEB: &str = "198.51.100.80";

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
