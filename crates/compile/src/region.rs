//! One region: numbers first, then each resource by itself.

use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::{
    Eni, EniIndex, GatewayId, NetworkAcl, NetworkAclIndex, Peering, RouteTable, RouteTableIndex,
    SecurityGroup, SecurityGroupIndex, SnapshotParts, Subnet, SubnetIndex, Vpc, VpcIndex,
};
use openvpc_model::{
    AssociationTarget, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, InternetGatewayId,
    NatGateway, NatGatewayId, NetworkAclId, NetworkInterface, NetworkInterfaceId,
    NetworkInterfaceKind, Region, RouteTableId, SecurityGroupId, SubnetId, VpcEndpoint,
    VpcEndpointId, VpcEndpointKind, VpcId, VpcPeeringConnection, VpcPeeringConnectionId,
};

use crate::network_interface::PublicAddresses;
use crate::{
    Names, dhcp_options, load_balancer, network_acl, network_interface, route_table,
    security_group, subnet,
};

/// What ids of this region are called in the snapshot, and which hang together.
#[derive(Clone, Default)]
pub(crate) struct Numbers {
    pub vpcs: HashMap<VpcId, VpcIndex>,
    pub subnets: HashMap<SubnetId, SubnetIndex>,
    pub security_groups: HashMap<SecurityGroupId, SecurityGroupIndex>,
    pub network_acls: HashMap<NetworkAclId, NetworkAclIndex>,
    pub route_tables: HashMap<RouteTableId, RouteTableIndex>,
    pub network_interfaces: HashMap<NetworkInterfaceId, EniIndex>,
    /// The VPC that a gateway is attached to.
    pub internet_gateways: HashMap<InternetGatewayId, VpcId>,
    /// The VPC and the number of an egress-only gateway.
    pub egress_only_gateways: HashMap<EgressOnlyInternetGatewayId, (VpcId, GatewayId)>,
    /// The VPC and the interface of a NAT gateway that can carry.
    pub nat_gateways: HashMap<NatGatewayId, (VpcId, NetworkInterfaceId)>,
    /// The VPC and the number of a gateway endpoint.
    pub gateway_endpoints: HashMap<VpcEndpointId, (VpcId, GatewayId)>,
    /// The far end of an active peering connection, by the VPC that it is seen from.
    pub peerings: HashMap<(VpcId, VpcPeeringConnectionId), Peering>,
    /// The table of the gateway that a VPC is attached to (RT-12).
    pub edge_tables: HashMap<VpcId, RouteTableIndex>,
    /// Tables that subnets chose for themselves.
    pub explicit_tables: HashMap<SubnetId, RouteTableId>,
    /// Tables of all other subnets of a VPC.
    pub main_tables: HashMap<VpcId, RouteTableId>,
}

/// Adds a region to the parts. `vpcs` numbers those of all regions, which peering connections lead into.
pub(crate) fn compile(
    name: &str,
    region: &Region,
    vpcs: &HashMap<VpcId, VpcIndex>,
    parts: &mut SnapshotParts,
    names: &mut Names,
) -> Numbers {
    let numbers = Numbers::of(region, vpcs, names);
    for id in region.vpcs.keys() {
        if let Some((index, compiled)) = vpc(region, *id, &numbers) {
            parts.vpcs.insert(index, Arc::new(compiled));
        }
    }
    for id in region.security_groups.keys() {
        if let Some((index, compiled)) = security_group(region, *id, &numbers, names) {
            parts.security_groups.insert(index, Arc::new(compiled));
        }
    }
    for id in region.network_acls.keys() {
        if let Some((index, compiled)) = network_acl(region, *id, &numbers, names) {
            parts.network_acls.insert(index, Arc::new(compiled));
        }
    }
    for id in region.route_tables.keys() {
        if let Some((index, compiled)) = route_table(region, *id, &numbers, names) {
            parts.route_tables.insert(index, Arc::new(compiled));
        }
    }
    for id in region.subnets.keys() {
        if let Some((index, compiled)) = subnet(region, *id, &numbers) {
            parts.subnets.insert(index, Arc::new(compiled));
        }
    }
    let public = PublicAddresses::of(region);
    let kinds = network_interface::kinds(name, region, &numbers);
    let balancing = load_balancer::nodes(region);
    for eni in region.network_interfaces.values() {
        let Some(compiled) = network_interface::compile(region, eni, &numbers, &public) else {
            continue;
        };
        let compiled = Eni {
            kind: kinds.get(&eni.id).copied().unwrap_or_default(),
            ..compiled
        };
        if parts.subnets.get(compiled.subnet).is_some() {
            names
                .network_interfaces
                .insert(EniIndex(eni.serial), eni.id);
            if let Some(node) = balancing.get(&eni.id) {
                let index = EniIndex(eni.serial);
                parts.load_balancers.insert(index, node.clone());
            }
            parts.enis.insert(EniIndex(eni.serial), Arc::new(compiled));
        }
    }
    numbers
}

/// A VPC and its number. It is compiled from itself, its gateways and its DHCP options.
pub(crate) fn vpc(region: &Region, id: VpcId, numbers: &Numbers) -> Option<(VpcIndex, Vpc)> {
    let vpc = region.vpcs.get(&id)?;
    let mut attached = numbers.internet_gateways.values();
    let mut egress_only = numbers.egress_only_gateways.values();
    let compiled = Vpc {
        ipv4: vpc.cidr_blocks.iter().map(|block| block.cidr).collect(),
        ipv6: vpc
            .ipv6_cidr_blocks
            .iter()
            .map(|block| block.cidr)
            .collect(),
        internet_gateway: attached.any(|vpc| *vpc == id),
        edge_table: numbers.edge_tables.get(&id).copied(),
        egress_only_gateway: egress_only
            .find(|(vpc, _)| *vpc == id)
            .map(|(_, gateway)| *gateway),
        dns_support: vpc.enable_dns_support,
        dhcp: Arc::new(dhcp_options::compile(region, vpc)),
    };
    Some((*numbers.vpcs.get(&id)?, compiled))
}

/// A subnet and its number. It is compiled from itself, its zone and the numbers of its table and its network ACL.
pub(crate) fn subnet(
    region: &Region,
    id: SubnetId,
    numbers: &Numbers,
) -> Option<(SubnetIndex, Subnet)> {
    let compiled = subnet::compile(region, region.subnets.get(&id)?, numbers)?;
    Some((*numbers.subnets.get(&id)?, compiled))
}

/// A group and its number. It is compiled from itself, the numbers of what its rules name, the region's prefix lists and
/// its peering connections.
pub(crate) fn security_group(
    region: &Region,
    id: SecurityGroupId,
    numbers: &Numbers,
    names: &mut Names,
) -> Option<(SecurityGroupIndex, SecurityGroup)> {
    let group = region.security_groups.get(&id)?;
    let index = *numbers.security_groups.get(&id)?;
    let compiled = security_group::compile(region, group, numbers, names);
    Some((index, compiled))
}

/// A network ACL and its number. It is compiled from itself and from whether its VPC has an IPv6 block.
pub(crate) fn network_acl(
    region: &Region,
    id: NetworkAclId,
    numbers: &Numbers,
    names: &mut Names,
) -> Option<(NetworkAclIndex, NetworkAcl)> {
    let acl = region.network_acls.get(&id)?;
    let vpc = region.vpcs.get(&acl.vpc);
    let has_ipv6 = vpc.is_some_and(|vpc| !vpc.ipv6_cidr_blocks.is_empty());
    let index = *numbers.network_acls.get(&id)?;
    Some((index, network_acl::compile(acl, has_ipv6, names)))
}

/// A route table and its number. It is compiled from itself, the numbers of its targets and the region's prefix lists.
pub(crate) fn route_table(
    region: &Region,
    id: RouteTableId,
    numbers: &Numbers,
    names: &mut Names,
) -> Option<(RouteTableIndex, RouteTable)> {
    let table = region.route_tables.get(&id)?;
    let index = *numbers.route_tables.get(&id)?;
    let compiled = route_table::compile(region, table, numbers, names);
    Some((index, compiled))
}

/// The VPC and the interface of a NAT gateway that can carry.
pub(crate) fn nat_gateway(gateway: &NatGateway) -> Option<(VpcId, NetworkInterfaceId)> {
    let eni = gateway.network_interface.filter(|_| gateway.is_live())?;
    Some((gateway.vpc, eni))
}

/// The VPC and the number of an egress-only gateway.
pub(crate) fn egress_only_gateway(gateway: &EgressOnlyInternetGateway) -> (VpcId, GatewayId) {
    (gateway.vpc, GatewayId(gateway.id.low_bits()))
}

/// The VPC and the number of a gateway endpoint that can carry.
pub(crate) fn gateway_endpoint(endpoint: &VpcEndpoint) -> Option<(VpcId, GatewayId)> {
    let carries = endpoint.kind == VpcEndpointKind::Gateway && endpoint.is_available();
    carries.then(|| (endpoint.vpc, GatewayId(endpoint.id.low_bits())))
}

impl Numbers {
    /// Numbers everything in the order of ids, on top of the regions before.
    fn of(region: &Region, vpcs: &HashMap<VpcId, VpcIndex>, names: &mut Names) -> Numbers {
        let mut numbers = Numbers::default();
        let own = region.vpcs.keys();
        let own = own.filter_map(|id| Some((*id, *vpcs.get(id)?)));
        numbers.vpcs.extend(own);
        for connection in region.vpc_peering_connections.values() {
            numbers.add_peering(connection, vpcs);
        }
        for id in region.subnets.keys() {
            numbers.subnets.insert(*id, names.subnets.push(*id));
        }
        for id in region.security_groups.keys() {
            let index = names.security_groups.push(*id);
            numbers.security_groups.insert(*id, index);
        }
        for id in region.network_acls.keys() {
            let index = names.network_acls.push(Some(*id));
            numbers.network_acls.insert(*id, index);
        }
        for (id, table) in &region.route_tables {
            let index = names.route_tables.push(Some(*id));
            numbers.route_tables.insert(*id, index);
            numbers.associate(region, table, index);
        }
        for (id, eni) in &region.network_interfaces {
            numbers.network_interfaces.insert(*id, EniIndex(eni.serial));
        }
        for (id, gateway) in &region.internet_gateways {
            if let Some(vpc) = gateway.vpc {
                numbers.internet_gateways.insert(*id, vpc);
            }
        }
        let gateways = region.nat_gateways.values();
        let gateways = gateways.filter_map(|it| Some((it.id, nat_gateway(it)?)));
        numbers.nat_gateways.extend(gateways);
        let gateways = region.egress_only_internet_gateways.values();
        let gateways = gateways.map(|it| (it.id, egress_only_gateway(it)));
        numbers.egress_only_gateways.extend(gateways);
        let endpoints = region.vpc_endpoints.values();
        let endpoints = endpoints.filter_map(|it| Some((it.id, gateway_endpoint(it)?)));
        numbers.gateway_endpoints.extend(endpoints);
        numbers
    }

    /// Whether a NAT gateway that can carry stands at an interface.
    pub(crate) fn is_of_nat_gateway(&self, eni: &NetworkInterface) -> bool {
        let mut standing = self.nat_gateways.values();
        eni.kind == NetworkInterfaceKind::NatGateway && standing.any(|(_, at)| *at == eni.id)
    }

    /// Notes whom a table serves.
    pub(crate) fn associate(
        &mut self,
        region: &Region,
        table: &openvpc_model::RouteTable,
        index: RouteTableIndex,
    ) {
        for association in &table.associations {
            match association.target {
                AssociationTarget::Main => {
                    self.main_tables.insert(table.vpc, table.id);
                }
                AssociationTarget::Subnet(subnet) => {
                    self.explicit_tables.insert(subnet, table.id);
                }
                AssociationTarget::InternetGateway(gateway) => {
                    let gateway = region.internet_gateways.get(&gateway);
                    if gateway.is_some_and(|gateway| gateway.vpc == Some(table.vpc)) {
                        self.edge_tables.insert(table.vpc, index);
                    }
                }
            }
        }
    }

    /// An end that lies in another region has no routes here, and its entry is never asked for.
    pub(crate) fn add_peering(
        &mut self,
        connection: &VpcPeeringConnection,
        vpcs: &HashMap<VpcId, VpcIndex>,
    ) {
        let between_regions = connection.is_between_regions();
        for near in [&connection.requester, &connection.accepter] {
            let far = connection.far_end(near.vpc).map(|far| far.vpc);
            let far = far.and_then(|far| vpcs.get(&far).copied());
            if let (Some(far), true) = (far, connection.is_active()) {
                let peering = Peering {
                    far,
                    between_regions,
                };
                self.peerings.insert((near.vpc, connection.id), peering);
            }
        }
    }
}
