//! What the tour is played on.

use super::super::aws::{Keys, make_buckets};
use super::super::load_balancer::{Balancer, WEB as SERVER, balance};
use super::super::stage::{Background, Stage};
use super::super::topology::{
    Ipv6Block, Nat, Target, default_route, dual_subnet, internet_gateway, ipv4_subnet, ipv4_vpc,
    launch, nat_gateway_in,
};
use super::net_logs::log_to_bucket;
use super::{APP, DATA, SHARED, VPC_ENDPOINT};

const S3_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::app-data","arn:aws:s3:::app-data/*"]}]}"#;

pub struct Topology {
    /// The hosts of the application's private subnets, by zone, and the NAT gateways of their zones.
    pub a: Host,
    pub b: Host,
    pub nat_a: Nat,
    pub nat_b: Nat,
    /// The hosts of the shared VPC, which are its service's servers, in both zones.
    pub shared: [Host; 2],
    pub data: Host,
    /// The service "billing" of the shared VPC, and its servers.
    pub billing: Balancer,
    pub _servers: Vec<Background>,
    /// The application's, the shared one and that of the data.
    pub vpcs: [String; 3],
    pub endpoint: String,
    /// The regional name of the shared VPC's endpoint for CloudWatch Logs.
    pub logs: String,
    pub app_shared: String,
    pub data_shared: String,
}

pub struct Host {
    pub instance: String,
    pub eni: String,
    pub subnet: String,
    pub ipv4: String,
    /// Empty where the VPC has none.
    pub ipv6: String,
    pub table: String,
    pub group: String,
}

pub fn build(stage: &mut Stage) -> Result<Topology, String> {
    stage.step("The application's VPC: a public and a private subnet in each of two zones, a NAT gateway a zone");
    let made = stage.ec2(
        &format!("create-vpc --cidr-block {APP} --amazon-provided-ipv6-cidr-block"),
        "CreateVpc",
        &[("CidrBlock", APP), ("AmazonProvidedIpv6CidrBlock", "true")],
    )?;
    let app = made.text("vpcId");
    let block = Ipv6Block::parse(&made.text("ipv6CidrBlock"))?;
    let igw = internet_gateway(stage, &app)?;
    let egress_only = stage
        .ec2(
            &format!("create-egress-only-internet-gateway --vpc-id {app}"),
            "CreateEgressOnlyInternetGateway",
            &[("VpcId", &app)],
        )?
        .text("egressOnlyInternetGatewayId");
    let open = open_group(stage, &app)?;
    let mut zones = Vec::new();
    for (zone, number) in [("us-east-1a", 1), ("us-east-1b", 2)] {
        let public = ipv4_subnet(stage, &app, &format!("10.0.{number}.0/24"), zone)?;
        default_route(
            stage,
            &public.1,
            "0.0.0.0/0",
            ("gateway-id", "GatewayId", &igw),
        )?;
        let nat = nat_gateway_in(stage, &public.0)?;
        let (private, table) = dual_subnet(stage, &app, block, 10 + number, zone)?;
        let by_nat: Target = ("nat-gateway-id", "NatGatewayId", &nat.id);
        default_route(stage, &table, "0.0.0.0/0", by_nat)?;
        let out_only: Target = (
            "egress-only-internet-gateway-id",
            "EgressOnlyInternetGatewayId",
            &egress_only,
        );
        default_route(stage, &table, "::/0", out_only)?;
        let ipv4 = format!("10.0.{}.10", 10 + number);
        let ipv6 = block.address(10 + number, 0x10).to_string();
        let (instance, eni) = launch(stage, &private, &open, &ipv4, Some(&ipv6))?;
        let host = Host {
            instance,
            eni,
            subnet: private,
            ipv4,
            ipv6,
            table,
            group: open.clone(),
        };
        zones.push((host, nat));
    }
    let [(a, nat_a), (b, nat_b)]: [_; 2] = zones
        .try_into()
        .map_err(|_| "two zones were to be made".to_owned())?;

    stage.step(
        "The shared VPC, with a service of its own in both zones, and the data VPC: no gateway",
    );
    let shared_vpc = ipv4_vpc(stage, SHARED)?;
    let group = open_group(stage, &shared_vpc)?;
    let shared = [
        host(stage, &shared_vpc, &group, ("10.1.1", "us-east-1a"))?,
        host(stage, &shared_vpc, &group, ("10.1.2", "us-east-1b"))?,
    ];
    let (logs, logs_tables) = logs_endpoint(stage, &shared_vpc, &group)?;
    let data_vpc = ipv4_vpc(stage, DATA)?;
    let group = open_group(stage, &data_vpc)?;
    let data = host(stage, &data_vpc, &group, ("10.2.1", "us-east-1a"))?;
    let vpcs = [app.clone(), shared_vpc.clone(), data_vpc.clone()];
    log_to_bucket(stage, &vpcs)?;

    stage.step("Shared is peered with both, with routes on both sides");
    let app_shared = peering(stage, &app, &shared_vpc)?;
    let data_shared = peering(stage, &data_vpc, &shared_vpc)?;
    for (table, destination, peering) in [
        (&a.table, SHARED, &app_shared),
        (&b.table, SHARED, &app_shared),
        (&shared[0].table, APP, &app_shared),
        (&shared[1].table, APP, &app_shared),
        (&logs_tables[0], APP, &app_shared),
        (&logs_tables[1], APP, &app_shared),
        (&data.table, SHARED, &data_shared),
        (&shared[0].table, DATA, &data_shared),
        (&shared[1].table, DATA, &data_shared),
    ] {
        default_route(stage, table, destination, across(peering))?;
    }

    stage.step("Billing, behind a load balancer with a node and a server in each zone");
    let servers = vec![
        stage.background(&shared[0].instance, &[SERVER])?,
        stage.background(&shared[1].instance, &[SERVER])?,
    ];
    let subnets = [shared[0].subnet.as_str(), &shared[1].subnet];
    let targets = [shared[0].ipv4.as_str(), &shared[1].ipv4];
    let billing = balance(stage, "billing", &shared_vpc, subnets, targets)?;

    stage.step("S3 by a gateway endpoint, for the application's bucket and no other");
    let endpoint = stage
        .ec2(
            &format!("create-vpc-endpoint --vpc-id {app} --service-name com.amazonaws.us-east-1.s3 --route-table-ids {} {} --policy-document '{S3_POLICY}'", a.table, b.table),
            "CreateVpcEndpoint",
            &[
                ("VpcId", &app),
                ("ServiceName", "com.amazonaws.us-east-1.s3"),
                ("RouteTableId.1", &a.table),
                ("RouteTableId.2", &b.table),
                ("PolicyDocument", S3_POLICY),
            ],
        )?
        .text("vpcEndpointId");
    Keys::root().give_to(stage, "web")?;
    make_buckets(stage, "web", &["app-data", "other"])?;
    let keys = Keys::of_new_role(stage, "app")?;
    for host in [&a, &b, &data] {
        keys.give_to(stage, &host.instance)?;
    }
    Ok(Topology {
        a,
        b,
        nat_a,
        nat_b,
        shared,
        data,
        billing,
        _servers: servers,
        vpcs,
        endpoint,
        logs,
        app_shared,
        data_shared,
    })
}

/// An interface endpoint for CloudWatch Logs in both zones, without private DNS; its regional name and the tables
/// of its subnets.
fn logs_endpoint(
    stage: &mut Stage,
    vpc: &str,
    group: &str,
) -> Result<(String, [String; 2]), String> {
    let (a, table_a) = ipv4_subnet(stage, vpc, "10.1.11.0/24", "us-east-1a")?;
    let (b, table_b) = ipv4_subnet(stage, vpc, "10.1.12.0/24", "us-east-1b")?;
    let service = "com.amazonaws.us-east-1.logs";
    let made = stage.ec2(
        &format!("{VPC_ENDPOINT} --vpc-id {vpc} --service-name {service} --subnet-ids {a} {b} --security-group-ids {group} --no-private-dns-enabled"),
        "CreateVpcEndpoint",
        &[
            ("VpcEndpointType", "Interface"),
            ("VpcId", vpc),
            ("ServiceName", service),
            ("SubnetId.1", &a),
            ("SubnetId.2", &b),
            ("SecurityGroupId.1", group),
            ("PrivateDnsEnabled", "false"),
        ],
    )?;
    Ok((made.text("dnsName"), [table_a, table_b]))
}

/// A peering connection as a route's target.
pub fn across(peering: &str) -> Target<'_> {
    (
        "vpc-peering-connection-id",
        "VpcPeeringConnectionId",
        peering,
    )
}

impl Topology {
    /// All hosts.
    pub fn hosts(&self) -> [&Host; 5] {
        let [one, other] = &self.shared;
        [&self.a, &self.b, one, other, &self.data]
    }

    /// The interfaces that nobody probes all the time: what they count stands still when the tour does.
    pub fn quiet_interfaces(&self) -> Vec<&str> {
        let hosts = [&self.a.eni, &self.b.eni, &self.data.eni];
        let all = [&self.nat_a.eni, &self.nat_b.eni].into_iter().chain(hosts);
        all.map(String::as_str).collect()
    }
}

/// A subnet of its own, and a host whose address ends in 10.
fn host(
    stage: &mut Stage,
    vpc: &str,
    group: &str,
    (prefix, zone): (&str, &str),
) -> Result<Host, String> {
    let (subnet, table) = ipv4_subnet(stage, vpc, &format!("{prefix}.0/24"), zone)?;
    let ipv4 = format!("{prefix}.10");
    let (instance, eni) = launch(stage, &subnet, group, &ipv4, None)?;
    Ok(Host {
        instance,
        eni,
        subnet,
        ipv4,
        ipv6: String::new(),
        table,
        group: group.to_owned(),
    })
}

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
        &format!("authorize-security-group-ingress --group-id {group} --ip-permissions 'IpProtocol=-1,IpRanges=[{{CidrIp=0.0.0.0/0}}],Ipv6Ranges=[{{CidrIpv6=::/0}}]'"),
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ],
    )?;
    Ok(group)
}

fn peering(stage: &mut Stage, near: &str, far: &str) -> Result<String, String> {
    let id = stage
        .ec2(
            &format!("create-vpc-peering-connection --vpc-id {near} --peer-vpc-id {far}"),
            "CreateVpcPeeringConnection",
            &[("VpcId", near), ("PeerVpcId", far)],
        )?
        .text("vpcPeeringConnectionId");
    stage.ec2(
        &format!("accept-vpc-peering-connection --vpc-peering-connection-id {id}"),
        "AcceptVpcPeeringConnection",
        &[("VpcPeeringConnectionId", &id)],
    )?;
    Ok(id)
}
