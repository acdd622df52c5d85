//! What the engine judges against: an immutable picture of the whole region, built by `compile`.
//!
//! Parts are shared by `Arc` in [`Shared`] tables, so that the next snapshot keeps what did not change: a copy of a snapshot
//! costs next to nothing, and [`Snapshot::put_route_table`] and its like cost what the one part does. Nothing here is
//! an AWS id; each rule, entry and route carries a [`RuleRef`](crate::RuleRef) that `compile` can translate back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use openvpc_wire::Mac;

use crate::defects::{Defect, planted};
use crate::ids::{
    EniIndex, NetworkAclIndex, PortId, RegionIndex, RouteTableIndex, SecurityGroupIndex,
    SubnetIndex, VpcIndex,
};
use crate::route::RouteTable;
use crate::shared::Shared;
use crate::shared_map::SharedMap;

mod parts;

pub use parts::*;

/// The plain parts of a snapshot, as `compile` fills them.
#[derive(Clone, Debug, Default)]
pub struct SnapshotParts {
    /// Grows by at least one with every snapshot; never goes down (I-20).
    pub generation: u64,
    /// VPCs.
    pub vpcs: Shared<VpcIndex, Arc<Vpc>>,
    /// The region of each VPC; one that is not listed is in the same as all others of that kind.
    pub regions: Shared<VpcIndex, RegionIndex>,
    /// Subnets.
    pub subnets: Shared<SubnetIndex, Arc<Subnet>>,
    /// Network interfaces by serial, attached or not.
    pub enis: Shared<EniIndex, Arc<Eni>>,
    /// What the nodes of load balancers listen for, by their interfaces.
    pub load_balancers: Shared<EniIndex, Arc<LoadBalancerNode>>,
    /// Security groups.
    pub security_groups: Shared<SecurityGroupIndex, Arc<SecurityGroup>>,
    /// Network ACLs.
    pub network_acls: Shared<NetworkAclIndex, Arc<NetworkAcl>>,
    /// Route tables of subnets.
    pub route_tables: Shared<RouteTableIndex, Arc<RouteTable>>,
    /// Hosts of the simulated internet; the position is the number in [`crate::PortId::Outside`].
    pub outside: Vec<Arc<OutsideHost>>,
    /// Addresses of the public zone: services on the internet, behind [`crate::PortId::Services`] (D9).
    pub public_services: Vec<IpAddr>,
}

/// Parts that refer to something that is not there, or claim one address twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// A subnet names a missing VPC, network ACL or route table.
    Subnet(SubnetIndex),
    /// An interface names a missing VPC, subnet or security group.
    Eni(EniIndex),
    /// Two interfaces of one VPC claim this private address.
    PrivateAddress(IpAddr),
    /// Two owners claim this public address.
    PublicAddress(IpAddr),
}

impl std::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SnapshotError::Subnet(subnet) => {
                write!(f, "subnet {} refers to something missing", subnet.0)
            }
            SnapshotError::Eni(eni) => {
                write!(f, "network interface {} refers to something missing", eni.0)
            }
            SnapshotError::PrivateAddress(address) => {
                write!(f, "two interfaces of one VPC own {address}")
            }
            SnapshotError::PublicAddress(address) => {
                write!(f, "the public address {address} has two owners")
            }
        }
    }
}

impl std::error::Error for SnapshotError {}

/// A checked snapshot with its address indexes.
#[derive(Clone, Debug)]
pub struct Snapshot {
    parts: SnapshotParts,
    indexes: Arc<Indexes>,
}

/// Who has which address.
#[derive(Clone, Debug, Default)]
struct Indexes {
    private: SharedMap<(VpcIndex, IpAddr), EniIndex>,
    by_mac: SharedMap<(SubnetIndex, Mac), EniIndex>,
    public: SharedMap<IpAddr, PublicOwner>,
    without_port: Vec<EniIndex>,
}

/// Who answers to an address on the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicOwner {
    /// An interface, by its mapped (IPv4) or own (IPv6) address.
    Eni {
        /// The interface.
        eni: EniIndex,
        /// The destination after translation.
        private: IpAddr,
    },
    /// An outside host.
    Outside(u16),
    /// A service of the public zone.
    Service,
}

impl Snapshot {
    /// Checks the references and builds the indexes; cost linear in the number of addresses.
    ///
    /// # Errors
    /// What does not fit together; nothing is installed then.
    pub fn new(parts: SnapshotParts) -> Result<Snapshot, SnapshotError> {
        check_subnets(&parts)?;
        let mut indexes = Indexes::default();
        indexes.add_enis(&parts)?;
        indexes.add_outside(&parts)?;
        Ok(Snapshot {
            parts,
            indexes: Arc::new(indexes),
        })
    }

    /// Makes it the picture of another revision.
    pub fn set_generation(&mut self, generation: u64) {
        self.parts.generation = generation;
    }

    /// Puts a VPC in, or in the place of what it was.
    pub fn put_vpc(&mut self, index: VpcIndex, region: RegionIndex, vpc: Vpc) {
        self.parts.vpcs.insert(index, Arc::new(vpc));
        self.parts.regions.insert(index, region);
    }

    /// Puts a group in, or gives it other rules.
    pub fn put_security_group(&mut self, index: SecurityGroupIndex, group: SecurityGroup) {
        self.parts.security_groups.insert(index, Arc::new(group));
    }

    /// Puts a network ACL in, or gives it other entries.
    pub fn put_network_acl(&mut self, index: NetworkAclIndex, acl: NetworkAcl) {
        self.parts.network_acls.insert(index, Arc::new(acl));
    }

    /// Puts a route table in, or gives it other routes.
    pub fn put_route_table(&mut self, index: RouteTableIndex, table: RouteTable) {
        self.parts.route_tables.insert(index, Arc::new(table));
    }

    /// Puts a subnet in, or in the place of what it was.
    ///
    /// # Errors
    /// What does not fit together; the snapshot is then of no more use.
    pub fn put_subnet(&mut self, index: SubnetIndex, subnet: Subnet) -> Result<(), SnapshotError> {
        check_subnet(&self.parts, index, &subnet)?;
        self.parts.subnets.insert(index, Arc::new(subnet));
        // Its interfaces may be lost or found with it.
        self.indexes = Arc::new((*self.indexes).clone());
        Ok(())
    }

    /// Takes a VPC out that nothing is in any more.
    pub fn remove_vpc(&mut self, index: VpcIndex) {
        self.parts.vpcs.remove(index);
        self.parts.regions.remove(index);
    }

    /// Takes a group out that no interface has any more.
    pub fn remove_security_group(&mut self, index: SecurityGroupIndex) {
        self.parts.security_groups.remove(index);
    }

    /// Takes a network ACL out that no subnet has any more.
    pub fn remove_network_acl(&mut self, index: NetworkAclIndex) {
        self.parts.network_acls.remove(index);
    }

    /// Takes a route table out that serves nobody any more.
    pub fn remove_route_table(&mut self, index: RouteTableIndex) {
        self.parts.route_tables.remove(index);
    }

    /// Takes a subnet out that no interface is in any more.
    pub fn remove_subnet(&mut self, index: SubnetIndex) {
        self.parts.subnets.remove(index);
    }

    /// Puts an interface in, or in the place of what it was. Cost of its addresses.
    ///
    /// # Errors
    /// What does not fit together; the snapshot is then of no more use.
    pub fn put_eni(&mut self, index: EniIndex, eni: Eni) -> Result<(), SnapshotError> {
        self.remove_eni(index);
        let indexes = Arc::make_mut(&mut self.indexes);
        indexes.add_eni(&self.parts, index, &eni)?;
        indexes.without_port.sort_unstable();
        self.parts.enis.insert(index, Arc::new(eni));
        Ok(())
    }

    /// Takes an interface out, if it is there.
    pub fn remove_eni(&mut self, index: EniIndex) {
        if let Some(eni) = self.parts.enis.remove(index) {
            Arc::make_mut(&mut self.indexes).remove_eni(index, &eni);
        }
    }

    /// Adds a host outside; its number is that of those before it.
    ///
    /// # Errors
    /// Somebody has its address; the snapshot is then of no more use.
    pub fn add_outside(&mut self, host: Arc<OutsideHost>) -> Result<(), SnapshotError> {
        let number = self.parts.outside.len() as u16;
        let indexes = Arc::make_mut(&mut self.indexes);
        for address in &host.addresses {
            indexes.add_public(*address, PublicOwner::Outside(number))?;
        }
        self.parts.outside.push(host);
        Ok(())
    }

    /// Whether its indexes say what its parts do, as they always should; for tests.
    pub fn is_whole(&self) -> bool {
        let Ok(Snapshot { indexes, .. }) = Snapshot::new(self.parts.clone()) else {
            return false;
        };
        let known = &self.indexes;
        known.private.is_same(&indexes.private)
            && known.by_mac.is_same(&indexes.by_mac)
            && known.public.is_same(&indexes.public)
            && known.without_port == indexes.without_port
    }

    /// The generation this snapshot was compiled as.
    pub fn generation(&self) -> u64 {
        self.parts.generation
    }

    /// The parts it was built from, to share with the next one.
    pub fn parts(&self) -> &SnapshotParts {
        &self.parts
    }

    /// The interfaces of gateways and endpoints.
    pub fn without_port(&self) -> &[EniIndex] {
        &self.indexes.without_port
    }

    /// Whether it differs from another one by no more than rules, entries and routes, having been made of it or the other
    /// of it.
    pub fn has_interfaces_of(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(&self.indexes, &other.indexes)
    }

    /// An interface.
    #[inline]
    pub fn eni(&self, eni: EniIndex) -> Option<&Eni> {
        self.parts.enis.get(eni).map(|eni| &**eni)
    }

    /// Whether a way leads from an interface in one region to an interface in another.
    pub fn is_between_regions(&self, from: PortId, to: PortId) -> bool {
        let region = |port: PortId| match port {
            PortId::Eni(eni) => Some(self.parts.regions.get(self.eni(eni)?.vpc)),
            PortId::Outside(_) | PortId::Services => None,
        };
        let ends = region(from).zip(region(to));
        ends.is_some_and(|(from, to)| from != to)
    }

    /// What the node of a load balancer at an interface listens for.
    pub fn load_balancer(&self, node: EniIndex) -> Option<&LoadBalancerNode> {
        self.parts.load_balancers.get(node).map(|node| &**node)
    }

    /// Whether a load balancer that preserves its clients' addresses leads to this one; cost linear in all targets.
    pub(crate) fn is_target(&self, address: IpAddr) -> bool {
        let nodes = self.parts.load_balancers.iter();
        let mut listeners = nodes.flat_map(|(_, node)| &node.listeners);
        listeners.any(|listener| {
            let mut targets = listener.targets.iter();
            listener.preserves_client_ip && targets.any(|target| address == target.address)
        })
    }

    /// An outside host.
    pub fn outside(&self, host: u16) -> Option<&OutsideHost> {
        self.parts
            .outside
            .get(usize::from(host))
            .map(|host| &**host)
    }

    /// The interface that owns a private address in a VPC.
    pub fn owner(&self, vpc: VpcIndex, address: IpAddr) -> Option<EniIndex> {
        if planted(Defect::VpcNotInKey) {
            let mut all = self
                .indexes
                .private
                .iter()
                .filter(|(key, _)| key.1 == address);
            return all.next().map(|(_, eni)| *eni);
        }
        self.indexes.private.get(&(vpc, address)).copied()
    }

    /// The interface behind an Ethernet address in a subnet.
    pub fn by_mac(&self, subnet: SubnetIndex, mac: Mac) -> Option<EniIndex> {
        self.indexes.by_mac.get(&(subnet, mac)).copied()
    }

    /// Who answers to an address on the internet.
    pub fn public_owner(&self, address: IpAddr) -> Option<PublicOwner> {
        self.indexes.public.get(&address).copied()
    }

    /// The public address mapped to a private one, if the interface and the mapping exist.
    pub fn public_of(&self, vpc: VpcIndex, private: Ipv4Addr) -> Option<Ipv4Addr> {
        let eni = self.eni(self.owner(vpc, private.into())?)?;
        eni.ipv4.iter().find(|own| own.address == private)?.public
    }
}

fn check_subnets(parts: &SnapshotParts) -> Result<(), SnapshotError> {
    let mut subnets = parts.subnets.iter();
    subnets.try_for_each(|(index, subnet)| check_subnet(parts, index, subnet))
}

fn check_subnet(
    parts: &SnapshotParts,
    index: SubnetIndex,
    subnet: &Subnet,
) -> Result<(), SnapshotError> {
    let whole = parts.vpcs.get(subnet.vpc).is_some()
        && parts.network_acls.get(subnet.network_acl).is_some()
        && parts.route_tables.get(subnet.route_table).is_some();
    match whole {
        true => Ok(()),
        false => Err(SnapshotError::Subnet(index)),
    }
}

/// Addresses of an interface, and those on the internet that lead to them: of IPv6 each itself, but that the internet knows
/// no endpoint (`DenyAllIgwTraffic`).
fn addresses(eni: &Eni) -> impl Iterator<Item = (IpAddr, Option<IpAddr>)> {
    let ipv4 = eni.ipv4.iter();
    let ipv4 = ipv4.map(|own| (own.address.into(), own.public.map(IpAddr::from)));
    let is_known = !matches!(eni.kind, EniKind::VpcEndpoint(_));
    let ipv6 = eni.ipv6.iter().map(|own| IpAddr::from(*own));
    ipv4.chain(ipv6.map(move |own| (own, is_known.then_some(own))))
}

impl Indexes {
    fn add_enis(&mut self, parts: &SnapshotParts) -> Result<(), SnapshotError> {
        let mut enis = parts.enis.iter();
        enis.try_for_each(|(index, eni)| self.add_eni(parts, index, eni))
    }

    fn add_eni(
        &mut self,
        parts: &SnapshotParts,
        index: EniIndex,
        eni: &Eni,
    ) -> Result<(), SnapshotError> {
        let subnet = parts.subnets.get(eni.subnet);
        let subnet = subnet.ok_or(SnapshotError::Eni(index))?;
        let mut groups = eni.security_groups.iter();
        let groups = groups.all(|group| parts.security_groups.get(*group).is_some());
        if subnet.vpc != eni.vpc || !groups {
            return Err(SnapshotError::Eni(index));
        }
        if self.by_mac.insert((eni.subnet, eni.mac), index).is_some()
            || eni.mac == subnet.router_mac
        {
            return Err(SnapshotError::Eni(index));
        }
        if !eni.kind.has_port() {
            self.without_port.push(index);
        }
        for (private, public) in addresses(eni) {
            self.add_private(eni.vpc, private, index)?;
            if let Some(public) = public {
                let eni = index;
                self.add_public(public, PublicOwner::Eni { eni, private })?;
            }
        }
        Ok(())
    }

    fn remove_eni(&mut self, index: EniIndex, eni: &Eni) {
        self.by_mac.remove(&(eni.subnet, eni.mac));
        self.without_port.retain(|known| *known != index);
        for (private, public) in addresses(eni) {
            self.private.remove(&(eni.vpc, private));
            if let Some(public) = public {
                self.public.remove(&public);
            }
        }
    }

    fn add_outside(&mut self, parts: &SnapshotParts) -> Result<(), SnapshotError> {
        for (number, host) in parts.outside.iter().enumerate() {
            for address in &host.addresses {
                self.add_public(*address, PublicOwner::Outside(number as u16))?;
            }
        }
        for address in &parts.public_services {
            self.add_public(*address, PublicOwner::Service)?;
        }
        Ok(())
    }

    fn add_private(
        &mut self,
        vpc: VpcIndex,
        address: IpAddr,
        owner: EniIndex,
    ) -> Result<(), SnapshotError> {
        match self.private.insert((vpc, address), owner) {
            None => Ok(()),
            Some(_) => Err(SnapshotError::PrivateAddress(address)),
        }
    }

    fn add_public(&mut self, address: IpAddr, owner: PublicOwner) -> Result<(), SnapshotError> {
        match self.public.insert(address, owner) {
            None => Ok(()),
            Some(_) => Err(SnapshotError::PublicAddress(address)),
        }
    }
}
