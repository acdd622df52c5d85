//! Flow logs: Bob's ping (AWS: VPC user guide, "Flow log record examples").
//!
//! One VPC log of all traffic to CloudWatch Logs, one of the subnet's rejected traffic and one of an interface's accepted
//! traffic to S3; security groups and network ACLs are opened and closed one after another, and each time the packets and
//! the records must be as documented.

use std::io::Read;

use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::Stage;
use super::topology::{internet_gateway, launch};

const BOB: &str = "203.0.113.12";
const WEB_PUBLIC: &str = "192.0.2.10";
const WEB: &str = "10.0.1.10";
const PEER: &str = "10.0.1.11";
const GROUP: &str = "fl";
const BUCKET: &str = "logs";
/// What every ping bears; it must be in no record.
const MARKER: &str = "openvpc-marker-0";
const ROLE: &str = "arn:aws:iam::123456789012:role/flow-logs";
/// The one that every sandbox has, whichever the host has.
const NC: &str = "/run/openvpc/bin/nc";

/// The topology's ids, as the API gave them.
struct Topology {
    vpc: String,
    subnet: String,
    group: String,
    acl: String,
    web: String,
    eni_web: String,
    eni_peer: String,
    peer: String,
    flow_log: String,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    let topology = build(stage)?;
    let mut reader = Reader::new(GROUP);
    reader.fresh(stage)?;
    let tour = &mut Tour {
        stage,
        reader,
        topology: &topology,
    };
    pings(tour)?;
    connections(tour)?;
    objects(tour)?;
    exclusions(tour)?;
    life(tour)
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

    fn bob_pings(&mut self, replies: usize) -> Result<(), String> {
        let marker: String = MARKER.bytes().map(|byte| format!("{byte:02x}")).collect();
        let command = [
            "ping", "-c", "4", "-i", "0.1", "-W", "1", "-p", &marker, WEB_PUBLIC,
        ];
        let ran = self.stage.outside("bob", &command)?;
        self.stage.expect(
            &format!("{replies} replies"),
            &ran.stdout.matches("bytes from").count(),
            &replies,
        );
        Ok(())
    }

    fn ping_in(&self, action: &'static str) -> Expected {
        Expected::ping(&self.topology.eni_web, BOB, WEB, action)
    }

    fn ping_out(&self, action: &'static str) -> Expected {
        Expected::ping(&self.topology.eni_web, WEB, BOB, action)
    }

    /// Bob's TCP connection to a port of `web`, seen at its interface.
    fn tcp(&self, port: u16, outward: bool, action: &'static str) -> Expected {
        let (src, dst) = if outward { (WEB, BOB) } else { (BOB, WEB) };
        let (src_port, dst_port) = if outward {
            (Some(port), None)
        } else {
            (None, Some(port))
        };
        Expected {
            eni: self.topology.eni_web.clone(),
            src: src.to_owned(),
            dst: dst.to_owned(),
            src_port,
            dst_port,
            protocol: 6,
            count: None,
            action,
            way: None,
            tcp_flags: None,
        }
    }

    fn acl_entry(
        &mut self,
        direction: &str,
        number: &str,
        action: &str,
        protocol: &str,
    ) -> Result<(), String> {
        let acl = &self.topology.acl;
        let egress = if direction == "egress" {
            "true"
        } else {
            "false"
        };
        let mut parameters = vec![
            ("NetworkAclId", acl.as_str()),
            ("RuleNumber", number),
            ("Protocol", protocol),
            ("RuleAction", action),
            ("Egress", egress),
            ("CidrBlock", "0.0.0.0/0"),
        ];
        if protocol == "1" {
            parameters.extend([("Icmp.Type", "-1"), ("Icmp.Code", "-1")]);
        }
        let icmp = if protocol == "1" {
            " --icmp-type-code Type=-1,Code=-1"
        } else {
            ""
        };
        let shown = format!(
            "create-network-acl-entry --network-acl-id {acl} --{direction} --rule-number {number} --protocol {protocol} --rule-action {action} --cidr-block 0.0.0.0/0{icmp}"
        );
        self.stage
            .ec2(&shown, "CreateNetworkAclEntry", &parameters)
            .map(drop)
    }

    fn drop_acl_entry(&mut self, direction: &str, number: &str) -> Result<(), String> {
        let acl = &self.topology.acl;
        let egress = if direction == "egress" {
            "true"
        } else {
            "false"
        };
        let shown = format!(
            "delete-network-acl-entry --network-acl-id {acl} --{direction} --rule-number {number}"
        );
        let parameters = [
            ("NetworkAclId", acl.as_str()),
            ("RuleNumber", number),
            ("Egress", egress),
        ];
        self.stage
            .ec2(&shown, "DeleteNetworkAclEntry", &parameters)
            .map(drop)
    }

    /// Authorizes or revokes one rule of the group.
    fn rule(
        &mut self,
        verb: &str,
        protocol: &str,
        port: Option<&str>,
        cidr: &str,
    ) -> Result<(), String> {
        rule(self.stage, &self.topology.group, verb, protocol, port, cidr)
    }
}

/// `verb` is such as `authorize-ingress`. Without a port, every port or ICMP type.
fn rule(
    stage: &mut Stage,
    group: &str,
    verb: &str,
    protocol: &str,
    port: Option<&str>,
    cidr: &str,
) -> Result<(), String> {
    let (act, direction) = verb.split_once('-').unwrap_or((verb, "ingress"));
    let action = match (act, direction) {
        ("authorize", "ingress") => "AuthorizeSecurityGroupIngress",
        ("authorize", _) => "AuthorizeSecurityGroupEgress",
        (_, "ingress") => "RevokeSecurityGroupIngress",
        (_, _) => "RevokeSecurityGroupEgress",
    };
    let mut parameters = vec![("GroupId", group), ("IpPermissions.1.IpProtocol", protocol)];
    let mut permission = format!("IpProtocol={protocol}");
    if protocol != "-1" {
        let port = port.unwrap_or("-1");
        parameters.extend([
            ("IpPermissions.1.FromPort", port),
            ("IpPermissions.1.ToPort", port),
        ]);
        permission.push_str(&format!(",FromPort={port},ToPort={port}"));
    }
    parameters.push(("IpPermissions.1.IpRanges.1.CidrIp", cidr));
    let shown = format!(
        "{act}-security-group-{direction} --group-id {group} --ip-permissions '{permission},IpRanges=[{{CidrIp={cidr}}}]'"
    );
    stage.ec2(&shown, action, &parameters).map(drop)
}

fn build(stage: &mut Stage) -> Result<Topology, String> {
    stage.step("The topology: a public subnet with two hosts, and Bob outside");
    let vpc = stage
        .ec2(
            "create-vpc --cidr-block 10.0.0.0/16",
            "CreateVpc",
            &[("CidrBlock", "10.0.0.0/16")],
        )?
        .text("vpcId");
    let subnet = stage
        .ec2(
            &format!("create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 --availability-zone us-east-1a"),
            "CreateSubnet",
            &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24"), ("AvailabilityZone", "us-east-1a")],
        )?
        .text("subnetId");
    let igw = internet_gateway(stage, &vpc)?;
    let table = stage
        .ec2(
            &format!("create-route-table --vpc-id {vpc}"),
            "CreateRouteTable",
            &[("VpcId", &vpc)],
        )?
        .text("routeTableId");
    stage.ec2(
        &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"),
        "CreateRoute",
        &[("RouteTableId", &table), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", &igw)],
    )?;
    stage.ec2(
        &format!("associate-route-table --route-table-id {table} --subnet-id {subnet}"),
        "AssociateRouteTable",
        &[("RouteTableId", &table), ("SubnetId", &subnet)],
    )?;
    let group = stage
        .ec2(
            &format!("create-security-group --group-name s --description s --vpc-id {vpc}"),
            "CreateSecurityGroup",
            &[
                ("GroupName", "s"),
                ("GroupDescription", "s"),
                ("VpcId", &vpc),
            ],
        )?
        .text("groupId");
    rule(
        stage,
        &group,
        "authorize-ingress",
        "icmp",
        None,
        "0.0.0.0/0",
    )?;
    rule(
        stage,
        &group,
        "authorize-ingress",
        "tcp",
        Some("22"),
        "203.0.113.12/32",
    )?;
    let acl = build_acl(stage, &vpc, &subnet)?;
    let (web, eni_web) = launch(stage, &subnet, &group, WEB, None)?;
    let (peer, eni_peer) = launch(stage, &subnet, &group, PEER, None)?;
    give_public_address(stage, &web, WEB_PUBLIC)?;
    let flow_log = stage
        .ec2(
            &format!("create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name {GROUP} --deliver-logs-permission-arn {ROLE} --max-aggregation-interval 60"),
            "CreateFlowLogs",
            &[
                ("ResourceType", "VPC"),
                ("ResourceId.1", &vpc),
                ("TrafficType", "ALL"),
                ("LogGroupName", GROUP),
                ("DeliverLogsPermissionArn", ROLE),
                ("MaxAggregationInterval", "60"),
            ],
        )?
        .items("flowLogIdSet")
        .first()
        .map(|item| item.own_text().to_owned())
        .ok_or("CreateFlowLogs made no flow log")?;
    stage
        .client
        .make_bucket(BUCKET)
        .map_err(|refusal| refusal.to_string())?;
    log_to_bucket(
        stage,
        &[
            ("ResourceType", "Subnet"),
            ("ResourceId.1", &subnet),
            ("TrafficType", "REJECT"),
            ("LogDestination", "arn:aws:s3:::logs/net/"),
            ("DestinationOptions.PerHourPartition", "true"),
        ],
    )?;
    log_to_bucket(
        stage,
        &[
            ("ResourceType", "NetworkInterface"),
            ("ResourceId.1", &eni_web),
            ("TrafficType", "ACCEPT"),
            ("LogDestination", "arn:aws:s3:::logs"),
            ("LogFormat", LONG_FORMAT),
        ],
    )?;
    Ok(Topology {
        vpc,
        subnet,
        group,
        acl,
        web,
        eni_web,
        eni_peer,
        peer,
        flow_log,
    })
}

/// Makes a flow log whose records go to S3.
fn log_to_bucket(stage: &mut Stage, parameters: &[(&str, &str)]) -> Result<(), String> {
    let words: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let shown = format!(
        "create-flow-logs --log-destination-type s3 … {}",
        words.join(" ")
    );
    let mut all = vec![
        ("LogDestinationType", "s3"),
        ("MaxAggregationInterval", "60"),
    ];
    all.extend_from_slice(parameters);
    let answer = stage.ec2(&shown, "CreateFlowLogs", &all)?;
    let refused = answer.items("unsuccessful").len();
    stage.expect(
        "it is made",
        &(answer.items("flowLogIdSet").len(), refused),
        &(1, 0),
    );
    Ok(())
}

fn build_acl(stage: &mut Stage, vpc: &str, subnet: &str) -> Result<String, String> {
    let acl = stage
        .ec2(
            &format!("create-network-acl --vpc-id {vpc}"),
            "CreateNetworkAcl",
            &[("VpcId", vpc)],
        )?
        .text("networkAclId");
    for (direction, egress) in [("ingress", "false"), ("egress", "true")] {
        stage.ec2(
            &format!("create-network-acl-entry --network-acl-id {acl} --{direction} --rule-number 100 --protocol -1 --rule-action allow --cidr-block 0.0.0.0/0"),
            "CreateNetworkAclEntry",
            &[
                ("NetworkAclId", &acl),
                ("RuleNumber", "100"),
                ("Protocol", "-1"),
                ("RuleAction", "allow"),
                ("Egress", egress),
                ("CidrBlock", "0.0.0.0/0"),
            ],
        )?;
    }
    let found = stage.ec2(
        &format!("describe-network-acls --filters Name=association.subnet-id,Values={subnet}"),
        "DescribeNetworkAcls",
        &[
            ("Filter.1.Name", "association.subnet-id"),
            ("Filter.1.Value.1", subnet),
        ],
    )?;
    let association = found
        .items("associationSet")
        .iter()
        .find(|item| item.text("subnetId") == subnet)
        .map(|item| item.text("networkAclAssociationId"))
        .ok_or("the subnet has no network ACL")?;
    stage.ec2(
        &format!(
            "replace-network-acl-association --association-id {association} --network-acl-id {acl}"
        ),
        "ReplaceNetworkAclAssociation",
        &[("AssociationId", &association), ("NetworkAclId", &acl)],
    )?;
    Ok(acl)
}

fn give_public_address(stage: &mut Stage, instance: &str, address: &str) -> Result<(), String> {
    let allocation = stage
        .ec2(
            &format!("allocate-address --domain vpc --address {address}"),
            "AllocateAddress",
            &[("Domain", "vpc"), ("Address", address)],
        )?
        .text("allocationId");
    stage
        .ec2(
            &format!("associate-address --allocation-id {allocation} --instance-id {instance}"),
            "AssociateAddress",
            &[("AllocationId", &allocation), ("InstanceId", instance)],
        )
        .map(drop)
}

fn pings(tour: &mut Tour) -> Result<(), String> {
    tour.stage.step(
        "1. Bob pings the Elastic IP: accepted in, accepted out; the address is the private one",
    );
    tour.bob_pings(4)?;
    tour.records(&[tour.ping_in("ACCEPT"), tour.ping_out("ACCEPT")])?;

    tour.stage.step(
        "2. No egress rule at all: the reply passes all the same, a security group is stateful",
    );
    tour.rule("revoke-egress", "-1", None, "0.0.0.0/0")?;
    tour.bob_pings(4)?;
    tour.records(&[tour.ping_in("ACCEPT"), tour.ping_out("ACCEPT")])?;

    tour.stage.step(
        "3. The network ACL denies ICMP outbound: a network ACL is stateless, the reply is refused",
    );
    tour.acl_entry("egress", "90", "deny", "1")?;
    tour.bob_pings(0)?;
    tour.records(&[tour.ping_in("ACCEPT"), tour.ping_out("REJECT")])?;

    tour.stage
        .step("4. The network ACL denies ICMP inbound: nothing arrives");
    tour.drop_acl_entry("egress", "90")?;
    tour.acl_entry("ingress", "90", "deny", "1")?;
    tour.bob_pings(0)?;
    tour.records(&[tour.ping_in("REJECT")])?;

    tour.stage
        .step("5. The security group has no ICMP rule: nothing arrives");
    tour.drop_acl_entry("ingress", "90")?;
    tour.rule("revoke-ingress", "icmp", None, "0.0.0.0/0")?;
    tour.bob_pings(0)?;
    tour.records(&[tour.ping_in("REJECT")])?;

    tour.stage.step("6. The network ACL denies everything, and a neighbour pings: inside a subnet it is not asked");
    tour.rule("authorize-ingress", "icmp", None, "0.0.0.0/0")?;
    tour.rule("authorize-egress", "-1", None, "0.0.0.0/0")?;
    tour.acl_entry("ingress", "50", "deny", "-1")?;
    tour.acl_entry("egress", "50", "deny", "-1")?;
    let peer = tour.topology.peer.clone();
    let ran = tour
        .stage
        .exec(&peer, &["ping", "-c", "4", "-i", "0.1", "-W", "1", WEB])?;
    tour.stage
        .expect("4 replies", &ran.stdout.matches("bytes from").count(), &4);
    let (web, peer) = (&tour.topology.eni_web, &tour.topology.eni_peer);
    tour.records(&[
        Expected::ping(peer, PEER, WEB, "ACCEPT"),
        Expected::ping(web, PEER, WEB, "ACCEPT"),
        Expected::ping(web, WEB, PEER, "ACCEPT"),
        Expected::ping(peer, WEB, PEER, "ACCEPT"),
    ])?;
    tour.drop_acl_entry("ingress", "50")?;
    tour.drop_acl_entry("egress", "50")
}

fn connections(tour: &mut Tour) -> Result<(), String> {
    let web = tour.topology.web.clone();
    tour.stage
        .step("7. Bob connects to port 22, which is allowed and served");
    let listener = tour.stage.background(&web, &[NC, "-l", "-k", "22"])?;
    wait_for_listener(tour.stage, &web)?;
    let ran = tour
        .stage
        .outside("bob", &[NC, "-z", "-w", "1", WEB_PUBLIC, "22"])?;
    tour.stage.expect("it connects", &ran.status, &0);
    tour.records(&[tour.tcp(22, false, "ACCEPT"), tour.tcp(22, true, "ACCEPT")])?;
    drop(listener);

    tour.stage
        .step("8. Port 23 is allowed but nobody listens: refused by the host, accepted by the VPC");
    tour.rule("authorize-ingress", "tcp", Some("23"), "203.0.113.12/32")?;
    let ran = tour
        .stage
        .outside("bob", &[NC, "-z", "-w", "1", WEB_PUBLIC, "23"])?;
    tour.stage.expect("it is refused", &ran.status, &1);
    tour.records(&[tour.tcp(23, false, "ACCEPT"), tour.tcp(23, true, "ACCEPT")])?;

    tour.stage
        .step("9. Port 23 is closed in the security group: silence");
    tour.rule("revoke-ingress", "tcp", Some("23"), "203.0.113.12/32")?;
    let ran = tour
        .stage
        .outside("bob", &[NC, "-z", "-w", "1", WEB_PUBLIC, "23"])?;
    tour.stage.expect("it times out", &ran.status, &1);
    tour.records(&[tour.tcp(23, false, "REJECT")])
}

/// What S3 got: the subnet's log exactly the rejected, the interface's log exactly its accepted traffic.
fn objects(tour: &mut Tour) -> Result<(), String> {
    let eni = tour.topology.eni_web.clone();
    let expected =
        |(src, dst), ports: (Option<u16>, Option<u16>), protocol, count, action| Expected {
            eni: eni.clone(),
            src: str::to_owned(src),
            dst: str::to_owned(dst),
            src_port: ports.0,
            dst_port: ports.1,
            protocol,
            count,
            action,
            way: None,
            tcp_flags: None,
        };
    let (inward, outward) = ((BOB, WEB), (WEB, BOB));
    let echo = (Some(0), Some(0));
    let rejected = [
        expected(outward, echo, 1, Some((4, 336)), "REJECT"),
        // Of steps 4 and 5.
        expected(inward, echo, 1, Some((8, 672)), "REJECT"),
        expected(inward, (None, Some(23)), 6, None, "REJECT"),
    ];
    let accepted = |ends, ports, protocol, count, way, flags| Expected {
        way: Some(way),
        tcp_flags: Some(flags),
        ..expected(ends, ports, protocol, count, "ACCEPT")
    };
    let (ingress, egress, near) = (("ingress", "-"), ("egress", "8"), ("egress", "1"));
    let accepted = [
        // Of steps 1, 2 and, inward, 3.
        accepted(inward, echo, 1, Some((12, 1008)), ingress, 0),
        accepted(outward, echo, 1, Some((8, 672)), egress, 0),
        accepted((PEER, WEB), echo, 1, Some((4, 336)), ingress, 0),
        accepted((WEB, PEER), echo, 1, Some((4, 336)), near, 0),
        accepted(inward, (None, Some(22)), 6, None, ingress, 3),
        accepted(outward, (Some(22), None), 6, None, egress, 19),
        accepted(inward, (None, Some(23)), 6, None, ingress, 2),
        accepted(outward, (Some(23), None), 6, None, egress, 4),
    ];
    tour.stage.step("What S3 got: the subnet's log exactly the REJECTs of 3, 4, 5 and 9, the interface's log exactly its ACCEPTs");
    let (texts, keys) = bucket_texts(tour, "net/")?;
    let fresh = Reader::new(GROUP).of_lines(texts.iter().flat_map(|text| text.lines().skip(1)));
    tour.stage.expect(
        "3 rejected flows, no other",
        &fresh.differences(&rejected),
        &Vec::new(),
    );
    let (long_texts, _) = bucket_texts(tour, "AWSLogs/")?;
    let reader = Reader::with_format(GROUP, LONG_FORMAT);
    let fresh = reader.of_lines(long_texts.iter().flat_map(|text| text.lines().skip(1)));
    tour.stage.expect(
        "8 accepted flows, no other",
        &fresh.differences(&accepted),
        &Vec::new(),
    );
    let odd: Vec<&String> = keys.iter().filter(|key| !is_documented(key)).collect();
    tour.stage
        .expect("objects are named as documented", &odd, &Vec::new());
    let heads = texts.iter().filter_map(|text| text.lines().next());
    let head = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    tour.stage.expect(
        "the first line names the fields",
        &heads.filter(|line| *line != head).count(),
        &0,
    );
    let told = texts
        .iter()
        .chain(&long_texts)
        .filter(|text| text.contains(MARKER));
    tour.stage
        .expect("the pings' marker is in no object", &told.count(), &0);

    tour.stage.step("A role that cannot be assumed");
    let vpc = tour.topology.vpc.clone();
    let user = ROLE.replace("role", "user");
    tour.stage.ec2_refused(
        &format!("create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name other --deliver-logs-permission-arn {user}"),
        "CreateFlowLogs",
        &[
            ("ResourceType", "VPC"),
            ("ResourceId.1", &vpc),
            ("TrafficType", "ALL"),
            ("LogGroupName", "other"),
            ("DeliverLogsPermissionArn", &user),
        ],
        "InvalidParameter",
    );
    Ok(())
}

/// Far more than a tour makes.
const OBJECTS_MAX: usize = 1_000;

/// The texts of the bucket's objects under a prefix, and their keys.
fn bucket_texts(tour: &Tour, prefix: &str) -> Result<(Vec<String>, Vec<String>), String> {
    // The window that is open now, and what S3 takes to get it.
    std::thread::sleep(super::stage::WINDOW * 2);
    let client = &tour.stage.client;
    let told = |refusal: crate::client::Refusal| refusal.to_string();
    let keys = client.s3_keys(BUCKET, prefix, OBJECTS_MAX).map_err(told)?;
    let mut texts = Vec::new();
    for key in &keys {
        let packed = client.s3_object(BUCKET, key).map_err(told)?;
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(packed)
            .read_to_string(&mut text)
            .map_err(|e| format!("{key}: {e}"))?;
        texts.push(text);
    }
    Ok((texts, keys))
}

/// `net/AWSLogs/<account>/vpcflowlogs/<region>/yyyy/mm/dd/hh/<account>_vpcflowlogs_<region>_fl-…_<stamp>_<8 hex>.log.gz`.
fn is_documented(key: &str) -> bool {
    let prefix = "net/AWSLogs/123456789012/vpcflowlogs/us-east-1/";
    let Some(parts) = key
        .strip_prefix(prefix)
        .map(|rest| rest.split('/').collect::<Vec<_>>())
    else {
        return false;
    };
    let digits = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
    let [year, month, day, hour, file] = parts[..] else {
        return false;
    };
    let Some(file) = file
        .strip_prefix("123456789012_vpcflowlogs_us-east-1_fl-")
        .and_then(|file| file.strip_suffix(".log.gz"))
    else {
        return false;
    };
    let [id, stamp, hash] = file.split('_').collect::<Vec<_>>()[..] else {
        return false;
    };
    digits(year, 4)
        && [month, day, hour].iter().all(|part| digits(part, 2))
        && hex(id, 17)
        && stamp.len() == 14
        && stamp.ends_with('Z')
        && hex(hash, 8)
}

/// Until the background listener is there, which the tour must not guess.
fn wait_for_listener(stage: &mut Stage, web: &str) -> Result<(), String> {
    for _ in 0..40 {
        let tables = stage
            .probe(web, &["cat", "/proc/net/tcp", "/proc/net/tcp6"])?
            .stdout;
        // Local port 22 (0016) in state LISTEN (0A).
        if tables
            .lines()
            .any(|line| line.contains(":0016 ") && line.contains(" 0A "))
        {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    Err("nobody listens on port 22 of web".to_owned())
}

fn exclusions(tour: &mut Tour) -> Result<(), String> {
    let (web, eni_web) = (tour.topology.web.clone(), tour.topology.eni_web.clone());
    tour.stage
        .step("10. An idle window: one NODATA record for each interface");
    let fresh = tour.reader.fresh(tour.stage)?;
    let mut idle: Vec<&String> = fresh.idle.keys().collect();
    idle.sort();
    let mut wanted = vec![&tour.topology.eni_web, &tour.topology.eni_peer];
    wanted.sort();
    for line in fresh.idle.values().filter_map(|lines| lines.last()) {
        tour.stage.say(line);
    }
    tour.stage
        .expect("both interfaces are idle", &idle, &wanted);
    let twice = fresh
        .idle
        .values()
        .any(|lines| lines.windows(2).any(|pair| pair[0] == pair[1]));
    tour.stage
        .expect("each window is told once", &twice, &false);

    tour.stage.step(
        "11. The router itself, the resolver at both addresses, metadata and time: never recorded",
    );
    let ran = tour
        .stage
        .exec(&web, &["ping", "-c", "1", "-W", "1", "10.0.1.1"])?;
    tour.stage.expect("the router answers", &ran.status, &0);
    tour.stage
        .exec(&web, &[NC, "-u", "-z", "-w", "1", "10.0.0.2", "53"])?;
    tour.stage
        .exec(&web, &[NC, "-z", "-w", "1", "169.254.169.254", "80"])?;
    for (address, port) in [("169.254.169.253", "53"), ("169.254.169.123", "123")] {
        tour.stage
            .exec(&web, &[NC, "-u", "-z", "-w", "1", address, port])?;
    }
    tour.records(&[])?;

    tour.stage
        .step("12. A resolver of one's own is recorded like any host");
    tour.stage
        .exec(&web, &[NC, "-u", "-z", "-w", "1", "198.51.100.80", "53"])?;
    let fresh = tour.reader.fresh(tour.stage)?;
    for line in &fresh.lines {
        tour.stage.say(line);
    }
    let asked = fresh
        .flows
        .keys()
        .filter(|f| f.eni == eni_web && f.src == WEB && f.protocol == 17 && f.dst_port == 53);
    tour.stage
        .expect("egress, protocol 17, port 53", &asked.count(), &1);
    Ok(())
}

fn life(tour: &mut Tour) -> Result<(), String> {
    tour.stage
        .step("13. An instance launched afterwards is covered without touching the log");
    let (subnet, group) = (tour.topology.subnet.clone(), tour.topology.group.clone());
    let (web2, eni_web2) = launch(tour.stage, &subnet, &group, "10.0.1.12", None)?;
    give_public_address(tour.stage, &web2, "192.0.2.12")?;
    let ran = tour.stage.outside(
        "bob",
        &["ping", "-c", "4", "-i", "0.1", "-W", "1", "192.0.2.12"],
    )?;
    tour.stage
        .expect("4 replies", &ran.stdout.matches("bytes from").count(), &4);
    tour.records(&[
        Expected::ping(&eni_web2, BOB, "10.0.1.12", "ACCEPT"),
        Expected::ping(&eni_web2, "10.0.1.12", BOB, "ACCEPT"),
    ])?;

    tour.stage.step(
        "14. The flow log is deleted: traffic goes on, records do not, what was delivered stays",
    );
    let flow_log = tour.topology.flow_log.clone();
    tour.stage.ec2(
        &format!("delete-flow-logs --flow-log-ids {flow_log}"),
        "DeleteFlowLogs",
        &[("FlowLogId.1", &flow_log)],
    )?;
    tour.reader.fresh(tour.stage)?;
    tour.bob_pings(4)?;
    let fresh = tour.reader.fresh(tour.stage)?;
    tour.stage.expect(
        "nothing new",
        &(fresh.lines.len(), fresh.idle.len()),
        &(0, 0),
    );
    let all = Reader::new(GROUP).fresh(tour.stage)?;
    tour.stage
        .expect("the old records are there", &(all.lines.len() > 20), &true);
    let vpc = &tour.topology.vpc;
    let gone = tour
        .stage
        .client
        .ec2("DeleteVpc", &[("VpcId", vpc)])
        .map(drop)
        .map_err(|refusal| refusal.code);
    tour.stage.expect(
        "a VPC in use is not deleted",
        &gone,
        &Err("DependencyViolation".to_owned()),
    );
    Ok(())
}
