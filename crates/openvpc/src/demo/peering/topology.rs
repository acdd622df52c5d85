//! What the tour is played on.

use super::super::stage::Stage;
use super::super::topology::{elastic_ip, internet_gateway, launch};
use super::{GROUP, LONG_FORMAT};

pub struct Topology {
    pub a: End,
    pub b: End,
    pub c: End,
    /// A VPC whose block lies in A's.
    pub d: String,
    /// The public name of B's host.
    pub public_name: String,
    pub public_ip: String,
    /// The network interface of B's endpoint for CloudWatch Logs.
    pub logs: String,
}

/// Its address.
pub const LOGS: &str = "10.1.2.5";

/// A VPC with one subnet, whose table is the VPC's main one, and a host in it.
pub struct End {
    pub vpc: String,
    pub table: String,
    pub group: String,
    pub acl: String,
    pub instance: String,
    pub eni: String,
    pub address: String,
}

pub fn build(stage: &mut Stage) -> Result<Topology, String> {
    stage.step("The topology: three VPCs with a host each, and one that overlaps the first");
    let a = end(stage, 0)?;
    let b = end(stage, 1)?;
    let c = end(stage, 2)?;
    let d = vpc(stage, "10.0.128.0/17")?;
    for vpc in [&a.vpc, &b.vpc] {
        stage.ec2(
            &format!("modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"),
            "ModifyVpcAttribute",
            &[("VpcId", vpc), ("EnableDnsHostnames.Value", "true")],
        )?;
    }

    stage.step(
        "B has what A would like to borrow: an internet gateway, a NAT gateway, ways to S3 and to CloudWatch Logs",
    );
    let igw = internet_gateway(stage, &b.vpc)?;
    let public = subnet(stage, &b.vpc, "10.1.3.0/24")?;
    let table = stage
        .ec2(
            &format!("create-route-table --vpc-id {}", b.vpc),
            "CreateRouteTable",
            &[("VpcId", &b.vpc)],
        )?
        .text("routeTableId");
    stage.ec2(
        &format!("associate-route-table --route-table-id {table} --subnet-id {public}"),
        "AssociateRouteTable",
        &[("RouteTableId", &table), ("SubnetId", &public)],
    )?;
    stage.ec2(
        &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"),
        "CreateRoute",
        &[
            ("RouteTableId", &table),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("GatewayId", &igw),
        ],
    )?;
    let (allocation, _) = elastic_ip(stage)?;
    stage.ec2(
        &format!("create-nat-gateway --subnet-id {public} --allocation-id {allocation}"),
        "CreateNatGateway",
        &[("SubnetId", &public), ("AllocationId", &allocation)],
    )?;
    let tables = [&*b.table, &*table];
    stage.ec2(
        &format!("create-vpc-endpoint --vpc-id {} --service-name com.amazonaws.us-east-1.s3 --route-table-ids {}", b.vpc, tables.join(" ")),
        "CreateVpcEndpoint",
        &[
            ("VpcId", &b.vpc),
            ("ServiceName", "com.amazonaws.us-east-1.s3"),
            ("RouteTableId.1", tables[0]),
            ("RouteTableId.2", tables[1]),
        ],
    )?;
    let logs = logs_endpoint(stage, &b)?;
    let (allocation, public_ip) = elastic_ip(stage)?;
    stage.ec2(
        &format!(
            "associate-address --allocation-id {allocation} --instance-id {}",
            b.instance
        ),
        "AssociateAddress",
        &[("AllocationId", &allocation), ("InstanceId", &b.instance)],
    )?;
    let public_name = stage
        .ec2(
            &format!("describe-instances --instance-ids {}", b.instance),
            "DescribeInstances",
            &[("InstanceId.1", &b.instance)],
        )?
        .text("dnsName");
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    stage.ec2(
        &format!("create-flow-logs --resource-type VPC --resource-ids {} {} {} --traffic-type ALL --log-group-name {GROUP} --deliver-logs-permission-arn {role} --max-aggregation-interval 60 --log-format '{LONG_FORMAT}'", a.vpc, b.vpc, c.vpc),
        "CreateFlowLogs",
        &[
            ("ResourceType", "VPC"),
            ("ResourceId.1", &a.vpc),
            ("ResourceId.2", &b.vpc),
            ("ResourceId.3", &c.vpc),
            ("TrafficType", "ALL"),
            ("LogGroupName", GROUP),
            ("DeliverLogsPermissionArn", role),
            ("MaxAggregationInterval", "60"),
            ("LogFormat", LONG_FORMAT),
        ],
    )?;
    Ok(Topology {
        a,
        b,
        c,
        d,
        public_name,
        public_ip,
        logs,
    })
}

/// An interface endpoint for CloudWatch Logs at an address of choice; its network interface.
fn logs_endpoint(stage: &mut Stage, b: &End) -> Result<String, String> {
    let home = subnet(stage, &b.vpc, "10.1.2.0/24")?;
    let service = "com.amazonaws.us-east-1.logs";
    stage.ec2(
        &format!("create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {service} --subnet-configurations SubnetId={home},Ipv4={LOGS} --security-group-ids {}", b.vpc, b.group),
        "CreateVpcEndpoint",
        &[
            ("VpcEndpointType", "Interface"),
            ("VpcId", &b.vpc),
            ("ServiceName", service),
            ("SubnetConfiguration.1.SubnetId", &home),
            ("SubnetConfiguration.1.Ipv4", LOGS),
            ("SecurityGroupId.1", &b.group),
        ],
    )?;
    let seen = stage.ec2(
        &format!("describe-network-interfaces --filters Name=subnet-id,Values={home}"),
        "DescribeNetworkInterfaces",
        &[("Filter.1.Name", "subnet-id"), ("Filter.1.Value.1", &home)],
    )?;
    Ok(seen.text("networkInterfaceId"))
}

/// 10.`number`.0.0/16, with a host 10.`number`.1.10.
fn end(stage: &mut Stage, number: u8) -> Result<End, String> {
    let vpc = vpc(stage, &format!("10.{number}.0.0/16"))?;
    let subnet = subnet(stage, &vpc, &format!("10.{number}.1.0/24"))?;
    let of_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &*vpc)];
    let filter = format!("--filters Name=vpc-id,Values={vpc}");
    let table = stage
        .ec2(
            &format!("describe-route-tables {filter}"),
            "DescribeRouteTables",
            &of_vpc,
        )?
        .text("routeTableId");
    let acl = stage
        .ec2(
            &format!("describe-network-acls {filter}"),
            "DescribeNetworkAcls",
            &of_vpc,
        )?
        .text("networkAclId");
    let group = group(stage, &vpc, "open")?;
    stage.ec2(
        &format!(
            "authorize-security-group-ingress --group-id {group} --protocol -1 --cidr 0.0.0.0/0"
        ),
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    )?;
    let address = format!("10.{number}.1.10");
    let (instance, eni) = launch(stage, &subnet, &group, &address, None)?;
    Ok(End {
        vpc,
        table,
        group,
        acl,
        instance,
        eni,
        address,
    })
}

fn vpc(stage: &mut Stage, cidr: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-vpc --cidr-block {cidr}"),
        "CreateVpc",
        &[("CidrBlock", cidr)],
    )?;
    Ok(made.text("vpcId"))
}

fn subnet(stage: &mut Stage, vpc: &str, cidr: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-subnet --vpc-id {vpc} --cidr-block {cidr}"),
        "CreateSubnet",
        &[("VpcId", vpc), ("CidrBlock", cidr)],
    )?;
    Ok(made.text("subnetId"))
}

/// A group that lets nothing in and everything out.
pub fn group(stage: &mut Stage, vpc: &str, name: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-security-group --group-name {name} --description {name} --vpc-id {vpc}"),
        "CreateSecurityGroup",
        &[
            ("GroupName", name),
            ("GroupDescription", name),
            ("VpcId", vpc),
        ],
    )?;
    Ok(made.text("groupId"))
}
