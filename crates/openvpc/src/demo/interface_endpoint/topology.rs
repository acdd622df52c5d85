//! What tours of interface endpoints are played on, and how they ask.

use super::super::records::LONG_FORMAT;
use super::super::stage::Stage;
use super::super::topology::launch;

/// A host of a tour.
#[derive(Clone)]
pub struct Host {
    pub instance: String,
    pub eni: String,
    pub address: &'static str,
}

/// A VPC with both DNS attributes; its id.
pub fn vpc(stage: &mut Stage, block: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-vpc --cidr-block {block}"),
        "CreateVpc",
        &[("CidrBlock", block)],
    )?;
    let vpc = made.text("vpcId");
    host_names(stage, &vpc, true)?;
    Ok(vpc)
}

/// Switches `enableDnsHostnames`.
pub fn host_names(stage: &mut Stage, vpc: &str, on: bool) -> Result<(), String> {
    let option = if on { "" } else { "no-" };
    stage
        .ec2(
            &format!("modify-vpc-attribute --vpc-id {vpc} --{option}enable-dns-hostnames"),
            "ModifyVpcAttribute",
            &[
                ("VpcId", vpc),
                (
                    "EnableDnsHostnames.Value",
                    if on { "true" } else { "false" },
                ),
            ],
        )
        .map(drop)
}

pub fn subnet(stage: &mut Stage, vpc: &str, block: &str, zone: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-subnet --vpc-id {vpc} --cidr-block {block} --availability-zone {zone}"),
        "CreateSubnet",
        &[
            ("VpcId", vpc),
            ("CidrBlock", block),
            ("AvailabilityZone", zone),
        ],
    )?;
    Ok(made.text("subnetId"))
}

/// A group that lets HTTPS in from these blocks, and everything out.
pub fn group(stage: &mut Stage, vpc: &str, name: &str, from: &[&str]) -> Result<String, String> {
    group_for(stage, vpc, (name, "443"), from)
}

/// The same for a TCP port.
pub fn group_for(
    stage: &mut Stage,
    vpc: &str,
    (name, port): (&str, &str),
    from: &[&str],
) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-security-group --group-name {name} --description {name} --vpc-id {vpc}"),
        "CreateSecurityGroup",
        &[
            ("GroupName", name),
            ("GroupDescription", name),
            ("VpcId", vpc),
        ],
    )?;
    let id = made.text("groupId");
    for block in from {
        stage.ec2(
            &format!("authorize-security-group-ingress --group-id {id} --protocol tcp --port {port} --cidr {block}"),
            "AuthorizeSecurityGroupIngress",
            &[
                ("GroupId", &id),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", port),
                ("IpPermissions.1.ToPort", port),
                ("IpPermissions.1.IpRanges.1.CidrIp", block),
            ],
        )?;
    }
    Ok(id)
}

pub fn host(
    stage: &mut Stage,
    subnet: &str,
    group: &str,
    address: &'static str,
) -> Result<Host, String> {
    let (instance, eni) = launch(stage, subnet, group, address, None)?;
    Ok(Host {
        instance,
        eni,
        address,
    })
}

/// The main route table of a VPC.
pub fn main_table(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let seen = stage.ec2(
        &format!("describe-route-tables --filters Name=vpc-id,Values={vpc}"),
        "DescribeRouteTables",
        &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)],
    )?;
    Ok(seen.text("routeTableId"))
}

/// Peers two VPCs, with a route each way.
pub fn peer(stage: &mut Stage, one: (&str, &str), other: (&str, &str)) -> Result<(), String> {
    let made = stage.ec2(
        &format!(
            "create-vpc-peering-connection --vpc-id {} --peer-vpc-id {}",
            one.0, other.0
        ),
        "CreateVpcPeeringConnection",
        &[("VpcId", one.0), ("PeerVpcId", other.0)],
    )?;
    let pcx = made.text("vpcPeeringConnectionId");
    stage.ec2(
        &format!("accept-vpc-peering-connection --vpc-peering-connection-id {pcx}"),
        "AcceptVpcPeeringConnection",
        &[("VpcPeeringConnectionId", &pcx)],
    )?;
    for (vpc, block) in [(one.0, other.1), (other.0, one.1)] {
        let table = main_table(stage, vpc)?;
        stage.ec2(
            &format!("create-route --route-table-id {table} --destination-cidr-block {block} --vpc-peering-connection-id {pcx}"),
            "CreateRoute",
            &[
                ("RouteTableId", &table),
                ("DestinationCidrBlock", block),
                ("VpcPeeringConnectionId", &pcx),
            ],
        )?;
    }
    Ok(())
}

/// Logs everything of a VPC.
pub fn flow_logs(stage: &mut Stage, vpc: &str, log_group: &str) -> Result<(), String> {
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    stage
        .ec2(
            &format!("create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name {log_group} --deliver-logs-permission-arn {role} --max-aggregation-interval 60 --log-format '{LONG_FORMAT}'"),
            "CreateFlowLogs",
            &[
                ("ResourceType", "VPC"),
                ("ResourceId.1", vpc),
                ("TrafficType", "ALL"),
                ("LogGroupName", log_group),
                ("DeliverLogsPermissionArn", role),
                ("MaxAggregationInterval", "60"),
                ("LogFormat", LONG_FORMAT),
            ],
        )
        .map(drop)
}

/// The addresses that a name leads to in a host, ascending.
pub fn resolve(stage: &mut Stage, host: &Host, name: &str) -> Result<Vec<String>, String> {
    let line = format!("getent ahostsv4 {name} | cut -d' ' -f1 | sort -u");
    let told = stage.exec(&host.instance, &["sh", "-c", &line])?;
    for address in told.stdout.lines() {
        stage.say(address);
    }
    Ok(told.stdout.lines().map(str::to_owned).collect())
}

/// Asks CloudWatch Logs for the streams of a group, by any name of the service: the status of its answer, or why there is
/// none.
pub fn ask(stage: &mut Stage, instance: &str, name: &str, group: &str) -> Result<String, String> {
    let (body, url) = (
        format!(r#"{{"logGroupName":"{group}"}}"#),
        format!("https://{name}/"),
    );
    let words = [
        "curl",
        "-s",
        "--connect-timeout",
        "2",
        "-w",
        "\n%{http_code}",
        "--aws-sigv4",
        "aws:amz:us-east-1:logs",
        "--user",
        "test:test",
        "-H",
        "X-Amz-Target: Logs_20140328.DescribeLogStreams",
        "-H",
        "Content-Type: application/x-amz-json-1.1",
        "-d",
        &body,
        &url,
    ];
    let ran = stage.exec(instance, &words)?;
    let answer = match ran.status {
        0 => {
            let code = ran.stdout.lines().last().unwrap_or_default().to_owned();
            match ran.stdout.contains("AccessDeniedException") {
                true => format!("{code} AccessDeniedException"),
                false => code,
            }
        }
        6 => "no address".to_owned(),
        7 => "refused".to_owned(),
        28 => "no answer".to_owned(),
        status => format!("curl ended with {status}"),
    };
    stage.say(&answer);
    Ok(answer)
}

/// Waits until everything asked for so far is enforced.
pub fn settle(stage: &mut Stage) -> Result<(), String> {
    stage.openvpc(&["wait-applied"]).map(drop)
}
