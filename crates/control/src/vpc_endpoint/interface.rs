//! Interface endpoints: network interfaces that stand for a service (`IE-1` to `IE-12`).
//!
//! One interface a subnet, one subnet a zone; groups are those of all its interfaces. Names are made of the endpoint's id
//! and [`InterfaceEndpoint::dns_label`]; [`private_dns`](super::private_dns) says when they may be private ones.

use std::collections::BTreeMap;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use super::request::{CreateRequest, ModifyRequest, SubnetConfiguration};
use super::{addressing, private_dns};
use crate::Cx;
use crate::network_interface::addresses::FreeAddresses;
use crate::network_interface::create::{InterfaceSpec, Ipv6, check_quota, remove};
use crate::request::required;
use crate::security_group::{groups_for_interface, render_groups};
use crate::vpc_endpoint_service;

/// Who asked for the interfaces (`ENI-4`).
const REQUESTER: &str = "amazon-vpce";
const LABEL_LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const LABEL_LEN: usize = 8;

/// Writes the endpoint down, with its interfaces.
pub fn create(cx: &mut Cx, req: &CreateRequest, mut endpoint: VpcEndpoint) -> Result<(), Error> {
    refuse_route_tables(&[&req.route_table_ids])?;
    let families = addressing::families(cx, &endpoint.service, req.ip_address_type.as_deref())?;
    check_endpoint_quota(cx, endpoint.vpc)?;
    let mut own = InterfaceEndpoint {
        network_interfaces: BTreeMap::new(),
        security_groups: groups_for_interface(cx, endpoint.vpc, &req.security_group_ids)?,
        private_dns: false,
        private_dns_only_for_inbound_resolver: false,
        dns_label: dns_label(cx),
        ip_address_type: families.unwrap_or(EndpointIpAddressType::Ipv4),
        dns_record_ip_type: None,
    };
    addressing::set_records(&mut own, req.dns_options.as_ref())?;
    let subnets = subnets_of(&req.subnet_ids, &req.subnet_configurations);
    add_interfaces(
        cx,
        &endpoint,
        &mut own,
        &subnets,
        &req.subnet_configurations,
    )?;
    private_dns::set(
        cx,
        &endpoint,
        &mut own,
        Some(
            req.private_dns_enabled
                .unwrap_or_else(|| private_dns::default(&endpoint)),
        ),
        req.dns_options.as_ref(),
    )?;
    endpoint.kind = VpcEndpointKind::Interface(own);
    cx.put(endpoint);
    Ok(())
}

/// Writes a changed endpoint down; its policy is changed already (`IE-9`). What is taken away goes first.
pub fn modify(cx: &mut Cx, req: &ModifyRequest, mut endpoint: VpcEndpoint) -> Result<(), Error> {
    refuse_route_tables(&[&req.add_route_table_ids, &req.remove_route_table_ids])?;
    let families = addressing::families(cx, &endpoint.service, req.ip_address_type.as_deref())?;
    let mut own = endpoint.interface().cloned().ok_or_else(Error::internal)?;
    for text in &req.remove_subnet_ids {
        let subnet = crate::ids::parse_id::<SubnetId>(text)?;
        let eni = own.network_interfaces.remove(&subnet).ok_or_else(|| {
            Error::invalid_parameter(format!(
                "Subnet {subnet} is not associated with the VPC endpoint {}",
                endpoint.id
            ))
        })?;
        delete_interface(cx, eni);
    }
    change_groups(cx, req, &endpoint, &mut own)?;
    if let Some(families) = families.filter(|families| *families != own.ip_address_type) {
        addressing::change(cx, &mut own, families)?;
    }
    addressing::set_records(&mut own, req.dns_options.as_ref())?;
    let subnets = subnets_of(&req.add_subnet_ids, &[]);
    add_interfaces(
        cx,
        &endpoint,
        &mut own,
        &subnets,
        &req.subnet_configurations,
    )?;
    let (enabled, options) = (req.private_dns_enabled, req.dns_options.as_ref());
    private_dns::set(cx, &endpoint, &mut own, enabled, options)?;
    endpoint.kind = VpcEndpointKind::Interface(own);
    cx.put(endpoint);
    Ok(())
}

/// Deletes the interfaces of an endpoint that is about to be deleted (`IE-10`).
pub fn delete(cx: &mut Cx, endpoint: &InterfaceEndpoint) {
    for eni in endpoint.network_interfaces.values() {
        delete_interface(cx, *eni);
    }
}

fn delete_interface(cx: &mut Cx, id: NetworkInterfaceId) {
    if let Some(eni) = cx.get::<NetworkInterface>(id).cloned() {
        remove(cx, &eni);
    }
}

/// Fills in what a gateway endpoint does not have (`IE-11`).
pub fn render(cx: &Cx, endpoint: &VpcEndpoint, own: &InterfaceEndpoint, rendered: &mut Value) {
    let interfaces = &own.network_interfaces;
    rendered["SubnetIds"] = interfaces.keys().map(|id| json!(id)).collect();
    rendered["NetworkInterfaceIds"] = interfaces.values().map(|id| json!(id)).collect();
    rendered["Groups"] = render_groups(cx, &own.security_groups);
    rendered["PrivateDnsEnabled"] = json!(own.private_dns);
    rendered["DnsEntries"] = private_dns::entries(cx, endpoint, own);
    rendered["DnsOptions"] = json!({"DnsRecordIpType": own.dns_records().as_str()});
    let inbound = endpoint
        .service
        .aws()
        .is_some_and(|s| s.has_inbound_only_names());
    if inbound && own.private_dns {
        rendered["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"] =
            json!(own.private_dns_only_for_inbound_resolver);
    }
}

/// The subnets that a request names, one way or the other, each once.
fn subnets_of(ids: &[String], configurations: &[SubnetConfiguration]) -> Vec<String> {
    let configured = configurations.iter().filter_map(|it| it.subnet_id.as_ref());
    let configured = configured.filter(|id| !ids.contains(id));
    ids.iter().chain(configured).cloned().collect()
}

/// Makes an interface in each subnet, at the address that a configuration picks.
fn add_interfaces(
    cx: &mut Cx,
    endpoint: &VpcEndpoint,
    own: &mut InterfaceEndpoint,
    subnets: &[String],
    configurations: &[SubnetConfiguration],
) -> Result<(), Error> {
    check_quota(cx, subnets.len())?;
    for configuration in configurations {
        let id = required(&configuration.subnet_id, "subnetConfigurations.subnetId")?;
        if !subnets.iter().any(|subnet| subnet == id) {
            return Err(Error::invalid_parameter(format!(
                "Subnet {id} of a subnet configuration is none that the VPC endpoint is given"
            )));
        }
        if configuration.ipv6.is_some() && own.ip_address_type == EndpointIpAddressType::Ipv4 {
            return Err(Error::invalid_parameter(
                "An IPv6 address cannot be given to a VPC endpoint of the IP address type ipv4",
            ));
        }
    }
    let served = served_zones(cx, &endpoint.service);
    let mut zones: BTreeMap<String, SubnetId> = BTreeMap::new();
    for subnet in own.network_interfaces.keys() {
        if let Some(subnet) = cx.get::<Subnet>(*subnet) {
            zones.insert(subnet.availability_zone.clone(), subnet.id);
        }
    }
    for text in subnets {
        let subnet = cx.find::<Subnet>(text)?.clone();
        if subnet.vpc != endpoint.vpc {
            return Err(Error::invalid_parameter(format!(
                "Subnet {} does not belong to {}",
                subnet.id, endpoint.vpc
            )));
        }
        let zone = subnet.availability_zone.clone();
        if served
            .as_ref()
            .is_some_and(|served| !served.contains(&zone))
        {
            return Err(Error::invalid_parameter(format!(
                "The VPC endpoint service {} does not support the availability zone of the subnet: {}.",
                endpoint.service.name(cx.region_name()),
                subnet.id
            )));
        }
        if let Some(other) = zones.insert(zone, subnet.id) {
            return Err(Error::new(
                "DuplicateSubnetsInSameZone",
                format!(
                    "Found another VPC endpoint subnet in the availability zone of {other}. \
                     VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service."
                ),
            ));
        }
        let chosen = configurations
            .iter()
            .find(|it| it.subnet_id.as_deref() == Some(text));
        let spec = InterfaceSpec {
            description: Some(format!("VPC Endpoint Interface {}", endpoint.id)),
            private_ip_address: chosen.and_then(|it| it.ipv4.clone()),
            ..InterfaceSpec::default()
        };
        let spec = match (own.ip_address_type, chosen.and_then(|it| it.ipv6.clone())) {
            (EndpointIpAddressType::Ipv4, _) => InterfaceSpec {
                ipv6_address_count: Some(0),
                ..spec
            },
            (_, Some(address)) => InterfaceSpec {
                ipv6_addresses: vec![Ipv6 {
                    ipv6_address: Some(address),
                }],
                ..spec
            },
            (_, None) => InterfaceSpec {
                ipv6_address_count: Some(1),
                ..spec
            },
        };
        addressing::check_subnet(&subnet, own.ip_address_type)?;
        let mut free = FreeAddresses::of(cx, &subnet);
        let mut eni = spec.make(cx, &subnet, &mut free)?;
        eni.kind = NetworkInterfaceKind::VpcEndpoint;
        eni.requester_id = Some(REQUESTER.to_owned());
        eni.security_groups = own.security_groups.clone();
        own.network_interfaces.insert(subnet.id, eni.id);
        cx.put(eni);
    }
    Ok(())
}

/// The zones of a customer's service; AWS's own are in all of a region's (`EP-3`).
fn served_zones(cx: &Cx, service: &EndpointService) -> Option<Vec<String>> {
    match service {
        EndpointService::Aws(_) => None,
        EndpointService::Customer(id) => {
            let service = cx.get::<VpcEndpointService>(*id)?;
            Some(vpc_endpoint_service::zones(cx, service))
        }
    }
}

/// Adds and removes groups, of all interfaces together; the last one stays (`IE-9`).
fn change_groups(
    cx: &mut Cx,
    req: &ModifyRequest,
    endpoint: &VpcEndpoint,
    own: &mut InterfaceEndpoint,
) -> Result<(), Error> {
    if req.add_security_group_ids.is_empty() && req.remove_security_group_ids.is_empty() {
        return Ok(());
    }
    let mut groups = own.security_groups.clone();
    for text in &req.remove_security_group_ids {
        let id = crate::ids::parse_id::<SecurityGroupId>(text)?;
        let before = groups.len();
        groups.retain(|group| *group != id);
        if groups.len() == before {
            return Err(Error::invalid_parameter(format!(
                "Security group {id} is not associated with the VPC endpoint {}",
                endpoint.id
            )));
        }
    }
    let mut names: Vec<String> = groups.iter().map(ToString::to_string).collect();
    let added = req.add_security_group_ids.iter();
    names.extend(
        added
            .filter(|id| !names.contains(id))
            .cloned()
            .collect::<Vec<_>>(),
    );
    if names.is_empty() {
        return Err(Error::invalid_parameter(
            "An Interface VPC Endpoint must always have at least one Security Group",
        ));
    }
    own.security_groups = groups_for_interface(cx, endpoint.vpc, &names)?;
    for id in own.network_interfaces.values() {
        if let Some(mut eni) = cx.get::<NetworkInterface>(*id).cloned() {
            eni.security_groups = own.security_groups.clone();
            cx.put(eni);
        }
    }
    Ok(())
}

fn refuse_route_tables(given: &[&Vec<String>]) -> Result<(), Error> {
    match given.iter().all(|ids| ids.is_empty()) {
        true => Ok(()),
        false => Err(Error::invalid_parameter(
            "Route table IDs are only supported for Gateway type VPC Endpoint.",
        )),
    }
}

/// `IE-12`.
fn check_endpoint_quota(cx: &Cx, vpc: VpcId) -> Result<(), Error> {
    let beside = |endpoint: &&VpcEndpoint| endpoint.vpc == vpc && endpoint.interface().is_some();
    let count = cx.own::<VpcEndpoint>().filter(beside).count();
    match count < cx.quotas().interface_endpoints_per_vpc {
        true => Ok(()),
        false => Err(Error::limit_exceeded(
            "VpcEndpointLimitExceeded",
            "interface VPC endpoints",
        )),
    }
}

/// Letters and digits, drawn from one number each.
fn dns_label(cx: &mut Cx) -> String {
    let letters = LABEL_LETTERS.len() as u64;
    (0..LABEL_LEN)
        .map(|_| char::from(LABEL_LETTERS[(cx.random() % letters) as usize]))
        .collect()
}
