//! Addresses that the whole world shares: the public IPv4 pool and the VPCs' IPv6 blocks.
//!
//! Both are handed out without collision over all regions and accounts. What is free is found by
//! looking at what exists; nothing is kept beside the resources themselves.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv6Net;
use openvpc_ec2::Error;
use openvpc_model::{Address, NetworkInterface, Vpc};

use crate::Cx;

/// Prefix length of a VPC's IPv6 block (`VPC-5`).
pub const VPC_IPV6_PREFIX: u8 = 56;

/// A free public address. It comes from the upper half of the pool as long as there is one, so
/// that people who name their addresses (`AllocateAddress` with `Address`) find the lower half free.
///
/// # Errors
/// `InsufficientAddressCapacity`.
pub fn free_public_ip(cx: &mut Cx) -> Result<Ipv4Addr, Error> {
    let taken = taken_public_ips(cx);
    let hosts: Vec<Ipv4Addr> = cx.settings().public_pool.hosts().collect();
    let (lower, upper) = hosts.split_at(hosts.len() / 2);
    for half in [upper, lower] {
        let free: Vec<_> = half.iter().filter(|ip| !taken.contains(ip)).collect();
        if let Some(ip) = pick(cx, &free) {
            return Ok(**ip);
        }
    }
    Err(Error::new(
        "InsufficientAddressCapacity",
        "Insufficient capacity to fulfill your address request.",
    ))
}

/// A public address that somebody asks for by name.
///
/// # Errors
/// `InvalidParameterValue` outside the pool; `InvalidAddress.NotFound` when it is taken, for it is
/// not the caller's to get.
pub fn take_public_ip(cx: &Cx, wanted: &str) -> Result<Ipv4Addr, Error> {
    let pool = cx.settings().public_pool;
    let ip = wanted
        .parse::<Ipv4Addr>()
        .ok()
        .filter(|ip| pool.contains(ip) && *ip != pool.network() && *ip != pool.broadcast())
        .ok_or_else(|| {
            let why = format!("Choose an address of {pool}.");
            Error::invalid_value_because("address", wanted, &why)
        })?;
    if taken_public_ips(cx).contains(&ip) {
        return Err(Error::address_not_found(wanted));
    }
    Ok(ip)
}

fn taken_public_ips(cx: &Cx) -> BTreeSet<Ipv4Addr> {
    let elastic = cx.everywhere::<Address>().map(|a| a.public_ip);
    let automatic = cx.everywhere::<NetworkInterface>();
    let automatic = automatic.filter_map(|eni| eni.auto_public_ip);
    elastic.chain(automatic).collect()
}

/// A free IPv6 block for a VPC: the one wanted, or any.
///
/// # Errors
/// `InvalidParameterValue` when the wanted block is not a free /56 of the pool;
/// `InsufficientAddressCapacity` when none is left.
pub fn vpc_ipv6_block(cx: &mut Cx, wanted: Option<Ipv6Net>) -> Result<Ipv6Net, Error> {
    let vpcs = cx.everywhere::<Vpc>();
    let blocks = vpcs.flat_map(|v| v.ipv6_cidr_blocks.iter());
    let taken: BTreeSet<Ipv6Net> = blocks.map(|b| b.cidr).collect();
    let pool = cx.settings().ipv6_pool;
    let mut free = pool
        .subnets(VPC_IPV6_PREFIX)
        .into_iter()
        .flatten()
        .filter(|block| !taken.contains(block));
    match wanted {
        Some(wanted) => free.find(|block| *block == wanted).ok_or_else(|| {
            let why = format!("Choose a free /{VPC_IPV6_PREFIX} of {pool}.");
            Error::invalid_value_because("ipv6CidrBlock", &wanted.to_string(), &why)
        }),
        None => {
            let free: Vec<Ipv6Net> = free.collect();
            pick(cx, &free).copied().ok_or_else(|| {
                Error::new(
                    "InsufficientAddressCapacity",
                    "There is no IPv6 block left to give.",
                )
            })
        }
    }
}

fn pick<'a, T>(cx: &mut Cx, choices: &'a [T]) -> Option<&'a T> {
    if choices.is_empty() {
        return None;
    }
    choices.get((cx.random() % choices.len() as u64) as usize)
}
