//! What the tour is played on.

use super::super::stage::Stage;
use super::super::topology::{Ipv6Block, Target, default_route, internet_gateway, launch, subnet};
use super::{GROUP, LONG_FORMAT};

pub struct Topology {
    pub vpc: String,
    pub gateway: String,
    /// Where `p`'s subnet looks up its routes.
    pub table: String,
    pub group: String,
    pub acl: String,
    pub p: Host,
    pub q: Host,
}

#[derive(Clone)]
pub struct Host {
    pub instance: String,
    pub eni: String,
    pub address: String,
    pub ipv4: String,
}

pub fn build(stage: &mut Stage) -> Result<Topology, String> {
    stage.step("The topology: one VPC, two hosts, two gateways");
    let made = stage.ec2(
        "create-vpc --cidr-block 10.0.0.0/16 --amazon-provided-ipv6-cidr-block",
        "CreateVpc",
        &[
            ("CidrBlock", "10.0.0.0/16"),
            ("AmazonProvidedIpv6CidrBlock", "true"),
        ],
    )?;
    let vpc = made.text("vpcId");
    let block = Ipv6Block::parse(&made.text("ipv6CidrBlock"))?;
    let gateway = egress_only_gateway(stage, &vpc)?;
    let igw = internet_gateway(stage, &vpc)?;
    let group = open_group(stage, &vpc)?;
    let acl = stage
        .ec2(
            &format!("describe-network-acls --filters Name=vpc-id,Values={vpc}"),
            "DescribeNetworkAcls",
            &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)],
        )?
        .text("networkAclId");
    let (p, table) = host(stage, &vpc, &group, 1, block, egress_only(&gateway))?;
    let by_igw = ("gateway-id", "GatewayId", &*igw);
    let (q, _) = host(stage, &vpc, &group, 2, block, by_igw)?;
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    stage.ec2(
        &format!("create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name {GROUP} --deliver-logs-permission-arn {role} --max-aggregation-interval 60 --log-format '{LONG_FORMAT}'"),
        "CreateFlowLogs",
        &[
            ("ResourceType", "VPC"),
            ("ResourceId.1", &vpc),
            ("TrafficType", "ALL"),
            ("LogGroupName", GROUP),
            ("DeliverLogsPermissionArn", role),
            ("MaxAggregationInterval", "60"),
            ("LogFormat", LONG_FORMAT),
        ],
    )?;
    Ok(Topology {
        vpc,
        gateway,
        table,
        group,
        acl,
        p,
        q,
    })
}

/// The egress-only gateway as a route's target.
pub fn egress_only(gateway: &str) -> Target<'_> {
    (
        "egress-only-internet-gateway-id",
        "EgressOnlyInternetGatewayId",
        gateway,
    )
}

pub fn egress_only_gateway(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-egress-only-internet-gateway --vpc-id {vpc}"),
        "CreateEgressOnlyInternetGateway",
        &[("VpcId", vpc)],
    )?;
    Ok(made.text("egressOnlyInternetGatewayId"))
}

/// Everything in, everything out.
fn open_group(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let group = stage
        .ec2(
            &format!("create-security-group --group-name open --description open --vpc-id {vpc}"),
            "CreateSecurityGroup",
            &[
                ("GroupName", "open"),
                ("GroupDescription", "open"),
                ("VpcId", vpc),
            ],
        )?
        .text("groupId");
    stage.ec2(
        &format!("authorize-security-group-ingress --group-id {group} --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]'"),
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ],
    )?;
    Ok(group)
}

/// A subnet with its own route table whose `::/0` leads to `target`, and a host in it.
fn host(
    stage: &mut Stage,
    vpc: &str,
    group: &str,
    number: u8,
    block: Ipv6Block,
    target: Target,
) -> Result<(Host, String), String> {
    let (subnet, table) = subnet(stage, vpc, block, number)?;
    default_route(stage, &table, "::/0", target)?;
    let (ipv4, address) = (
        format!("10.0.{number}.10"),
        block.address(number, 0x10).to_string(),
    );
    let (instance, eni) = launch(stage, &subnet, group, &ipv4, Some(&address))?;
    let host = Host {
        instance,
        eni,
        address,
        ipv4,
    };
    Ok((host, table))
}
