//! From request to deletion, and the routes that follow.

use super::{Expected, NOWHERE, Tour, conversation, echoes};
use super::{IN, PEERED};
use crate::demo::stage::Stage;

const B: &str = "10.1.0.0/16";

pub fn request_and_accept(tour: &mut Tour) -> Result<String, String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage.step(
        "1. A asks for a connection to B, and routes to it at once: until B accepts, a blackhole",
    );
    let ab = request(tour.stage, &a.vpc, &b.vpc)?;
    expect_status(tour.stage, &ab, "pending-acceptance")?;
    route(tour.stage, &a.table, B, &ab)?;
    expect_route(tour.stage, &a.table, B, "blackhole")?;
    tour.ping(a, &b.address, 0)?;
    tour.records(&[echoes(a, &b.address, NOWHERE, "ACCEPT")])?;

    tour.stage
        .step("2. B accepts, and routes back: A's route is active without having been touched");
    accept(tour.stage, &ab)?;
    expect_status(tour.stage, &ab, "active")?;
    route(tour.stage, &b.table, "10.0.0.0/16", &ab)?;
    expect_route(tour.stage, &a.table, B, "active")?;
    expect_route(tour.stage, &b.table, "10.0.0.0/16", "active")?;
    tour.ping(a, &b.address, 4)?;
    tour.records(&conversation(a, b))?;
    Ok(ab)
}

pub fn half_a_route(tour: &mut Tour, ab: &str) -> Result<(), String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage
        .step("3. Without B's route, requests arrive and replies do not");
    remove_route(tour.stage, &b.table, "10.0.0.0/16")?;
    tour.ping(a, &b.address, 0)?;
    tour.records(&[
        echoes(a, &b.address, PEERED, "ACCEPT"),
        echoes(b, &a.address, IN, "ACCEPT"),
        echoes(b, &a.address, NOWHERE, "ACCEPT"),
    ])?;
    route(tour.stage, &b.table, "10.0.0.0/16", ab)
}

pub fn a_second_connection(tour: &mut Tour) -> Result<String, String> {
    let (b, c) = (&tour.topology.b, &tour.topology.c);
    tour.stage.step("4. B and C likewise");
    let bc = request(tour.stage, &b.vpc, &c.vpc)?;
    accept(tour.stage, &bc)?;
    route(tour.stage, &b.table, "10.2.0.0/16", &bc)?;
    route(tour.stage, &c.table, B, &bc)?;
    tour.ping(b, &c.address, 4)?;
    tour.records(&conversation(b, c))?;
    Ok(bc)
}

pub fn refusals(tour: &mut Tour) -> Result<(), String> {
    let topology = tour.topology;
    tour.stage
        .step("13. A request to a VPC that overlaps is taken, and fails; a second connection to B is refused");
    let ad = request(tour.stage, &topology.a.vpc, &topology.d)?;
    let seen = describe(tour.stage, &ad)?;
    let wanted = (
        "failed".to_owned(),
        "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
    );
    tour.stage.expect("failed", &seen, &wanted);
    let (near, far) = (&topology.a.vpc, &topology.b.vpc);
    tour.stage.ec2_refused(
        &format!("create-vpc-peering-connection --vpc-id {near} --peer-vpc-id {far}"),
        "CreateVpcPeeringConnection",
        &[("VpcId", near), ("PeerVpcId", far)],
        "VpcPeeringConnectionAlreadyExists",
    );
    Ok(())
}

pub fn delete(tour: &mut Tour, ab: &str) -> Result<(), String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage.step(
        "14. The connection is deleted: routes are blackholes, the rule about A's group is stale",
    );
    tour.stage.ec2(
        &format!("delete-vpc-peering-connection --vpc-peering-connection-id {ab}"),
        "DeleteVpcPeeringConnection",
        &[("VpcPeeringConnectionId", ab)],
    )?;
    expect_route(tour.stage, &a.table, B, "blackhole")?;
    expect_route(tour.stage, &b.table, "10.0.0.0/16", "blackhole")?;
    expect_stale(tour.stage, &b.vpc, 1)?;
    tour.ping(a, &b.address, 0)?;
    tour.records(&[echoes(a, &b.address, NOWHERE, "ACCEPT")])?;
    tour.stage
        .say("A new connection of the same two VPCs revives the rule:");
    let again = request(tour.stage, &a.vpc, &b.vpc)?;
    accept(tour.stage, &again)?;
    expect_stale(tour.stage, &b.vpc, 0)?;
    tour.records(&[] as &[Expected])
}

pub fn request(stage: &mut Stage, near: &str, far: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-vpc-peering-connection --vpc-id {near} --peer-vpc-id {far}"),
        "CreateVpcPeeringConnection",
        &[("VpcId", near), ("PeerVpcId", far)],
    )?;
    Ok(made.text("vpcPeeringConnectionId"))
}

pub fn accept(stage: &mut Stage, peering: &str) -> Result<(), String> {
    stage
        .ec2(
            &format!("accept-vpc-peering-connection --vpc-peering-connection-id {peering}"),
            "AcceptVpcPeeringConnection",
            &[("VpcPeeringConnectionId", peering)],
        )
        .map(drop)
}

/// Status code and message.
fn describe(stage: &mut Stage, peering: &str) -> Result<(String, String), String> {
    let seen = stage.ec2(
        &format!("describe-vpc-peering-connections --vpc-peering-connection-ids {peering}"),
        "DescribeVpcPeeringConnections",
        &[("VpcPeeringConnectionId.1", peering)],
    )?;
    let status = seen.find("status").cloned().unwrap_or_default();
    Ok((status.text("code"), status.text("message")))
}

fn expect_status(stage: &mut Stage, peering: &str, wanted: &str) -> Result<(), String> {
    let (code, _) = describe(stage, peering)?;
    stage.expect(wanted, &&*code, &wanted);
    Ok(())
}

pub fn route(
    stage: &mut Stage,
    table: &str,
    destination: &str,
    peering: &str,
) -> Result<(), String> {
    stage
        .ec2(
            &format!("create-route --route-table-id {table} --destination-cidr-block {destination} --vpc-peering-connection-id {peering}"),
            "CreateRoute",
            &[
                ("RouteTableId", table),
                ("DestinationCidrBlock", destination),
                ("VpcPeeringConnectionId", peering),
            ],
        )
        .map(drop)
}

pub fn remove_route(stage: &mut Stage, table: &str, destination: &str) -> Result<(), String> {
    stage
        .ec2(
            &format!(
                "delete-route --route-table-id {table} --destination-cidr-block {destination}"
            ),
            "DeleteRoute",
            &[
                ("RouteTableId", table),
                ("DestinationCidrBlock", destination),
            ],
        )
        .map(drop)
}

fn expect_route(
    stage: &mut Stage,
    table: &str,
    destination: &str,
    wanted: &str,
) -> Result<(), String> {
    let seen = stage.ec2(
        &format!("describe-route-tables --route-table-ids {table}"),
        "DescribeRouteTables",
        &[("RouteTableId.1", table)],
    )?;
    let mut routes = seen.items("routeSet").iter();
    let route = routes.find(|route| route.text("destinationCidrBlock") == destination);
    let state = route.map(|route| route.text("state"));
    let what = format!("the route to {destination} is {wanted}");
    stage.expect(&what, &state.as_deref(), &Some(wanted));
    Ok(())
}

fn expect_stale(stage: &mut Stage, vpc: &str, wanted: usize) -> Result<(), String> {
    let seen = stage.ec2(
        &format!("describe-stale-security-groups --vpc-id {vpc}"),
        "DescribeStaleSecurityGroups",
        &[("VpcId", vpc)],
    )?;
    let stale = seen.items("staleSecurityGroupSet").len();
    stage.expect(&format!("{wanted} stale groups"), &stale, &wanted);
    Ok(())
}
