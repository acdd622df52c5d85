//! The hosts of the simulated internet that always exist (spec 07, common stage), in one place for the sandbox that
//! plays each and for the engine that delivers to it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use openvpc_engine::{Mac, OutsideHost, PortId};

use crate::hosts::{InterfaceSpec, LaunchSpec};
use crate::sandbox::protocol::{ExecRequest, Ipv4, Ipv6, Network};

/// The internet's MTU (spec 00): VPCs are at 9001, nothing larger than this passes a gateway.
const MTU: u32 = 1500;
/// The router at the end of every outside host's link.
const ROUTER_MAC: Mac = Mac([0x02, 0x00, 0x5e, 0x00, 0x00, 0x01]);

/// A host of the simulated internet.
#[derive(Clone, Copy, Debug)]
pub struct Outside {
    pub name: &'static str,
    /// Its number in [`PortId::Outside`], which is its place in the snapshot.
    pub number: u16,
    pub ipv4: Ipv4Addr,
    pub ipv6: Ipv6Addr,
    /// What it serves for as long as it runs.
    pub service: Option<&'static str>,
}

/// All of them; the position is the number.
pub const ALL: [Outside; 2] = [
    Outside {
        name: "bob",
        number: 0,
        ipv4: Ipv4Addr::new(203, 0, 113, 12),
        ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x12),
        service: None,
    },
    Outside {
        name: "web",
        number: 1,
        ipv4: Ipv4Addr::new(198, 51, 100, 80),
        ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x80),
        service: Some("openvpc-web"),
    },
];

/// What the engine is told of all of them; the position is the number.
pub fn engine_hosts() -> Vec<Arc<OutsideHost>> {
    let hosts = ALL.iter().map(Outside::engine_host);
    hosts.map(Arc::new).collect()
}

impl Outside {
    /// Its name in everyone's DNS, such as `web.example.com`.
    pub fn dns_name(&self) -> String {
        format!("{}.example.com", self.name)
    }

    fn mac(&self) -> Mac {
        let [high, low] = self.number.to_be_bytes();
        Mac([0x02, 0x00, 0x5e, 0x01, high, low])
    }

    /// The first address of its /24.
    fn router_ipv4(&self) -> Ipv4Addr {
        let [a, b, c, _] = self.ipv4.octets();
        Ipv4Addr::new(a, b, c, 1)
    }

    /// What the sandbox is told.
    pub fn launch_spec(&self) -> LaunchSpec {
        LaunchSpec {
            name: self.name.to_owned(),
            hostname: self.name.to_owned(),
            interfaces: vec![InterfaceSpec {
                index: 0,
                port: PortId::Outside(self.number),
                mac: self.mac().0,
                mtu: MTU,
                network: Network {
                    ipv4: Ipv4::Static {
                        address: self.ipv4,
                        prefix_len: 24,
                        gateway: Some(self.router_ipv4()),
                    },
                    secondary_ipv4: Vec::new(),
                    ipv6: Ipv6::Static {
                        address: self.ipv6,
                        prefix_len: 64,
                        gateway: Some(ROUTER_MAC.link_local()),
                    },
                },
            }],
            nameservers: Vec::new(),
            reboots: 0,
        }
    }

    /// What the engine is told.
    pub fn engine_host(&self) -> OutsideHost {
        let mut router_ipv6 = self.ipv6.segments();
        router_ipv6[7] = 1;
        OutsideHost {
            mac: self.mac(),
            addresses: vec![IpAddr::V4(self.ipv4), IpAddr::V6(self.ipv6)],
            router_mac: ROUTER_MAC,
            router_ipv4: self.router_ipv4(),
            router_ipv6: Ipv6Addr::from(router_ipv6),
        }
    }

    /// The command to run in it once it is up.
    pub fn service_request(&self) -> Option<ExecRequest> {
        self.service.map(|program| ExecRequest::new([program]))
    }
}
