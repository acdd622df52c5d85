//! A host: an instance's interface, or somebody on the internet.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use openvpc_engine::{
    Backend, EndpointLabel, EniIndex, EniKind, Listener, LoadBalancerNode, Mac, PortId,
};

use crate::rules::RuleText;
use crate::world::World;

/// A handle to a host of a [`crate::Lab`].
#[derive(Clone)]
pub struct Host {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) port: PortId,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.port, self.addresses())
    }
}

impl Host {
    /// Replaces the rules of the interface's own group. An interface begins with none.
    pub fn security_group(self, rules: impl IntoIterator<Item = RuleText>) -> Host {
        self.edit(|world, eni| world.enis[eni].rules = rules.into_iter().collect());
        self
    }

    /// Puts the interface into a named group.
    pub fn in_group(self, name: &str) -> Host {
        self.edit(|world, eni| world.enis[eni].groups.push(name.to_owned()));
        self
    }

    /// Allows everything both ways.
    pub fn open(self) -> Host {
        let rules = [
            crate::ingress("all from 0.0.0.0/0"),
            crate::ingress("all from ::/0"),
            crate::egress("all to 0.0.0.0/0"),
            crate::egress("all to ::/0"),
        ];
        self.security_group(rules)
    }

    /// Maps a public address to the primary private one.
    pub fn public(self, address: &str) -> Host {
        let public = Some(address.parse().unwrap());
        self.edit(|world, eni| world.enis[eni].ipv4[0].public = public);
        self
    }

    /// Maps a public address to the private one that was added last.
    pub fn public_to_last(self, address: &str) -> Host {
        let public = Some(address.parse().unwrap());
        self.edit(|world, eni| {
            if let Some(last) = world.enis[eni].ipv4.last_mut() {
                last.public = public;
            }
        });
        self
    }

    /// Adds a secondary private address.
    pub fn secondary(self, address: &str) -> Host {
        let address = address.parse().unwrap();
        let secondary = openvpc_engine::PrivateIpv4 {
            address,
            public: None,
        };
        self.edit(|world, eni| world.enis[eni].ipv4.push(secondary));
        self
    }

    /// Gives the interface the address `host` (low 64 bits) of its subnet's IPv6 block.
    pub fn ipv6(self, host: u64) -> Host {
        self.edit(|world, eni| {
            let block = world.subnets[world.enis[eni].subnet]
                .ipv6
                .expect("a VPC with an IPv6 block");
            world.enis[eni]
                .ipv6
                .push((u128::from(block.network()) | u128::from(host)).into());
        });
        self
    }

    /// Switches the source/destination check off.
    pub fn without_source_dest_check(self) -> Host {
        self.edit(|world, eni| world.enis[eni].source_dest_check = false);
        self
    }

    /// Gives the node of a load balancer these listeners instead.
    pub fn listens(&self, listeners: impl IntoIterator<Item = Listener>) {
        let node = LoadBalancerNode {
            listeners: listeners.into_iter().collect(),
            asks_groups_of_endpoints: true,
            endpoint_labels: Vec::new(),
        };
        self.edit(|world, eni| {
            world.enis[eni].kind = EniKind::LoadBalancer;
            world.enis[eni].node = Some(node);
        });
    }

    /// Gives the node of a load balancer something to tell its targets of the endpoint with this interface.
    pub fn labels(&self, endpoint: &Host, label: &str) {
        let eni = endpoint.eni().expect("an interface");
        let label = EndpointLabel(label.into());
        self.edit(|world, node| {
            let node = world.enis[node].node.as_mut().expect("a node");
            node.endpoint_labels.push((eni, label));
        });
    }

    /// Has the interface of an endpoint lead to the node of a load balancer, or to nobody.
    pub fn leads_to(&self, node: Option<&Host>) {
        let node = node.and_then(Host::eni);
        let backend = node.map_or(Backend::Nobody, Backend::LoadBalancer);
        self.edit(|world, eni| world.enis[eni].kind = EniKind::VpcEndpoint(backend));
    }

    /// Takes the port away.
    pub fn detach(&self) {
        let mut world = self.world.borrow_mut();
        world.engine.detach_port(self.port);
        world.plain.detach_port(self.port);
        world.fast.detach_port(self.port);
    }

    /// Gives the port back.
    pub fn attach(&self) {
        let mut world = self.world.borrow_mut();
        world.engine.attach_port(self.port);
        world.plain.attach_port(self.port);
        world.fast.attach_port(self.port);
    }

    /// The port.
    pub fn port(&self) -> PortId {
        self.port
    }

    /// The interface, if it is one.
    pub fn eni(&self) -> Option<EniIndex> {
        match self.port {
            PortId::Eni(eni) => Some(eni),
            PortId::Outside(_) | PortId::Services => None,
        }
    }

    /// Its Ethernet address.
    pub fn mac(&self) -> Mac {
        match self.port {
            PortId::Eni(eni) => World::eni_mac(eni.0 as usize),
            PortId::Outside(host) => World::outside_mac(usize::from(host)),
            PortId::Services => openvpc_engine::identity::MAC,
        }
    }

    /// Its router's Ethernet address.
    pub fn router_mac(&self) -> Mac {
        match self.port {
            PortId::Eni(eni) => World::router_mac(self.world.borrow().enis[eni.0 as usize].subnet),
            PortId::Outside(host) => World::link_mac(usize::from(host)),
            PortId::Services => openvpc_engine::identity::ROUTER_MAC,
        }
    }

    /// Its own addresses, the primary IPv4 one first.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let world = self.world.borrow();
        match self.port {
            PortId::Eni(eni) => {
                let eni = &world.enis[eni.0 as usize];
                let ipv4 = eni.ipv4.iter().map(|own| IpAddr::V4(own.address));
                ipv4.chain(eni.ipv6.iter().copied().map(IpAddr::V6))
                    .collect()
            }
            PortId::Outside(host) => world.outside[usize::from(host)].clone(),
            PortId::Services => [true, false]
                .map(|ipv4| openvpc_engine::Service::Metadata.internal(ipv4))
                .to_vec(),
        }
    }

    /// Whether it has an IPv4 address.
    pub fn has_ipv4(&self) -> bool {
        self.addresses().iter().any(IpAddr::is_ipv4)
    }

    /// Its first address of a family.
    pub fn address(&self, ipv4: bool) -> IpAddr {
        let own = self
            .addresses()
            .into_iter()
            .find(|address| address.is_ipv4() == ipv4);
        own.expect("the host has an address of this family")
    }

    /// Its public IPv4 address.
    pub fn public_address(&self) -> Option<Ipv4Addr> {
        let PortId::Eni(eni) = self.port else {
            return None;
        };
        self.world.borrow().enis[eni.0 as usize]
            .ipv4
            .iter()
            .find_map(|own| own.public)
    }

    /// The address by which `from` knows it: private in one VPC, else public.
    pub fn address_for(&self, from: &Host, ipv4: bool) -> IpAddr {
        match (self.vpc(), self.public_address()) {
            (Some(_), Some(public)) if ipv4 && from.vpc() != self.vpc() => public.into(),
            _ => self.address(ipv4),
        }
    }

    /// Where it sends frames for `destination`, as its ARP table would say.
    pub fn next_mac(&self, destination: IpAddr) -> Mac {
        let PortId::Eni(eni) = self.port else {
            return self.router_mac();
        };
        let world = self.world.borrow();
        let subnet = world.enis[eni.0 as usize].subnet;
        let neighbour = world.enis.iter().position(|other| {
            let own = other
                .ipv4
                .iter()
                .any(|own| IpAddr::V4(own.address) == destination);
            other.subnet == subnet
                && (own || other.ipv6.iter().any(|own| IpAddr::V6(*own) == destination))
        });
        neighbour.map_or(World::router_mac(subnet), World::eni_mac)
    }

    fn vpc(&self) -> Option<usize> {
        let world = self.world.borrow();
        self.eni()
            .map(|eni| world.subnets[world.enis[eni.0 as usize].subnet].vpc)
    }

    fn edit(&self, change: impl FnOnce(&mut World, usize)) {
        let eni = self.eni().expect("only interfaces have this");
        let mut world = self.world.borrow_mut();
        change(&mut world, eni.0 as usize);
        world.dirty = true;
    }
}
