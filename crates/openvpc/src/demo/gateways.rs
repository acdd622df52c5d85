//! Four hosts, alike in all but where their subnet's default routes lead: the internet gateway, a NAT
//! gateway, an egress-only internet gateway, nowhere. What each can reach, and who can reach it
//! (AWS: VPC user guide, "Connect your VPC to other networks").
//!
//! Security group and network ACL let everything pass and every host has an address of both families,
//! so that only routes and gateways decide.

use std::time::Duration;

use super::stage::{Background, Stage};
use super::topology::{
    Ipv6Block, Target, default_route, elastic_ip, internet_gateway, launch, subnet,
};

const WEB_IPV4: &str = "198.51.100.80";
const WEB_IPV6: &str = "2001:db8:ffff::80";
const NC: &str = "/run/openvpc/bin/nc";
const NOTHING: &str = "nothing";

/// What is tried at each host, in the order of the table's columns.
const ATTEMPTS: [&str; 4] = ["IPv4 out", "IPv6 out", "IPv4 in", "IPv6 in"];

struct Vpc {
    id: String,
    ipv6: Ipv6Block,
    group: String,
}

struct Host {
    way: &'static str,
    instance: String,
    ipv6: String,
    /// The public IPv4 address at which Bob looks for it.
    public: String,
    /// It answers on port 80 for as long as this lives.
    _server: Background,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    stage.step("The topology: one VPC, four subnets, three gateways");
    let vpc = vpc(stage)?;
    let igw = internet_gateway(stage, &vpc.id)?;
    let egress_only = stage
        .ec2(
            &format!("create-egress-only-internet-gateway --vpc-id {}", vpc.id),
            "CreateEgressOnlyInternetGateway",
            &[("VpcId", &vpc.id)],
        )?
        .text("egressOnlyInternetGatewayId");
    let internet: Target = ("gateway-id", "GatewayId", &igw);
    let out_only: Target = (
        "egress-only-internet-gateway-id",
        "EgressOnlyInternetGatewayId",
        &egress_only,
    );

    stage.step("The host behind the internet gateway, with an Elastic IP address");
    let (public_subnet, table) = subnet(stage, &vpc.id, vpc.ipv6, 1)?;
    default_route(stage, &table, "0.0.0.0/0", internet)?;
    default_route(stage, &table, "::/0", internet)?;
    let a = with_elastic_ip(stage, &vpc, "internet gateway", &public_subnet, 1)?;

    stage.step("The host behind a NAT gateway, which stands in the public subnet");
    let (nat, nat_address) = nat_gateway(stage, &public_subnet)?;
    let (private, table) = subnet(stage, &vpc.id, vpc.ipv6, 2)?;
    let translated: Target = ("nat-gateway-id", "NatGatewayId", &nat);
    default_route(stage, &table, "0.0.0.0/0", translated)?;
    let b = host(stage, &vpc, "NAT gateway", &private, 2)?.at(nat_address.clone());

    stage.step("The host behind the egress-only internet gateway");
    let (private, table) = subnet(stage, &vpc.id, vpc.ipv6, 3)?;
    default_route(stage, &table, "::/0", out_only)?;
    let c = with_elastic_ip(stage, &vpc, "egress-only", &private, 3)?;

    stage.step("The host without a default route");
    let (private, _) = subnet(stage, &vpc.id, vpc.ipv6, 4)?;
    let d = with_elastic_ip(stage, &vpc, NOTHING, &private, 4)?;

    stage.step("Out: each host asks Web, which tells whom it saw. In: Bob knocks at port 80");
    let mut rows = Vec::new();
    for host in [&a, &b, &c, &d] {
        rows.push((host, attempt(stage, host)?));
    }

    stage.step("Who reaches whom");
    show(stage, &rows);
    let seen_as = |address: &str| format!("as {address}");
    let none = || NOTHING.to_owned();
    let connects = || "connects".to_owned();
    let wanted = [
        [seen_as(&a.public), seen_as(&a.ipv6), connects(), connects()],
        [seen_as(&nat_address), none(), none(), none()],
        [none(), seen_as(&c.ipv6), none(), none()],
        [none(), none(), none(), none()],
    ];
    for ((host, got), wanted) in rows.iter().zip(&wanted) {
        stage.expect(&format!("{}: as it should be", host.way), got, wanted);
    }
    Ok(())
}

fn vpc(stage: &mut Stage) -> Result<Vpc, String> {
    let made = stage.ec2(
        "create-vpc --cidr-block 10.0.0.0/16 --amazon-provided-ipv6-cidr-block",
        "CreateVpc",
        &[
            ("CidrBlock", "10.0.0.0/16"),
            ("AmazonProvidedIpv6CidrBlock", "true"),
        ],
    )?;
    let id = made.text("vpcId");
    let ipv6 = Ipv6Block::parse(&made.text("ipv6CidrBlock"))?;
    let group = stage
        .ec2(
            &format!("create-security-group --group-name open --description open --vpc-id {id}"),
            "CreateSecurityGroup",
            &[
                ("GroupName", "open"),
                ("GroupDescription", "open"),
                ("VpcId", &id),
            ],
        )?
        .text("groupId");
    stage.ec2(
        &format!("authorize-security-group-ingress --group-id {group} --ip-permissions 'IpProtocol=-1,IpRanges=[{{CidrIp=0.0.0.0/0}}],Ipv6Ranges=[{{CidrIpv6=::/0}}]'"),
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ],
    )?;
    Ok(Vpc { id, ipv6, group })
}

impl Host {
    fn at(self, public: String) -> Host {
        Host { public, ..self }
    }
}

fn host(
    stage: &mut Stage,
    vpc: &Vpc,
    way: &'static str,
    subnet: &str,
    block: u8,
) -> Result<Host, String> {
    let (ipv4, ipv6) = (
        format!("10.0.{block}.10"),
        vpc.ipv6.address(block, 0x10).to_string(),
    );
    let (instance, _) = launch(stage, subnet, &vpc.group, &ipv4, Some(&ipv6))?;
    let server = stage.background(&instance, &[NC, "-l", "-k", "80"])?;
    for _ in 0..80 {
        let listens = stage.probe(&instance, &[NC, "-z", "-w", "1", "127.0.0.1", "80"])?;
        if listens.status == 0 {
            return Ok(Host {
                way,
                instance,
                ipv6,
                public: String::new(),
                _server: server,
            });
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    Err(format!("{instance} does not listen on port 80"))
}

/// A host with an Elastic IP address: where no route leads to the internet gateway, it is of no use.
fn with_elastic_ip(
    stage: &mut Stage,
    vpc: &Vpc,
    way: &'static str,
    subnet: &str,
    block: u8,
) -> Result<Host, String> {
    let host = host(stage, vpc, way, subnet, block)?;
    let (allocation, address) = elastic_ip(stage)?;
    let instance = &host.instance;
    stage.ec2(
        &format!("associate-address --allocation-id {allocation} --instance-id {instance}"),
        "AssociateAddress",
        &[("AllocationId", &allocation), ("InstanceId", instance)],
    )?;
    Ok(host.at(address))
}

/// A public NAT gateway, available; its id and its Elastic IP address.
fn nat_gateway(stage: &mut Stage, subnet: &str) -> Result<(String, String), String> {
    let (allocation, address) = elastic_ip(stage)?;
    let nat = stage
        .ec2(
            &format!("create-nat-gateway --subnet-id {subnet} --allocation-id {allocation}"),
            "CreateNatGateway",
            &[("SubnetId", subnet), ("AllocationId", &allocation)],
        )?
        .text("natGatewayId");
    for _ in 0..100 {
        let now = stage
            .client
            .ec2("DescribeNatGateways", &[("NatGatewayId.1", &nat)])
            .map_err(|refusal| refusal.to_string())?;
        match &*now.text("state") {
            "available" => return Ok((nat, address)),
            "pending" => std::thread::sleep(Duration::from_millis(20)),
            state => return Err(format!("{nat} is {state} instead of available")),
        }
    }
    Err(format!("{nat} did not get available"))
}

/// Makes every attempt at one host; the outcomes are in the order of [`ATTEMPTS`].
fn attempt(stage: &mut Stage, host: &Host) -> Result<[String; 4], String> {
    stage.say(&format!("Behind: {}", host.way));
    Ok([
        out(stage, host, "-4", &format!("http://{WEB_IPV4}/"))?,
        out(stage, host, "-6", &format!("http://[{WEB_IPV6}]/"))?,
        knock(stage, &host.public)?,
        knock(stage, &host.ipv6)?,
    ])
}

fn out(stage: &mut Stage, host: &Host, family: &str, url: &str) -> Result<String, String> {
    let ran = stage.exec(&host.instance, &["curl", family, "-s", "-m", "1", url])?;
    Ok(match ran.status {
        0 => format!("as {}", ran.stdout.trim()),
        _ => NOTHING.to_owned(),
    })
}

fn knock(stage: &mut Stage, address: &str) -> Result<String, String> {
    let ran = stage.outside("bob", &[NC, "-z", "-w", "1", address, "80"])?;
    let outcome = if ran.status == 0 { "connects" } else { NOTHING };
    Ok(outcome.to_owned())
}

fn show(stage: &mut Stage, rows: &[(&Host, [String; 4])]) {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(std::iter::once("default route").chain(ATTEMPTS));
    for (host, outcomes) in rows {
        table.add_row(std::iter::once(host.way).chain(outcomes.iter().map(String::as_str)));
    }
    for line in table.lines() {
        stage.say(&line);
    }
}
