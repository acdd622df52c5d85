//! What journal entries change of a snapshot: single parts where that is certain, else everything.
//!
//! The rules of a group, the entries of a network ACL and the routes of a table say nothing about any part but their own,
//! so a change to them asks for that part alone; so do the calls that make or remove an interface, a subnet, a table or a
//! VPC, or tie them together. Load balancers, services behind them and zones ask for everything: so does every event that
//! is not named here, which is always right and only slower.

use std::collections::BTreeSet;

use openvpc_model::*;

use crate::vpc_endpoint;

/// A part of a snapshot that is compiled from one resource, in the order in which they are: each from itself and from those
/// before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Where a gateway is attached.
    InternetGateway(InternetGatewayId),
    /// The interface that it stands at.
    NatGateway(NatGatewayId),
    EgressOnlyGateway(EgressOnlyInternetGatewayId),
    GatewayEndpoint(VpcEndpointId),
    /// What an active connection leads to from either end.
    Peering(VpcPeeringConnectionId),
    Vpc(VpcId),
    SecurityGroup(SecurityGroupId),
    NetworkAcl(NetworkAclId),
    /// Whom a table serves.
    Associations(RouteTableId),
    /// Its routes.
    RouteTable(RouteTableId),
    Subnet(SubnetId),
    NetworkInterface(NetworkInterfaceId),
}

impl Part {
    /// Whether what it is compiled from is there no more. What is a mere number of a gateway is never called gone, nor are
    /// interfaces: both are taken out where they are renewed.
    pub(crate) fn is_gone(self, region: &Region) -> bool {
        match self {
            Part::Vpc(id) => !region.vpcs.contains_key(&id),
            Part::SecurityGroup(id) => !region.security_groups.contains_key(&id),
            Part::NetworkAcl(id) => !region.network_acls.contains_key(&id),
            Part::Associations(id) | Part::RouteTable(id) => !region.route_tables.contains_key(&id),
            Part::Subnet(id) => !region.subnets.contains_key(&id),
            Part::Peering(id) => !region.vpc_peering_connections.contains_key(&id),
            Part::InternetGateway(_)
            | Part::NatGateway(_)
            | Part::EgressOnlyGateway(_)
            | Part::GatewayEndpoint(_)
            | Part::NetworkInterface(_) => false,
        }
    }
}

/// What has changed since a snapshot was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Parts by region; `None` for everything.
    parts: Option<BTreeSet<(String, Part)>>,
    /// More than rules, entries and routes: what sandboxes and names are made of.
    is_shaped: bool,
}

impl Default for Changes {
    /// None.
    fn default() -> Changes {
        Changes {
            parts: Some(BTreeSet::new()),
            is_shaped: false,
        }
    }
}

impl Changes {
    /// Everything may have changed.
    pub fn everything() -> Changes {
        Changes {
            parts: None,
            is_shaped: true,
        }
    }

    /// The parts that have changed by region, in the order in which they are to be compiled; `None` if everything has.
    pub fn parts(&self) -> Option<&BTreeSet<(String, Part)>> {
        self.parts.as_ref()
    }

    /// Whether more has changed than the rules of groups, the entries of network ACLs and the routes of tables: what
    /// sandboxes and names are made of.
    pub fn is_shaped(&self) -> bool {
        self.is_shaped
    }

    /// Adds what an entry will change of a world that it has not been applied to yet; whether this one entry changes more
    /// than rules ([`Changes::is_shaped`]). Costs what the entry does.
    pub fn note(&mut self, before: &World, entry: &Entry) -> bool {
        let mut is_shaped = false;
        let region = before.regions.get(&entry.region);
        for event in &entry.events {
            let effect = match region {
                Some(region) => Effect::of(region, event),
                None => Effect::everything(),
            };
            is_shaped |= effect.is_shaped;
            match (&mut self.parts, effect.parts) {
                (Some(parts), Some(more)) => {
                    parts.extend(more.into_iter().map(|part| (entry.region.clone(), part)));
                }
                (parts, _) => *parts = None,
            }
        }
        self.is_shaped |= is_shaped;
        is_shaped
    }
}

/// What one event changes.
struct Effect {
    /// `None` for everything.
    parts: Option<Vec<Part>>,
    is_shaped: bool,
}

impl Effect {
    fn nothing() -> Effect {
        Effect {
            parts: Some(Vec::new()),
            is_shaped: false,
        }
    }

    fn everything() -> Effect {
        Effect {
            parts: None,
            is_shaped: true,
        }
    }

    /// Something that sandboxes and names may be made of, and these parts.
    fn shaped(parts: Vec<Part>) -> Effect {
        Effect {
            parts: Some(parts),
            is_shaped: true,
        }
    }

    /// One part, and nothing else if it was there already.
    fn rules(part: Part, was_there: bool) -> Effect {
        Effect {
            parts: Some(vec![part]),
            is_shaped: !was_there,
        }
    }

    fn of(region: &Region, event: &Event) -> Effect {
        match event {
            Event::SecurityGroupPut(new) => match region.security_groups.get(&new.id) {
                Some(old) if old.vpc != new.vpc => Effect::everything(),
                old => Effect::rules(Part::SecurityGroup(new.id), old.is_some()),
            },
            Event::NetworkAclPut(new) => match region.network_acls.get(&new.id) {
                Some(old) if old.vpc != new.vpc => Effect::everything(),
                old => Effect::rules(Part::NetworkAcl(new.id), old.is_some()),
            },
            Event::RouteTablePut(new) => route_table(region, new),
            Event::VpcPut(new) => vpc(region, new),
            Event::SubnetPut(new) => subnet(region, new),
            Event::InternetGatewayPut(new) => internet_gateway(region, new),
            Event::NatGatewayPut(new) => nat_gateway(region, new),
            Event::EgressOnlyInternetGatewayPut(new) => egress_only(region, new.id, new.vpc),
            Event::EgressOnlyInternetGatewayDeleted(id) => {
                let old = region.egress_only_internet_gateways.get(id);
                old.map_or_else(Effect::nothing, |old| egress_only(region, *id, old.vpc))
            }
            Event::VpcEndpointPut(new) => endpoint(region, new.id, Some(new)),
            Event::VpcEndpointDeleted(id) => endpoint(region, *id, None),
            Event::VpcPeeringConnectionPut(new) => peering(region, new),
            Event::NetworkInterfacePut(new) => network_interface(region, new),
            Event::NetworkInterfaceDeleted(id) => network_interface_deleted(region, *id),
            Event::AddressPut(new) => address(region, new),
            Event::AddressDeleted(id) => address_deleted(region, *id),
            Event::VpcDeleted(id) => vpc_deleted(region, *id),
            Event::SubnetDeleted(id) => Effect::shaped(vec![Part::Subnet(*id)]),
            Event::SecurityGroupDeleted(id) => security_group_deleted(region, *id),
            Event::NetworkAclDeleted(id) => Effect::shaped(vec![Part::NetworkAcl(*id)]),
            Event::RouteTableDeleted(id) => route_table_deleted(region, *id),
            Event::InternetGatewayDeleted(id) => match region.internet_gateways.get(id) {
                Some(old) if old.vpc.is_some() => Effect::everything(),
                _ => Effect::shaped(vec![Part::InternetGateway(*id)]),
            },
            Event::NatGatewayDeleted(id) => match region.nat_gateways.get(id) {
                Some(old) if old.is_live() => Effect::everything(),
                _ => Effect::shaped(vec![Part::NatGateway(*id)]),
            },
            Event::VpcPeeringConnectionDeleted(id) => {
                let old = region.vpc_peering_connections.get(id);
                old.map_or_else(Effect::nothing, |old| peering(region, old))
            }
            Event::PrefixListPut(new) => prefix_list(region, new.id),
            Event::PrefixListDeleted(id) => prefix_list(region, *id),
            Event::DhcpOptionsPut(new) => dhcp_options(region, new.id),
            Event::DhcpOptionsDeleted(id) => dhcp_options(region, *id),
            // Only the nodes of load balancers are made of instances.
            Event::InstancePut(_) | Event::InstanceDeleted(_)
                if region.load_balancers.is_empty() =>
            {
                Effect::shaped(Vec::new())
            }
            Event::TagsPut { .. }
            | Event::ClientTokenPut(_)
            | Event::SubnetCidrReservationPut(_)
            | Event::SubnetCidrReservationDeleted(_)
            | Event::ConnectionNotificationPut(_)
            | Event::ConnectionNotificationDeleted(_)
            | Event::AccountBootstrapped(_)
            | Event::FlowLogPut(_)
            | Event::FlowLogDeleted(_)
            | Event::NetworkInsightsPathPut(_)
            | Event::NetworkInsightsPathDeleted(_)
            | Event::NetworkInsightsAnalysisPut(_)
            | Event::NetworkInsightsAnalysisDeleted(_)
            | Event::Iam(_) => Effect::nothing(),
            _ => Effect::everything(),
        }
    }
}

/// A table, and the subnets that change to or from it.
fn route_table(region: &Region, new: &RouteTable) -> Effect {
    let part = Part::RouteTable(new.id);
    let old = region.route_tables.get(&new.id);
    let before = old.map_or(&[][..], |old| &old.associations);
    if old.is_some_and(|old| old.vpc != new.vpc) {
        return Effect::everything();
    }
    let is_shaped = old.is_none() || before != new.associations;
    let mut parts = vec![part];
    if is_shaped {
        parts.push(Part::Associations(new.id));
    }
    for association in before.iter().chain(&new.associations) {
        let is_same = |other: &&RouteTableAssociation| other.target == association.target;
        let kept = before.iter().any(|other| is_same(&other))
            && new.associations.iter().any(|other| is_same(&other));
        match association.target {
            _ if kept => {}
            AssociationTarget::Subnet(subnet) => parts.push(Part::Subnet(subnet)),
            // Of all subnets that have none of their own.
            AssociationTarget::Main => {
                let subnets = region.subnets.values();
                let theirs = subnets.filter(|subnet| subnet.vpc == new.vpc);
                parts.extend(theirs.map(|subnet| Part::Subnet(subnet.id)));
            }
            AssociationTarget::InternetGateway(_) => return Effect::everything(),
        }
    }
    Effect {
        parts: Some(parts),
        is_shaped,
    }
}

fn vpc(region: &Region, new: &Vpc) -> Effect {
    let part = Effect::shaped(vec![Part::Vpc(new.id)]);
    match region.vpcs.get(&new.id) {
        None => part,
        // Network ACLs, tables and endpoints are made of their VPC's blocks and attributes too.
        Some(old)
            if old.cidr_blocks == new.cidr_blocks
                && old.ipv6_cidr_blocks == new.ipv6_cidr_blocks
                && region.vpc_endpoints.is_empty() =>
        {
            part
        }
        Some(_) => Effect::everything(),
    }
}

/// A VPC that goes takes the numbers along that rules of its peers name; an active peering would still lead there.
fn vpc_deleted(region: &Region, id: VpcId) -> Effect {
    let mut peerings = region.vpc_peering_connections.values();
    if peerings.any(|peering| peering.is_active() && peering.far_end(id).is_some()) {
        return Effect::everything();
    }
    let mut parts = vec![Part::Vpc(id)];
    parts.extend(groups_naming(
        region,
        |peer| matches!(peer, RulePeer::SecurityGroup { peer_vpc, .. } if *peer_vpc == Some(id)),
    ));
    Effect::shaped(parts)
}

/// A group that goes: rules that name it match nobody.
fn security_group_deleted(region: &Region, id: SecurityGroupId) -> Effect {
    let mut parts = vec![Part::SecurityGroup(id)];
    parts.extend(groups_naming(
        region,
        |peer| matches!(peer, RulePeer::SecurityGroup { id: named, .. } if *named == id),
    ));
    Effect::shaped(parts)
}

/// A table that goes: whom it served has another one.
fn route_table_deleted(region: &Region, id: RouteTableId) -> Effect {
    match region.route_tables.get(&id) {
        Some(old) => {
            let nobody = RouteTable {
                associations: Vec::new(),
                ..old.clone()
            };
            let effect = route_table(region, &nobody);
            Effect {
                is_shaped: true,
                ..effect
            }
        }
        None => Effect::nothing(),
    }
}

/// The rules and routes that name a list.
fn prefix_list(region: &Region, id: PrefixListId) -> Effect {
    let tables = region.route_tables.values().filter(|table| {
        let mut routes = table.routes.iter();
        routes.any(|route| route.destination == RouteDestination::PrefixList(id))
    });
    let tables = tables.map(|table| Part::RouteTable(table.id));
    let groups = groups_naming(region, |peer| *peer == RulePeer::PrefixList(id));
    Effect::shaped(tables.chain(groups).collect())
}

/// The VPCs that have these options.
fn dhcp_options(region: &Region, id: DhcpOptionsId) -> Effect {
    let vpcs = region.vpcs.values();
    let theirs = vpcs.filter(|vpc| vpc.dhcp_options == Some(id));
    Effect::shaped(theirs.map(|vpc| Part::Vpc(vpc.id)).collect())
}

fn subnet(region: &Region, new: &Subnet) -> Effect {
    match region.subnets.get(&new.id) {
        // The names of interfaces follow it.
        Some(old)
            if old.vpc != new.vpc
                || old.private_dns_hostname_type != new.private_dns_hostname_type =>
        {
            Effect::everything()
        }
        _ => Effect::shaped(vec![Part::Subnet(new.id)]),
    }
}

/// A gateway that comes or goes: its VPC, and the routes that lead there.
fn internet_gateway(region: &Region, new: &InternetGateway) -> Effect {
    let old = region
        .internet_gateways
        .get(&new.id)
        .and_then(|old| old.vpc);
    if old == new.vpc {
        return Effect::shaped(Vec::new());
    }
    let tables = || region.route_tables.values();
    let edges = tables().flat_map(|table| &table.associations);
    let mut edges = edges.map(|association| association.target);
    if edges.any(|edge| edge == AssociationTarget::InternetGateway(new.id)) {
        return Effect::everything();
    }
    let mut parts = vec![Part::InternetGateway(new.id)];
    parts.extend([old, new.vpc].into_iter().flatten().map(Part::Vpc));
    let target = RouteTarget::InternetGateway(new.id);
    parts.extend(tables_to(region, target));
    Effect::shaped(parts)
}

/// A NAT gateway that comes or goes: its interface is for something else then, and routes lead elsewhere.
fn nat_gateway(region: &Region, new: &NatGateway) -> Effect {
    let old = region.nat_gateways.get(&new.id);
    let interfaces = [
        old.and_then(|old| old.network_interface),
        new.network_interface,
    ];
    let mut parts = vec![Part::NatGateway(new.id)];
    parts.extend(interfaces.into_iter().flatten().map(Part::NetworkInterface));
    parts.extend(tables_to(region, RouteTarget::NatGateway(new.id)));
    match region.load_balancers.is_empty() {
        true => Effect::shaped(parts),
        false => Effect::everything(),
    }
}

/// An egress-only gateway that comes or goes: its VPC, and the routes that lead there.
fn egress_only(region: &Region, id: EgressOnlyInternetGatewayId, vpc: VpcId) -> Effect {
    let mut parts = vec![Part::EgressOnlyGateway(id), Part::Vpc(vpc)];
    let target = RouteTarget::EgressOnlyInternetGateway(id);
    parts.extend(tables_to(region, target));
    Effect::shaped(parts)
}

/// A gateway endpoint is a number that routes lead to, an interface endpoint what its interfaces are for; a load balancer
/// would be told of the endpoints that lead to it.
fn endpoint(region: &Region, id: VpcEndpointId, new: Option<&VpcEndpoint>) -> Effect {
    let old = region.vpc_endpoints.get(&id);
    let both = || old.into_iter().chain(new);
    if !region.load_balancers.is_empty() && both().any(|it| it.kind != VpcEndpointKind::Gateway) {
        return Effect::everything();
    }
    let mut parts = vec![Part::GatewayEndpoint(id)];
    parts.extend(tables_to(region, RouteTarget::VpcEndpoint(id)));
    let interfaces = both().flat_map(vpc_endpoint::interfaces_of);
    parts.extend(interfaces.map(Part::NetworkInterface));
    Effect::shaped(parts)
}

/// A connection that begins or ends: the routes that lead there, and the rules that name groups of the other end.
fn peering(region: &Region, new: &VpcPeeringConnection) -> Effect {
    let old = region.vpc_peering_connections.get(&new.id);
    let ends = |of: &VpcPeeringConnection| [of.requester.vpc, of.accepter.vpc];
    if new.is_between_regions() || old.is_some_and(|old| ends(old) != ends(new)) {
        return Effect::everything();
    }
    let mut parts = vec![Part::Peering(new.id)];
    parts.extend(tables_to(region, RouteTarget::VpcPeeringConnection(new.id)));
    let ends = ends(new);
    let of_peers = |rule: &SecurityGroupRule| {
        let RulePeer::SecurityGroup { peer_vpc, .. } = &rule.peer else {
            return false;
        };
        peer_vpc.is_some_and(|vpc| ends.contains(&vpc))
    };
    let groups = region.security_groups.values();
    let groups = groups.filter(|group| ends.contains(&group.vpc));
    let groups = groups.filter(|group| group.rules.iter().any(of_peers));
    parts.extend(groups.map(|group| Part::SecurityGroup(group.id)));
    Effect::shaped(parts)
}

/// The groups with a rule for such a peer.
fn groups_naming(region: &Region, names: impl Fn(&RulePeer) -> bool) -> impl Iterator<Item = Part> {
    let groups = region.security_groups.values();
    let groups = groups.filter(move |group| group.rules.iter().any(|rule| names(&rule.peer)));
    groups.map(|group| Part::SecurityGroup(group.id))
}

/// Whether an interface is compiled from itself and its NAT gateway or endpoint alone: not one of a load balancer, nor of
/// what may be a target of one.
fn is_plain(region: &Region, eni: &NetworkInterface) -> bool {
    eni.kind != NetworkInterfaceKind::NetworkLoadBalancer && region.load_balancers.is_empty()
}

fn network_interface(region: &Region, new: &NetworkInterface) -> Effect {
    let old = region.network_interfaces.get(&new.id);
    let same = old.is_none_or(|old| old.serial == new.serial && is_plain(region, old));
    match same && is_plain(region, new) {
        true => Effect::shaped(vec![Part::NetworkInterface(new.id)]),
        false => Effect::everything(),
    }
}

/// An interface that goes: routes to it become blackholes.
fn network_interface_deleted(region: &Region, id: NetworkInterfaceId) -> Effect {
    match region.network_interfaces.get(&id) {
        Some(old) if is_plain(region, old) => {
            let mut parts = vec![Part::NetworkInterface(id)];
            parts.extend(tables_to(region, RouteTarget::NetworkInterface(id)));
            Effect::shaped(parts)
        }
        _ => Effect::everything(),
    }
}

/// An Elastic address that comes to an interface or leaves it.
fn address(region: &Region, new: &Address) -> Effect {
    let of = |address: &Address| Some(address.association.as_ref()?.network_interface);
    let old = region.addresses.get(&new.id);
    let same = old.is_none_or(|old| old.public_ip == new.public_ip);
    let holders = [old.and_then(of), of(new)];
    let plain = |id: &NetworkInterfaceId| {
        let eni = region.network_interfaces.get(id);
        eni.is_some_and(|eni| is_plain(region, eni))
    };
    let holders: Vec<NetworkInterfaceId> = holders.into_iter().flatten().collect();
    match same && holders.iter().all(plain) {
        true => Effect::shaped(holders.into_iter().map(Part::NetworkInterface).collect()),
        false => Effect::everything(),
    }
}

/// An Elastic address that is given back.
fn address_deleted(region: &Region, id: AllocationId) -> Effect {
    match region.addresses.get(&id) {
        Some(old) if old.association.is_some() => Effect::everything(),
        _ => Effect::shaped(Vec::new()),
    }
}

/// The tables that have a route to a target.
fn tables_to(region: &Region, target: RouteTarget) -> impl Iterator<Item = Part> {
    let leads = move |table: &&RouteTable| table.routes.iter().any(|r| r.target == target);
    let tables = region.route_tables.values().filter(leads);
    tables.map(|table| Part::RouteTable(table.id))
}
