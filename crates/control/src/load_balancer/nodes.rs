//! Nodes of a load balancer: one requester-managed network interface a subnet, of one zone each.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::elb::{self, unsupported, validation};
use crate::ids::parse_id;
use crate::nat_gateway::addresses::stand;
use crate::network_interface::addresses::FreeAddresses;
use crate::network_interface::association;
use crate::network_interface::create::{InterfaceSpec, check_quota, remove as remove_interface};
use crate::pools::free_public_ip;

/// Who asked for the interfaces of load balancers (`ENI-4`).
const REQUESTER: &str = "amazon-elb";

/// A subnet, and the addresses that its node is to have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SubnetMapping {
    pub subnet_id: Option<String>,
    pub allocation_id: Option<String>,
    #[serde(rename = "PrivateIPv4Address")]
    pub private_ipv4_address: Option<String>,
    #[serde(rename = "IPv6Address")]
    pub ipv6_address: Option<String>,
    pub source_nat_ipv6_prefix: Option<String>,
}

/// The subnets that a request names, one a zone.
///
/// # Errors
/// `ValidationError`, `SubnetNotFound`, `InvalidConfigurationRequest` for two of one zone.
pub fn subnets(
    cx: &Cx,
    plain: &[String],
    mapped: &[SubnetMapping],
) -> Result<Vec<(Subnet, SubnetMapping)>, Error> {
    let mappings = match (plain.is_empty(), mapped.is_empty()) {
        (true, true) => return Err(validation("At least one subnet must be specified")),
        (false, false) => {
            return Err(validation(
                "You must specify either subnets or subnet mappings, not both",
            ));
        }
        (true, false) => mapped.to_vec(),
        (false, true) => {
            let of = |id: &String| SubnetMapping {
                subnet_id: Some(id.clone()),
                ..SubnetMapping::default()
            };
            plain.iter().map(of).collect()
        }
    };
    let mut found: Vec<(Subnet, SubnetMapping)> = Vec::new();
    for mapping in mappings {
        unsupported(&mapping.ipv6_address, "IPv6Address")?;
        unsupported(&mapping.source_nat_ipv6_prefix, "SourceNatIpv6Prefix")?;
        let id = mapping.subnet_id.as_deref().unwrap_or_default();
        let subnet = cx.find::<Subnet>(id).map_err(|_| {
            Error::new(
                "SubnetNotFound",
                format!("The subnet ID '{}' is not valid", elb::clip(id)),
            )
        })?;
        let zone = &subnet.availability_zone;
        if found
            .iter()
            .any(|(other, _)| other.availability_zone == *zone)
        {
            return Err(elb::invalid_configuration(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
        found.push((subnet.clone(), mapping));
    }
    if found.iter().any(|(subnet, _)| subnet.vpc != found[0].0.vpc) {
        return Err(Error::new(
            "InvalidSubnet",
            "All subnets must belong to the same VPC",
        ));
    }
    Ok(found)
}

/// Puts a node into a subnet.
///
/// # Errors
/// `InvalidSubnet`, `AllocationIdNotFound`, `ResourceInUse`, `ValidationError`.
pub fn add(
    cx: &mut Cx,
    lb: &LoadBalancer,
    subnet: &Subnet,
    mapping: &SubnetMapping,
) -> Result<NetworkInterfaceId, Error> {
    let public = lb.scheme == LoadBalancerScheme::InternetFacing;
    let allocation = match mapping.allocation_id.as_deref() {
        None | Some("") => None,
        Some(_) if !public => {
            return Err(validation(
                "An allocation ID cannot be specified for an internal load balancer",
            ));
        }
        Some(id) => Some(free_allocation(cx, id)?),
    };
    if public && mapping.private_ipv4_address.is_some() {
        return Err(validation(
            "A private IPv4 address can be specified for internal load balancers only",
        ));
    }
    check_quota(cx, 1)?;
    let mut free = FreeAddresses::of(cx, subnet);
    let spec = InterfaceSpec {
        description: Some(lb.node_description()),
        private_ip_address: mapping.private_ipv4_address.clone(),
        ipv6_address_count: Some(0),
        ..InterfaceSpec::default()
    };
    let made = spec.make(cx, subnet, &mut free);
    let mut eni = made.map_err(|error| Error::new("InvalidSubnet", error.message()))?;
    eni.kind = NetworkInterfaceKind::NetworkLoadBalancer;
    eni.requester_id = Some(REQUESTER.to_owned());
    eni.security_groups = lb.security_groups.clone();
    eni.source_dest_check = false;
    if public && allocation.is_none() {
        eni.auto_public_ip = Some(free_public_ip(cx)?);
    }
    let id = eni.id;
    if let (Some(allocation), Some(ip)) = (allocation, eni.primary_ip()) {
        stand(cx, allocation, id, ip);
    }
    cx.put(eni);
    Ok(id)
}

/// The caller's Elastic IP address that nothing stands on yet.
fn free_allocation(cx: &Cx, id: &str) -> Result<AllocationId, Error> {
    let unknown = || {
        let message = format!("The allocation ID '{}' does not exist", elb::clip(id));
        Error::new("AllocationIdNotFound", message)
    };
    let allocation = parse_id::<AllocationId>(id).map_err(|_| unknown())?;
    let address = cx.find::<Address>(id).map_err(|_| unknown())?;
    match address.association {
        None => Ok(allocation),
        Some(_) => Err(elb::in_use(format!(
            "The allocation ID '{id}' is already associated"
        ))),
    }
}

/// Takes a node away, with its address.
pub fn remove(cx: &mut Cx, eni: NetworkInterfaceId) {
    if let Some(eni) = cx.get::<NetworkInterface>(eni).cloned() {
        remove_interface(cx, &eni);
    }
}

/// `AvailabilityZones`: addresses are told where they stay, or were asked for.
pub fn render(cx: &Cx, lb: &LoadBalancer) -> Value {
    let nodes = lb.nodes.iter().filter_map(|(subnet, eni)| {
        let eni = cx.get::<NetworkInterface>(*eni)?;
        let bond = eni.primary_ip().and_then(|ip| association(cx, eni, ip));
        let elastic = bond
            .as_ref()
            .and_then(|bond| Some((bond.elastic?.0, bond.public_ip)));
        let addresses: Vec<Value> = elastic
            .map(|(allocation, public)| json!({"IpAddress": public, "AllocationId": allocation}))
            .into_iter()
            .collect();
        Some(json!({
            "ZoneName": eni.availability_zone,
            "SubnetId": subnet,
            "LoadBalancerAddresses": addresses,
        }))
    });
    nodes.collect()
}
