//! What the engine judges against: an immutable picture of the whole region, built by `compile`.
//!
//! Parts are shared by `Arc`, so that the next snapshot may keep what did not change. Nothing here is an AWS id; each
//! rule, entry and route carries a [`RuleRef`] that `compile` can translate back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use hashbrown::HashMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_wire::Mac;

use crate::ids::{
    Dense, EniIndex, NetworkAclIndex, RouteTableIndex, RuleRef, SecurityGroupIndex, SubnetIndex,
    VpcIndex,
};
use crate::route::RouteTable;

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
}

/// A virtual private cloud.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// IPv4 blocks, the primary one first.
    pub ipv4: Vec<Ipv4Net>,
    /// IPv6 blocks.
    pub ipv6: Vec<Ipv6Net>,
    /// Whether an internet gateway is attached.
    pub internet_gateway: bool,
    /// What DHCP answers tell.
    pub dhcp: Arc<DhcpOptions>,
}

impl Vpc {
    /// The resolver's address inside the VPC: primary block + 2 (DNS-1).
    pub fn resolver(&self) -> Option<Ipv4Addr> {
        let base = self.ipv4.first()?.network();
        Some(Ipv4Addr::from(u32::from(base).wrapping_add(2)))
    }
}

/// A DHCP options set, already resolved: `AmazonProvidedDNS` is the VPC's own resolver address (DHCP-1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DhcpOptions {
    /// Option 15.
    pub domain_name: Option<String>,
    /// Option 6.
    pub domain_name_servers: Vec<Ipv4Addr>,
    /// Option 42.
    pub ntp_servers: Vec<Ipv4Addr>,
    /// Option 44.
    pub netbios_name_servers: Vec<Ipv4Addr>,
    /// Option 46: 1, 2, 4 or 8.
    pub netbios_node_type: Option<u8>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: VpcIndex,
    /// IPv4 block; +1 is the router (SUB-2). Absent in an IPv6-only subnet.
    pub ipv4: Option<Ipv4Net>,
    /// IPv6 /64; `::1` is the router (SUB-6).
    pub ipv6: Option<Ipv6Net>,
    /// The router's Ethernet address on this subnet; unlike every interface's.
    pub router_mac: Mac,
    /// Its one network ACL.
    pub network_acl: NetworkAclIndex,
    /// Its one route table, explicit or main.
    pub route_table: RouteTableIndex,
}

impl Subnet {
    /// The router's IPv4 address on this subnet.
    pub fn router_ipv4(&self) -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(
            u32::from(self.ipv4?.network()).wrapping_add(1),
        ))
    }

    /// The router's global IPv6 address on this subnet.
    pub fn router_ipv6(&self) -> Option<Ipv6Addr> {
        Some(Ipv6Addr::from(
            u128::from(self.ipv6?.network()).wrapping_add(1),
        ))
    }
}

/// A network interface.
#[derive(Clone, Debug)]
pub struct Eni {
    /// Its VPC.
    pub vpc: VpcIndex,
    /// Its subnet.
    pub subnet: SubnetIndex,
    /// The only source address its frames may bear.
    pub mac: Mac,
    /// Private IPv4 addresses, the primary one first.
    pub ipv4: Vec<PrivateIpv4>,
    /// IPv6 addresses, the primary one first.
    pub ipv6: Vec<Ipv6Addr>,
    /// Its groups, whose rules are united (SG-1).
    pub security_groups: Vec<SecurityGroupIndex>,
    /// Source/destination check (ENI-2).
    pub source_dest_check: bool,
    /// DHCP option 12, without a domain.
    pub hostname: String,
    /// Idle timeouts of its tracked flows (SG-8).
    pub timeouts: ConntrackTimeouts,
}

impl Eni {
    /// Tells whether `address` is one of this interface's own.
    pub fn owns(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ipv4.iter().any(|own| own.address == address),
            IpAddr::V6(address) => self.ipv6.contains(&address),
        }
    }

    /// The primary address of the family of `like`.
    pub fn primary(&self, like: IpAddr) -> Option<IpAddr> {
        match like {
            IpAddr::V4(_) => self.ipv4.first().map(|own| own.address.into()),
            IpAddr::V6(_) => self.ipv6.first().map(|own| (*own).into()),
        }
    }
}

/// A private IPv4 address and the public or Elastic address mapped to it (IGW-2, EIP-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateIpv4 {
    /// The address the guest sees.
    pub address: Ipv4Addr,
    /// The address the internet sees.
    pub public: Option<Ipv4Addr>,
}

/// Idle timeouts of tracked flows, in seconds (SG-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConntrackTimeouts {
    /// TCP in established state: 60–432,000.
    pub tcp_established_secs: u32,
    /// UDP with more than one request and response: 60–180.
    pub udp_stream_secs: u32,
    /// UDP in one direction, or one request and response: 30–60.
    pub udp_single_secs: u32,
}

impl Default for ConntrackTimeouts {
    fn default() -> ConntrackTimeouts {
        ConntrackTimeouts {
            tcp_established_secs: 432_000,
            udp_stream_secs: 180,
            udp_single_secs: 30,
        }
    }
}

/// A security group.
#[derive(Clone, Debug, Default)]
pub struct SecurityGroup {
    /// Allow rules for packets to the interface, any order.
    pub ingress: Vec<SecurityRule>,
    /// Allow rules for packets from the interface, any order.
    pub egress: Vec<SecurityRule>,
}

/// One allow rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityRule {
    /// For traces.
    pub reference: RuleRef,
    /// Protocol and ports.
    pub traffic: Traffic,
    /// The other end.
    pub peer: Peer,
}

/// The other end of a security-group rule (SG-3). A prefix list is compiled into one rule per entry, all with the
/// reference of the rule they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Addresses in a block.
    Ipv4(Ipv4Net),
    /// Addresses in a block.
    Ipv6(Ipv6Net),
    /// Private addresses of interfaces that hold the group (SG-5).
    Group(SecurityGroupIndex),
}

/// The protocol part of a rule or entry (SG-4, ACL-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Everything (`-1`).
    All,
    /// TCP to a destination port in the range.
    Tcp(PortRange),
    /// UDP to a destination port in the range.
    Udp(PortRange),
    /// ICMP for IPv4; `None` is any.
    Icmp {
        /// Type, or any.
        kind: Option<u8>,
        /// Code, or any.
        code: Option<u8>,
    },
    /// ICMPv6; `None` is any.
    Icmpv6 {
        /// Type, or any.
        kind: Option<u8>,
        /// Code, or any.
        code: Option<u8>,
    },
    /// Any other protocol by number; ports do not count.
    Protocol(u8),
}

/// Destination ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// First port.
    pub from: u16,
    /// Last port.
    pub to: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: PortRange = PortRange {
        from: 0,
        to: u16::MAX,
    };

    /// Tells whether `port` is in the range.
    pub fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

/// A network ACL. What no entry matches is denied (ACL-2).
#[derive(Clone, Debug, Default)]
pub struct NetworkAcl {
    /// Entries for packets into the subnet, ascending by rule number.
    pub inbound: Vec<AclEntry>,
    /// Entries for packets out of the subnet, ascending by rule number.
    pub outbound: Vec<AclEntry>,
}

/// One numbered entry. `compile` may list the final denies (32767, 32768) too, so that traces can name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclEntry {
    /// For traces.
    pub reference: RuleRef,
    /// 1–32768.
    pub rule_number: u16,
    /// Allow or deny.
    pub allow: bool,
    /// Protocol and ports.
    pub traffic: Traffic,
    /// The other end.
    pub cidr: IpNet,
}

/// A host of the simulated internet, at the end of a point-to-point link whose router answers for every address.
#[derive(Clone, Debug)]
pub struct OutsideHost {
    /// The only source address its frames may bear.
    pub mac: Mac,
    /// Its public addresses.
    pub addresses: Vec<IpAddr>,
    /// The link router's Ethernet address.
    pub router_mac: Mac,
    /// Source of the link router's ICMP errors.
    pub router_ipv4: Ipv4Addr,
    /// Source of the link router's ICMPv6 errors.
    pub router_ipv6: Ipv6Addr,
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
