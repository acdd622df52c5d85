//! What several tours build alike.

use std::net::Ipv6Addr;

use std::time::Duration;

use super::stage::Stage;

/// Makes an internet gateway, attaches it to a VPC, and tells its id.
pub fn internet_gateway(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let igw = stage
        .ec2("create-internet-gateway", "CreateInternetGateway", &[])?
        .text("internetGatewayId");
    stage.ec2(
        &format!("attach-internet-gateway --internet-gateway-id {igw} --vpc-id {vpc}"),
        "AttachInternetGateway",
        &[("InternetGatewayId", &igw), ("VpcId", vpc)],
    )?;
    Ok(igw)
}

/// Launches an instance with an IPv4 and perhaps an IPv6 address of its own, waits until it runs,
/// and tells its id and its interface's.
pub fn launch(
    stage: &mut Stage,
    subnet: &str,
    group: &str,
    ipv4: &str,
    ipv6: Option<&str>,
) -> Result<(String, String), String> {
    let mut shown = format!(
        "run-instances --image-id ami-0123456789abcdef0 --instance-type t3.micro --subnet-id {subnet} --security-group-ids {group} --private-ip-address {ipv4}"
    );
    let mut parameters = vec![
        ("ImageId", "ami-0123456789abcdef0"),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", subnet),
        ("SecurityGroupId.1", group),
        ("PrivateIpAddress", ipv4),
    ];
    if let Some(ipv6) = ipv6 {
        shown.push_str(&format!(" --ipv6-addresses Ipv6Address={ipv6}"));
        parameters.push(("Ipv6Address.1.Ipv6Address", ipv6));
    }
    let answer = stage.ec2(&shown, "RunInstances", &parameters)?;
    let (instance, eni) = (answer.text("instanceId"), answer.text("networkInterfaceId"));
    for _ in 0..200 {
        let now = stage
            .client
            .ec2("DescribeInstances", &[("InstanceId.1", &instance)])
            .map_err(|refusal| refusal.to_string())?;
        let state = now.find("instanceState").map(|state| state.text("name"));
        match state.as_deref() {
            Some("running") => return Ok((instance, eni)),
            Some("pending") => std::thread::sleep(Duration::from_millis(20)),
            other => return Err(format!("{instance} is {other:?} instead of running")),
        }
    }
    Err(format!("{instance} did not get to run"))
}

/// A VPC's IPv6 block, a /56.
#[derive(Clone, Copy)]
pub struct Ipv6Block(Ipv6Addr);

impl Ipv6Block {
    /// Reads what `CreateVpc` told.
    pub fn parse(text: &str) -> Result<Ipv6Block, String> {
        let address = text.strip_suffix("/56").and_then(|text| text.parse().ok());
        address
            .map(Ipv6Block)
            .ok_or_else(|| format!("not a /56: {text}"))
    }

    /// The address of `host` in the /64 of this number.
    pub fn address(self, subnet: u8, host: u16) -> Ipv6Addr {
        let below = u128::from(subnet) << 64 | u128::from(host);
        Ipv6Addr::from(u128::from(self.0) | below)
    }
}

/// Makes a subnet of both families in the first zone with a route table of its own, and tells both
/// ids. `block` is the third byte of its IPv4 block and the last of its /64.
pub fn subnet(
    stage: &mut Stage,
    vpc: &str,
    ipv6: Ipv6Block,
    block: u8,
) -> Result<(String, String), String> {
    dual_subnet(stage, vpc, ipv6, block, "us-east-1a")
}

/// The same in any zone.
pub fn dual_subnet(
    stage: &mut Stage,
    vpc: &str,
    ipv6: Ipv6Block,
    block: u8,
    zone: &str,
) -> Result<(String, String), String> {
    let ipv4 = format!("10.0.{block}.0/24");
    let ipv6 = format!("{}/64", ipv6.address(block, 0));
    let subnet = stage
        .ec2(
            &format!("create-subnet --vpc-id {vpc} --cidr-block {ipv4} --ipv6-cidr-block {ipv6} --availability-zone {zone}"),
            "CreateSubnet",
            &[
                ("VpcId", vpc),
                ("CidrBlock", &ipv4),
                ("Ipv6CidrBlock", &ipv6),
                ("AvailabilityZone", zone),
            ],
        )?
        .text("subnetId");
    let table = stage
        .ec2(
            &format!("create-route-table --vpc-id {vpc}"),
            "CreateRouteTable",
            &[("VpcId", vpc)],
        )?
        .text("routeTableId");
    stage.ec2(
        &format!("associate-route-table --route-table-id {table} --subnet-id {subnet}"),
        "AssociateRouteTable",
        &[("RouteTableId", &table), ("SubnetId", &subnet)],
    )?;
    Ok((subnet, table))
}

/// Where a default route leads, as the CLI's option, the API's parameter and an id.
pub type Target<'a> = (&'a str, &'a str, &'a str);

/// Gives a route table a default route for one family: `0.0.0.0/0` or `::/0`.
pub fn default_route(
    stage: &mut Stage,
    table: &str,
    destination: &str,
    (option, parameter, target): Target,
) -> Result<(), String> {
    let (flag, name) = match destination.contains(':') {
        true => ("destination-ipv6-cidr-block", "DestinationIpv6CidrBlock"),
        false => ("destination-cidr-block", "DestinationCidrBlock"),
    };
    stage
        .ec2(
            &format!(
                "create-route --route-table-id {table} --{flag} {destination} --{option} {target}"
            ),
            "CreateRoute",
            &[
                ("RouteTableId", table),
                (name, destination),
                (parameter, target),
            ],
        )
        .map(drop)
}

/// Allocates an Elastic IP address and tells its allocation's id and itself.
pub fn elastic_ip(stage: &mut Stage) -> Result<(String, String), String> {
    let answer = stage.ec2(
        "allocate-address --domain vpc",
        "AllocateAddress",
        &[("Domain", "vpc")],
    )?;
    Ok((answer.text("allocationId"), answer.text("publicIp")))
}

/// Makes a VPC of this block and tells its id.
pub fn ipv4_vpc(stage: &mut Stage, block: &str) -> Result<String, String> {
    let made = stage.ec2(
        &format!("create-vpc --cidr-block {block}"),
        "CreateVpc",
        &[("CidrBlock", block)],
    )?;
    Ok(made.text("vpcId"))
}

/// Makes a subnet with a route table of its own, and tells both ids.
pub fn ipv4_subnet(
    stage: &mut Stage,
    vpc: &str,
    block: &str,
    zone: &str,
) -> Result<(String, String), String> {
    let subnet = stage
        .ec2(
            &format!(
                "create-subnet --vpc-id {vpc} --cidr-block {block} --availability-zone {zone}"
            ),
            "CreateSubnet",
            &[
                ("VpcId", vpc),
                ("CidrBlock", block),
                ("AvailabilityZone", zone),
            ],
        )?
        .text("subnetId");
    let table = stage
        .ec2(
            &format!("create-route-table --vpc-id {vpc}"),
            "CreateRouteTable",
            &[("VpcId", vpc)],
        )?
        .text("routeTableId");
    stage.ec2(
        &format!("associate-route-table --route-table-id {table} --subnet-id {subnet}"),
        "AssociateRouteTable",
        &[("RouteTableId", &table), ("SubnetId", &subnet)],
    )?;
    Ok((subnet, table))
}

/// A NAT gateway, its interface and its private address.
pub struct Nat {
    pub id: String,
    pub eni: String,
    pub address: String,
    /// Its Elastic IP address.
    pub public: String,
}

/// Makes a NAT gateway in a public subnet of its own, 10.0.9.0/24, and waits until it is available.
pub fn nat_gateway(stage: &mut Stage, vpc: &str) -> Result<Nat, String> {
    let igw = internet_gateway(stage, vpc)?;
    let (subnet, table) = ipv4_subnet(stage, vpc, "10.0.9.0/24", "us-east-1a")?;
    stage.ec2(
        &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"),
        "CreateRoute",
        &[
            ("RouteTableId", &table),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("GatewayId", &igw),
        ],
    )?;
    nat_gateway_in(stage, &subnet)
}

/// Makes a NAT gateway in a public subnet, and waits until it is available.
pub fn nat_gateway_in(stage: &mut Stage, subnet: &str) -> Result<Nat, String> {
    let (allocation, public) = elastic_ip(stage)?;
    let id = stage
        .ec2(
            &format!("create-nat-gateway --subnet-id {subnet} --allocation-id {allocation}"),
            "CreateNatGateway",
            &[("SubnetId", subnet), ("AllocationId", &allocation)],
        )?
        .text("natGatewayId");
    for _ in 0..100 {
        let seen = stage
            .client
            .ec2("DescribeNatGateways", &[("NatGatewayId.1", &id)]);
        let seen = seen.map_err(|refusal| refusal.to_string())?;
        if seen.text("state") == "available" {
            return Ok(Nat {
                id,
                eni: seen.text("networkInterfaceId"),
                address: seen.text("privateIp"),
                public,
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("{id} did not get available"))
}
