//! Elastic network interfaces (ENIs).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize, de, ser};

use crate::{
    AccountId, AttachmentId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, UnixMillis,
    VpcId,
};

/// An elastic network interface (`ENI-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    pub id: NetworkInterfaceId,
    /// Unique in the world, given at creation and never reused: the engine's name for it.
    pub serial: u32,
    pub owner: AccountId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    /// Zone name of the subnet.
    pub availability_zone: String,
    pub description: String,
    pub mac: MacAddress,
    /// Private IPv4 addresses, the primary (fixed) first; none in an IPv6-only subnet.
    pub private_ips: Vec<Ipv4Addr>,
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Public IPv4 address of the primary private one given at launch, lost at stop (`EIP-3`).
    /// Elastic addresses are kept in [`crate::Address`].
    pub auto_public_ip: Option<Ipv4Addr>,
    pub security_groups: Vec<SecurityGroupId>,
    pub source_dest_check: bool,
    /// Idle times of its tracked flows that were set (`SG-8`).
    #[serde(default)]
    pub connection_tracking: ConnectionTracking,
    pub attachment: Option<Attachment>,
    /// The latest bond that was undone: AWS shows it for a while after.
    #[serde(default)]
    pub detached: Option<Detached>,
    pub kind: NetworkInterfaceKind,
    /// Who asked for it when a service did (`ENI-4`).
    pub requester_id: Option<String>,
}

impl NetworkInterface {
    /// The fixed first IPv4 address; none in an IPv6-only subnet.
    pub fn primary_ip(&self) -> Option<Ipv4Addr> {
        self.private_ips.first().copied()
    }

    /// Whether something stands behind it: an instance, or the service that it belongs to.
    pub fn can_carry(&self) -> bool {
        self.attachment.is_some() || self.requester_id.is_some()
    }
}

/// Idle seconds of tracked flows; what is not set is AWS's default (`SG-8`; EC2 user guide, "Connection tracking timeouts").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTracking {
    /// TCP in established state: 60 to 432,000, by default 432,000.
    pub tcp_established_secs: Option<u32>,
    /// UDP with more than one request and response: 60 to 180, by default 180.
    pub udp_stream_secs: Option<u32>,
    /// UDP in one direction, or one request and response: 30 to 60, by default 30.
    pub udp_single_secs: Option<u32>,
}

/// What an interface is for; AWS's `interfaceType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkInterfaceKind {
    Interface,
    /// Of a NAT gateway (`NAT-1`).
    NatGateway,
    /// The node of a Network Load Balancer (`EP-8`).
    NetworkLoadBalancer,
    /// Of an interface endpoint (`IE-7`).
    VpcEndpoint,
}

impl NetworkInterfaceKind {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            NetworkInterfaceKind::Interface => "interface",
            NetworkInterfaceKind::NatGateway => "nat_gateway",
            NetworkInterfaceKind::NetworkLoadBalancer => "network_load_balancer",
            NetworkInterfaceKind::VpcEndpoint => "vpc_endpoint",
        }
    }
}

/// The bond between an interface and an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    pub instance: InstanceId,
    /// 0 is the primary interface, `eth0`.
    pub device_index: u16,
    pub delete_on_termination: bool,
    pub attached_at: UnixMillis,
    #[serde(default)]
    pub state: AttachmentState,
}

/// How far the bond is: an interface is put into a running instance, or taken out of one, by the data path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttachmentState {
    Attaching,
    #[default]
    Attached,
    /// No packet is meant to pass any more; final once none does.
    Detaching,
}

/// A bond that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detached {
    pub attachment: Attachment,
    pub at: UnixMillis,
}

/// A 48-bit MAC address, written `02:00:5e:…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// A locally administered unicast address of the low 40 bits of `random`.
    pub fn from_random(random: u64) -> MacAddress {
        let b = random.to_be_bytes();
        MacAddress([0x02, b[3], b[4], b[5], b[6], b[7]])
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MacAddress {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("not a MAC address: {text:?}");
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2).ok_or_else(refuse)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| refuse())?;
        }
        match parts.next() {
            None => Ok(MacAddress(bytes)),
            Some(_) => Err(refuse()),
        }
    }
}

impl Serialize for MacAddress {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacAddress {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
