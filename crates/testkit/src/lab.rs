//! The laboratory itself.

use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;

use ipnet::IpNet;
use openvpc_engine::{
    Backend, Direction, DropReason, Endpoint, EniCounters, EniIndex, EniKind, GatewayId, Limits,
    Listener, Peering, PortId, PrivateIpv4, RuleRef, Target, VpcIndex,
};

use crate::flow_log::FlowLog;
use crate::host::Host;
use crate::outcome::Outcome;
use crate::packets::Shot;
use crate::rules::{RuleText, acl_entry};
use crate::tcp::Call;
use crate::world::{EniState, VpcState, World};

/// VPCs, hosts, and an engine between them.
pub struct Lab {
    world: Rc<RefCell<World>>,
}

/// A VPC of a laboratory.
#[derive(Clone)]
pub struct VpcRef {
    world: Rc<RefCell<World>>,
    number: usize,
}

/// The network ACL of a host's subnet.
pub struct Acl {
    world: Rc<RefCell<World>>,
    subnet: usize,
}

/// Where a route leads.
pub enum To<'a> {
    /// The VPC itself.
    Local,
    /// The VPC's internet gateway.
    InternetGateway,
    /// An egress-only internet gateway of any VPC, there or gone.
    EgressOnly(GatewayId),
    /// The NAT gateway at this interface.
    Nat(&'a Host),
    /// Another VPC, in the same region.
    Peer(&'a VpcRef),
    /// Another VPC, in another region.
    FarPeer(&'a VpcRef),
    /// A gateway endpoint.
    GatewayEndpoint(GatewayId),
    /// An interface.
    Host(&'a Host),
    /// Nowhere any more.
    Blackhole,
}

impl Lab {
    /// A region with one VPC.
    pub fn vpc(cidr: &str) -> Lab {
        Lab::with_limits(cidr, Limits::default())
    }

    /// A region with one VPC and small tables.
    pub fn with_limits(cidr: &str, limits: Limits) -> Lab {
        let lab = Lab {
            world: Rc::new(RefCell::new(World::new(limits))),
        };
        lab.another_vpc(cidr);
        lab
    }

    /// One more VPC, of any CIDR.
    pub fn another_vpc(&self, cidr: &str) -> VpcRef {
        let mut world = self.world.borrow_mut();
        let ipv4 = cidr.parse().expect("an IPv4 block");
        world.vpcs.push(VpcState {
            ipv4,
            ipv6: None,
            internet_gateway: false,
            dns_support: true,
            ipv6_preferred_secs: None,
            edge: None,
            egress_only_gateway: None,
        });
        world.dirty = true;
        VpcRef {
            world: self.world.clone(),
            number: world.vpcs.len() - 1,
        }
    }

    /// The first VPC.
    pub fn first(&self) -> VpcRef {
        self.vpc_number(0)
    }

    /// A VPC by its number, in the order in which they were made.
    pub fn vpc_number(&self, number: usize) -> VpcRef {
        VpcRef {
            world: self.world.clone(),
            number,
        }
    }

    /// Attaches an internet gateway to the first VPC; subnets made from now on route to it.
    pub fn internet_gateway(self) -> Lab {
        self.first().internet_gateway();
        self
    }

    /// Gives the first VPC a new egress-only internet gateway in place of any it had. No subnet routes to it yet.
    pub fn egress_only_gateway(&self) -> GatewayId {
        self.first().egress_only_gateway()
    }

    /// Deletes the egress-only internet gateway of the first VPC; routes to it stay.
    pub fn no_egress_only_gateway(&self) {
        let mut world = self.world.borrow_mut();
        world.vpcs[0].egress_only_gateway = None;
        world.dirty = true;
    }

    /// A new gateway endpoint of any VPC. No subnet routes to it yet.
    pub fn gateway_endpoint(&self) -> GatewayId {
        let mut world = self.world.borrow_mut();
        world.gateways += 1;
        GatewayId(world.gateways)
    }

    /// Gives the first VPC an IPv6 block.
    pub fn ipv6(self, block: &str) -> Lab {
        self.first().ipv6(block);
        self
    }

    /// A subnet of the first VPC.
    pub fn subnet(&self, cidr: &str) {
        self.first().subnet(cidr);
    }

    /// An interface in the first VPC, attached, with no rules.
    pub fn eni(&self, address: &str) -> Host {
        self.first().eni(address)
    }

    /// A NAT gateway in the first VPC, by its private address; public once it is given a public one. No subnet routes
    /// to it yet.
    pub fn nat_gateway(&self, address: &str) -> Host {
        let host = self.eni(address);
        let at = host.eni().unwrap().0 as usize;
        host.detach();
        let mut world = self.world.borrow_mut();
        world.enis[at].kind = EniKind::NatGateway;
        world.dirty = true;
        drop(world);
        host
    }

    /// The interface of an endpoint in the first VPC, that leads to a service of the public zone.
    pub fn vpc_endpoint(&self, address: &str, service: &str) -> Host {
        self.first().vpc_endpoint(address, service)
    }

    /// The node of a load balancer in the first VPC, by its address, with these listeners; without groups until it is put
    /// into some.
    pub fn load_balancer(
        &self,
        address: &str,
        listeners: impl IntoIterator<Item = Listener>,
    ) -> Host {
        self.first().load_balancer(address, listeners)
    }

    /// Tells how a node finds a target, named `10.0.1.5:80`.
    pub fn target_is(&self, node: &Host, target: &str, healthy: bool) {
        let node = node.eni().expect("an interface");
        let target = endpoint(target);
        let mut world = self.world.borrow_mut();
        world.settle();
        let World {
            engine,
            plain,
            fast,
            ..
        } = &mut *world;
        for engine in [engine, plain, fast] {
            engine.set_target_health(node, target, healthy);
        }
    }

    /// Where the services may call a target as a node would.
    pub fn probe_address(&self, node: &Host, address: &str) -> String {
        let node = node.eni().expect("an interface");
        let address = address.parse().expect("an address");
        let mut world = self.world.borrow_mut();
        world.settle();
        let World {
            engine,
            plain,
            fast,
            now,
            ..
        } = &mut *world;
        let at = engine.probe_address(node, address, *now);
        assert_eq!(at, plain.probe_address(node, address, *now));
        assert_eq!(at, fast.probe_address(node, address, *now));
        at.expect("room").to_string()
    }

    /// A host on the internet.
    pub fn internet(&self, address: &str) -> Host {
        let mut world = self.world.borrow_mut();
        world.outside.push(vec![address.parse().unwrap()]);
        world.dirty = true;
        let port = PortId::Outside((world.outside.len() - 1) as u16);
        drop(world);
        let host = Host {
            world: self.world.clone(),
            port,
        };
        host.attach();
        host
    }

    /// The port behind which resolver, metadata and time service live, attached.
    pub fn services(&self) -> Host {
        let host = Host {
            world: self.world.clone(),
            port: PortId::Services,
        };
        host.attach();
        host
    }

    /// An address of the public zone, behind the services port.
    pub fn public_service(&self, address: &str) {
        let mut world = self.world.borrow_mut();
        let address: std::net::IpAddr = address.parse().unwrap();
        world.public_services.push(address);
        if let std::net::IpAddr::V4(ipv4) = address {
            let ipv6 = openvpc_engine::identity::service_ipv6(ipv4);
            world.public_services.push(ipv6.into());
        }
        world.dirty = true;
    }

    /// Who is behind an address that the services see.
    pub fn identity(&self, internal: std::net::IpAddr) -> Option<openvpc_engine::Identity> {
        self.world.borrow().engine.identity(internal)
    }

    /// Has the DHCP options set of the first VPC say how long IPv6 addresses are preferred.
    pub fn ipv6_preferred_secs(&self, seconds: u32) {
        let mut world = self.world.borrow_mut();
        world.vpcs[0].ipv6_preferred_secs = Some(seconds);
        world.dirty = true;
    }

    /// Sets `enableDnsSupport` of the first VPC to false.
    pub fn without_dns_support(&self) {
        let mut world = self.world.borrow_mut();
        world.vpcs[0].dns_support = false;
        world.dirty = true;
    }

    /// Defines a named security group.
    pub fn group(&self, name: &str, rules: impl IntoIterator<Item = RuleText>) {
        let mut world = self.world.borrow_mut();
        world
            .groups
            .insert(name.to_owned(), rules.into_iter().collect());
        world.dirty = true;
    }

    /// Takes the zone of a host's subnet away, or gives it back.
    pub fn zone_lost(&self, host: &Host, lost: bool) {
        let subnet = self.subnet_of(host);
        let mut world = self.world.borrow_mut();
        world.subnets[subnet].lost = lost;
        world.dirty = true;
    }

    /// The network ACL of a host's subnet.
    pub fn network_acl(&self, host: &Host) -> Acl {
        Acl {
            world: self.world.clone(),
            subnet: self.subnet_of(host),
        }
    }

    /// Sets a route in the table of a host's subnet.
    pub fn route(&self, host: &Host, destination: &str, to: To<'_>) {
        let destination: IpNet = destination.parse().unwrap();
        let target = target(to);
        let subnet = self.subnet_of(host);
        let mut world = self.world.borrow_mut();
        let routes = &mut world.subnets[subnet].routes;
        routes.retain(|(known, _)| *known != destination);
        routes.push((destination, target));
        world.dirty = true;
    }

    /// Sets a route in the edge table of the first VPC's internet gateway, which has one from now on (RT-12).
    pub fn edge_route(&self, destination: &str, to: To<'_>) {
        let destination: IpNet = destination.parse().unwrap();
        let mut world = self.world.borrow_mut();
        let vpc = &mut world.vpcs[0];
        let blocks = [Some(IpNet::V4(vpc.ipv4)), vpc.ipv6.map(IpNet::V6)];
        let local = || {
            blocks
                .into_iter()
                .flatten()
                .map(|block| (block, Target::Local))
        };
        let routes = vpc.edge.get_or_insert_with(|| local().collect());
        routes.retain(|(known, _)| *known != destination);
        routes.push((destination, target(to)));
        world.dirty = true;
    }

    /// Takes the edge table from the first VPC's internet gateway.
    pub fn no_edge_table(&self) {
        let mut world = self.world.borrow_mut();
        world.vpcs[0].edge = None;
        world.dirty = true;
    }

    /// Removes a route.
    pub fn no_route(&self, host: &Host, destination: &str) {
        let destination: IpNet = destination.parse().unwrap();
        let subnet = self.subnet_of(host);
        let mut world = self.world.borrow_mut();
        world.subnets[subnet]
            .routes
            .retain(|(known, _)| *known != destination);
        world.dirty = true;
    }

    /// Sends packets and tells what became of them.
    pub fn send(&self, shot: Shot) -> Outcome {
        Outcome::of(self.world.clone(), shot)
    }

    /// Sends a frame as it is.
    pub fn raw(&self, host: &Host, bytes: Vec<u8>) -> Outcome {
        self.send(Shot::raw(host, bytes))
    }

    /// A TCP conversation, not yet begun; over the family that [`crate::ping`] takes.
    pub fn tcp(&self, client: &Host, server: &Host, port: u16) -> Call {
        Call::new(self.world.clone(), client, server, port)
    }

    /// Lets time pass.
    pub fn wait_secs(&self, seconds: u64) {
        self.sent_within_secs(seconds);
    }

    /// Lets time pass; the frames that the routers sent of themselves, and where to.
    pub fn sent_within_secs(&self, seconds: u64) -> Vec<(openvpc_engine::PortId, Vec<u8>)> {
        let sent = self.world.borrow_mut().wait_secs(seconds);
        sent.into_iter().map(|it| (it.port, it.bytes)).collect()
    }

    /// Compiles and installs everything anew, as after any unrelated change.
    pub fn recompile(&self) {
        self.world.borrow_mut().dirty = true;
    }

    /// What the engines judge by now.
    pub fn snapshot(&self) -> std::sync::Arc<openvpc_engine::Snapshot> {
        self.world.borrow_mut().settle();
        let world = self.world.borrow();
        world.engine.snapshot().expect("just installed").clone()
    }

    /// What the flow log of a host shows since it was last asked.
    pub fn flow_log(&self, host: &Host) -> FlowLog {
        let mut world = self.world.borrow_mut();
        world.sweep();
        let cells = host
            .eni()
            .and_then(|eni| world.logged.remove(&eni))
            .unwrap_or_default();
        FlowLog::new(cells)
    }

    /// Counters of an interface.
    pub fn counters(&self, host: &Host) -> EniCounters {
        let eni = host.eni().unwrap();
        self.world
            .borrow()
            .engine
            .eni_counters(eni)
            .cloned()
            .unwrap_or_default()
    }

    /// What a NAT gateway has counted.
    pub fn nat_gateway_counters(&self, gateway: &Host) -> openvpc_engine::NatGatewayCounters {
        let eni = gateway.eni().unwrap();
        self.world.borrow().engine.nat_gateway_counters(eni)
    }

    /// Datagrams in fragments that are kept track of.
    pub fn datagrams_in_fragments(&self) -> usize {
        self.world.borrow().engine.datagrams_in_fragments()
    }

    /// Frames dropped for a reason so far.
    pub fn drops(&self, reason: DropReason) -> u64 {
        self.world.borrow().engine.drops().get(reason)
    }

    /// Packets that the fast path has forwarded so far.
    pub fn forwarded_by_fast_path(&self) -> u64 {
        self.world.borrow().soft.packets()
    }

    /// What the fast path may begin without asking.
    pub fn admissions(&self) -> Vec<openvpc_engine::FastAdmission> {
        self.world.borrow().soft.admissions()
    }

    /// What became of verdicts that the fast path might replay.
    pub fn fast_counters(&self) -> openvpc_engine::FastCounters {
        self.world.borrow().fast.fast_counters()
    }

    /// Checks I-17 at every interface: what was captured is what was accounted for, by both engines alike. Holds for
    /// unsegmented frames without padding.
    pub fn balances(&self) {
        let mut world = self.world.borrow_mut();
        let now = world.now;
        world.fast.read_fast_path(now);
        let disagreed = world.fast.fast_counters().disagreed;
        assert_eq!(disagreed, 0, "the engine would have decided otherwise");
        for number in 0..world.enis.len() {
            let eni = EniIndex(number as u32);
            let (Some(counters), Some(plain), Some(fast)) = (
                world.engine.eni_counters(eni),
                world.plain.eni_counters(eni),
                world.fast.eni_counters(eni),
            ) else {
                continue;
            };
            assert_eq!(
                (fast.ingress, fast.egress),
                (plain.ingress, plain.egress),
                "counters depend on the fast path"
            );
            assert_eq!(
                (counters.ingress, counters.egress),
                (plain.ingress, plain.egress),
                "counters depend on the cache"
            );
            for (side, direction) in [
                (&counters.ingress, Direction::Ingress),
                (&counters.egress, Direction::Egress),
            ] {
                let mut sum = side.accept;
                sum.add(side.reject);
                for class in side.unlogged {
                    sum.add(class);
                }
                assert_eq!(
                    sum, side.wire,
                    "{eni:?} {direction:?}: accept + reject + unlogged = wire"
                );
            }
            if !world.enis[number].kind.has_port() {
                // Nothing can be captured where there is no port.
                continue;
            }
            let sent = world
                .captured
                .get(&(PortId::Eni(eni), Direction::Egress))
                .copied()
                .unwrap_or_default();
            assert_eq!(
                counters.egress.wire, sent,
                "{eni:?}: everything it sent is accounted for"
            );
            let got = world
                .captured
                .get(&(PortId::Eni(eni), Direction::Ingress))
                .copied()
                .unwrap_or_default();
            let ingress = &counters.ingress;
            let refused = [
                openvpc_engine::UnloggedClass::DestinationCheck,
                openvpc_engine::UnloggedClass::ConntrackFull,
            ];
            let mut kept = ingress.reject;
            refused
                .iter()
                .for_each(|class| kept.add(ingress.unlogged(*class)));
            assert_eq!(
                ingress.wire.since(kept),
                got,
                "{eni:?}: everything it got is accounted for"
            );
        }
    }

    fn subnet_of(&self, host: &Host) -> usize {
        self.world.borrow().enis[host.eni().expect("an interface").0 as usize].subnet
    }
}

fn endpoint(text: &str) -> Endpoint {
    let (address, port) = text.split_once(':').expect("an address and a port");
    Endpoint {
        address: address.parse().unwrap(),
        port: port.parse().unwrap(),
    }
}

/// A listener that knows its targets, named `10.0.1.5:80`, and speaks to them from its node's address.
pub fn listener(port: u16, targets: &[&str]) -> Listener {
    Listener {
        port,
        idle_secs: 350,
        preserves_client_ip: false,
        terminates_unhealthy: true,
        introduces_clients: false,
        targets: targets.iter().map(|target| endpoint(target)).collect(),
    }
}

/// One whose targets see their clients' addresses.
pub fn preserving_listener(port: u16, targets: &[&str]) -> Listener {
    Listener {
        preserves_client_ip: true,
        ..listener(port, targets)
    }
}

/// One whose targets are told who calls, in a header of the PROXY protocol.
pub fn introducing_listener(port: u16, targets: &[&str]) -> Listener {
    Listener {
        introduces_clients: true,
        ..listener(port, targets)
    }
}

fn target(to: To<'_>) -> Target {
    match to {
        To::Local => Target::Local,
        To::InternetGateway => Target::InternetGateway,
        To::EgressOnly(gateway) => Target::EgressOnlyInternetGateway(gateway),
        To::Nat(gateway) => Target::NatGateway(gateway.eni().unwrap()),
        To::Peer(vpc) => peering(vpc, false),
        To::FarPeer(vpc) => peering(vpc, true),
        To::GatewayEndpoint(endpoint) => Target::GatewayEndpoint(endpoint),
        To::Host(host) => Target::NetworkInterface(host.eni().unwrap()),
        To::Blackhole => Target::Blackhole,
    }
}

fn peering(vpc: &VpcRef, between_regions: bool) -> Target {
    let far = VpcIndex(vpc.number as u32);
    Target::Peering(Peering {
        far,
        between_regions,
    })
}

impl VpcRef {
    /// The node of a load balancer, as [`Lab::load_balancer`].
    pub fn load_balancer(
        &self,
        address: &str,
        listeners: impl IntoIterator<Item = Listener>,
    ) -> Host {
        let host = self.eni(address);
        let at = host.eni().expect("an interface").0 as usize;
        host.detach();
        host.listens(listeners);
        let mut world = self.world.borrow_mut();
        world.enis[at].source_dest_check = false;
        world.dirty = true;
        drop(world);
        host
    }

    /// Attaches an internet gateway; subnets made from now on route to it.
    pub fn internet_gateway(&self) -> &VpcRef {
        let mut world = self.world.borrow_mut();
        world.vpcs[self.number].internet_gateway = true;
        world.dirty = true;
        drop(world);
        self
    }

    /// Gives it an IPv6 block.
    pub fn ipv6(&self, block: &str) {
        self.world.borrow_mut().vpcs[self.number].ipv6 = Some(block.parse().unwrap());
    }

    /// A new egress-only internet gateway in place of any it had.
    pub fn egress_only_gateway(&self) -> GatewayId {
        let mut world = self.world.borrow_mut();
        world.gateways += 1;
        let gateway = GatewayId(world.gateways);
        world.vpcs[self.number].egress_only_gateway = Some(gateway);
        world.dirty = true;
        gateway
    }

    /// A subnet.
    pub fn subnet(&self, cidr: &str) {
        self.world
            .borrow_mut()
            .add_subnet(self.number, cidr.parse().unwrap());
    }

    /// The interface of an endpoint that leads to a service of the public zone; it has no rules.
    pub fn vpc_endpoint(&self, address: &str, service: &str) -> Host {
        let backend = Backend::Service(service.parse().unwrap());
        let host = self.eni(address);
        host.detach();
        let mut world = self.world.borrow_mut();
        let at = host.eni().unwrap().0 as usize;
        world.enis[at].kind = EniKind::VpcEndpoint(backend);
        world.dirty = true;
        drop(world);
        host
    }

    /// The interface of an endpoint that leads to the node of a load balancer; it has no rules.
    pub fn endpoint_to(&self, address: &str, node: &Host) -> Host {
        let host = self.vpc_endpoint(address, "0.0.0.0");
        host.leads_to(Some(node));
        host
    }

    /// An interface, attached, with no rules. Its subnet is made (a /24) if there is none.
    pub fn eni(&self, address: &str) -> Host {
        let address: Ipv4Addr = address.parse().unwrap();
        let mut world = self.world.borrow_mut();
        let subnet = world.subnet_for(self.number, address);
        world.enis.push(EniState {
            subnet,
            ipv4: vec![PrivateIpv4 {
                address,
                public: None,
            }],
            ipv6: Vec::new(),
            rules: Vec::new(),
            groups: Vec::new(),
            source_dest_check: true,
            kind: EniKind::Port,
            node: None,
        });
        world.dirty = true;
        let port = PortId::Eni(EniIndex((world.enis.len() - 1) as u32));
        drop(world);
        let host = Host {
            world: self.world.clone(),
            port,
        };
        host.attach();
        host
    }
}

impl Acl {
    /// Adds or replaces an outbound entry: `90 deny icmp to 0.0.0.0/0`.
    pub fn outbound(&self, text: &str) -> &Acl {
        self.set(text, true)
    }

    /// Adds or replaces an inbound entry.
    pub fn inbound(&self, text: &str) -> &Acl {
        self.set(text, false)
    }

    /// Removes entries by number, both ways.
    pub fn remove(&self, number: u16) -> &Acl {
        let mut world = self.world.borrow_mut();
        let subnet = &mut world.subnets[self.subnet];
        subnet.inbound.retain(|entry| entry.rule_number != number);
        subnet.outbound.retain(|entry| entry.rule_number != number);
        world.dirty = true;
        drop(world);
        self
    }

    fn set(&self, text: &str, outbound: bool) -> &Acl {
        let mut world = self.world.borrow_mut();
        let entry = acl_entry(text, RuleRef(0));
        let entry = acl_entry(text, RuleRef(u32::from(entry.rule_number)));
        let subnet = &mut world.subnets[self.subnet];
        let entries = if outbound {
            &mut subnet.outbound
        } else {
            &mut subnet.inbound
        };
        entries.retain(|known| known.rule_number != entry.rule_number);
        entries.push(entry);
        entries.sort_by_key(|entry| entry.rule_number);
        world.dirty = true;
        drop(world);
        self
    }
}
