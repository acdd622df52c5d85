//! Records as the guide shows them.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use openvpc_engine::{Action, Direction, RuleRef, TcpFlags, TrafficPath, Why};
use openvpc_flowlog::*;

/// The only line of a window with one cell.
fn line(format: &str, id: &str, cell: openvpc_engine::FlowCell) -> String {
    let mut plan = plan(vec![flow_log("fl-1", Filter::All, format, &[1])]);
    plan.interfaces
        .insert(openvpc_engine::EniIndex(1), interface(id));
    let mut aggregator = aggregator(plan);
    let closed = aggregator.close_now(&reading(BEGIN + 200, vec![cell]));
    assert_eq!(closed.batches.len(), 1);
    let mut events = closed.batches[0].events();
    let (_, line) = events.next().unwrap();
    assert_eq!(events.next(), None);
    line.to_owned()
}

/// VPC user guide, "Flow log record examples": accepted traffic.
#[test]
fn ssh_accepted() {
    assert_eq!(
        line(
            DEFAULT_FORMAT,
            "eni-1235b8ca123456789",
            cell(1, 20, 4249, BEGIN + 10, BEGIN + 70)
        ),
        "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530030 1418530090 ACCEPT OK"
    );
}

/// The same, "Security group and network ACL rules": the ping's reply is refused by the network ACL.
#[test]
fn ping_accepted_and_its_reply_rejected() {
    let [bob, web] = ["203.0.113.12", "172.31.16.139"].map(|text| text.parse().unwrap());
    let ping = openvpc_engine::FlowCell {
        source: bob,
        destination: web,
        packet_source: bob,
        packet_destination: web,
        source_port: 0,
        destination_port: 0,
        protocol: 1,
        ..cell(1, 4, 336, BEGIN + 7, BEGIN + 122)
    };
    let reply = openvpc_engine::FlowCell {
        direction: Direction::Egress,
        action: Action::Reject,
        source: web,
        destination: bob,
        packet_source: web,
        packet_destination: bob,
        first: at(BEGIN + 74),
        ..ping.clone()
    };
    let mut plan = plan(vec![flow_log("fl-1", Filter::All, DEFAULT_FORMAT, &[1])]);
    plan.interfaces.insert(
        openvpc_engine::EniIndex(1),
        interface("eni-1235b8ca123456789"),
    );
    let closed = aggregator(plan).close_now(&reading(BEGIN + 180, vec![reply, ping]));
    assert_eq!(
        closed.batches[0].events().collect::<Vec<_>>(),
        [
            (
                ms(BEGIN + 7),
                "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1418530027 1418530142 ACCEPT OK"
            ),
            (
                ms(BEGIN + 74),
                "2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1418530094 1418530142 REJECT OK"
            ),
        ]
    );
}

/// The same, "No data and skipped records".
#[test]
fn no_data_and_skipped_data() {
    let mut plan = plan(vec![flow_log("fl-1", Filter::All, DEFAULT_FORMAT, &[1, 2])]);
    plan.interfaces.insert(
        openvpc_engine::EniIndex(1),
        interface("eni-1235b8ca123456789"),
    );
    plan.interfaces.insert(
        openvpc_engine::EniIndex(2),
        interface("eni-11111111aaaaaaaaa"),
    );
    let mut skipped = reading(BEGIN + 58, vec![]);
    skipped.overflow.push((openvpc_engine::EniIndex(2), 7));
    let closed = aggregator(plan).close_now(&skipped);
    assert_eq!(
        lines(&closed),
        [
            "fl-1 eni-1235b8ca123456789-all: 2 123456789010 eni-1235b8ca123456789 - - - - - - - 1418530020 1418530078 - NODATA",
            "fl-1 eni-11111111aaaaaaaaa-all: 2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1418530020 1418530078 - SKIPDATA",
        ]
    );
}

/// The same, "TCP flag sequence".
#[test]
fn tcp_flags_of_a_whole_short_connection() {
    let mut flags = TcpFlags::default();
    for header in [0x02, 0x10, 0x18, 0x11] {
        flags.add(TcpFlags::of_header(header));
    }
    let client = openvpc_engine::FlowCell {
        tcp_flags: flags,
        ..cell(1, 8, 568, BEGIN + 1, BEGIN + 48)
    };
    let format = "${version} ${vpc-id} ${subnet-id} ${instance-id} ${interface-id} ${account-id} ${type} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${pkt-srcaddr} ${pkt-dstaddr} ${protocol} ${bytes} ${packets} ${start} ${end} ${action} ${tcp-flags} ${log-status}";
    assert_eq!(
        line(format, "eni-1235b8ca123456789", client),
        "3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010 IPv4 172.31.16.139 172.31.16.21 20641 22 172.31.16.139 172.31.16.21 6 568 8 1418530021 1418530068 ACCEPT 3 OK"
    );
}

/// Spec 01 §11, check 7.
#[test]
fn the_version_follows_the_fields() {
    let line = |format| {
        line(
            format,
            "eni-1",
            openvpc_engine::FlowCell {
                direction: Direction::Egress,
                traffic_path: Some(TrafficPath::InternetGateway),
                ..cell(1, 1, 40, BEGIN, BEGIN)
            },
        )
    };
    assert_eq!(
        line("${version} ${vpc-id} ${flow-direction}"),
        "5 vpc-abcdefab012345678 egress"
    );
    assert_eq!(line("${version} ${reject-reason} ${traffic-path}"), "8 - 8");
}

#[test]
fn every_field_is_rendered_as_one_word() {
    for field in Field::ALL {
        let text = line(
            &format!("${{{}}} ${{version}}", field.name()),
            "eni-1",
            cell(1, 1, 40, BEGIN, BEGIN),
        );
        let words: Vec<&str> = text.split(' ').collect();
        assert_eq!(words.len(), 2, "{text}");
        let expected = match field.name() {
            "version" => "2",
            "account-id" => "123456789010",
            "interface-id" => "eni-1",
            "srcaddr" | "pkt-srcaddr" => "172.31.16.139",
            "dstaddr" | "pkt-dstaddr" => "172.31.16.21",
            "srcport" => "20641",
            "dstport" => "22",
            "protocol" => "6",
            "packets" => "1",
            "bytes" => "40",
            "start" | "end" => "1418530020",
            "action" => "ACCEPT",
            "log-status" => "OK",
            "vpc-id" => "vpc-abcdefab012345678",
            "subnet-id" => "subnet-aaaaaaaa012345678",
            "instance-id" => "i-01234567890123456",
            "tcp-flags" => "0",
            "type" => "IPv4",
            "region" => "us-east-1",
            "az-id" => "use1-az1",
            "flow-direction" => "ingress",
            "openvpc-revision" => "0",
            _ => "-",
        };
        assert_eq!(words[0], expected, "{}", field.name());
    }
}

/// Spec 01 §6: traffic to a secondary address differs in the packet's address only, and is one
/// record for a format that does not show it.
#[test]
fn cells_that_a_format_cannot_tell_apart_are_one_record() {
    let primary = cell(1, 3, 300, BEGIN + 5, BEGIN + 20);
    let secondary = openvpc_engine::FlowCell {
        packet_destination: "172.31.16.22".parse().unwrap(),
        ..cell(1, 2, 200, BEGIN + 1, BEGIN + 9)
    };
    let plan = plan(vec![
        flow_log(
            "fl-1",
            Filter::All,
            "${dstaddr} ${packets} ${bytes} ${start} ${end}",
            &[1],
        ),
        flow_log(
            "fl-2",
            Filter::All,
            "${dstaddr} ${pkt-dstaddr} ${packets}",
            &[1],
        ),
    ]);
    let closed = aggregator(plan).close_now(&reading(BEGIN + 60, vec![primary, secondary]));
    assert_eq!(
        lines(&closed),
        [
            "fl-1 eni-1-all: 172.31.16.21 5 500 1418530021 1418530040",
            "fl-2 eni-1-all: 172.31.16.21 172.31.16.22 2",
            "fl-2 eni-1-all: 172.31.16.21 172.31.16.21 3",
        ]
    );
}

/// Names as a configuration would give them.
struct Configuration;

impl Names for Configuration {
    fn rule(&self, revision: u64, rule: RuleRef) -> Option<RuleText> {
        Some(match (revision, rule.0) {
            (5, 1) => RuleText::SecurityGroupRule("sgr-of-5".to_owned()),
            (7, 2) => RuleText::NetworkAclEntry {
                acl: "acl-1".to_owned(),
                number: "90".to_owned(),
            },
            (7, 3) => RuleText::Route {
                table: "rtb-1".to_owned(),
                destination: "0.0.0.0/0".to_owned(),
                gateway: Some("igw-1".to_owned()),
            },
            _ => return None,
        })
    }

    fn service(&self, address: std::net::IpAddr) -> Option<&'static str> {
        (address.to_string() == "198.18.10.10").then_some("S3")
    }
}

/// Our own columns; a known flow's rule is of the revision that it was opened under.
#[test]
fn the_deciding_rules_by_name_and_the_revision() {
    let why = Why::under(7)
        .by_known_flow(RuleRef(1), 2)
        .by_network_acl(Some(RuleRef(2)))
        .by_route(Some(RuleRef(3)))
        .dropped(Some(openvpc_engine::DropReason::NoInternetHost));
    let format = "${version} ${openvpc-security-group-rule} ${openvpc-network-acl} ${openvpc-network-acl-rule} ${openvpc-route-table} ${openvpc-route} ${openvpc-gateway} ${openvpc-drop-reason} ${openvpc-revision}";
    let read = |why| {
        let cell = openvpc_engine::FlowCell {
            why,
            ..cell(1, 1, 40, BEGIN, BEGIN)
        };
        let plan = plan(vec![flow_log("fl-1", Filter::All, format, &[1])]);
        let closed = aggregator(plan).close(&reading(BEGIN + 60, vec![cell]), &Configuration);
        closed.batches[0].records.lines().trim_end().to_owned()
    };
    assert_eq!(
        read(why),
        "2 sgr-of-5 acl-1 90 rtb-1 0.0.0.0/0 igw-1 NoInternetHost 7"
    );
    assert_eq!(read(Why::under(8)), "2 - - - - - - - 8");
}

/// Versions 5 and 11: whose a public address is, and the interface at the other end of the hop.
#[test]
fn services_and_next_hops() {
    let cell = openvpc_engine::FlowCell {
        direction: Direction::Egress,
        destination: "198.18.10.10".parse().unwrap(),
        packet_destination: "198.18.10.10".parse().unwrap(),
        why: Why::under(1).with_next_hop(Some(openvpc_engine::EniIndex(2))),
        ..cell(1, 1, 40, BEGIN, BEGIN)
    };
    let format = "${pkt-src-aws-service} ${pkt-dst-aws-service} ${next-hop-interface-id} ${next-hop-subnet-id} ${next-hop-az-id} ${next-hop-vpc-id} ${next-hop-interface-type}";
    let mut plan = plan(vec![flow_log("fl-1", Filter::All, format, &[1])]);
    let gateway = Interface {
        interface_type: Some("nat_gateway".to_owned()),
        ..(*interface("eni-2")).clone()
    };
    plan.interfaces
        .insert(openvpc_engine::EniIndex(2), std::sync::Arc::new(gateway));
    let closed = aggregator(plan).close(&reading(BEGIN + 60, vec![cell]), &Configuration);
    assert_eq!(
        closed.batches[0].records.lines(),
        "- S3 eni-2 subnet-aaaaaaaa012345678 use1-az1 vpc-abcdefab012345678 nat_gateway\n"
    );
}

/// What a crash has cut off is declared, once, from where the open window began.
#[test]
fn what_was_lost_is_declared_from_where_the_window_began() {
    let mut aggregator = aggregator(plan(vec![flow_log(
        "fl-1",
        Filter::All,
        "${interface-id} ${start} ${end} ${log-status}",
        &[1],
    )]));
    aggregator.declare_lost_since(ms(BEGIN - 90));
    let closed = aggregator.close_now(&reading(BEGIN + 60, vec![cell(1, 1, 40, BEGIN, BEGIN)]));
    assert_eq!(
        lines(&closed),
        [
            format!(
                "fl-1 eni-1-all: eni-1 {} {} SKIPDATA",
                BEGIN - 90,
                BEGIN + 60
            ),
            format!("fl-1 eni-1-all: eni-1 {BEGIN} {BEGIN} OK"),
        ]
    );
    let closed = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    assert!(lines(&closed)[0].ends_with("NODATA"));
}
