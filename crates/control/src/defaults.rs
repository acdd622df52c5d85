//! What exists without being asked for: the parts that a VPC is born with, and the default VPC and
//! DHCP options that an account finds in every region (`VPC-3`, `SG-2`, `ACL-3`, `SUB-7`).

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_model::*;

use crate::Cx;

/// AWS: "Default VPC components".
const DEFAULT_VPC_CIDR: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 31, 0, 0), 16);
const DEFAULT_SUBNET_PREFIX: u8 = 20;

const ANY_IPV4: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::UNSPECIFIED, 0);
const ANY_IPV6: Ipv6Net = Ipv6Net::new_assert(std::net::Ipv6Addr::UNSPECIFIED, 0);

const DEFAULT_GROUP: &str = "default";

/// Gives the account its default VPC and DHCP options, at its first call in a region.
pub fn bootstrap(cx: &mut Cx) {
    let region = cx.stored_region();
    if region.bootstrapped_accounts.contains(cx.account()) {
        return;
    }
    create_default_vpc(cx);
    let account = cx.account().clone();
    cx.emit(Event::AccountBootstrapped(account));
}

/// Makes the default VPC: a /20 subnet in every zone, all of them public.
pub fn create_default_vpc(cx: &mut Cx) -> VpcId {
    let id = cx.new_id();
    let primary = VpcCidrBlock {
        association_id: cx.new_id(),
        cidr: DEFAULT_VPC_CIDR,
    };
    let vpc = Vpc {
        is_default: true,
        enable_dns_hostnames: true,
        ..blank_vpc(cx, id, primary)
    };
    create_vpc_with_parts(cx, vpc);
    for zone in &cx.region_info().zones {
        create_default_subnet(cx, id, &zone.name);
    }
    let igw = InternetGateway {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc: Some(id),
    };
    let main = main_route_table_of(cx, id).cloned();
    if let Some(mut main) = main {
        main.routes.push(Route {
            destination: RouteDestination::Ipv4(ANY_IPV4),
            target: RouteTarget::InternetGateway(igw.id),
            origin: RouteOrigin::CreateRoute,
        });
        cx.put(igw);
        cx.put(main);
    }
    id
}

/// Makes the default subnet of a zone in the first free /20; `None` when there is none.
pub fn create_default_subnet(cx: &mut Cx, vpc: VpcId, zone: &str) -> Option<SubnetId> {
    let siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc);
    let taken: Vec<Ipv4Net> = siblings.filter_map(|s| s.cidr).collect();
    let overlaps = |a: &Ipv4Net, b: &Ipv4Net| a.contains(b) || b.contains(a);
    let cidr = cx
        .get(vpc)
        .map(|v: &Vpc| v.primary_cidr())?
        .subnets(DEFAULT_SUBNET_PREFIX)
        .ok()?
        .find(|block| !taken.iter().any(|t| overlaps(t, block)))?;
    let subnet = Subnet {
        default_for_az: true,
        map_public_ip_on_launch: true,
        ..blank_subnet(cx, vpc, Some(cidr), zone)?
    };
    let id = subnet.id;
    cx.put(subnet);
    Some(id)
}

/// A VPC with AWS's default attributes (`VPC-4`).
pub fn blank_vpc(cx: &mut Cx, id: VpcId, primary: VpcCidrBlock) -> Vpc {
    Vpc {
        id,
        owner: cx.account().clone(),
        cidr_blocks: vec![primary],
        ipv6_cidr_blocks: Vec::new(),
        dhcp_options: Some(default_dhcp_options(cx)),
        is_default: false,
        enable_dns_support: true,
        enable_dns_hostnames: false,
        enable_network_address_usage_metrics: false,
        instance_tenancy: "default".to_owned(),
    }
}

/// A subnet with AWS's default attributes (`SUB-5`), under the VPC's default network ACL. One without an IPv4 block is
/// IPv6-only: its interfaces always get an address, and its hosts are named after what they are (VPC user guide, "Subnet
/// types"; EC2 user guide, "EC2 instance hostnames").
pub fn blank_subnet(cx: &mut Cx, vpc: VpcId, cidr: Option<Ipv4Net>, zone: &str) -> Option<Subnet> {
    let acl = cx
        .all()
        .find(|a: &&NetworkAcl| a.vpc == vpc && a.is_default);
    let network_acl = acl?.id;
    Some(Subnet {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc,
        cidr,
        ipv6_cidr_blocks: Vec::new(),
        availability_zone: zone.to_owned(),
        network_acl,
        network_acl_association: cx.new_id(),
        default_for_az: false,
        map_public_ip_on_launch: false,
        assign_ipv6_address_on_creation: cidr.is_none(),
        enable_dns64: false,
        private_dns_hostname_type: match cidr {
            Some(_) => "ip-name".to_owned(),
            None => "resource-name".to_owned(),
        },
        enable_resource_name_dns_a_record: false,
        enable_resource_name_dns_aaaa_record: cidr.is_none(),
    })
}

/// Writes down a VPC with its main route table, default network ACL and default security group.
pub fn create_vpc_with_parts(cx: &mut Cx, vpc: Vpc) {
    let has_ipv6 = !vpc.ipv6_cidr_blocks.is_empty();
    let main = RouteTable {
        id: cx.new_id(),
        owner: vpc.owner.clone(),
        vpc: vpc.id,
        routes: local_routes(&vpc),
        associations: vec![RouteTableAssociation {
            id: cx.new_id(),
            target: AssociationTarget::Main,
        }],
    };
    let acl = NetworkAcl {
        id: cx.new_id(),
        owner: vpc.owner.clone(),
        vpc: vpc.id,
        is_default: true,
        entries: [false, true]
            .into_iter()
            .flat_map(|egress| default_acl_entries(egress, has_ipv6))
            .collect(),
    };
    let group = cx.new_id();
    let mut rules = vec![SecurityGroupRule {
        id: cx.new_id(),
        is_egress: false,
        traffic: RuleTraffic::All,
        peer: RulePeer::SecurityGroup {
            peer_vpc: None,
            id: group,
            owner: vpc.owner.clone(),
        },
        description: None,
    }];
    rules.extend(default_egress_rules(cx, has_ipv6));
    let group = SecurityGroup {
        id: group,
        owner: vpc.owner.clone(),
        vpc: vpc.id,
        name: DEFAULT_GROUP.to_owned(),
        description: "default VPC security group".to_owned(),
        rules,
    };
    cx.put(vpc);
    cx.put(main);
    cx.put(acl);
    cx.put(group);
}

/// The local route of every block of a VPC (`RT-1`).
pub fn local_routes(vpc: &Vpc) -> Vec<Route> {
    let ipv4 = vpc.cidr_blocks.iter().map(|b| b.cidr);
    let ipv6 = vpc.ipv6_cidr_blocks.iter().map(|b| b.cidr);
    ipv4.map(RouteDestination::Ipv4)
        .chain(ipv6.map(RouteDestination::Ipv6))
        .map(local_route)
        .collect()
}

/// The local route of one block.
pub fn local_route(destination: RouteDestination) -> Route {
    Route {
        destination,
        target: RouteTarget::Local,
        origin: RouteOrigin::CreateRouteTable,
    }
}

/// The main route table of a VPC.
pub fn main_route_table_of<'c>(cx: &'c Cx, vpc: VpcId) -> Option<&'c RouteTable> {
    cx.all::<RouteTable>().find(|t| t.vpc == vpc && t.is_main())
}

/// The rules that a new security group lets traffic out by (`SG-2`).
pub fn default_egress_rules(cx: &mut Cx, has_ipv6: bool) -> Vec<SecurityGroupRule> {
    let peers = [
        Some(RulePeer::Ipv4(ANY_IPV4)),
        has_ipv6.then_some(RulePeer::Ipv6(ANY_IPV6)),
    ];
    peers
        .into_iter()
        .flatten()
        .map(|peer| SecurityGroupRule {
            id: cx.new_id(),
            is_egress: true,
            traffic: RuleTraffic::All,
            peer,
            description: None,
        })
        .collect()
}

/// What a VPC's first IPv6 block opens: the default network ACL and the egress of security groups,
/// each only where nobody has edited it (`ACL-3`).
pub fn open_for_ipv6(cx: &mut Cx, vpc: VpcId) {
    let acls = cx
        .all::<NetworkAcl>()
        .filter(|a| a.vpc == vpc && a.is_default);
    for mut acl in acls.cloned().collect::<Vec<_>>() {
        for egress in [false, true] {
            let side = acl.entries.iter().filter(|e| e.is_egress == egress);
            if side.cloned().collect::<Vec<_>>() == default_acl_entries(egress, false) {
                acl.entries.retain(|e| e.is_egress != egress);
                acl.entries.extend(default_acl_entries(egress, true));
            }
        }
        acl.entries.sort_by_key(|e| (e.is_egress, e.rule_number));
        cx.put(acl);
    }
    let groups = cx.all::<SecurityGroup>().filter(|g| g.vpc == vpc);
    for mut group in groups.cloned().collect::<Vec<_>>() {
        let mut egress = group.rules.iter().filter(|r| r.is_egress);
        let only = egress.next().filter(|_| egress.next().is_none());
        let unedited = only
            .is_some_and(|r| r.traffic == RuleTraffic::All && r.peer == RulePeer::Ipv4(ANY_IPV4));
        if unedited {
            let rules = default_egress_rules(cx, true);
            let ipv6 = rules
                .into_iter()
                .filter(|r| r.peer == RulePeer::Ipv6(ANY_IPV6));
            group.rules.extend(ipv6);
            cx.put(group);
        }
    }
}

/// One direction of a default network ACL: 100 allows all IPv4, 101 all IPv6 (`ACL-3`).
fn default_acl_entries(is_egress: bool, has_ipv6: bool) -> Vec<NetworkAclEntry> {
    let blocks = [
        Some((100, IpNet::V4(ANY_IPV4))),
        has_ipv6.then_some((101, IpNet::V6(ANY_IPV6))),
    ];
    blocks
        .into_iter()
        .flatten()
        .filter_map(|(number, cidr)| {
            Some(NetworkAclEntry {
                rule_number: RuleNumber::try_from(number).ok()?,
                is_egress,
                allow: true,
                traffic: AclTraffic::All,
                cidr,
            })
        })
        .collect()
}

/// The region's default DHCP options of the account, made at first need (`DHCP-1`).
fn default_dhcp_options(cx: &mut Cx) -> DhcpOptionsId {
    if let Some(set) = cx.own::<DhcpOptions>().find(|set| set.is_default) {
        return set.id;
    }
    let id = cx.new_id();
    let configurations = [
        ("domain-name", cx.region_info().private_domain()),
        ("domain-name-servers", "AmazonProvidedDNS".to_owned()),
    ];
    let set = DhcpOptions {
        id,
        owner: cx.account().clone(),
        configurations: configurations
            .into_iter()
            .map(|(key, value)| (key.to_owned(), vec![value]))
            .collect(),
        is_default: true,
    };
    cx.put(set);
    id
}
