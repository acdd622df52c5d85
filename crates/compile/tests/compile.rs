//! Small regions, and what becomes of them.
#![allow(clippy::unwrap_used)]

mod common;

use std::net::IpAddr;
use std::sync::Arc;

use common::*;
use openvpc_compile::{Compiled, compile, flow_log_plan};
use openvpc_engine::{
    EniIndex, GatewayId, Mac, NetworkAclIndex, OutsideHost, Peer, RouteTableIndex, SubnetIndex,
    Target, Traffic, VpcIndex, snapshot::PublicOwner,
};
use openvpc_model::*;

/// One VPC 10.0.0.0/16 with a gateway, two subnets (the second with its own table), two interfaces.
fn region() -> Vec<Event> {
    let (one, two) = (subnet(1, 1, "10.0.1.0/24"), subnet(2, 1, "10.0.2.0/24"));
    let local = || route("10.0.0.0/16", RouteTarget::Local);
    vec![
        Event::VpcPut(vpc(1, "10.0.0.0/16")),
        Event::DhcpOptionsPut(DhcpOptions {
            id: id("dopt-", 1),
            owner: owner(),
            configurations: vec![
                ("domain-name".to_owned(), vec!["ec2.internal".to_owned()]),
                (
                    "domain-name-servers".to_owned(),
                    ["AmazonProvidedDNS", "10.0.9.9", "2001:db8::53"]
                        .map(str::to_owned)
                        .to_vec(),
                ),
                (
                    "ntp-servers".to_owned(),
                    ["10.0.9.1", "2001:db8::123"].map(str::to_owned).to_vec(),
                ),
                (
                    "ipv6-address-preferred-lease-time".to_owned(),
                    vec!["200".to_owned()],
                ),
            ],
            is_default: true,
        }),
        Event::InternetGatewayPut(InternetGateway {
            id: id("igw-", 1),
            owner: owner(),
            vpc: Some(id("vpc-", 1)),
        }),
        Event::RouteTablePut(table(1, 1, vec![local()], AssociationTarget::Main)),
        Event::RouteTablePut(table(
            2,
            1,
            vec![
                route("0.0.0.0/0", RouteTarget::InternetGateway(id("igw-", 1))),
                route(
                    "192.168.0.0/16",
                    RouteTarget::NetworkInterface(id("eni-", 1)),
                ),
                route(
                    "172.16.0.0/12",
                    RouteTarget::NetworkInterface(id("eni-", 99)),
                ),
                local(),
            ],
            AssociationTarget::Subnet(two.id),
        )),
        Event::SecurityGroupPut(SecurityGroup {
            id: id("sg-", 1),
            owner: owner(),
            vpc: id("vpc-", 1),
            name: "web".to_owned(),
            description: "web".to_owned(),
            rules: vec![
                rule(1, false, RuleTraffic::Tcp { from: 80, to: 443 }, everyone()),
                rule(2, false, RuleTraffic::All, group_peer(1)),
                rule(3, false, RuleTraffic::All, group_peer(77)),
                rule(4, true, RuleTraffic::All, everyone()),
            ],
        }),
        Event::NetworkAclPut(NetworkAcl {
            id: id("acl-", 1),
            owner: owner(),
            vpc: id("vpc-", 1),
            is_default: true,
            entries: vec![
                acl_entry(200, false, true),
                acl_entry(100, false, false),
                acl_entry(100, true, true),
            ],
        }),
        Event::NetworkInterfacePut(eni(3, &one, "10.0.1.10")),
        Event::NetworkInterfacePut(eni(5, &two, "10.0.2.10")),
        Event::NetworkInterfacePut(eni(1, &two, "10.0.2.11")),
        Event::SubnetPut(one),
        Event::SubnetPut(two),
    ]
}

fn compiled(events: Vec<Event>) -> Compiled {
    compile(&world_of(events), vec![]).unwrap()
}

fn lookup(compiled: &Compiled, subnet: SubnetIndex, address: &str) -> Option<(Target, String)> {
    let parts = compiled.snapshot.parts();
    let table = parts
        .route_tables
        .get(parts.subnets.get(subnet).unwrap().route_table)
        .unwrap();
    let route = table.lookup(address.parse().unwrap())?;
    Some((
        route.target,
        compiled.names.rule(route.reference).unwrap().to_string(),
    ))
}

#[test]
fn an_empty_world_makes_an_empty_snapshot() {
    let compiled = compiled(vec![]);
    assert_eq!(compiled.snapshot.generation(), 1);
    assert_eq!(compiled.snapshot.parts().enis.iter().count(), 0);
}

#[test]
fn a_vpc_knows_its_blocks_gateway_and_dhcp() {
    let compiled = compiled(region());
    let vpc = compiled.snapshot.parts().vpcs.get(VpcIndex(0)).unwrap();
    assert_eq!(vpc.ipv4, ["10.0.0.0/16".parse().unwrap()]);
    assert!(vpc.internet_gateway);
    assert_eq!(vpc.dhcp.domain_name.as_deref(), Some("ec2.internal"));
    let resolver: std::net::Ipv4Addr = "10.0.0.2".parse().unwrap();
    assert_eq!(
        vpc.dhcp.domain_name_servers,
        [resolver, "10.0.9.9".parse().unwrap()]
    );
    assert_eq!(vpc.dhcp.ntp_servers.len(), 1);
    // What DHCPv6 tells: the resolver has one address in every VPC (`DNS-1`).
    let ipv6: [std::net::Ipv6Addr; 2] =
        ["fd00:ec2::253", "2001:db8::53"].map(|server| server.parse().unwrap());
    assert_eq!(vpc.dhcp.ipv6_name_servers, ipv6);
    let time: std::net::Ipv6Addr = "2001:db8::123".parse().unwrap();
    assert_eq!(vpc.dhcp.ipv6_ntp_servers, [time]);
    assert_eq!(vpc.dhcp.ipv6_preferred_secs, Some(200));
    assert_eq!(compiled.names.vpc(VpcIndex(0)), Some(id("vpc-", 1)));
}

/// `RT-11`: its own table, or else the VPC's main one.
#[test]
fn a_subnet_uses_its_own_table_or_the_main_one() {
    let compiled = compiled(region());
    let (one, two) = (SubnetIndex(0), SubnetIndex(1));
    let route = |target, name: &str| Some((target, name.to_owned()));
    assert_eq!(
        lookup(&compiled, one, "10.0.2.1"),
        route(Target::Local, "route 10.0.0.0/16 of rtb-00000000000000001")
    );
    assert_eq!(lookup(&compiled, one, "8.8.8.8"), None);
    assert_eq!(
        lookup(&compiled, two, "8.8.8.8"),
        route(
            Target::InternetGateway,
            "route 0.0.0.0/0 of rtb-00000000000000002"
        )
    );
    assert_eq!(
        lookup(&compiled, two, "192.168.0.1").unwrap().0,
        Target::NetworkInterface(EniIndex(1))
    );
}

/// `RT-9`.
#[test]
fn a_route_to_what_is_gone_or_detached_is_a_blackhole() {
    let two = SubnetIndex(1);
    assert_eq!(
        lookup(&compiled(region()), two, "172.16.0.1").unwrap().0,
        Target::Blackhole
    );
    for vpc in [None, Some(id("vpc-", 2))] {
        let mut events = region();
        events.push(Event::InternetGatewayPut(InternetGateway {
            id: id("igw-", 1),
            owner: owner(),
            vpc,
        }));
        let compiled = compiled(events);
        assert_eq!(
            lookup(&compiled, two, "8.8.8.8").unwrap().0,
            Target::Blackhole
        );
        assert!(
            !compiled
                .snapshot
                .parts()
                .vpcs
                .get(VpcIndex(0))
                .unwrap()
                .internet_gateway
        );
    }
    let mut events = region();
    events.push(Event::InternetGatewayDeleted(id("igw-", 1)));
    assert_eq!(
        lookup(&compiled(events), two, "8.8.8.8").unwrap().0,
        Target::Blackhole
    );
}

/// `EO-2`, `EO-34`: the gateway keeps its number in every snapshot; deleted or another VPC's, it is a blackhole.
#[test]
fn an_egress_only_gateway_carries_its_own_vpc_only() {
    let gateway = |n: u32, vpc: u32| {
        Event::EgressOnlyInternetGatewayPut(EgressOnlyInternetGateway {
            id: id("eigw-", n),
            owner: owner(),
            vpc: id("vpc-", vpc),
        })
    };
    let routed = |events: Vec<Event>| {
        let mut all = region();
        let to = RouteTarget::EgressOnlyInternetGateway(id("eigw-", 9));
        let route = Route {
            destination: RouteDestination::Ipv6("::/0".parse().unwrap()),
            target: to,
            origin: RouteOrigin::CreateRoute,
        };
        let main = table(1, 1, vec![route], AssociationTarget::Main);
        all.push(Event::RouteTablePut(main));
        all.extend(events);
        let compiled = compiled(all);
        let vpc = compiled.snapshot.parts().vpcs.get(VpcIndex(0)).unwrap();
        let to = lookup(&compiled, SubnetIndex(0), "2001:db8::1").unwrap().0;
        (to, vpc.egress_only_gateway)
    };
    let nine = GatewayId(9);
    let carries = (Target::EgressOnlyInternetGateway(nine), Some(nine));
    assert_eq!(routed(vec![gateway(9, 1)]), carries);
    let other = Event::VpcPut(vpc(2, "10.0.0.0/16"));
    let beside = vec![gateway(1, 2), other, gateway(9, 1)];
    assert_eq!(routed(beside), carries, "whatever else there is");
    assert_eq!(routed(vec![]), (Target::Blackhole, None));
    assert_eq!(routed(vec![gateway(9, 2)]), (Target::Blackhole, None));
    let deleted = Event::EgressOnlyInternetGatewayDeleted(id("eigw-", 9));
    let replaced = vec![gateway(9, 1), deleted, gateway(10, 1)];
    let gone = (Target::Blackhole, Some(GatewayId(10)));
    assert_eq!(routed(replaced), gone);
}

#[test]
fn rules_keep_their_names_and_a_missing_peer_group_matches_nothing() {
    let compiled = compiled(region());
    let eni = compiled.snapshot.eni(EniIndex(3)).unwrap();
    let group = compiled
        .snapshot
        .parts()
        .security_groups
        .get(eni.security_groups[0])
        .unwrap();
    assert_eq!(group.ingress.len(), 2);
    assert_eq!(group.ingress[1].peer, Peer::Group(eni.security_groups[0]));
    assert_eq!(group.egress.len(), 1);
    let names: Vec<String> = group
        .ingress
        .iter()
        .chain(&group.egress)
        .map(|rule| compiled.names.rule(rule.reference).unwrap().to_string())
        .collect();
    assert_eq!(
        names,
        [1, 2, 4].map(|n| format!("rule sgr-{n:017x} of sg-00000000000000001"))
    );
}

/// `ACL-1`, `ACL-2`.
#[test]
fn an_acl_is_sorted_and_closed() {
    let compiled_v4 = compiled(region());
    let acl = |compiled: &Compiled| {
        compiled
            .snapshot
            .parts()
            .network_acls
            .get(NetworkAclIndex(1))
            .unwrap()
            .clone()
    };
    let numbers = |entries: &[openvpc_engine::AclEntry]| {
        entries
            .iter()
            .map(|e| (e.rule_number, e.allow))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(&acl(&compiled_v4).inbound),
        [(100, false), (200, true), (32767, false)]
    );
    assert_eq!(
        numbers(&acl(&compiled_v4).outbound),
        [(100, true), (32767, false)]
    );
    let last = acl(&compiled_v4).inbound[2];
    assert_eq!(last.traffic, Traffic::All);
    assert_eq!(
        compiled_v4.names.rule(last.reference).unwrap().to_string(),
        "inbound entry * of acl-00000000000000001"
    );
    let mut events = region();
    let mut with_ipv6 = vpc(1, "10.0.0.0/16");
    with_ipv6.ipv6_cidr_blocks.push(VpcIpv6CidrBlock {
        association_id: id("vpc-cidr-assoc-", 9),
        cidr: "2600:1f00::/56".parse().unwrap(),
    });
    events.push(Event::VpcPut(with_ipv6));
    assert_eq!(
        numbers(&acl(&compiled(events)).outbound),
        [(100, true), (32767, false), (32768, false)]
    );
}

#[test]
fn what_is_missing_is_closed_not_open() {
    let mut events = region();
    events.push(Event::NetworkAclDeleted(id("acl-", 1)));
    events.push(Event::RouteTableDeleted(id("rtb-", 1)));
    events.push(Event::SecurityGroupDeleted(id("sg-", 1)));
    let compiled = compiled(events);
    let parts = compiled.snapshot.parts();
    let subnet = parts.subnets.get(SubnetIndex(0)).unwrap();
    assert_eq!(
        (subnet.network_acl, subnet.route_table),
        (NetworkAclIndex(0), RouteTableIndex(0))
    );
    assert!(
        parts
            .network_acls
            .get(NetworkAclIndex(0))
            .unwrap()
            .inbound
            .is_empty()
    );
    assert_eq!(lookup(&compiled, SubnetIndex(0), "10.0.2.1"), None);
    assert!(
        compiled
            .snapshot
            .eni(EniIndex(3))
            .unwrap()
            .security_groups
            .is_empty()
    );
    assert_eq!(compiled.names.network_acl(NetworkAclIndex(0)), None);
    assert_eq!(
        compiled.names.route_table(RouteTableIndex(1)),
        Some(id("rtb-", 2))
    );
}

/// `EIP-1`, `EIP-3`: an Elastic address takes the place of the automatic one.
#[test]
fn public_addresses_map_to_private_ones() {
    let mut events = region();
    let mut with_auto = eni(3, &subnet(1, 1, "10.0.1.0/24"), "10.0.1.10");
    with_auto.private_ips.push("10.0.1.11".parse().unwrap());
    with_auto.auto_public_ip = Some("198.18.0.1".parse().unwrap());
    events.push(Event::NetworkInterfacePut(with_auto));
    let elastic = |public: &str, private: &str| {
        Event::AddressPut(Address {
            id: id("eipalloc-", 1),
            owner: owner(),
            public_ip: public.parse().unwrap(),
            association: Some(AddressAssociation {
                id: id("eipassoc-", 1),
                network_interface: id("eni-", 3),
                private_ip: private.parse().unwrap(),
            }),
        })
    };
    let who =
        |compiled: &Compiled, public: &str| compiled.snapshot.public_owner(public.parse().unwrap());
    let at = |private: &str| {
        Some(PublicOwner::Eni {
            eni: EniIndex(3),
            private: private.parse().unwrap(),
        })
    };

    let mut second = events.clone();
    second.push(elastic("198.18.0.9", "10.0.1.11"));
    let second = compiled(second);
    assert_eq!(who(&second, "198.18.0.1"), at("10.0.1.10"));
    assert_eq!(who(&second, "198.18.0.9"), at("10.0.1.11"));

    events.push(elastic("198.18.0.9", "10.0.1.10"));
    let first = compiled(events);
    assert_eq!(who(&first, "198.18.0.1"), None);
    assert_eq!(who(&first, "198.18.0.9"), at("10.0.1.10"));
}

#[test]
fn an_interface_without_a_running_instance_is_there_all_the_same() {
    let compiled = compiled(region());
    let eni = compiled.snapshot.eni(EniIndex(5)).unwrap();
    assert_eq!(eni.hostname, "ip-10-0-2-10");
    assert_eq!(eni.mac, Mac([2, 0, 0, 0, 0, 5]));
    let address: IpAddr = "10.0.2.10".parse().unwrap();
    assert_eq!(
        compiled.snapshot.owner(VpcIndex(0), address),
        Some(EniIndex(5))
    );
    assert_eq!(
        compiled.names.network_interface(EniIndex(5)),
        Some(id("eni-", 5))
    );
}

/// `SG-8`: AWS's defaults, but for what was set.
#[test]
fn idle_times_are_those_that_were_set() {
    let mut events = region();
    let mut set = eni(3, &subnet(1, 1, "10.0.1.0/24"), "10.0.1.10");
    set.connection_tracking.tcp_established_secs = Some(60);
    set.connection_tracking.udp_single_secs = Some(45);
    events.push(Event::NetworkInterfacePut(set));
    let compiled = compiled(events);
    let times = |serial| {
        let times = compiled.snapshot.eni(EniIndex(serial)).unwrap().timeouts;
        [
            times.tcp_established_secs,
            times.udp_stream_secs,
            times.udp_single_secs,
        ]
    };
    assert_eq!(times(3), [60, 180, 45]);
    assert_eq!(times(5), [432_000, 180, 30]);
}

#[test]
fn a_subnet_can_name_its_hosts_by_instance() {
    let mut events = region();
    let mut by_resource = subnet(1, 1, "10.0.1.0/24");
    by_resource.private_dns_hostname_type = "resource-name".to_owned();
    let mut attached = eni(3, &by_resource, "10.0.1.10");
    attached.attachment = Some(Attachment {
        id: id("eni-attach-", 1),
        instance: id("i-", 7),
        device_index: 0,
        delete_on_termination: true,
        attached_at: 0,
        state: AttachmentState::Attached,
    });
    events.extend([
        Event::SubnetPut(by_resource),
        Event::NetworkInterfacePut(attached),
    ]);
    assert_eq!(
        compiled(events).snapshot.eni(EniIndex(3)).unwrap().hostname,
        "i-00000000000000007"
    );
}

/// Two VPCs, two regions, one CIDR: addresses are the VPC's own.
#[test]
fn one_block_can_be_used_by_many_vpcs() {
    let mut world = world_of(region());
    let mut other = vec![Event::VpcPut(vpc(2, "10.0.0.0/16"))];
    let there = subnet(3, 2, "10.0.1.0/24");
    other.push(Event::NetworkInterfacePut(eni(6, &there, "10.0.1.10")));
    other.push(Event::SubnetPut(there));
    apply(&mut world, "eu-west-1", other);
    let compiled = compile(&world, vec![]).unwrap();
    let address: IpAddr = "10.0.1.10".parse().unwrap();
    // eu-west-1 comes first in the order of names.
    assert_eq!(
        compiled.snapshot.owner(VpcIndex(0), address),
        Some(EniIndex(6))
    );
    assert_eq!(
        compiled.snapshot.owner(VpcIndex(1), address),
        Some(EniIndex(3))
    );
    assert_eq!(compiled.names.vpc(VpcIndex(0)), Some(id("vpc-", 2)));
    let acl = compiled.names.network_acl(NetworkAclIndex(1));
    assert_eq!(
        acl,
        Some(id("acl-", 1)),
        "the regions do not mix up their numbers"
    );
}

#[test]
fn a_router_has_its_own_lasting_address_on_each_subnet() {
    let mac = |compiled: &Compiled, n| {
        compiled
            .snapshot
            .parts()
            .subnets
            .get(SubnetIndex(n))
            .unwrap()
            .router_mac
    };
    let first = compiled(region());
    assert_ne!(mac(&first, 0), mac(&first, 1));
    assert!(!mac(&first, 0).is_group());
    assert_eq!(mac(&first, 0).0[0], 0x06);
    let mut more = region();
    more.insert(0, Event::SubnetPut(subnet(0, 1, "10.0.0.0/24")));
    assert_eq!(mac(&compiled(more), 1), mac(&first, 0));
}

#[test]
fn an_address_with_two_owners_is_refused_with_the_revision() {
    let mut events = region();
    events.push(Event::NetworkInterfacePut(eni(
        8,
        &subnet(1, 1, "10.0.1.0/24"),
        "10.0.1.10",
    )));
    let error = compile(&world_of(events), vec![]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "revision 1 cannot be enforced: two interfaces of one VPC own 10.0.1.10"
    );
}

#[test]
fn outside_hosts_keep_their_places() {
    let host = OutsideHost {
        mac: Mac([2, 1, 0, 0, 0, 1]),
        addresses: vec!["203.0.113.12".parse().unwrap()],
        router_mac: Mac([2, 1, 0, 0, 0, 2]),
        router_ipv4: "203.0.113.1".parse().unwrap(),
        router_ipv6: "2001:db8::1".parse().unwrap(),
    };
    let compiled = compile(&world_of(region()), vec![Arc::new(host)]).unwrap();
    let owner = compiled
        .snapshot
        .public_owner("203.0.113.12".parse().unwrap());
    assert_eq!(owner, Some(PublicOwner::Outside(0)));
}

/// `I-20`: a function of the world alone.
#[test]
fn the_same_world_compiles_to_the_same_snapshot() {
    let text = |events: Vec<Event>| {
        let compiled = compiled(events);
        format!("{:?}", compiled.snapshot.parts())
    };
    let mut backwards = region();
    backwards.reverse();
    assert_eq!(text(region()), text(backwards));
    assert_ne!(text(region()), text(region().split_off(1)));
}

/// `FL-1`: a VPC's log covers every interface in it, a subnet's its own, and both together twice.
#[test]
fn flow_logs_cover_what_is_below_them() {
    let mut events = region();
    let resources = [
        FlowLogResource::Vpc(id("vpc-", 1)),
        FlowLogResource::Subnet(id("subnet-", 2)),
        FlowLogResource::NetworkInterface(id("eni-", 3)),
        FlowLogResource::Vpc(id("vpc-", 9)),
    ];
    for (n, resource) in (1..).zip(resources) {
        events.push(Event::FlowLogPut(FlowLog {
            id: id("fl-", n),
            owner: owner(),
            resource,
            traffic_type: TrafficType::Reject,
            destination: FlowLogDestination::CloudWatchLogs {
                log_group: "g".to_owned(),
            },
            log_format: "${version} ${az-id}".to_owned(),
            max_aggregation_interval_seconds: 60,
            deliver_logs_permission_arn: None,
            role_is_known: false,
            delivery: Default::default(),
            created_at: 0,
        }));
    }
    let plan = flow_log_plan(&world_of(events), |region, zone| {
        Some(format!("{region}/{zone}"))
    });
    let covered: Vec<Vec<u32>> = plan
        .flow_logs
        .iter()
        .map(|log| log.interfaces.iter().map(|eni| eni.0).collect())
        .collect();
    assert_eq!(covered, [vec![1, 3, 5], vec![1, 5], vec![3], vec![]]);
    let log = &plan.flow_logs[0];
    assert_eq!(
        (log.id.as_str(), log.region.as_str()),
        ("fl-00000000000000001", "us-east-1")
    );
    let group = openvpc_flowlog::Destination::LogGroup("g".to_owned());
    assert_eq!(log.destination, group);
    assert_eq!(log.filter.suffix(), "reject");
    let interface = &plan.interfaces[&EniIndex(3)];
    assert_eq!(interface.id, "eni-00000000000000003");
    assert_eq!(interface.subnet, "subnet-00000000000000001");
    assert_eq!(interface.az_id.as_deref(), Some("us-east-1/us-east-1a"));
}

/// RT-12: the table of an attached gateway is its VPC's edge table, and no subnet's.
#[test]
fn a_table_of_an_internet_gateway_is_the_edge_table_of_its_vpc() {
    let subnet = subnet(1, 1, "10.0.1.0/24");
    let firewall = RouteTarget::NetworkInterface(id("eni-", 7));
    let gateway = AssociationTarget::InternetGateway(id("igw-", 1));
    let gateway_of = |vpc: Option<VpcId>| {
        Event::InternetGatewayPut(InternetGateway {
            id: id("igw-", 1),
            owner: owner(),
            vpc,
        })
    };
    let mut world = world_of(vec![
        Event::VpcPut(vpc(1, "10.0.0.0/16")),
        Event::SubnetPut(subnet.clone()),
        Event::NetworkInterfacePut(eni(7, &subnet, "10.0.1.7")),
        Event::RouteTablePut(table(1, 1, vec![], AssociationTarget::Main)),
        Event::RouteTablePut(table(2, 1, vec![route("10.0.1.0/24", firewall)], gateway)),
        gateway_of(Some(id("vpc-", 1))),
    ]);
    let compiled = compile(&world, vec![]).unwrap();
    let parts = compiled.snapshot.parts();
    let edge = parts.vpcs.get(VpcIndex(0)).unwrap().edge_table.unwrap();
    let route = parts.route_tables.get(edge).unwrap();
    let route = route.lookup("10.0.1.9".parse().unwrap()).unwrap();
    assert_eq!(route.target, Target::NetworkInterface(EniIndex(7)));
    let own = parts.subnets.get(SubnetIndex(0)).unwrap().route_table;
    assert_ne!(own, edge);
    apply(&mut world, "us-east-1", vec![gateway_of(None)]);
    let compiled = compile(&world, vec![]).unwrap();
    let parts = compiled.snapshot.parts();
    assert!(parts.vpcs.get(VpcIndex(0)).unwrap().edge_table.is_none());
}
