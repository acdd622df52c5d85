//! The gateway as a resource: deleted, replaced, refused.

use super::topology::{egress_only, egress_only_gateway};
use super::{IN, INTERNET, NOWHERE, Tour, WEB, echoes};

/// Answers the gateway that took the deleted one's place.
pub fn deleted(tour: &mut Tour) -> Result<String, String> {
    let topology = tour.topology;
    let (vpc, gateway, table, p) = (
        &topology.vpc,
        &topology.gateway,
        &topology.table,
        &topology.p,
    );
    tour.stage
        .step("11. The gateway is deleted: the route is a blackhole, p's packets end there");
    tour.stage.ec2(
        &format!("delete-egress-only-internet-gateway --egress-only-internet-gateway-id {gateway}"),
        "DeleteEgressOnlyInternetGateway",
        &[("EgressOnlyInternetGatewayId", gateway)],
    )?;
    route_is(tour, "blackhole")?;
    tour.ping(p, WEB, 0)?;
    tour.records(&[echoes(p, WEB, NOWHERE, "ACCEPT")])?;

    tour.stage
        .step("A new gateway does not revive the route; replacing it does");
    let new = egress_only_gateway(tour.stage, vpc)?;
    route_is(tour, "blackhole")?;
    let (option, parameter, target) = egress_only(&new);
    tour.stage.ec2(
        &format!("replace-route --route-table-id {table} --destination-ipv6-cidr-block ::/0 --{option} {target}"),
        "ReplaceRoute",
        &[
            ("RouteTableId", table),
            ("DestinationIpv6CidrBlock", "::/0"),
            (parameter, target),
        ],
    )?;
    route_is(tour, "active")?;
    tour.ping(p, WEB, 4)?;
    tour.records(&[
        echoes(p, WEB, INTERNET, "ACCEPT"),
        echoes(p, WEB, IN, "ACCEPT"),
    ])?;
    Ok(new)
}

/// Checks the state of `::/0` in `p`'s route table.
fn route_is(tour: &mut Tour, wanted: &str) -> Result<(), String> {
    let table = &tour.topology.table;
    let described = tour.stage.ec2(
        &format!("describe-route-tables --route-table-ids {table}"),
        "DescribeRouteTables",
        &[("RouteTableId.1", table)],
    )?;
    let states: Vec<String> = described
        .items("routeSet")
        .iter()
        .filter(|route| route.text("destinationIpv6CidrBlock") == "::/0")
        .map(|route| route.text("state"))
        .collect();
    let what = format!("the route is {wanted}");
    tour.stage.expect(&what, &states, &vec![wanted.to_owned()]);
    Ok(())
}

pub fn refusals(tour: &mut Tour, gateway: &str) {
    let topology = tour.topology;
    let (vpc, table) = (&*topology.vpc, &*topology.table);
    tour.stage
        .step("12. What is refused: a second one, IPv4 to it, a VPC deleted under it");
    tour.stage.ec2_refused(
        &format!("create-egress-only-internet-gateway --vpc-id {vpc}"),
        "CreateEgressOnlyInternetGateway",
        &[("VpcId", vpc)],
        "InvalidParameterValue",
    );
    let (option, parameter, target) = egress_only(gateway);
    tour.stage.ec2_refused(
        &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --{option} {target}"),
        "CreateRoute",
        &[
            ("RouteTableId", table),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            (parameter, target),
        ],
        "InvalidParameterValue",
    );
    tour.stage.ec2_refused(
        &format!("delete-vpc --vpc-id {vpc}"),
        "DeleteVpc",
        &[("VpcId", vpc)],
        "DependencyViolation",
    );
}
