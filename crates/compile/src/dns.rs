//! What each VPC's resolver answers (spec 00 §10): the same world, seen by names.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use openvpc_dns::{Addresses, Asker, Public, PublicHost, View, Views, VpcKey};
use openvpc_model::{NetworkInterface, Region, Subnet, Vpc, World, dns_name};

/// Compiles the names of a world together with those of the simulated internet's hosts. Costs one pass over the
/// interfaces and addresses of all regions.
pub fn dns_views(world: &World, outside: &[(String, Vec<IpAddr>)]) -> Views {
    let mut views = Views {
        revision: world.revision,
        ..Views::default()
    };
    for (name, addresses) in outside {
        let name = name.to_ascii_lowercase();
        for address in addresses {
            views.public.pointers.insert(*address, name.clone());
        }
        views.public.names.insert(name, Addresses::of(addresses));
    }
    for (name, region) in &world.regions {
        compile(name, region, &mut views);
    }
    views
}

fn compile(name: &str, region: &Region, views: &mut Views) {
    views.public.domains.insert(dns_name::public_domain(name));
    for vpc in region.vpcs.values() {
        views.vpcs.insert(key(vpc), view(name, vpc));
    }
    for eni in region.network_interfaces.values() {
        let vpc = region.vpcs.get(&eni.vpc);
        let (Some(vpc), Some(subnet)) = (vpc, region.subnets.get(&eni.subnet)) else {
            continue;
        };
        let asker = Asker {
            vpc: key(vpc),
            dns64: subnet.enable_dns64,
        };
        views.askers.insert(eni.serial, asker);
        if let Some(view) = views.vpcs.get_mut(&key(vpc)) {
            add_resource_name(name, region, subnet, eni, view);
        }
        if let Some(public) = eni.auto_public_ip {
            let host = (vpc, public, eni.primary_ip());
            add_public_name(name, host, &mut views.public);
        }
    }
    // After the automatic ones: an Elastic address takes their place (`EIP-3`).
    for address in region.addresses.values() {
        let Some(bond) = &address.association else {
            continue;
        };
        let eni = region.network_interfaces.get(&bond.network_interface);
        if let Some(vpc) = eni.and_then(|eni| region.vpcs.get(&eni.vpc)) {
            let host = (vpc, address.public_ip, bond.private_ip);
            add_public_name(name, host, &mut views.public);
        }
    }
}

fn key(vpc: &Vpc) -> VpcKey {
    VpcKey(vpc.id.low_bits())
}

fn has_host_names(vpc: &Vpc) -> bool {
    vpc.enable_dns_support && vpc.enable_dns_hostnames
}

fn view(region: &str, vpc: &Vpc) -> View {
    View {
        dns_support: vpc.enable_dns_support,
        host_names: has_host_names(vpc),
        domain: dns_name::private_domain(region),
        named_blocks: vpc.cidr_blocks.iter().map(|block| block.cidr).collect(),
        near: HashSet::from([key(vpc)]),
        resources: HashMap::new(),
        ipv6_hosts: HashMap::new(),
        private_names: HashMap::new(),
    }
}

/// `i-….ec2.internal`, for the primary interface of an instance, with the families that its subnet's attributes allow
/// (`DNS-2`, `SUB-5`).
fn add_resource_name(
    name: &str,
    region: &Region,
    subnet: &Subnet,
    eni: &NetworkInterface,
    view: &mut View,
) {
    let attached = eni.attachment.as_ref().filter(|a| a.device_index == 0);
    let Some(instance) = attached.and_then(|a| region.instances.get(&a.instance)) else {
        return;
    };
    let (ipv4, ipv6) = (
        subnet.enable_resource_name_dns_a_record,
        subnet.enable_resource_name_dns_aaaa_record,
    );
    if !ipv4 && !ipv6 {
        return;
    }
    let resource = dns_name::resource_dns_name(name, instance.id);
    let mut addresses = Addresses::default();
    if ipv4 {
        addresses.ipv4.push(eni.primary_ip());
    }
    if ipv6 {
        addresses.ipv6.extend(eni.ipv6_addresses.first());
        for address in &eni.ipv6_addresses {
            view.ipv6_hosts.insert(*address, resource.clone());
        }
    }
    view.resources.insert(resource, addresses);
}

/// Only a VPC with both attributes gives public names (`DNS-3`).
fn add_public_name(
    region: &str,
    (vpc, public, private): (&Vpc, std::net::Ipv4Addr, std::net::Ipv4Addr),
    names: &mut Public,
) {
    if !has_host_names(vpc) {
        return;
    }
    let name = dns_name::public_dns_name(region, public);
    names.pointers.insert(public.into(), name.clone());
    let host = PublicHost {
        vpc: key(vpc),
        private,
        public,
    };
    names.hosts.insert(name, host);
}
