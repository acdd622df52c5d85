//! What each VPC's resolver answers (spec 00 §10): the same world, seen by names.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use openvpc_dns::{Addresses, Asker, Public, PublicHost, View, Views, VpcKey};
use openvpc_engine::EniIndex;
use openvpc_model::{
    NetworkInterface, PeeringEnd, Region, Subnet, Vpc, VpcPeeringConnection, World, dns_name,
};

use crate::{load_balancer, vpc_endpoint};

/// Compiles the names of a world together with those of the simulated internet's hosts. Costs one pass over the
/// interfaces and addresses of all regions.
pub fn dns_views(world: &World, outside: &[(String, Vec<IpAddr>)]) -> Views {
    dns_views_around(world, outside, &HashSet::new())
}

/// The same while the nodes of load balancers with these interfaces have no living target: they drop out of their load
/// balancer's name, and the endpoints' interfaces that lead to them out of the regional name (`IN-4`), unless all do.
pub fn dns_views_around(
    world: &World,
    outside: &[(String, Vec<IpAddr>)],
    idle: &HashSet<EniIndex>,
) -> Views {
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
        compile((name, region), idle, &mut views);
    }
    for (name, region) in &world.regions {
        vpc_endpoint::add_names((name, region), idle, &mut views);
        for peering in region.vpc_peering_connections.values() {
            share_names(world, peering, &mut views);
        }
    }
    views
}

fn compile((name, region): (&str, &Region), idle: &HashSet<EniIndex>, views: &mut Views) {
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
        if let (Some(public), Some(private)) = (eni.auto_public_ip, eni.primary_ip()) {
            let host = (vpc, public, private);
            add_public_name(name, host, &mut views.public);
        }
    }
    load_balancer::add_names((name, region), idle, &mut views.public);
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

/// Lets each end of an active connection see what names of the other it may (spec 05 §3): public names lead to private
/// addresses if the other end allows it; private names of RFC 1918 blocks are known throughout the region, all others, and
/// those of another region, if the other end allows it. Seen from both its regions, a connection is shared twice, to the
/// same effect.
fn share_names(world: &World, peering: &VpcPeeringConnection, views: &mut Views) {
    if !peering.is_active() {
        return;
    }
    let find = |end: &PeeringEnd| world.regions.get(&end.region)?.vpcs.get(&end.vpc);
    for near in [&peering.requester, &peering.accepter] {
        let Some(far) = peering.far_end(near.vpc) else {
            continue;
        };
        let (Some(near), Some(vpc)) = (find(near), find(far)) else {
            continue;
        };
        let Some(view) = views.vpcs.get_mut(&key(near)) else {
            continue;
        };
        let allowed = far.allow_dns_resolution_from_remote_vpc;
        if allowed {
            view.near.insert(key(vpc));
        }
        if !has_host_names(vpc) {
            continue;
        }
        let blocks = vpc.cidr_blocks.iter().map(|block| block.cidr);
        if peering.is_between_regions() {
            let domain = dns_name::private_domain(&far.region);
            let told = blocks.filter(|_| allowed);
            let told = told.map(|block| (domain.clone(), block));
            add_new(&mut view.far_blocks, told);
        } else {
            let told = blocks.filter(|block| allowed || block.network().is_private());
            add_new(&mut view.named_blocks, told);
        }
    }
}

fn add_new<T: PartialEq>(known: &mut Vec<T>, more: impl Iterator<Item = T>) {
    for item in more {
        if !known.contains(&item) {
            known.push(item);
        }
    }
}

pub(crate) fn key(vpc: &Vpc) -> VpcKey {
    VpcKey(vpc.id.low_bits())
}

pub(crate) fn has_host_names(vpc: &Vpc) -> bool {
    vpc.enable_dns_support && vpc.enable_dns_hostnames
}

fn view(region: &str, vpc: &Vpc) -> View {
    View {
        dns_support: vpc.enable_dns_support,
        host_names: has_host_names(vpc),
        domain: dns_name::private_domain(region),
        named_blocks: vpc.cidr_blocks.iter().map(|block| block.cidr).collect(),
        far_blocks: Vec::new(),
        near: HashSet::from([key(vpc)]),
        resources: HashMap::new(),
        ipv6_hosts: HashMap::new(),
        private_names: HashMap::new(),
        private_families: HashMap::new(),
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
        addresses.ipv4.extend(eni.primary_ip());
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
