//! Secondary addresses of NAT gateways: with Elastic IP addresses on public ones, without on
//! private ones. The primary address stays for life.

use std::net::Ipv4Addr;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{find_live, render_address};
use crate::Cx;
use crate::ids::{not_found, parse_id};
use crate::network_interface::addresses::{FreeAddresses, how_many, move_elastic_ip};
use crate::network_interface::association;

/// AWS: `MaxDrainDurationSeconds` is 1 to 4000. Here nothing is drained: the address is taken away
/// at once.
const DRAIN_SECONDS: std::ops::RangeInclusive<i64> = 1..=4000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AddressRequest {
    nat_gateway_id: Option<String>,
    allocation_ids: Vec<String>,
    association_ids: Vec<String>,
    private_ip_addresses: Vec<String>,
    private_ip_address_count: Option<i64>,
    max_drain_duration_seconds: Option<i64>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
}

impl AddressRequest {
    /// The gateway, which must be of the kind that the call is for.
    fn gateway(
        &self,
        cx: &Cx,
        kind: NatConnectivity,
    ) -> Result<(NatGateway, NetworkInterface), Error> {
        let (nat, eni) = find_live(cx, &self.nat_gateway_id)?;
        let drain = self.max_drain_duration_seconds;
        if let Some(seconds) = drain.filter(|seconds| !DRAIN_SECONDS.contains(seconds)) {
            let seconds = seconds.to_string();
            return Err(Error::invalid_value("maxDrainDurationSeconds", &seconds));
        }
        if self.availability_zone.is_some() || self.availability_zone_id.is_some() {
            return Err(Error::invalid_parameter_combination(
                "A zone is chosen for regional NAT gateways only.",
            ));
        }
        match nat.connectivity == kind {
            true => Ok((nat, eni)),
            false => Err(Error::unsupported_operation(format!(
                "The operation is for {} NAT gateways, {} is not one.",
                kind.as_str(),
                nat.id
            ))),
        }
    }
}

/// AssociateNatGatewayAddress: adds Elastic IP addresses, each with a private address of its own.
pub fn associate(cx: &mut Cx, req: AddressRequest) -> Result<Value, Error> {
    let (nat, mut eni) = req.gateway(cx, NatConnectivity::Public)?;
    if req.allocation_ids.is_empty() {
        return Err(Error::missing_parameter("allocationId"));
    }
    same_count(&req.allocation_ids, &req.private_ip_addresses)?;
    let mut allocations: Vec<AllocationId> = Vec::new();
    for text in &req.allocation_ids {
        let address = cx.find::<Address>(text)?;
        if address.association.is_some() || allocations.contains(&address.id) {
            return Err(Error::already_associated(&format!(
                "Elastic IP address {text}"
            )));
        }
        allocations.push(address.id);
    }
    let elastic = eni.private_ips.iter();
    let elastic = elastic.filter(|ip| association(cx, &eni, **ip).is_some());
    let elastic = elastic.count() + allocations.len();
    let count = eni.private_ips.len() + allocations.len();
    check_counts(cx, count, elastic)?;
    let new = take(cx, &eni, &req.private_ip_addresses, allocations.len())?;
    eni.private_ips.extend(&new);
    cx.put(eni.clone());
    for (allocation, ip) in allocations.into_iter().zip(&new) {
        stand(cx, allocation, eni.id, *ip);
    }
    Ok(answer(cx, &nat, &eni, &new, "associating"))
}

/// DisassociateNatGatewayAddress: all or none; each takes its private address with it.
pub fn disassociate(cx: &mut Cx, req: AddressRequest) -> Result<Value, Error> {
    let (nat, mut eni) = req.gateway(cx, NatConnectivity::Public)?;
    if req.association_ids.is_empty() {
        return Err(Error::missing_parameter("associationId"));
    }
    let mut gone: Vec<Ipv4Addr> = Vec::new();
    for text in &req.association_ids {
        let id: AddressAssociationId = parse_id(text)?;
        let mut bonds = cx.own::<Address>().filter_map(|a| a.association.as_ref());
        let bond = bonds.find(|a| a.id == id && a.network_interface == eni.id);
        let ip = bond
            .ok_or_else(|| not_found::<AddressAssociationId>(text))?
            .private_ip;
        check_secondary(&eni, ip)?;
        if !gone.contains(&ip) {
            gone.push(ip);
        }
    }
    let answer = answer(cx, &nat, &eni, &gone, "disassociating");
    for ip in &gone {
        move_elastic_ip(cx, eni.id, *ip, None);
    }
    eni.private_ips.retain(|ip| !gone.contains(ip));
    cx.put(eni);
    Ok(answer)
}

/// AssignPrivateNatGatewayAddress.
pub fn assign(cx: &mut Cx, req: AddressRequest) -> Result<Value, Error> {
    let (nat, mut eni) = req.gateway(cx, NatConnectivity::Private)?;
    let count = match (req.private_ip_addresses.len(), req.private_ip_address_count) {
        (0, None) => return Err(Error::missing_parameter("privateIpAddress")),
        (0, Some(count)) => how_many(count, "privateIpAddressCount")?,
        (named, None) => named,
        (_, Some(_)) => {
            return Err(Error::exclusive(
                "privateIpAddresses",
                "privateIpAddressCount",
            ));
        }
    };
    check_counts(cx, eni.private_ips.len() + count, 0)?;
    let new = take(cx, &eni, &req.private_ip_addresses, count)?;
    eni.private_ips.extend(&new);
    cx.put(eni.clone());
    Ok(answer(cx, &nat, &eni, &new, "assigning"))
}

/// UnassignPrivateNatGatewayAddress: all or none.
pub fn unassign(cx: &mut Cx, req: AddressRequest) -> Result<Value, Error> {
    let (nat, mut eni) = req.gateway(cx, NatConnectivity::Private)?;
    if req.private_ip_addresses.is_empty() {
        return Err(Error::missing_parameter("privateIpAddress"));
    }
    let mut gone = Vec::new();
    for text in &req.private_ip_addresses {
        let ip = text.parse().ok().filter(|ip| eni.private_ips.contains(ip));
        let ip: Ipv4Addr = ip.ok_or_else(|| {
            let why = format!("It is not an address of {}.", nat.id);
            Error::invalid_value_because("privateIpAddress", text, &why)
        })?;
        check_secondary(&eni, ip)?;
        gone.push(ip);
    }
    let answer = answer(cx, &nat, &eni, &gone, "unassigning");
    eni.private_ips.retain(|ip| !gone.contains(ip));
    cx.put(eni);
    Ok(answer)
}

fn check_secondary(eni: &NetworkInterface, ip: Ipv4Addr) -> Result<(), Error> {
    match Some(ip) == eni.primary_ip() {
        false => Ok(()),
        true => Err(Error::invalid_parameter_value(format!(
            "The primary address {ip} of a NAT gateway cannot be taken from it."
        ))),
    }
}

/// Addresses of the gateway's subnet: those named, or else any.
fn take(
    cx: &mut Cx,
    eni: &NetworkInterface,
    named: &[String],
    count: usize,
) -> Result<Vec<Ipv4Addr>, Error> {
    let subnet = cx.get::<Subnet>(eni.subnet).ok_or_else(Error::internal)?;
    let mut free = FreeAddresses::of(cx, subnet);
    match named.is_empty() {
        false => named.iter().map(|ip| free.take(ip)).collect(),
        true => (0..count).map(|_| free.pick(cx)).collect(),
    }
}

/// Lets an Elastic IP address stand for a private one.
pub fn stand(cx: &mut Cx, allocation: AllocationId, eni: NetworkInterfaceId, ip: Ipv4Addr) {
    let Some(mut address) = cx.get::<Address>(allocation).cloned() else {
        return;
    };
    address.association = Some(AddressAssociation {
        id: cx.new_id(),
        network_interface: eni,
        private_ip: ip,
    });
    cx.put(address);
}

/// Refuses private addresses that are named, but not one for each Elastic IP address.
///
/// # Errors
/// `InvalidParameterCombination`.
pub fn same_count(allocations: &[String], private_ips: &[String]) -> Result<(), Error> {
    match private_ips.is_empty() || private_ips.len() == allocations.len() {
        true => Ok(()),
        false => Err(Error::invalid_parameter_combination(
            "The number of private IP addresses must be that of allocation IDs.",
        )),
    }
}

/// Refuses more addresses than a NAT gateway may have (`NAT-5`).
///
/// # Errors
/// `PrivateIpAddressLimitExceeded`, `AddressLimitExceeded` (choice: AWS publishes no codes).
pub fn check_counts(cx: &Cx, private: usize, elastic: usize) -> Result<(), Error> {
    let quotas = cx.quotas();
    if private > quotas.addresses_per_nat_gateway {
        return Err(Error::limit_exceeded(
            "PrivateIpAddressLimitExceeded",
            "addresses per NAT gateway",
        ));
    }
    if elastic > quotas.elastic_addresses_per_nat_gateway {
        return Err(Error::limit_exceeded(
            "AddressLimitExceeded",
            "Elastic IP addresses per NAT gateway",
        ));
    }
    Ok(())
}

fn answer(
    cx: &Cx,
    nat: &NatGateway,
    eni: &NetworkInterface,
    ips: &[Ipv4Addr],
    status: &str,
) -> Value {
    let addresses = ips.iter().map(|ip| render_address(cx, eni, *ip, status));
    json!({"NatGatewayId": nat.id, "NatGatewayAddresses": addresses.collect::<Value>()})
}
