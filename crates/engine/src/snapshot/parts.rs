//! The nouns of a snapshot: plain data, checked when they are put together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_wire::Mac;

use crate::nat::Endpoint;

use crate::ids::{
    EniIndex, GatewayId, NetworkAclIndex, RouteTableIndex, RuleRef, SecurityGroupIndex,
    SubnetIndex, VpcIndex,
};

/// A virtual private cloud.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// IPv4 blocks, the primary one first.
    pub ipv4: Vec<Ipv4Net>,
    /// IPv6 blocks.
    pub ipv6: Vec<Ipv6Net>,
    /// Whether an internet gateway is attached.
    pub internet_gateway: bool,
    /// The internet gateway's own route table, which steers what comes in by it; without one everything goes straight
    /// to the owner of its address (RT-12).
    pub edge_table: Option<RouteTableIndex>,
    /// Its egress-only internet gateway, if it has one. Once it is gone, nothing passes it either way (EO-34).
    pub egress_only_gateway: Option<GatewayId>,
    /// `enableDnsSupport`: without it the resolver is silent (DNS-1).
    pub dns_support: bool,
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
    /// DHCPv6 option 23.
    pub ipv6_name_servers: Vec<Ipv6Addr>,
    /// DHCPv6 option 56.
    pub ipv6_ntp_servers: Vec<Ipv6Addr>,
    /// How long an IPv6 address is preferred, where the set tells (`ipv6-address-preferred-lease-time`).
    pub ipv6_preferred_secs: Option<u32>,
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
    /// Its availability zone is lost: nothing passes any interface in it.
    pub lost: bool,
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
    /// What it is for.
    pub kind: EniKind,
    /// Source/destination check (ENI-2).
    pub source_dest_check: bool,
    /// DHCP option 12, without a domain.
    pub hostname: String,
    /// Idle timeouts of its tracked flows (SG-8).
    pub timeouts: ConntrackTimeouts,
}

/// The node of a load balancer in one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancerNode {
    /// Ascending by port, none twice.
    pub listeners: Vec<Listener>,
    /// Whether its groups judge what comes by endpoints too (EP-10).
    pub asks_groups_of_endpoints: bool,
    /// What targets are told of the endpoints whose interfaces lead here, where a listener tells them anything.
    pub endpoint_labels: Vec<(EniIndex, EndpointLabel)>,
}

/// How a target knows an endpoint (IP-6): a text that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointLabel(pub Arc<str>);

/// A TCP port of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// Silence after which a connection is forgotten.
    pub idle_secs: u16,
    /// Whether targets see their clients' addresses, where these can be answered.
    pub preserves_client_ip: bool,
    /// Whether connections to a target end when it is found unhealthy.
    pub terminates_unhealthy: bool,
    /// Whether targets are told who calls, in a header of the PROXY protocol before all else.
    pub introduces_clients: bool,
    /// Whom this node may choose, if they live: those of its zone, or all (EP-9).
    pub targets: Vec<Endpoint>,
}

impl LoadBalancerNode {
    /// The listener at a port.
    pub fn listener(&self, port: u16) -> Option<&Listener> {
        let at = self
            .listeners
            .binary_search_by_key(&port, |listener| listener.port);
        at.ok().map(|at| &self.listeners[at])
    }

    /// What targets are told of the endpoint with this interface.
    pub fn endpoint_label(&self, interface: EniIndex) -> Option<&EndpointLabel> {
        let mut labels = self.endpoint_labels.iter();
        let found = labels.find(|(known, _)| *known == interface);
        found.map(|(_, label)| label)
    }
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

/// What an interface is for. Only one with a port is a place where frames enter and leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EniKind {
    /// It has a port: an instance's, or nobody's yet.
    #[default]
    Port,
    /// A NAT gateway's: what comes to it is translated (NAT-7: no group is asked).
    NatGateway,
    /// An interface endpoint's: what comes to it goes on to this (IE-7).
    VpcEndpoint(Backend),
    /// The node of a load balancer: connections to it go on to targets (EP-8).
    LoadBalancer,
}

impl EniKind {
    /// Whether frames enter and leave by it.
    pub fn has_port(self) -> bool {
        self == EniKind::Port
    }
}

/// What stands behind the interface of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A service at this address of the public zone.
    Service(IpAddr),
    /// The node of a load balancer in the provider's VPC (IP-6).
    LoadBalancer(EniIndex),
    /// Nobody: what comes is accepted by the interface, and lost.
    Nobody,
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
    /// The same for a group of this other VPC, which is peered with the rule's own (PCX-40).
    PeeredGroup(VpcIndex, SecurityGroupIndex),
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
