//! What the engine judges against: an immutable picture of the whole region, built by `compile`.
//!
//! Parts are shared by `Arc` in [`Shared`] tables, so that the next snapshot keeps what did not change: a copy of a snapshot
//! costs next to nothing, and [`Snapshot::replace_route_table`] and its like cost what the one part does. Nothing here is
//! an AWS id; each rule, entry and route carries a [`RuleRef`](crate::RuleRef) that `compile` can translate back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_wire::Mac;

use crate::defects::{Defect, planted};
use crate::ids::{
    EniIndex, NetworkAclIndex, PortId, RegionIndex, RouteTableIndex, SecurityGroupIndex,
    SubnetIndex, VpcIndex,
};
use crate::route::RouteTable;
use crate::shared::Shared;

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
#[derive(Debug, Default)]
struct Indexes {
    private: HashMap<(VpcIndex, IpAddr), EniIndex>,
    by_mac: HashMap<(SubnetIndex, Mac), EniIndex>,
    public: HashMap<IpAddr, PublicOwner>,
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

    /// Gives a group that is there other rules.
    pub fn replace_security_group(&mut self, index: SecurityGroupIndex, group: SecurityGroup) {
        self.parts.security_groups.insert(index, Arc::new(group));
    }

    /// Gives a network ACL that is there other entries.
    pub fn replace_network_acl(&mut self, index: NetworkAclIndex, acl: NetworkAcl) {
        self.parts.network_acls.insert(index, Arc::new(acl));
    }

    /// Gives a route table that is there other routes.
    pub fn replace_route_table(&mut self, index: RouteTableIndex, table: RouteTable) {
        self.parts.route_tables.insert(index, Arc::new(table));
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
    for (index, subnet) in parts.subnets.iter() {
        let whole = parts.vpcs.get(subnet.vpc).is_some()
            && parts.network_acls.get(subnet.network_acl).is_some()
            && parts.route_tables.get(subnet.route_table).is_some();
        if !whole {
            return Err(SnapshotError::Subnet(index));
        }
    }
    Ok(())
}

impl Indexes {
    fn add_enis(&mut self, parts: &SnapshotParts) -> Result<(), SnapshotError> {
        for (index, eni) in parts.enis.iter() {
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
            for own in &eni.ipv4 {
                let private = IpAddr::from(own.address);
                self.add_private(eni.vpc, private, index)?;
                if let Some(public) = own.public {
                    let eni = index;
                    self.add_public(public.into(), PublicOwner::Eni { eni, private })?;
                }
            }
            for own in &eni.ipv6 {
                let private = IpAddr::from(*own);
                self.add_private(eni.vpc, private, index)?;
                // The internet knows no endpoint (`DenyAllIgwTraffic`).
                if matches!(eni.kind, EniKind::VpcEndpoint(_)) {
                    continue;
                }
                let eni = index;
                self.add_public(private, PublicOwner::Eni { eni, private })?;
            }
        }
        Ok(())
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
