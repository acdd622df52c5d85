//! What the world wants of sandboxes: which instances run, with which interfaces. A pure function of the world.

use std::collections::HashMap;

use openvpc_control::{RegionInfo, Settings};
use openvpc_engine::{EniIndex, PortId};
use openvpc_host::{InterfaceSpec, Ipv4, Ipv6, LaunchSpec, Network};
use openvpc_model::{
    Attachment, AttachmentState, Instance, InstanceId, InstanceState, NetworkInterface,
    NetworkInterfaceId, Region, World, dns_name,
};

/// MTU inside a VPC (spec 00 §12).
const VPC_MTU: u32 = 9001;

/// What should become of one instance's sandbox.
pub struct Wanted {
    pub id: InstanceId,
    /// It should be there, so.
    pub launch: Option<LaunchSpec>,
    /// Reboots asked for so far.
    pub reboots: u64,
    /// The world waits for its end.
    pub ends: bool,
    /// Interfaces whose bond waits for the data path, and whether they are to be in.
    pub unsettled: Vec<(NetworkInterfaceId, PortId, AttachmentState)>,
}

/// For every instance that is neither stopped nor terminated.
pub fn wanted(world: &World, settings: &Settings) -> Vec<Wanted> {
    let regions = world.regions.iter();
    regions
        .flat_map(|(name, region)| in_region(settings.region(name), region))
        .collect()
}

type Bonds<'w> = Vec<(&'w Attachment, &'w NetworkInterface)>;

fn in_region(info: Option<&RegionInfo>, region: &Region) -> Vec<Wanted> {
    let mut bonds: HashMap<InstanceId, Bonds<'_>> = HashMap::new();
    for eni in region.network_interfaces.values() {
        if let Some(bond) = &eni.attachment {
            bonds.entry(bond.instance).or_default().push((bond, eni));
        }
    }
    let live =
        |i: &&Instance| i.state != InstanceState::Terminated && i.state != InstanceState::Stopped;
    let instances = region.instances.values().filter(live);
    instances
        .map(|instance| {
            let mut bonds = bonds.remove(&instance.id).unwrap_or_default();
            bonds.sort_by_key(|(bond, _)| bond.device_index);
            let info = info.filter(|_| instance.state.wants_sandbox());
            Wanted {
                id: instance.id,
                reboots: instance.reboots,
                launch: info.and_then(|info| launch_spec(info, region, instance, &bonds)),
                ends: matches!(
                    instance.state,
                    InstanceState::Stopping | InstanceState::ShuttingDown
                ),
                unsettled: bonds
                    .iter()
                    .filter(|(bond, _)| bond.state != AttachmentState::Attached)
                    .map(|(bond, eni)| (eni.id, port(eni), bond.state))
                    .collect(),
            }
        })
        .collect()
}

fn launch_spec(
    info: &RegionInfo,
    region: &Region,
    instance: &Instance,
    bonds: &Bonds<'_>,
) -> Option<LaunchSpec> {
    let primary = region.network_interfaces.get(&instance.primary_interface)?;
    let staying = bonds
        .iter()
        .filter(|(bond, _)| bond.state != AttachmentState::Detaching);
    Some(LaunchSpec {
        name: instance.id.to_string(),
        hostname: dns_name::host_dns_name(&info.name, primary.primary_ip(), instance.id),
        interfaces: staying
            .filter_map(|(bond, eni)| interface(region, bond, eni))
            .collect(),
        nameservers: Vec::new(),
        reboots: instance.reboots,
    })
}

fn interface(region: &Region, bond: &Attachment, eni: &NetworkInterface) -> Option<InterfaceSpec> {
    let subnet = region.subnets.get(&eni.subnet)?;
    Some(InterfaceSpec {
        index: bond.device_index,
        port: port(eni),
        mac: eni.mac.0,
        mtu: VPC_MTU,
        network: Network {
            ipv4: match subnet.cidr {
                Some(_) => Ipv4::Dhcp,
                None => Ipv4::None,
            },
            secondary_ipv4: subnet.cidr.map_or_else(Vec::new, |cidr| {
                let secondary = eni.private_ips.iter().skip(1);
                secondary.map(|ip| (*ip, cidr.prefix_len())).collect()
            }),
            ipv6: match eni.ipv6_addresses.is_empty() {
                true => Ipv6::None,
                false => Ipv6::Dhcp(eni.ipv6_addresses.clone()),
            },
        },
    })
}

fn port(eni: &NetworkInterface) -> PortId {
    PortId::Eni(EniIndex(eni.serial))
}
