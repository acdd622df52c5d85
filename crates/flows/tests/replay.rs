//! Recorded flows judged again: by the configuration that recorded them, and by another one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use openvpc_engine::{Direction, DropReason, FlowCell, VpcIndex};
use openvpc_flows::replay::{Configuration, Replay, Report, Turn, Unjudged};
use openvpc_flows::{LogStatus, Place, Row};
use openvpc_testkit::{Host, Lab, egress, ingress, ping, syn, udp};

/// A lab as a configuration; interfaces are called `eni-0`, `eni-1` …
fn configuration(lab: &Lab) -> Configuration {
    let snapshot = lab.snapshot();
    let enis = snapshot.parts().enis.iter();
    let vpcs = snapshot.parts().vpcs.iter();
    Configuration {
        interfaces: enis
            .map(|(eni, _)| (format!("eni-{}", eni.0), eni))
            .collect(),
        vpcs: vpcs
            .map(|(vpc, _)| (format!("vpc-{}", vpc.0), vpc))
            .collect(),
        snapshot: snapshot.clone(),
    }
}

/// What a custom format with all fields shows of a cell.
fn full(cell: &FlowCell) -> Row {
    Row {
        packet_source: Some(cell.packet_source),
        packet_destination: Some(cell.packet_destination),
        direction: Some(cell.direction),
        tcp_flags: cell.tcp_flags.value(),
        ..short(cell)
    }
}

/// What the default format shows.
fn short(cell: &FlowCell) -> Row {
    let count = cell.window();
    Row {
        place: Arc::new(Place {
            interface: Some(format!("eni-{}", cell.eni.0).into()),
            ..Place::default()
        }),
        source: Some(cell.source),
        destination: Some(cell.destination),
        source_port: Some(cell.source_port),
        destination_port: Some(cell.destination_port),
        protocol: Some(cell.protocol),
        packets: Some(count.packets),
        bytes: Some(count.bytes),
        start: Some((cell.first.0 / 1_000_000_000) as i64),
        action: Some(cell.action),
        ..Row::default()
    }
}

fn replay(configuration: &Configuration, rows: impl IntoIterator<Item = Row>) -> Report {
    let mut replay = Replay::new(configuration);
    rows.into_iter().for_each(|row| replay.add(&row));
    replay.report()
}

fn cells(lab: &Lab, hosts: &[&Host]) -> Vec<FlowCell> {
    let of = |host: &&Host| lab.flow_log(host).cells().to_vec();
    hosts.iter().flat_map(of).collect()
}

/// `turn direction source destination port reason`, one a change.
fn changes(report: &Report) -> Vec<String> {
    let shown = |change: &openvpc_flows::replay::Change| {
        let key = &change.key;
        format!(
            "{:?} {:?} {} {} {} {:?} x{}",
            key.turn,
            key.direction,
            key.source,
            key.destination,
            key.port,
            key.reason,
            change.flows
        )
    };
    report.changes.iter().map(shown).collect()
}

/// A web server and a client in another subnet, Bob outside.
fn stage(rules: &[&str]) -> (Lab, Host, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let rules = rules.iter().map(|rule| ingress(rule));
    let web = lab
        .eni("10.0.1.10")
        .security_group(rules.chain([egress("tcp 1-65535 to 10.0.0.0/8")]))
        .public("192.0.2.10");
    let client = lab.eni("10.0.2.10").open();
    let bob = lab.internet("203.0.113.12");
    (lab, web, client, bob)
}

const WEB: &[&str] = &["icmp from 0.0.0.0/0", "tcp 443 from 0.0.0.0/0"];

/// Everything that the lab's traffic leaves: accepted, refused by group and by ACL, answers of all kinds.
fn traffic(lab: &Lab, web: &Host, client: &Host, bob: &Host) -> Vec<FlowCell> {
    lab.network_acl(web)
        .outbound("90 deny icmp to 203.0.113.0/24");
    let mut call = lab.tcp(client, web, 443);
    call.handshake();
    call.close();
    for _ in 0..3 {
        lab.send(ping(client, web)).answered();
    }
    lab.send(ping(bob, web)).reaches(web).answered();
    lab.send(syn(bob, web, 22));
    lab.send(syn(client, web, 8_080));
    lab.send(udp(client, web, 5_000, 53));
    cells(lab, &[web, client])
}

#[test]
fn records_judged_by_the_configuration_that_made_them_do_not_change() {
    // Who began a ping of one second, no record tells; and the server's rules tell the two ways apart.
    let unjudged = [(Unjudged::WhoBegan, 3)];
    for row in [full, short] {
        let (lab, web, client, bob) = stage(WEB);
        let cells = traffic(&lab, &web, &client, &bob);
        assert!(cells.len() >= 10, "{cells:?}");
        let report = replay(&configuration(&lab), cells.iter().map(row));
        assert_eq!(changes(&report), [""; 0]);
        assert_eq!(report.unjudged, unjudged);
        let judged = cells.len() as u64 - unjudged.iter().map(|(_, n)| n).sum::<u64>();
        assert_eq!(report.same, judged);
    }
}

#[test]
fn a_rule_that_is_gone_refuses_what_it_let_in_and_its_answers() {
    let (lab, web, client, bob) = stage(WEB);
    let rows: Vec<Row> = traffic(&lab, &web, &client, &bob)
        .iter()
        .map(full)
        .collect();
    let (changed, web, ..) = stage(&["icmp from 0.0.0.0/0", "tcp 22 from 203.0.113.0/24"]);
    changed
        .network_acl(&web)
        .outbound("90 deny icmp to 203.0.113.0/24");
    let report = replay(&configuration(&changed), rows);
    assert_eq!(
        changes(&report),
        [
            "Refused Ingress 10.0.2.10 10.0.1.10 443 Some(SecurityGroupIngress) x1",
            "Admitted Ingress 203.0.113.12 10.0.1.10 22 None x1",
            "NeverBegun Egress 10.0.1.10 10.0.2.10 443 Some(SecurityGroupIngress) x1",
        ]
    );
    assert!(
        report.changes[1].key.rule.is_some(),
        "the rule that would let it in is told"
    );
}

#[test]
fn a_network_acl_refuses_answers_that_a_group_lets_pass() {
    let (lab, web, client, bob) = stage(WEB);
    let mut call = lab.tcp(&client, &web, 443);
    call.handshake();
    let rows: Vec<Row> = cells(&lab, &[&web, &client]).iter().map(full).collect();
    lab.network_acl(&web)
        .outbound("90 deny tcp 1024-65535 to 10.0.2.0/24");
    let report = replay(&configuration(&lab), rows);
    assert_eq!(
        changes(&report),
        ["Refused Egress 10.0.1.10 10.0.2.10 443 Some(NetworkAclOutbound) x1"]
    );
    assert_eq!(report.changes[0].key.rule.map(|rule| rule.0), Some(90));
    drop(bob);
}

#[test]
fn connections_of_one_client_are_one_change() {
    let (lab, web, client, _) = stage(&["tcp 443 from 0.0.0.0/0"]);
    for _ in 0..5 {
        lab.tcp(&client, &web, 443).handshake();
    }
    let rows: Vec<Row> = cells(&lab, &[&web]).iter().map(short).collect();
    let (closed, ..) = stage(&[]);
    let report = replay(&configuration(&closed), rows);
    let refused = &report.changes[0];
    assert_eq!((refused.key.turn, refused.flows), (Turn::Refused, 5));
    assert_eq!(refused.key.reason, Some(DropReason::SecurityGroupIngress));
}

/// VPC user guide: an interface of another account's log is found by its address, in one VPC only.
#[test]
fn an_unknown_interface_is_found_by_its_address_or_not_at_all() {
    let (lab, web, client, _) = stage(WEB);
    lab.tcp(&client, &web, 443).handshake();
    let mut rows: Vec<Row> = cells(&lab, &[&web]).iter().map(full).collect();
    for row in &mut rows {
        row.place = Arc::new(Place {
            interface: Some("eni-of-somebody".into()),
            ..Place::default()
        });
    }
    let one = replay(&configuration(&lab), rows.clone());
    assert_eq!((one.same, one.unjudged.len()), (2, 0));

    // A second VPC with the same address makes it ambiguous, unless the record names its VPC.
    let second = lab.another_vpc("10.0.0.0/16");
    let _twin = second.eni("10.0.1.10");
    let two = configuration(&lab);
    let report = replay(&two, rows.clone());
    assert_eq!(report.unjudged, [(Unjudged::Ambiguous, 2)]);
    for row in &mut rows {
        Arc::make_mut(&mut row.place).vpc = Some("vpc-0".into());
    }
    assert_eq!(two.vpcs["vpc-0"], VpcIndex(0));
    assert_eq!(replay(&two, rows.clone()).same, 2);

    let elsewhere = Lab::vpc("10.9.0.0/16");
    let _other = elsewhere.eni("10.9.0.10");
    let report = replay(&configuration(&elsewhere), rows);
    assert_eq!(report.unjudged, [(Unjudged::UnknownInterface, 2)]);
}

#[test]
fn what_the_log_does_not_tell_is_not_guessed() {
    let (lab, web, client, _) = stage(WEB);
    let row = |change: fn(&mut Row)| {
        let mut row = Row {
            place: Arc::new(Place {
                interface: Some("eni-0".into()),
                ..Place::default()
            }),
            source: "10.0.2.10".parse().ok(),
            destination: "10.0.1.10".parse().ok(),
            source_port: Some(40_000),
            destination_port: Some(8_080),
            protocol: Some(6),
            action: Some(openvpc_engine::Action::Accept),
            start: Some(100),
            ..Row::default()
        };
        change(&mut row);
        row
    };
    let answer: fn(&mut Row) = |row| {
        std::mem::swap(&mut row.source, &mut row.destination);
        std::mem::swap(&mut row.source_port, &mut row.destination_port);
    };
    let configuration = configuration(&lab);
    let unjudged = |rows: Vec<Row>| replay(&configuration, rows).unjudged;
    assert_eq!(
        unjudged(vec![row(|row| row.protocol = None)]),
        [(Unjudged::MissingFields, 1)]
    );
    assert_eq!(
        unjudged(vec![row(|row| row.status = LogStatus::NoData)]),
        [(Unjudged::NoFlow, 1)]
    );
    // Both directions in one second between two high ports: either may have begun, and the rules tell them apart.
    assert_eq!(
        unjudged(vec![row(|_| {}), row(answer)]),
        [(Unjudged::WhoBegan, 2)]
    );
    // One direction alone is its own.
    let alone = replay(&configuration, [row(|_| {})]);
    assert_eq!(alone.changes[0].key.turn, Turn::Refused);
    // A segment in mid-stream that was refused though rules allow it: the connection was over.
    let late = row(|row| {
        row.destination_port = Some(443);
        row.action = Some(openvpc_engine::Action::Reject);
        row.tcp_flags = Some(0);
        row.direction = Some(Direction::Ingress);
    });
    assert_eq!(unjudged(vec![late]), [(Unjudged::State, 1)]);
    drop((web, client));
}
