//! From events to flow-log lines: world, snapshot, engine and recorder together, on spec 01 §5.
#![allow(clippy::unwrap_used)]

mod common;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use common::*;
use openvpc_compile::{compile, flow_log_plan};
use openvpc_engine::trace::Decision;
use openvpc_engine::{
    Engine, EniIndex, Frame, Limits, Mac, OutsideHost, PortId, Stage, Sweep, Time, Trace, Verdict,
};
use openvpc_flowlog::{Aggregator, Reading};
use openvpc_model::*;
use openvpc_wire::ip::{Envelope, emit_icmp};

const BOB: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 12);
const BOB_PORT: PortId = PortId::Outside(0);
const PUBLIC: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 139);
const PRIVATE: Ipv4Addr = Ipv4Addr::new(172, 31, 16, 139);
const ENI: EniIndex = EniIndex(1);
/// The wall clock when the test begins.
const BEGIN: i64 = 1_432_917_000;

fn bob() -> Arc<OutsideHost> {
    Arc::new(OutsideHost {
        mac: Mac([2, 1, 0, 0, 0, 1]),
        addresses: vec![BOB.into()],
        router_mac: Mac([2, 1, 0, 0, 0, 2]),
        router_ipv4: Ipv4Addr::new(203, 0, 113, 1),
        router_ipv6: "2001:db8::1".parse().unwrap(),
    })
}

/// An instance's interface behind an internet gateway, with a flow log on the VPC.
fn world(group_in: bool, acl_in: bool, acl_out: bool) -> World {
    let subnet = subnet(1, 1, "172.31.16.0/20");
    let mut eni = eni(ENI.0, &subnet, "172.31.16.139");
    eni.auto_public_ip = Some(PUBLIC);
    let ping = RuleTraffic::Icmp {
        kind: None,
        code: None,
    };
    let rules = group_in.then(|| rule(1, false, ping, everyone()));
    world_of(vec![
        Event::VpcPut(vpc(1, "172.31.0.0/16")),
        Event::SubnetPut(subnet),
        Event::InternetGatewayPut(InternetGateway {
            id: id("igw-", 1),
            owner: owner(),
            vpc: Some(id("vpc-", 1)),
        }),
        Event::RouteTablePut(table(
            1,
            1,
            vec![
                route("172.31.0.0/16", RouteTarget::Local),
                route("0.0.0.0/0", RouteTarget::InternetGateway(id("igw-", 1))),
            ],
            AssociationTarget::Main,
        )),
        Event::SecurityGroupPut(SecurityGroup {
            id: id("sg-", 1),
            owner: owner(),
            vpc: id("vpc-", 1),
            name: "ping".to_owned(),
            description: "ping".to_owned(),
            rules: rules.into_iter().collect(),
        }),
        Event::NetworkAclPut(NetworkAcl {
            id: id("acl-", 1),
            owner: owner(),
            vpc: id("vpc-", 1),
            is_default: true,
            entries: vec![acl_entry(100, false, acl_in), acl_entry(100, true, acl_out)],
        }),
        Event::NetworkInterfacePut(eni),
        Event::FlowLogPut(FlowLog {
            id: id("fl-", 1),
            owner: owner(),
            resource: FlowLogResource::Vpc(id("vpc-", 1)),
            traffic_type: TrafficType::All,
            destination: FlowLogDestination::CloudWatchLogs { log_group: "g".to_owned() },
            log_format: "${srcaddr} ${dstaddr} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${flow-direction} ${traffic-path}".to_owned(),
            max_aggregation_interval_seconds: 60,
            deliver_logs_permission_arn: None,
            role_is_known: false,
            delivery: Default::default(),
            created_at: 0,
        }),
    ])
}

/// An ICMP echo message (8 asks, 0 answers) with 56 bytes of data.
fn echo(kind: u8, sequence: u8, from: (Mac, Ipv4Addr), to: (Mac, Ipv4Addr)) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0, 0, 7, 0, sequence];
    message.resize(64, 0xa5);
    let envelope = Envelope {
        source_mac: from.0,
        destination_mac: to.0,
        source: IpAddr::V4(from.1),
        destination: IpAddr::V4(to.1),
    };
    let mut frame = Vec::new();
    emit_icmp(&mut frame, &envelope, 64, &message);
    frame
}

/// The names of the snapshot that judged.
struct Known<'a>(&'a openvpc_compile::Names);

impl openvpc_flowlog::Names for Known<'_> {
    fn rule(&self, _: u64, rule: openvpc_engine::RuleRef) -> Option<openvpc_flowlog::RuleText> {
        Some(self.0.rule(rule)?.text(self.0.gateway(rule)))
    }

    fn service(&self, _: IpAddr) -> Option<&'static str> {
        None
    }
}

/// Bob pings four times, the instance answers what it gets; the lines of the window, and the rule
/// that stopped the first packet that was stopped.
fn four_pings(world: &World) -> (Vec<String>, Option<String>) {
    let compiled = compile(world, vec![bob()]).unwrap();
    let router = compiled
        .snapshot
        .parts()
        .subnets
        .iter()
        .next()
        .unwrap()
        .1
        .router_mac;
    let eni_mac = compiled.snapshot.eni(ENI).unwrap().mac;
    let mut engine = Engine::new(Limits::default());
    engine.attach_port(PortId::Eni(ENI));
    engine.attach_port(BOB_PORT);
    engine.install(Arc::new(compiled.snapshot));
    let begin = Time::from_secs(1_000);
    let mut aggregator = Aggregator::new(Duration::from_secs(60), begin, BEGIN * 1_000);
    aggregator.configure(flow_log_plan(world, |_, _| None), begin);

    let mut stopped_by = None;
    let mut send = |engine: &mut Engine, port, frame: &mut Vec<u8>, now| {
        let mut trace = Trace::default();
        let verdict = engine.process_traced(port, &mut Frame::new(frame), now, &mut trace);
        if let Verdict::Drop(_) = verdict {
            let step = trace
                .steps
                .iter()
                .find(|step| matches!(step.decision, Decision::Drop(_)));
            let rule = step
                .and_then(|step| step.rule)
                .and_then(|rule| compiled.names.rule(rule));
            let stage = step.map(|step| step.stage).unwrap();
            stopped_by.get_or_insert(rule.map_or(format!("{stage:?}"), |rule| rule.to_string()));
        }
        verdict
    };
    let mut answered = 0;
    for sequence in 0..4 {
        let now = begin.plus_secs(10 + u64::from(sequence));
        let host = bob();
        let mut ping = echo(8, sequence, (host.mac, BOB), (host.router_mac, PUBLIC));
        if send(&mut engine, BOB_PORT, &mut ping, now)
            != (Verdict::Forward {
                port: PortId::Eni(ENI),
            })
        {
            continue;
        }
        let mut pong = echo(0, sequence, (eni_mac, PRIVATE), (router, BOB));
        if send(&mut engine, PortId::Eni(ENI), &mut pong, now)
            == (Verdict::Forward { port: BOB_PORT })
        {
            answered += 1;
        }
    }
    let end = (begin.plus_secs(60), (BEGIN + 60) * 1_000);
    let (reading, _) = Reading::step(&mut engine, Sweep::default(), end.0, end.1);
    let closed = aggregator.close(&reading, &Known(&compiled.names));
    let mut lines: Vec<String> = closed
        .batches
        .iter()
        .flat_map(|batch| batch.events())
        .map(|(_, line)| line.to_owned())
        .collect();
    lines.insert(0, format!("{answered} answered"));
    (lines, stopped_by)
}

const IN: &str = "203.0.113.12 172.31.16.139 1 4 336 1432917010 1432917013 ACCEPT ingress -";
const OUT: &str = "172.31.16.139 203.0.113.12 1 4 336 1432917010 1432917013 ACCEPT egress 8";

/// Both allow: the group has no egress rule at all, but it is stateful.
#[test]
fn a_ping_and_its_reply_are_accepted() {
    let (lines, stopped) = four_pings(&world(true, true, true));
    assert_eq!(lines, ["4 answered", IN, OUT]);
    assert_eq!(stopped, None);
}

/// The network ACL is stateless: accepted in, rejected out.
#[test]
fn the_reply_is_rejected_by_the_network_acl() {
    let (lines, stopped) = four_pings(&world(true, true, false));
    let rejected = "172.31.16.139 203.0.113.12 1 4 336 1432917010 1432917013 REJECT egress";
    assert_eq!(lines[..2], ["0 answered", IN]);
    assert!(lines[2].starts_with(rejected), "{}", lines[2]);
    assert_eq!(lines.len(), 3);
    assert_eq!(
        stopped.unwrap(),
        "outbound entry 100 of acl-00000000000000001"
    );
}

#[test]
fn the_ping_is_rejected_by_the_security_group_or_by_the_network_acl() {
    let rejected = "203.0.113.12 172.31.16.139 1 4 336 1432917010 1432917013 REJECT ingress -";
    let (lines, stopped) = four_pings(&world(false, true, true));
    assert_eq!(lines, ["0 answered", rejected]);
    assert_eq!(stopped.unwrap(), format!("{:?}", Stage::SecurityGroup));
    let (lines, stopped) = four_pings(&world(true, false, true));
    assert_eq!(lines, ["0 answered", rejected]);
    assert_eq!(
        stopped.unwrap(),
        "inbound entry 100 of acl-00000000000000001"
    );
}

/// Our own columns: what let the ping in, what its answer met, and where it was stopped.
#[test]
fn records_name_the_rules_that_decided() {
    let told = |mut world: World| {
        for region in world.regions.values_mut() {
            for log in region.flow_logs.values_mut() {
                log.log_format = "${action} ${flow-direction} ${openvpc-security-group-rule} ${openvpc-network-acl} ${openvpc-network-acl-rule} ${openvpc-route-table} ${openvpc-route} ${openvpc-gateway} ${openvpc-drop-reason}".to_owned();
            }
        }
        four_pings(&world).0.split_off(1)
    };
    let rule = "sgr-00000000000000001";
    let acl = "acl-00000000000000001 100";
    let route = "rtb-00000000000000001 0.0.0.0/0 igw-00000000000000001";
    assert_eq!(
        told(world(true, true, true)),
        [
            format!("ACCEPT ingress {rule} {acl} - - - -"),
            format!("ACCEPT egress {rule} {acl} {route} -"),
        ]
    );
    assert_eq!(
        told(world(true, true, false)),
        [
            format!("ACCEPT ingress {rule} {acl} - - - -"),
            format!("REJECT egress {rule} {acl} - - - NetworkAclOutbound"),
        ]
    );
    assert_eq!(
        told(world(true, false, true)),
        [format!("REJECT ingress - {acl} - - - NetworkAclInbound")]
    );
    assert_eq!(
        told(world(false, true, true)),
        [format!("REJECT ingress - {acl} - - - SecurityGroupIngress")]
    );
}
