//! Egress-only internet gateway: IPv6 out and answers back, nothing that begins outside (AWS: VPC
//! user guide, "Enable outbound IPv6 traffic using an egress-only internet gateway").
//!
//! Two hosts in one VPC, alike in all but their subnet's `::/0`: `p` by the egress-only gateway, `q`
//! by the internet gateway. Security group and network ACL are open, so that only the gateways differ.

use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::Stage;
use super::topology::{internet_gateway, launch};

const BOB: &str = "2001:db8:ffff::12";
const WEB: &str = "2001:db8:ffff::80";
const GROUP: &str = "fl";
const NC: &str = "/run/openvpc/bin/nc";
/// Traffic path of both gateways to the internet.
const INTERNET: (&str, &str) = ("egress", "8");
const IN: (&str, &str) = ("ingress", "-");

struct Topology {
    vpc: String,
    gateway: String,
    table: String,
    group: String,
    acl: String,
    p: Host,
    q: Host,
}

#[derive(Clone)]
struct Host {
    instance: String,
    eni: String,
    address: String,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    let topology = build(stage)?;
    let mut reader = Reader::with_format(GROUP, LONG_FORMAT);
    reader.fresh(&stage.client)?;
    let tour = &mut Tour {
        stage,
        reader,
        topology: &topology,
    };
    outward(tour)?;
    inward(tour)?;
    rules(tour)?;
    end(tour)
}

struct Tour<'a> {
    stage: &'a mut Stage,
    reader: Reader,
    topology: &'a Topology,
}

impl Tour<'_> {
    fn records(&mut self, expected: &[Expected]) -> Result<(), String> {
        records::check(self.stage, &mut self.reader, expected)
    }

    fn ping(&mut self, from: &Host, to: &str, replies: usize) -> Result<(), String> {
        let ran = self.stage.exec(
            &from.instance,
            &["ping", "-c", "4", "-i", "0.1", "-W", "1", to],
        )?;
        self.stage.expect(
            &format!("{replies} replies"),
            &ran.stdout.matches("bytes from").count(),
            &replies,
        );
        Ok(())
    }

    /// Bob knocks with one program; `status` is what it must end with.
    fn bob(&mut self, command: &[&str], what: &str, status: i32) -> Result<(), String> {
        let ran = self.stage.outside("bob", command)?;
        self.stage.expect(what, &ran.status, &status);
        Ok(())
    }
}

/// A record of four ICMPv6 echoes of 104 bytes, one way.
fn echoes(
    host: &Host,
    other: &str,
    way: (&'static str, &'static str),
    action: &'static str,
) -> Expected {
    let (src, dst) = if way.0 == "egress" {
        (&*host.address, other)
    } else {
        (other, &*host.address)
    };
    Expected {
        protocol: 58,
        count: Some((4, 416)),
        way: Some(way),
        ..Expected::ping(&host.eni, src, dst, action)
    }
}

/// A record of a TCP or UDP flow with a service's port on the far side (or, `near`, on this one).
fn flow(
    host: &Host,
    other: &str,
    way: (&'static str, &'static str),
    protocol: u8,
    port: u16,
    near: bool,
) -> Expected {
    let outward = way.0 == "egress";
    let (src_port, dst_port) = if outward == near {
        (Some(port), None)
    } else {
        (None, Some(port))
    };
    Expected {
        protocol,
        src_port,
        dst_port,
        count: None,
        ..echoes(host, other, way, "ACCEPT")
    }
}

fn with_flags(record: Expected, flags: u8) -> Expected {
    Expected {
        tcp_flags: Some(flags),
        ..record
    }
}

fn build(stage: &mut Stage) -> Result<Topology, String> {
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
    let block = made.text("ipv6CidrBlock");
    // 2001:db8:1234:1a00::/56 holds the subnets 2001:db8:1234:1a00::/64 to …:1aff::/64.
    let prefix = block
        .strip_suffix("00::/56")
        .ok_or_else(|| format!("not a /56 with room: {block}"))?;
    let gateway = stage
        .ec2(
            &format!("create-egress-only-internet-gateway --vpc-id {vpc}"),
            "CreateEgressOnlyInternetGateway",
            &[("VpcId", &vpc)],
        )?
        .text("egressOnlyInternetGatewayId");
    let igw = internet_gateway(stage, &vpc)?;
    let group = stage
        .ec2(
            &format!("create-security-group --group-name open --description open --vpc-id {vpc}"),
            "CreateSecurityGroup",
            &[
                ("GroupName", "open"),
                ("GroupDescription", "open"),
                ("VpcId", &vpc),
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
    let acl = stage
        .ec2(
            &format!("describe-network-acls --filters Name=vpc-id,Values={vpc}"),
            "DescribeNetworkAcls",
            &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)],
        )?
        .text("networkAclId");
    let egress_only = (
        "egress-only-internet-gateway-id",
        "EgressOnlyInternetGatewayId",
        &*gateway,
    );
    let (p, table) = host(stage, &vpc, &group, "1", prefix, egress_only)?;
    let (q, _) = host(
        stage,
        &vpc,
        &group,
        "2",
        prefix,
        ("gateway-id", "GatewayId", &igw),
    )?;
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

/// A subnet with its own route table whose `::/0` leads to `target`, and a host in it.
fn host(
    stage: &mut Stage,
    vpc: &str,
    group: &str,
    number: &str,
    prefix: &str,
    (option, parameter, target): (&str, &str, &str),
) -> Result<(Host, String), String> {
    let (ipv4, ipv6) = (
        format!("10.0.{number}.0/24"),
        format!("{prefix}0{number}::/64"),
    );
    let subnet = stage
        .ec2(
            &format!("create-subnet --vpc-id {vpc} --cidr-block {ipv4} --ipv6-cidr-block {ipv6} --availability-zone us-east-1a"),
            "CreateSubnet",
            &[("VpcId", vpc), ("CidrBlock", &ipv4), ("Ipv6CidrBlock", &ipv6), ("AvailabilityZone", "us-east-1a")],
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
    stage.ec2(
        &format!("create-route --route-table-id {table} --destination-ipv6-cidr-block ::/0 --{option} {target}"),
        "CreateRoute",
        &[("RouteTableId", &table), ("DestinationIpv6CidrBlock", "::/0"), (parameter, target)],
    )?;
    let address = format!("{prefix}0{number}::10");
    let (instance, eni) = launch(
        stage,
        &subnet,
        group,
        &format!("10.0.{number}.10"),
        Some(&address),
    )?;
    Ok((
        Host {
            instance,
            eni,
            address,
        },
        table,
    ))
}

fn outward(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage.step("1. p pings Web: out and back");
    tour.ping(&p, WEB, 4)?;
    tour.records(&[
        echoes(&p, WEB, INTERNET, "ACCEPT"),
        echoes(&p, WEB, IN, "ACCEPT"),
    ])?;

    tour.stage
        .step("2. p fetches a page; Web sees p's own address, nothing is translated");
    let seen = tour.stage.exec(
        &p.instance,
        &["curl", "-6", "-s", "-m", "3", &format!("http://[{WEB}]/")],
    )?;
    tour.stage
        .expect("Web sees p", &seen.stdout.trim().to_owned(), &p.address);
    tour.records(&[
        with_flags(flow(&p, WEB, INTERNET, 6, 80, false), 3),
        with_flags(flow(&p, WEB, IN, 6, 80, false), 19),
    ])?;

    tour.stage
        .step("3. p sends a datagram to Web's echo service: its answer comes back");
    let echo = format!("echo hello | {NC} -u -w 1 {WEB} 7");
    let heard = tour.stage.exec(&p.instance, &["sh", "-c", &echo])?;
    tour.stage.expect(
        "it is echoed",
        &heard.stdout.trim().to_owned(),
        &"hello".to_owned(),
    );
    tour.records(&[
        flow(&p, WEB, INTERNET, 17, 7, false),
        flow(&p, WEB, IN, 17, 7, false),
    ])
}

fn inward(tour: &mut Tour) -> Result<(), String> {
    let (p, q) = (tour.topology.p.clone(), tour.topology.q.clone());
    tour.stage.step("4. Bob pings p and knocks at its ports: silence, although every rule is open, and no record");
    tour.bob(&["ping", "-c", "1", "-W", "1", &p.address], "no reply", 1)?;
    for port in ["22", "80", "443"] {
        tour.bob(
            &[NC, "-z", "-w", "1", &p.address, port],
            &format!("port {port}: no connection"),
            1,
        )?;
    }
    tour.stage
        .outside("bob", &[NC, "-u", "-z", &p.address, "53"])?;
    tour.records(&[])?;

    tour.stage
        .step("5. Bob does the same to q, behind the internet gateway: answered");
    let listener = tour
        .stage
        .background(&q.instance, &[NC, "-l", "-k", "80"])?;
    let mut knocked = 1;
    for _ in 0..40 {
        knocked = tour
            .stage
            .probe_outside("bob", &[NC, "-z", "-w", "1", &q.address, "80"])?
            .status;
        if knocked == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    tour.stage.expect("it connects", &knocked, &0);
    tour.reader.fresh(&tour.stage.client)?;
    let ran = tour.stage.outside(
        "bob",
        &["ping", "-c", "4", "-i", "0.1", "-W", "1", &q.address],
    )?;
    tour.stage
        .expect("4 replies", &ran.stdout.matches("bytes from").count(), &4);
    drop(listener);
    tour.records(&[
        echoes(&q, BOB, IN, "ACCEPT"),
        echoes(&q, BOB, INTERNET, "ACCEPT"),
    ])
}

fn rules(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage.step(
        "6. The network ACL denies everything inbound: the request leaves, the reply is refused",
    );
    let acl = tour.topology.acl.clone();
    tour.stage.ec2(
        &format!("create-network-acl-entry --network-acl-id {acl} --ingress --rule-number 50 --protocol -1 --rule-action deny --ipv6-cidr-block ::/0"),
        "CreateNetworkAclEntry",
        &[
            ("NetworkAclId", &acl),
            ("RuleNumber", "50"),
            ("Protocol", "-1"),
            ("RuleAction", "deny"),
            ("Egress", "false"),
            ("Ipv6CidrBlock", "::/0"),
        ],
    )?;
    tour.ping(&p, WEB, 0)?;
    tour.records(&[
        echoes(&p, WEB, INTERNET, "ACCEPT"),
        echoes(&p, WEB, IN, "REJECT"),
    ])?;
    tour.stage.ec2(
        &format!("delete-network-acl-entry --network-acl-id {acl} --ingress --rule-number 50"),
        "DeleteNetworkAclEntry",
        &[
            ("NetworkAclId", &acl),
            ("RuleNumber", "50"),
            ("Egress", "false"),
        ],
    )?;

    tour.stage
        .step("7. The security group lets nothing out: it never leaves");
    let group = tour.topology.group.clone();
    tour.stage.ec2(
        &format!("revoke-security-group-egress --group-id {group} --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]'"),
        "RevokeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ],
    )?;
    tour.ping(&p, WEB, 0)?;
    tour.records(&[echoes(&p, WEB, ("egress", "-"), "REJECT")])?;
    tour.stage.ec2(
        &format!("authorize-security-group-egress --group-id {group} --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]'"),
        "AuthorizeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
        ],
    )
    .map(drop)
}

fn end(tour: &mut Tour) -> Result<(), String> {
    let Topology {
        vpc,
        gateway,
        table,
        p,
        ..
    } = tour.topology;
    tour.stage
        .step("8. What is refused: IPv4 to it, a second one, a VPC deleted under it");
    for (shown, action, parameters, code) in [
        (
            format!(
                "create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --egress-only-internet-gateway-id {gateway}"
            ),
            "CreateRoute",
            vec![
                ("RouteTableId", table.as_str()),
                ("DestinationCidrBlock", "0.0.0.0/0"),
                ("EgressOnlyInternetGatewayId", gateway.as_str()),
            ],
            "InvalidParameterValue",
        ),
        (
            format!("create-egress-only-internet-gateway --vpc-id {vpc}"),
            "CreateEgressOnlyInternetGateway",
            vec![("VpcId", vpc.as_str())],
            "InvalidParameterValue",
        ),
        (
            format!("delete-vpc --vpc-id {vpc}"),
            "DeleteVpc",
            vec![("VpcId", vpc.as_str())],
            "DependencyViolation",
        ),
    ] {
        tour.stage.ec2_refused(&shown, action, &parameters, code);
    }

    tour.stage
        .step("9. The gateway is deleted: the route is a blackhole, p's packets end there");
    tour.stage.ec2(
        &format!("delete-egress-only-internet-gateway --egress-only-internet-gateway-id {gateway}"),
        "DeleteEgressOnlyInternetGateway",
        &[("EgressOnlyInternetGatewayId", gateway)],
    )?;
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
    tour.stage
        .expect("the route's state", &states, &vec!["blackhole".to_owned()]);
    tour.ping(p, WEB, 0)?;
    tour.records(&[echoes(p, WEB, ("egress", "-"), "ACCEPT")])
}
