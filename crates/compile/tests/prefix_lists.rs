//! Prefix lists become one rule or route per block (`PL-3`, `RT-3`).
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

mod common;

use common::*;
use openvpc_compile::{Compiled, compile};
use openvpc_engine::{Peer, RouteTableIndex, SecurityGroupIndex, Target};
use openvpc_model::*;

fn list(cidrs: &[&str]) -> PrefixList {
    let entries = cidrs.iter().map(|cidr| PrefixListEntry {
        cidr: cidr.parse().unwrap(),
        description: None,
    });
    PrefixList {
        id: id("pl-", 1),
        owner: owner(),
        name: "offices".to_owned(),
        family: AddressFamily::Ipv4,
        max_entries: 9,
        state: PrefixListState::Created,
        versions: vec![PrefixListVersion {
            version: 1,
            entries: entries.collect(),
        }],
    }
}

/// A table and a group that refer to a customer's list and to AWS's for S3.
fn region(list: Option<PrefixList>) -> Compiled {
    let s3: PrefixListId = "pl-63a5400a".parse().unwrap();
    let mut to_list = route("0.0.0.0/0", RouteTarget::InternetGateway(id("igw-", 1)));
    to_list.destination = RouteDestination::PrefixList(id("pl-", 1));
    let beside = route(
        "203.0.113.0/24",
        RouteTarget::NetworkInterface(id("eni-", 99)),
    );
    let rules = [RulePeer::PrefixList(id("pl-", 1)), RulePeer::PrefixList(s3)];
    let rules = rules.map(|peer| rule(1, true, RuleTraffic::All, peer));
    let mut events = vec![
        Event::VpcPut(vpc(1, "10.0.0.0/16")),
        Event::InternetGatewayPut(InternetGateway {
            id: id("igw-", 1),
            owner: owner(),
            vpc: Some(id("vpc-", 1)),
        }),
        Event::RouteTablePut(table(1, 1, vec![to_list, beside], AssociationTarget::Main)),
        Event::SecurityGroupPut(SecurityGroup {
            id: id("sg-", 1),
            owner: owner(),
            vpc: id("vpc-", 1),
            name: "default".to_owned(),
            description: String::new(),
            rules: rules.to_vec(),
        }),
    ];
    events.extend(list.map(Event::PrefixListPut));
    compile(&world_of(events), vec![]).unwrap()
}

fn peers(compiled: &Compiled) -> Vec<Peer> {
    let groups = &compiled.snapshot.parts().security_groups;
    let group = groups.get(SecurityGroupIndex(0)).unwrap();
    group.egress.iter().map(|rule| rule.peer).collect()
}

fn way(compiled: &Compiled, address: &str) -> Option<Target> {
    // Table 0 stands in for a missing one.
    let table = compiled
        .snapshot
        .parts()
        .route_tables
        .get(RouteTableIndex(1))
        .unwrap();
    table
        .lookup(address.parse().unwrap())
        .map(|route| route.target)
}

#[test]
fn pl_3_each_block_is_a_rule_under_the_name_of_the_one() {
    let compiled = region(Some(list(&["192.168.0.0/16", "203.0.113.0/24"])));
    let peer = |cidr: &str| Peer::Ipv4(cidr.parse().unwrap());
    let wanted = [
        peer("192.168.0.0/16"),
        peer("203.0.113.0/24"),
        peer("198.18.10.0/24"),
    ];
    assert_eq!(peers(&compiled), wanted);
}

#[test]
fn rt_3_each_block_is_a_route_and_a_plain_one_goes_before() {
    let compiled = region(Some(list(&["192.168.0.0/16", "203.0.113.0/24"])));
    assert_eq!(way(&compiled, "192.168.7.7"), Some(Target::InternetGateway));
    assert_eq!(way(&compiled, "203.0.113.9"), Some(Target::Blackhole));
    assert_eq!(way(&compiled, "8.8.8.8"), None);
}

#[test]
fn only_the_latest_version_is_in_force() {
    let mut list = list(&["192.168.0.0/16"]);
    list.add_version(Vec::new());
    let compiled = region(Some(list));
    assert_eq!(way(&compiled, "192.168.7.7"), None);
    assert_eq!(peers(&compiled).len(), 1);
}

#[test]
fn a_list_that_is_gone_matches_nothing() {
    let compiled = region(None);
    assert_eq!(way(&compiled, "192.168.7.7"), None);
    assert_eq!(peers(&compiled).len(), 1);
}
