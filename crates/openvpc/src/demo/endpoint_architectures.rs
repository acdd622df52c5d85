//! One program, one service, three VPCs side by side: no endpoint, an endpoint, an endpoint with private DNS (AWS PrivateLink
//! guide, "Access AWS services through AWS PrivateLink"). Who resolves what, which way packets go, and who needs a public
//! address for it. The program is the same in all three: it asks Logs by the service's own name.
//!
//! All three VPCs have the same addresses, and so have their hosts: nothing here depends on them.

use super::interface_endpoint::topology::*;
use super::records::{Fresh, LATE_WINDOWS_MAX, LONG_FORMAT, Reader};
use super::stage::Stage;
use super::topology::{default_route, elastic_ip, internet_gateway};

const LOGS: &str = "logs.us-east-1.amazonaws.com";
const PUBLIC: &str = "198.18.30.10";
const SERVICE: &str = "com.amazonaws.us-east-1.logs";
const HOST: &str = "10.0.1.10";

/// One architecture, as it was built and as it was found.
struct Architecture {
    name: &'static str,
    vpc: String,
    subnet: String,
    host: Host,
    /// The endpoint's own name, if there is an endpoint.
    endpoint: Option<String>,
    has_public_address: bool,
    reader: Reader,
    found: Option<Found>,
}

#[derive(Default)]
struct Found {
    address: String,
    by_service: String,
    by_endpoint: String,
    path: String,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    stage.step("A VPC without an endpoint: an internet gateway, and a public address for the host");
    let mut first = build(stage, "no endpoint", "one")?;
    let gateway = internet_gateway(stage, &first.vpc)?;
    let table = main_table(stage, &first.vpc)?;
    default_route(
        stage,
        &table,
        "0.0.0.0/0",
        ("gateway-id", "GatewayId", &gateway),
    )?;
    let bare = asks(stage, &first, LOGS)?;
    stage.expect(
        "no answer without a public address",
        &bare.as_str(),
        &"no answer",
    );
    public_address(stage, &mut first)?;

    stage.step("A VPC with an endpoint, and no way to the internet");
    let mut second = build(stage, "endpoint", "two")?;
    endpoint(stage, &mut second, false)?;

    stage.step("A VPC with an endpoint and private DNS, and no way to the internet");
    let mut third = build(stage, "endpoint, private DNS", "three")?;
    endpoint(stage, &mut third, true)?;
    settle(stage)?;

    let mut all = [first, second, third];
    for at in &mut all {
        stage.step(&format!("{}: the host asks Logs", at.name));
        // What was tried before is told before.
        at.reader.fresh(stage)?;
        find(stage, at)?;
    }
    judge(stage, &all)?;
    table_of(stage, &all);
    Ok(())
}

fn build(stage: &mut Stage, name: &'static str, log_group: &str) -> Result<Architecture, String> {
    let vpc = vpc(stage, "10.0.0.0/16")?;
    let subnet = subnet(stage, &vpc, "10.0.1.0/24", "us-east-1a")?;
    let group = group(stage, &vpc, "app", &["10.0.0.0/16"])?;
    let host = host(stage, &subnet, &group, HOST)?;
    let made = stage.client.logs(
        "CreateLogGroup",
        &serde_json::json!({"logGroupName": log_group}),
    );
    made.map_err(|refusal| refusal.to_string())?;
    flow_logs(stage, &vpc, log_group)?;
    Ok(Architecture {
        name,
        vpc,
        subnet,
        host,
        endpoint: None,
        has_public_address: false,
        reader: Reader::with_format(log_group, LONG_FORMAT),
        found: None,
    })
}

fn public_address(stage: &mut Stage, at: &mut Architecture) -> Result<(), String> {
    let (allocation, address) = elastic_ip(stage)?;
    let instance = &at.host.instance;
    stage.ec2(
        &format!("associate-address --allocation-id {allocation} --instance-id {instance}"),
        "AssociateAddress",
        &[("AllocationId", &allocation), ("InstanceId", instance)],
    )?;
    stage.say(&format!("The host's public address: {address}"));
    at.has_public_address = true;
    Ok(())
}

fn endpoint(stage: &mut Stage, at: &mut Architecture, private_dns: bool) -> Result<(), String> {
    let option = if private_dns { "" } else { "no-" };
    let group = stage.ec2(
        &format!(
            "describe-security-groups --filters Name=vpc-id,Values={} Name=group-name,Values=app",
            at.vpc
        ),
        "DescribeSecurityGroups",
        &[
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", &at.vpc),
            ("Filter.2.Name", "group-name"),
            ("Filter.2.Value.1", "app"),
        ],
    )?;
    let group = group.text("groupId");
    let made = stage.ec2(
        &format!("create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {SERVICE} --subnet-ids {} --security-group-ids {group} --{option}private-dns-enabled", at.vpc, at.subnet),
        "CreateVpcEndpoint",
        &[
            ("VpcEndpointType", "Interface"),
            ("VpcId", &at.vpc),
            ("ServiceName", SERVICE),
            ("SubnetId.1", &at.subnet),
            ("SecurityGroupId.1", &group),
            ("PrivateDnsEnabled", if private_dns { "true" } else { "false" }),
        ],
    )?;
    at.endpoint = Some(made.text("dnsName"));
    Ok(())
}

fn asks(stage: &mut Stage, at: &Architecture, name: &str) -> Result<String, String> {
    ask(stage, &at.host.instance, name, "one")
}

fn find(stage: &mut Stage, at: &mut Architecture) -> Result<(), String> {
    let addresses = resolve(stage, &at.host, LOGS)?;
    let by_service = asks(stage, at, LOGS)?;
    let mut path = None;
    for _ in 0..=LATE_WINDOWS_MAX {
        let fresh = at.reader.fresh(stage)?;
        path = way_out(&fresh, &at.host.eni);
        if path.is_some() {
            break;
        }
    }
    let by_endpoint = match at.endpoint.clone() {
        Some(name) => asks(stage, at, &name)?,
        None => "-".to_owned(),
    };
    at.found = Some(Found {
        address: addresses.join(" "),
        by_service,
        by_endpoint,
        path: path.unwrap_or_default(),
    });
    Ok(())
}

/// By which way the first flow leaves that an interface has sent.
fn way_out(fresh: &Fresh, eni: &str) -> Option<String> {
    let mut details = fresh.flows.keys().filter(|flow| flow.eni == eni);
    details.find_map(|flow| {
        let detail = flow.detail.as_ref()?;
        (detail.direction == "egress").then(|| detail.traffic_path.clone())
    })
}

/// What AWS documents of each.
fn judge(stage: &mut Stage, all: &[Architecture; 3]) -> Result<(), String> {
    stage.step("What AWS documents");
    let wanted = [
        (true, "200", "-", "8"),
        (true, "no answer", "200", "-"),
        (false, "200", "200", "1"),
    ];
    for (at, (public, by_service, by_endpoint, path)) in all.iter().zip(wanted) {
        let Some(found) = &at.found else { continue };
        stage.expect(
            &format!(
                "{}: the service's name leads to a public address: {public}",
                at.name
            ),
            &(found.address == PUBLIC),
            &public,
        );
        let answers = (found.by_service.as_str(), found.by_endpoint.as_str());
        stage.expect(
            &format!(
                "{}: asked by its own name: {by_service}; by the endpoint's: {by_endpoint}",
                at.name
            ),
            &answers,
            &(by_service, by_endpoint),
        );
        stage.expect(
            &format!("{}: traffic-path {path}", at.name),
            &found.path.as_str(),
            &path,
        );
    }
    Ok(())
}

fn table_of(stage: &mut Stage, all: &[Architecture; 3]) {
    stage.step("Side by side");
    stage.say(&format!(
        "{:<22} {:<16} {:<12} {:<12} {:<13} traffic-path",
        "", "resolves to", "own name", "endpoint's", "public address"
    ));
    for at in all {
        let Some(found) = &at.found else { continue };
        let needs = if at.has_public_address {
            "needed"
        } else {
            "none"
        };
        stage.say(&format!(
            "{:<22} {:<16} {:<12} {:<12} {:<13}  {}",
            at.name, found.address, found.by_service, found.by_endpoint, needs, found.path
        ));
    }
}
