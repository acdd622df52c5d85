//! A world made ready for questions: compiled, its ports attached as they would be.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use openvpc_compile::{Changes, CompileError, Compiler, Names};
use openvpc_engine::{
    EniIndex, Explainer, Explanation, Mac, OutsideHost, PortId, Question, Snapshot,
};
use openvpc_model::{
    Event, Instance, InstanceState, NetworkInterface, NetworkInterfaceId, Region, Subnet, Vpc,
    World,
};

/// A host of the simulated internet.
#[derive(Clone, Debug)]
pub struct Host {
    /// Such as `bob`.
    pub name: String,
    /// Such as `bob.example.com`.
    pub dns_name: String,
    /// As the engine is told.
    pub engine: Arc<OutsideHost>,
}

impl Host {
    /// A host that does not exist, so that questions can be asked about its address.
    fn imagined(number: usize, address: IpAddr) -> Host {
        let [high, low] = (number as u16).to_be_bytes();
        Host {
            name: address.to_string(),
            dns_name: String::new(),
            engine: Arc::new(OutsideHost {
                mac: Mac([0x02, 0x00, 0x5e, 0x03, high, low]),
                addresses: vec![address],
                router_mac: Mac([0x02, 0x00, 0x5e, 0x00, 0x00, 0x01]),
                router_ipv4: Ipv4Addr::new(192, 0, 0, 8),
                router_ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1),
            }),
        }
    }
}

/// A world, and an explainer of it.
pub struct Scene<'w> {
    /// What is asked about.
    pub world: &'w World,
    /// What the snapshot's numbers mean.
    pub names: Names,
    /// Hosts outside, by the number of their port; the last ones may be imagined.
    pub hosts: Vec<Host>,
    explainer: Explainer,
}

impl<'w> Scene<'w> {
    /// Compiles a world. `imagined` are addresses of the internet that nobody has: a host is imagined at each.
    ///
    /// # Errors
    /// A world that contradicts itself.
    pub fn new(
        world: &'w World,
        hosts: &[Host],
        imagined: &[IpAddr],
    ) -> Result<Scene<'w>, CompileError> {
        let mut compiler = Compiler::default();
        Scene::following(world, hosts, imagined, &mut compiler, &Changes::default())
    }

    /// The same at the cost of what has changed since the compiler's world, which may be this very one.
    ///
    /// # Errors
    /// A world that contradicts itself.
    pub fn following(
        world: &'w World,
        hosts: &[Host],
        imagined: &[IpAddr],
        compiler: &mut Compiler,
        changes: &Changes,
    ) -> Result<Scene<'w>, CompileError> {
        Scene::on(None, world, hosts, imagined, compiler, changes)
    }

    /// The same on an explainer that knows the ports already, if there is one.
    pub(crate) fn on(
        explainer: Option<Explainer>,
        world: &'w World,
        hosts: &[Host],
        imagined: &[IpAddr],
        compiler: &mut Compiler,
        changes: &Changes,
    ) -> Result<Scene<'w>, CompileError> {
        let outside: Vec<_> = hosts.iter().map(|host| host.engine.clone()).collect();
        let compiled = compiler.compile(world, &outside, changes)?.clone();
        let (mut hosts, mut snapshot) = (hosts.to_vec(), compiled.snapshot);
        for address in imagined {
            let is_there = |host: &Host| host.engine.addresses.contains(address);
            if hosts.iter().any(is_there) {
                continue;
            }
            let host = Host::imagined(hosts.len(), *address);
            let added = snapshot.add_outside(host.engine.clone());
            added.map_err(|source| CompileError {
                revision: world.revision,
                source,
            })?;
            hosts.push(host);
        }
        let explainer = match explainer {
            Some(mut explainer) => {
                explainer.turn_to(snapshot);
                explainer
            }
            None => Explainer::new(Arc::new(snapshot), ports(world, hosts.len())),
        };
        Ok(Scene {
            world,
            names: compiled.names,
            hosts,
            explainer,
        })
    }

    /// Its explainer, for a scene with the same ports.
    pub(crate) fn into_explainer(self) -> Explainer {
        self.explainer
    }

    /// Asks the engine.
    pub fn ask(&mut self, question: &Question) -> Explanation {
        self.explainer.ask(question)
    }

    /// What the engine judges by.
    pub fn snapshot(&self) -> &Snapshot {
        self.explainer.snapshot()
    }

    /// An interface by its number in the engine.
    pub fn interface(
        &self,
        index: EniIndex,
    ) -> Option<(&'w str, &'w Region, &'w NetworkInterface)> {
        find_interface(self.world, self.names.network_interface(index)?)
    }

    /// The subnet and the VPC of an interface.
    pub fn home(&self, index: EniIndex) -> Option<(&'w Subnet, &'w Vpc)> {
        let (_, region, eni) = self.interface(index)?;
        Some((region.subnets.get(&eni.subnet)?, region.vpcs.get(&eni.vpc)?))
    }

    /// The host behind a port outside.
    pub fn host(&self, number: u16) -> Option<&Host> {
        self.hosts.get(usize::from(number))
    }
}

/// The ports that are attached when the data plane has caught up: of instances that run or are about to, of the services
/// and of the hosts outside.
fn ports(world: &World, hosts: usize) -> Vec<PortId> {
    let regions = world.regions.values();
    let interfaces = regions.flat_map(|region| {
        let instances = region.instances.values();
        let up = instances.filter(|instance| is_up(instance.state));
        // Looking up each interface's instance in the table would take longest of all that a question takes.
        let up: HashSet<_> = up.map(|instance| instance.id).collect();
        let all = region.network_interfaces.values();
        all.filter(move |eni| {
            eni.attachment
                .as_ref()
                .is_some_and(|a| up.contains(&a.instance))
        })
    });
    let interfaces = interfaces.map(|eni| PortId::Eni(EniIndex(eni.serial)));
    let outside = (0..hosts).map(|number| PortId::Outside(number as u16));
    interfaces
        .chain(outside)
        .chain([PortId::Services])
        .collect()
}

/// Whether other ports may be attached once an event has happened in a region.
pub(crate) fn moves_ports(region: &Region, event: &Event) -> bool {
    match event {
        Event::InstancePut(new) => {
            let old = region.instances.get(&new.id);
            old.is_some_and(|old| is_up(old.state)) != is_up(new.state)
        }
        Event::NetworkInterfacePut(new) => {
            let old = region.network_interfaces.get(&new.id);
            old.and_then(|old| old.attachment.as_ref()) != new.attachment.as_ref()
        }
        Event::InstanceDeleted(_) | Event::NetworkInterfaceDeleted(_) => true,
        _ => false,
    }
}

fn is_up(state: InstanceState) -> bool {
    matches!(state, InstanceState::Pending | InstanceState::Running)
}

/// The instance that an interface is attached to.
pub fn instance_of<'w>(region: &'w Region, eni: &NetworkInterface) -> Option<&'w Instance> {
    let attachment = eni.attachment.as_ref()?;
    region.instances.get(&attachment.instance)
}

/// An interface of any region.
pub fn find_interface(
    world: &World,
    id: NetworkInterfaceId,
) -> Option<(&str, &Region, &NetworkInterface)> {
    world.regions.iter().find_map(|(name, region)| {
        let eni = region.network_interfaces.get(&id)?;
        Some((name.as_str(), region, eni))
    })
}
