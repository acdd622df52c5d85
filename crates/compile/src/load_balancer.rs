//! Load balancers: what each node listens for, whom it may choose, and what is to be probed (`EP-8`, `EP-9`).

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_dns::{Addresses, Public};
use openvpc_engine::{Endpoint, EniIndex, Listener, LoadBalancerNode};
use openvpc_model::{
    HealthCheck, InstanceId, InstanceState, LoadBalancer, LoadBalancerId, LoadBalancerScheme,
    NetworkInterface, NetworkInterfaceId, Region, RegisteredTarget, Target, TargetGroup,
    TargetGroupId, TargetId, World,
};

use crate::vpc_endpoint;

/// A target as a node is to probe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub group: TargetGroupId,
    pub target: Target,
    /// The node's interface.
    pub node: EniIndex,
    /// Where it would get connections.
    pub endpoint: Endpoint,
    /// The port that is probed.
    pub port: u16,
    pub check: Arc<HealthCheck>,
    /// Whether the target awaits a header of the PROXY protocol first.
    pub introduces: bool,
}

/// All that is to be probed: every target that gets connections, by every node that may choose it.
pub fn probes(world: &World) -> Vec<Probe> {
    let regions = world.regions.values();
    regions
        .flat_map(|region| Balancers::of(region).probes())
        .collect()
}

/// The nodes of all load balancers of a region, by their interfaces.
pub(crate) fn nodes(region: &Region) -> HashMap<NetworkInterfaceId, Arc<LoadBalancerNode>> {
    Balancers::of(region).nodes()
}

/// The names of all load balancers of a region, which any resolver knows: the whole one of all nodes behind which targets
/// live, and a zonal one of each. Those of the internet lead to public addresses.
pub(crate) fn add_names(
    (region_name, region): (&str, &Region),
    idle: &HashSet<EniIndex>,
    names: &mut Public,
) {
    for lb in region.load_balancers.values() {
        let (mut all, mut living) = (Addresses::default(), Addresses::default());
        for eni in lb.nodes.values() {
            let Some(eni) = region.network_interfaces.get(eni) else {
                continue;
            };
            let address = match lb.scheme {
                LoadBalancerScheme::Internal => eni.primary_ip(),
                LoadBalancerScheme::InternetFacing => public_ip(region, eni),
            };
            let Some(address) = address else {
                continue;
            };
            all.ipv4.push(address);
            if !idle.contains(&EniIndex(eni.serial)) {
                living.ipv4.push(address);
            }
            let zonal = lb.zonal_dns_name(region_name, &eni.availability_zone);
            let of_zone = Addresses {
                ipv4: vec![address],
                ipv6: Vec::new(),
            };
            names.names.insert(zonal.to_ascii_lowercase(), of_zone);
        }
        let whole = lb.dns_name(region_name).to_ascii_lowercase();
        // Where nobody lives, all are as good (Network Load Balancer guide, "Zonal health": it fails open).
        let told = if living.ipv4.is_empty() { all } else { living };
        names.names.insert(whole, told);
    }
}

/// An Elastic address takes the place of the automatic one (`EIP-3`).
fn public_ip(region: &Region, eni: &NetworkInterface) -> Option<Ipv4Addr> {
    let elastic = region.addresses.values().find(|address| {
        let bond = address.association.as_ref();
        bond.is_some_and(|bond| bond.network_interface == eni.id)
    });
    elastic
        .map(|address| address.public_ip)
        .or(eni.auto_public_ip)
}

/// What is asked of a region more than once.
struct Balancers<'r> {
    region: &'r Region,
    /// The primary interface of each instance that can take connections.
    instances: HashMap<InstanceId, &'r NetworkInterface>,
    /// By load balancer, ascending by port.
    listeners: HashMap<LoadBalancerId, Vec<&'r openvpc_model::Listener>>,
}

impl<'r> Balancers<'r> {
    fn of(region: &'r Region) -> Balancers<'r> {
        let mut balancers = Balancers {
            region,
            instances: HashMap::new(),
            listeners: HashMap::new(),
        };
        if region.load_balancers.is_empty() {
            return balancers;
        }
        for listener in region.listeners.values() {
            let of = balancers.listeners.entry(listener.load_balancer);
            of.or_default().push(listener);
        }
        for listeners in balancers.listeners.values_mut() {
            listeners.sort_by_key(|listener| listener.port);
        }
        let runs = |id: &InstanceId| {
            let state = region.instances.get(id).map(|instance| instance.state);
            matches!(state, Some(InstanceState::Pending | InstanceState::Running))
        };
        for eni in region.network_interfaces.values() {
            let bond = eni.attachment.as_ref();
            let primary = bond.filter(|bond| bond.device_index == 0 && runs(&bond.instance));
            if let Some(bond) = primary {
                balancers.instances.insert(bond.instance, eni);
            }
        }
        balancers
    }

    /// Listeners of a load balancer with their target groups.
    fn listeners(
        &self,
        id: LoadBalancerId,
    ) -> impl Iterator<Item = (&'r openvpc_model::Listener, &'r TargetGroup)> {
        let listeners = self.listeners.get(&id).into_iter().flatten();
        listeners.filter_map(|listener| {
            let group = self.region.target_groups.get(&listener.target_group)?;
            Some((*listener, group))
        })
    }

    fn nodes(&self) -> HashMap<NetworkInterfaceId, Arc<LoadBalancerNode>> {
        let mut nodes = HashMap::new();
        let mut labels = vpc_endpoint::labels(self.region);
        for lb in self.region.load_balancers.values() {
            for node in self.interfaces(lb) {
                let listeners = self.listeners(lb.id);
                let listeners = listeners.map(|(listener, group)| Listener {
                    port: listener.port,
                    idle_secs: listener.idle_secs,
                    preserves_client_ip: group.preserves_client_ip(),
                    terminates_unhealthy: group.attributes.terminate_unhealthy,
                    introduces_clients: group.attributes.proxy_protocol_v2,
                    targets: self.targets(lb, node, group).map(|(_, at)| at).collect(),
                });
                let listeners: Vec<Listener> = listeners.collect();
                let labels = labels.remove(&EniIndex(node.serial)).unwrap_or_default();
                let told = listeners.iter().any(|listener| listener.introduces_clients);
                let compiled = LoadBalancerNode {
                    listeners,
                    endpoint_labels: if told { labels } else { Vec::new() },
                    asks_groups_of_endpoints: lb.enforce_groups_on_private_link,
                };
                nodes.insert(node.id, Arc::new(compiled));
            }
        }
        nodes
    }

    fn probes(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        for lb in self.region.load_balancers.values() {
            let mut seen = Vec::new();
            for (_, group) in self.listeners(lb.id) {
                // Two listeners may share a group.
                if seen.contains(&group.id) {
                    continue;
                }
                seen.push(group.id);
                let check = Arc::new(group.health_check.clone());
                for node in self.interfaces(lb) {
                    let targets = self.targets(lb, node, group);
                    probes.extend(targets.map(|(target, endpoint)| Probe {
                        group: group.id,
                        target,
                        node: EniIndex(node.serial),
                        endpoint,
                        port: check.port.unwrap_or(endpoint.port),
                        check: check.clone(),
                        introduces: group.attributes.proxy_protocol_v2,
                    }));
                }
            }
        }
        probes
    }

    fn interfaces(&self, lb: &'r LoadBalancer) -> impl Iterator<Item = &'r NetworkInterface> {
        let nodes = lb.nodes.values();
        nodes.filter_map(|eni| self.region.network_interfaces.get(eni))
    }

    /// Whom a node may choose: targets of its own zone, or all of them across zones; none that drains.
    fn targets(
        &self,
        lb: &LoadBalancer,
        node: &'r NetworkInterface,
        group: &'r TargetGroup,
    ) -> impl Iterator<Item = (Target, Endpoint)> {
        let all = group.attributes.cross_zone.unwrap_or(lb.cross_zone);
        let registered = group.targets.iter();
        let takes = registered.filter(|registered| registered.draining_since.is_none());
        takes.filter_map(move |registered| {
            let (address, zone) = self.locate(group, registered)?;
            let near = all || registered.in_all_zones || zone == Some(&node.availability_zone);
            let port = registered.target.port;
            near.then_some((registered.target, Endpoint { address, port }))
        })
    }

    /// The address of a target and the zone that it lies in, if that is known.
    fn locate(
        &self,
        group: &TargetGroup,
        registered: &RegisteredTarget,
    ) -> Option<(Ipv4Addr, Option<&'r String>)> {
        match registered.target.id {
            TargetId::Instance(id) => {
                let eni = self.instances.get(&id)?;
                Some((eni.primary_ip()?, Some(&eni.availability_zone)))
            }
            TargetId::Ip(address) => {
                let mut subnets = self.region.subnets.values();
                let home =
                    subnets.find(|subnet| subnet.vpc == group.vpc && subnet.contains(address));
                Some((address, home.map(|subnet| &subnet.availability_zone)))
            }
        }
    }
}
