//! Addresses of interfaces: which are free in a subnet (`SUB-2`, `ENI-5`), and the calls that give
//! and take secondary ones.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find_changeable;
use crate::Cx;
use crate::request::{done, required, unsupported};

/// The first addresses of a block: network, router, DNS, kept for later use.
const RESERVED_FIRST: u32 = 4;
/// How often a random IPv6 address is drawn before giving up; one draw nearly always does.
const IPV6_DRAWS_MAX: usize = 64;

/// What is free in one subnet. Built in one pass over the interfaces, then kept up by the caller's
/// own takes, so that a call that makes many interfaces looks only once.
pub struct FreeAddresses {
    subnet: SubnetId,
    ipv4: Option<Ipv4Net>,
    ipv6: Option<Ipv6Net>,
    taken: HashSet<IpAddr>,
    /// Where addresses are taken only by name.
    reserved: Vec<IpNet>,
}

impl FreeAddresses {
    pub fn of(cx: &Cx, subnet: &Subnet) -> FreeAddresses {
        let mut taken = HashSet::new();
        for eni in cx
            .all::<NetworkInterface>()
            .filter(|eni| eni.subnet == subnet.id)
        {
            taken.extend(eni.private_ips.iter().copied().map(IpAddr::V4));
            taken.extend(eni.ipv6_addresses.iter().copied().map(IpAddr::V6));
        }
        let reservations = cx.all::<SubnetCidrReservation>();
        let reservations = reservations.filter(|r| r.subnet == subnet.id);
        FreeAddresses {
            subnet: subnet.id,
            ipv4: subnet.cidr,
            ipv6: subnet.ipv6_cidr_blocks.first().map(|block| block.cidr),
            taken,
            reserved: reservations.map(|r| r.cidr).collect(),
        }
    }

    /// Takes the address that somebody asks for.
    ///
    /// # Errors
    /// `InvalidParameterValue` outside the subnet or reserved; `InvalidIPAddress.InUse`.
    pub fn take(&mut self, wanted: &str) -> Result<Ipv4Addr, Error> {
        let address = self.within(wanted)?;
        if !self.taken.insert(IpAddr::V4(address)) {
            return Err(Error::address_in_use(wanted));
        }
        Ok(address)
    }

    /// Reads an IPv4 address that an interface of this subnet may have.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub fn within(&self, wanted: &str) -> Result<Ipv4Addr, Error> {
        let address: Ipv4Addr = wanted
            .parse()
            .map_err(|_| Error::invalid_value("address", wanted))?;
        if !self.ipv4_block()?.contains(&address) {
            return Err(Error::invalid_parameter_value(
                "Address does not fall within the subnet's address range",
            ));
        }
        if !is_usable(self.ipv4_block()?, address) {
            return Err(Error::invalid_parameter_value(
                "Address is in subnet's reserved address range",
            ));
        }
        Ok(address)
    }

    /// Takes any address, from the upper half of the subnet as long as there is one: people who
    /// name their addresses name low ones.
    ///
    /// # Errors
    /// `InvalidParameterValue` in an IPv6-only subnet; `InsufficientFreeAddressesInSubnet`.
    pub fn pick(&mut self, cx: &mut Cx) -> Result<Ipv4Addr, Error> {
        let block = self.ipv4_block()?;
        let first = u32::from(block.network()) + RESERVED_FIRST;
        let count = u32::from(block.broadcast()) - first;
        let (lower, upper) = (count / 2, count - count / 2);
        let start = (cx.random() % u64::from(upper)) as u32;
        let upper = (0..upper).map(|step| lower + (start + step) % upper);
        upper
            .chain(0..lower)
            .map(|offset| Ipv4Addr::from(first + offset))
            .find(|address| self.take_unreserved(IpAddr::V4(*address)))
            .ok_or_else(|| Error::insufficient_free_addresses(&self.subnet.to_string()))
    }

    /// Takes the IPv6 address that somebody asks for.
    ///
    /// # Errors
    /// As [`FreeAddresses::take`].
    pub fn take_ipv6(&mut self, wanted: &str) -> Result<Ipv6Addr, Error> {
        let block = self.ipv6_block()?;
        let address: Ipv6Addr = wanted
            .parse()
            .map_err(|_| Error::invalid_value("ipv6Address", wanted))?;
        if !block.contains(&address) {
            return Err(Error::invalid_parameter_value(
                "Address does not fall within the subnet's address range",
            ));
        }
        if !is_usable_ipv6(block, address) {
            return Err(Error::invalid_parameter_value(
                "Address is in subnet's reserved address range",
            ));
        }
        if !self.taken.insert(IpAddr::V6(address)) {
            return Err(Error::address_in_use(wanted));
        }
        Ok(address)
    }

    /// Takes any IPv6 address.
    ///
    /// # Errors
    /// `InvalidParameterValue` without an IPv6 block; `InsufficientFreeAddressesInSubnet`.
    pub fn pick_ipv6(&mut self, cx: &mut Cx) -> Result<Ipv6Addr, Error> {
        let block = self.ipv6_block()?;
        for _ in 0..IPV6_DRAWS_MAX {
            let host = u128::from(cx.random()) & u128::from(block.hostmask());
            let address = Ipv6Addr::from(u128::from(block.network()) | host);
            if is_usable_ipv6(block, address) && self.take_unreserved(IpAddr::V6(address)) {
                return Ok(address);
            }
        }
        Err(Error::insufficient_free_addresses(&self.subnet.to_string()))
    }

    /// Takes an address that nobody has asked for by name, if it is free for that.
    fn take_unreserved(&mut self, address: IpAddr) -> bool {
        let reserved = self.reserved.iter().any(|block| block.contains(&address));
        !reserved && self.taken.insert(address)
    }

    /// Whether the subnet has IPv4 addresses.
    pub fn has_ipv4(&self) -> bool {
        self.ipv4.is_some()
    }

    fn ipv4_block(&self) -> Result<Ipv4Net, Error> {
        self.ipv4.ok_or_else(|| {
            Error::invalid_parameter_value(format!(
                "The subnet '{}' is IPv6-only: it has no IPv4 CIDR block.",
                self.subnet
            ))
        })
    }

    fn ipv6_block(&self) -> Result<Ipv6Net, Error> {
        self.ipv6.ok_or_else(|| {
            Error::invalid_parameter_value(format!(
                "The subnet '{}' does not have an IPv6 CIDR block.",
                self.subnet
            ))
        })
    }
}

/// `SUB-2`: not the first four nor the last of the block.
fn is_usable(block: Ipv4Net, address: Ipv4Addr) -> bool {
    let offset = u32::from(address) - u32::from(block.network());
    offset >= RESERVED_FIRST && address != block.broadcast()
}

/// The same.
fn is_usable_ipv6(block: Ipv6Net, address: Ipv6Addr) -> bool {
    let offset = u128::from(address) - u128::from(block.network());
    offset >= u128::from(RESERVED_FIRST) && address != block.broadcast()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AssignRequest {
    network_interface_id: Option<String>,
    private_ip_addresses: Vec<String>,
    secondary_private_ip_address_count: Option<i64>,
    allow_reassignment: Option<bool>,
    ipv4_prefixes: Option<Value>,
    ipv4_prefix_count: Option<i64>,
}

/// AssignPrivateIpAddresses.
pub fn assign(cx: &mut Cx, req: AssignRequest) -> Result<Value, Error> {
    let id = required(&req.network_interface_id, "networkInterfaceId")?;
    let mut eni = find_changeable(cx, id)?;
    unsupported(&req.ipv4_prefixes, "ipv4Prefix")?;
    unsupported(&req.ipv4_prefix_count, "ipv4PrefixCount")?;
    let subnet = cx.get::<Subnet>(eni.subnet).ok_or_else(Error::internal)?;
    let mut free = FreeAddresses::of(cx, subnet);
    let count = match (
        req.private_ip_addresses.is_empty(),
        req.secondary_private_ip_address_count,
    ) {
        (true, None) => return Err(Error::missing_parameter("privateIpAddress")),
        (false, Some(_)) => {
            return Err(Error::exclusive(
                "privateIpAddresses",
                "secondaryPrivateIpAddressCount",
            ));
        }
        (false, None) => 0,
        (true, Some(count)) => how_many(count, "secondaryPrivateIpAddressCount")?,
    };
    check_count(
        cx,
        eni.private_ips.len() + req.private_ip_addresses.len() + count,
    )?;
    let mut assigned = Vec::new();
    for wanted in &req.private_ip_addresses {
        let address = free.within(wanted)?;
        if eni.private_ips.contains(&address) || assigned.contains(&address) {
            continue;
        }
        if req.allow_reassignment == Some(true) {
            take_over(cx, &eni, address, wanted)?;
            free.taken.insert(IpAddr::V4(address));
        } else {
            free.take(wanted)?;
        }
        assigned.push(address);
    }
    for _ in 0..count {
        assigned.push(free.pick(cx)?);
    }
    eni.private_ips.extend(&assigned);
    let id = eni.id;
    cx.put(eni);
    let assigned = assigned.iter().map(|ip| json!({"PrivateIpAddress": ip}));
    Ok(json!({
        "NetworkInterfaceId": id,
        "AssignedPrivateIpAddresses": assigned.collect::<Value>(),
    }))
}

/// Frees an address for `eni`: from another interface's secondaries, with the Elastic IP address
/// that stands on it.
fn take_over(
    cx: &mut Cx,
    eni: &NetworkInterface,
    address: Ipv4Addr,
    wanted: &str,
) -> Result<(), Error> {
    let holder = cx
        .all::<NetworkInterface>()
        .find(|other| other.subnet == eni.subnet && other.private_ips.contains(&address));
    let Some(holder) = holder else {
        return Ok(());
    };
    if holder.primary_ip() == Some(address) || holder.requester_id.is_some() {
        return Err(Error::address_in_use(wanted));
    }
    let mut holder = holder.clone();
    holder.private_ips.retain(|ip| *ip != address);
    move_elastic_ip(cx, holder.id, address, Some(eni.id));
    cx.put(holder);
    Ok(())
}

/// Moves the Elastic IP address of a private address to another interface, or to none.
pub fn move_elastic_ip(
    cx: &mut Cx,
    from: NetworkInterfaceId,
    private_ip: Ipv4Addr,
    to: Option<NetworkInterfaceId>,
) {
    let stands_on = |address: &&Address| {
        let association = address.association.as_ref();
        association.is_some_and(|a| a.network_interface == from && a.private_ip == private_ip)
    };
    let Some(mut address) = cx.all::<Address>().find(stands_on).cloned() else {
        return;
    };
    address.association = address.association.and_then(|association| {
        Some(AddressAssociation {
            network_interface: to?,
            ..association
        })
    });
    cx.put(address);
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UnassignRequest {
    network_interface_id: Option<String>,
    private_ip_addresses: Vec<String>,
    ipv4_prefixes: Option<Value>,
}

/// UnassignPrivateIpAddresses: all or none, never the primary.
pub fn unassign(cx: &mut Cx, req: UnassignRequest) -> Result<Value, Error> {
    let id = required(&req.network_interface_id, "networkInterfaceId")?;
    let mut eni = find_changeable(cx, id)?;
    unsupported(&req.ipv4_prefixes, "ipv4Prefix")?;
    if req.private_ip_addresses.is_empty() {
        return Err(Error::missing_parameter("privateIpAddress"));
    }
    for text in &req.private_ip_addresses {
        let address: Ipv4Addr = text
            .parse()
            .map_err(|_| Error::invalid_value("address", text))?;
        if Some(address) == eni.primary_ip() {
            return Err(Error::invalid_parameter_value(format!(
                "The primary IP address {text} of an interface cannot be unassigned."
            )));
        }
        let at = eni.private_ips.iter().position(|ip| *ip == address);
        let at = at.ok_or_else(|| not_assigned(&eni))?;
        eni.private_ips.remove(at);
        move_elastic_ip(cx, eni.id, address, None);
    }
    cx.put(eni);
    done()
}

fn not_assigned(eni: &NetworkInterface) -> Error {
    Error::invalid_parameter_value(format!(
        "Some of the specified addresses are not assigned to interface {}",
        eni.id
    ))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipv6Request {
    network_interface_id: Option<String>,
    ipv6_addresses: Vec<String>,
    ipv6_address_count: Option<i64>,
    ipv6_prefixes: Option<Value>,
    ipv6_prefix_count: Option<i64>,
}

/// AssignIpv6Addresses.
pub fn assign_ipv6(cx: &mut Cx, req: Ipv6Request) -> Result<Value, Error> {
    let id = required(&req.network_interface_id, "networkInterfaceId")?;
    let mut eni = find_changeable(cx, id)?;
    unsupported(&req.ipv6_prefixes, "ipv6Prefix")?;
    unsupported(&req.ipv6_prefix_count, "ipv6PrefixCount")?;
    let subnet = cx.get::<Subnet>(eni.subnet).ok_or_else(Error::internal)?;
    let mut free = FreeAddresses::of(cx, subnet);
    let count = match (req.ipv6_addresses.is_empty(), req.ipv6_address_count) {
        (true, None) => return Err(Error::missing_parameter("ipv6Addresses")),
        (false, Some(_)) => return Err(Error::exclusive("ipv6Addresses", "ipv6AddressCount")),
        (false, None) => 0,
        (true, Some(count)) => how_many(count, "ipv6AddressCount")?,
    };
    check_count(
        cx,
        eni.ipv6_addresses.len() + req.ipv6_addresses.len() + count,
    )?;
    let mut assigned = Vec::new();
    for wanted in &req.ipv6_addresses {
        assigned.push(free.take_ipv6(wanted)?);
    }
    for _ in 0..count {
        assigned.push(free.pick_ipv6(cx)?);
    }
    eni.ipv6_addresses.extend(&assigned);
    let id = eni.id;
    cx.put(eni);
    Ok(json!({"NetworkInterfaceId": id, "AssignedIpv6Addresses": assigned}))
}

/// UnassignIpv6Addresses: all or none.
pub fn unassign_ipv6(cx: &mut Cx, req: Ipv6Request) -> Result<Value, Error> {
    let id = required(&req.network_interface_id, "networkInterfaceId")?;
    let mut eni = find_changeable(cx, id)?;
    unsupported(&req.ipv6_prefixes, "ipv6Prefix")?;
    if req.ipv6_addresses.is_empty() {
        return Err(Error::missing_parameter("ipv6Addresses"));
    }
    let mut gone = Vec::new();
    for text in &req.ipv6_addresses {
        let address: Ipv6Addr = text
            .parse()
            .map_err(|_| Error::invalid_value("ipv6Address", text))?;
        let at = eni.ipv6_addresses.iter().position(|ip| *ip == address);
        eni.ipv6_addresses
            .remove(at.ok_or_else(|| not_assigned(&eni))?);
        gone.push(address);
    }
    if eni.private_ips.is_empty() && eni.ipv6_addresses.is_empty() {
        return Err(Error::invalid_parameter_value(format!(
            "The last address of the interface {} in an IPv6-only subnet cannot be unassigned.",
            eni.id
        )));
    }
    let id = eni.id;
    cx.put(eni);
    Ok(json!({"NetworkInterfaceId": id, "UnassignedIpv6Addresses": gone}))
}

/// Reads a count of addresses.
///
/// # Errors
/// `InvalidParameterValue` for a negative one, or one that no interface could hold.
pub fn how_many(count: i64, name: &str) -> Result<usize, Error> {
    match count {
        0..=1024 => Ok(count as usize),
        _ => Err(Error::invalid_value(name, &count.to_string())),
    }
}

/// Refuses more addresses than an interface may have.
///
/// # Errors
/// `PrivateIpAddressLimitExceeded`.
pub fn check_count(cx: &Cx, count: usize) -> Result<(), Error> {
    if count > cx.quotas().private_addresses_per_interface {
        return Err(Error::limit_exceeded(
            "PrivateIpAddressLimitExceeded",
            "addresses per network interface",
        ));
    }
    Ok(())
}
