//! What the engine judges against: an immutable picture of the whole region, built by `compile`.
//!
//! Parts are shared by `Arc`, so that the next snapshot may keep what did not change. Nothing here is an AWS id; each
//! rule, entry and route carries a [`RuleRef`] that `compile` can translate back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_wire::Mac;

use crate::defects::{Defect, planted};
use crate::ids::{
    Dense, EniIndex, NetworkAclIndex, RouteTableIndex, SecurityGroupIndex, SubnetIndex, VpcIndex,
};
use crate::route::RouteTable;

mod parts;

pub use parts::*;

/// The plain parts of a snapshot, as `compile` fills them.
#[derive(Clone, Debug, Default)]
pub struct SnapshotParts {
    /// Grows by at least one with every snapshot; never goes down (I-20).
    pub generation: u64,
    /// VPCs.
    pub vpcs: Dense<VpcIndex, Arc<Vpc>>,
    /// Subnets.
    pub subnets: Dense<SubnetIndex, Arc<Subnet>>,
    /// Network interfaces by serial, attached or not.
    pub enis: Dense<EniIndex, Arc<Eni>>,
    /// Security groups.
    pub security_groups: Dense<SecurityGroupIndex, Arc<SecurityGroup>>,
    /// Network ACLs.
    pub network_acls: Dense<NetworkAclIndex, Arc<NetworkAcl>>,
    /// Route tables of subnets.
    pub route_tables: Dense<RouteTableIndex, Arc<RouteTable>>,
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
#[derive(Debug)]
pub struct Snapshot {
    parts: SnapshotParts,
    private: HashMap<(VpcIndex, IpAddr), EniIndex>,
    by_mac: HashMap<(SubnetIndex, Mac), EniIndex>,
    public: HashMap<IpAddr, PublicOwner>,
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
        let mut snapshot = Snapshot {
            parts,
            private: HashMap::new(),
            by_mac: HashMap::new(),
            public: HashMap::new(),
        };
        snapshot.check_subnets()?;
        snapshot.index_enis()?;
        snapshot.index_outside()?;
        Ok(snapshot)
    }

    fn check_subnets(&self) -> Result<(), SnapshotError> {
        for (index, subnet) in self.parts.subnets.iter() {
            let whole = self.parts.vpcs.get(subnet.vpc).is_some()
                && self.parts.network_acls.get(subnet.network_acl).is_some()
                && self.parts.route_tables.get(subnet.route_table).is_some();
            if !whole {
                return Err(SnapshotError::Subnet(index));
            }
        }
        Ok(())
    }

    fn index_enis(&mut self) -> Result<(), SnapshotError> {
        for (index, eni) in self.parts.enis.iter() {
            let subnet = self
                .parts
                .subnets
                .get(eni.subnet)
                .ok_or(SnapshotError::Eni(index))?;
            let groups = eni
                .security_groups
                .iter()
                .all(|group| self.parts.security_groups.get(*group).is_some());
            if subnet.vpc != eni.vpc || !groups {
                return Err(SnapshotError::Eni(index));
            }
            if self.by_mac.insert((eni.subnet, eni.mac), index).is_some()
                || eni.mac == subnet.router_mac
            {
                return Err(SnapshotError::Eni(index));
            }
            for own in &eni.ipv4 {
                let private = IpAddr::from(own.address);
                if self.private.insert((eni.vpc, private), index).is_some() {
                    return Err(SnapshotError::PrivateAddress(private));
                }
                if let Some(public) = own.public {
                    let owner = PublicOwner::Eni {
                        eni: index,
                        private,
                    };
                    if self.public.insert(public.into(), owner).is_some() {
                        return Err(SnapshotError::PublicAddress(public.into()));
                    }
                }
            }
            for own in &eni.ipv6 {
                let address = IpAddr::from(*own);
                if self.private.insert((eni.vpc, address), index).is_some() {
                    return Err(SnapshotError::PrivateAddress(address));
                }
                let owner = PublicOwner::Eni {
                    eni: index,
                    private: address,
                };
                if self.public.insert(address, owner).is_some() {
                    return Err(SnapshotError::PublicAddress(address));
                }
            }
        }
        Ok(())
    }

    fn index_outside(&mut self) -> Result<(), SnapshotError> {
        for (number, host) in self.parts.outside.iter().enumerate() {
            for address in &host.addresses {
                if self
                    .public
                    .insert(*address, PublicOwner::Outside(number as u16))
                    .is_some()
                {
                    return Err(SnapshotError::PublicAddress(*address));
                }
            }
        }
        for address in &self.parts.public_services {
            let known = self.public.insert(*address, PublicOwner::Service);
            if known.is_some() {
                return Err(SnapshotError::PublicAddress(*address));
            }
        }
        Ok(())
    }

    /// The generation this snapshot was compiled as.
    pub fn generation(&self) -> u64 {
        self.parts.generation
    }

    /// The parts it was built from, to share with the next one.
    pub fn parts(&self) -> &SnapshotParts {
        &self.parts
    }

    /// An interface.
    #[inline]
    pub fn eni(&self, eni: EniIndex) -> Option<&Eni> {
        self.parts.enis.get(eni).map(|eni| &**eni)
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
            let mut all = self.private.iter().filter(|(key, _)| key.1 == address);
            return all.next().map(|(_, eni)| *eni);
        }
        self.private.get(&(vpc, address)).copied()
    }

    /// The interface behind an Ethernet address in a subnet.
    pub fn by_mac(&self, subnet: SubnetIndex, mac: Mac) -> Option<EniIndex> {
        self.by_mac.get(&(subnet, mac)).copied()
    }

    /// Who answers to an address on the internet.
    pub fn public_owner(&self, address: IpAddr) -> Option<PublicOwner> {
        self.public.get(&address).copied()
    }

    /// The public address mapped to a private one, if the interface and the mapping exist.
    pub fn public_of(&self, vpc: VpcIndex, private: Ipv4Addr) -> Option<Ipv4Addr> {
        let eni = self.eni(self.owner(vpc, private.into())?)?;
        eni.ipv4.iter().find(|own| own.address == private)?.public
    }
}
