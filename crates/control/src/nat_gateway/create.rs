//! CreateNatGateway: what is refused at once, and what fails afterwards (`NAT-3`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::addresses::{check_counts, same_count};
use super::render_address;
use crate::Cx;
use crate::describe::Describe;
use crate::entity::Entity;
use crate::ids::parse_id;
use crate::network_interface::addresses::FreeAddresses;
use crate::network_interface::create::{InterfaceSpec, PrivateIp, check_quota as check_interfaces};
use crate::request::{required, unsupported};
use crate::tags::{self, TagSpecification};

/// Who asked for the interfaces of NAT gateways (`ENI-4`).
const REQUESTER: &str = "amazon-nat-gateway";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    subnet_id: Option<String>,
    vpc_id: Option<String>,
    allocation_id: Option<String>,
    connectivity_type: Option<String>,
    availability_mode: Option<String>,
    availability_zone_addresses: Option<Value>,
    private_ip_address: Option<String>,
    secondary_allocation_ids: Vec<String>,
    secondary_private_ip_addresses: Vec<String>,
    secondary_private_ip_address_count: Option<i64>,
    client_token: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

impl CreateRequest {
    /// `NAT-1`: public ones need an Elastic IP address for each private one, private ones take none.
    fn connectivity(&self) -> Result<NatConnectivity, Error> {
        match self.connectivity_type.as_deref() {
            None | Some("" | "public") => {
                required(&self.allocation_id, "AllocationId")?;
                if self.secondary_private_ip_address_count.is_some() {
                    return Err(Error::invalid_parameter_combination(
                        "SecondaryPrivateIpAddressCount is for private NAT gateways: \
                         give SecondaryAllocationIds.",
                    ));
                }
                same_count(
                    &self.secondary_allocation_ids,
                    &self.secondary_private_ip_addresses,
                )?;
                Ok(NatConnectivity::Public)
            }
            Some("private") => {
                if self.allocation_id.is_some() || !self.secondary_allocation_ids.is_empty() {
                    return Err(Error::invalid_parameter_combination(
                        "An Elastic IP address cannot be given to a private NAT gateway.",
                    ));
                }
                Ok(NatConnectivity::Private)
            }
            Some(other) => Err(Error::invalid_value("connectivityType", other)),
        }
    }

    fn allocations(&self) -> Result<Vec<AllocationId>, Error> {
        let primary = self.allocation_id.iter();
        let ids = primary.chain(&self.secondary_allocation_ids);
        ids.map(|id| parse_id(id)).collect()
    }

    fn interface_spec(&self, nat: NatGatewayId) -> InterfaceSpec {
        let secondary = self.secondary_private_ip_addresses.iter();
        let named = secondary.map(|ip| PrivateIp {
            primary: None,
            private_ip_address: Some(ip.clone()),
        });
        let elastic = self.secondary_allocation_ids.len() as i64;
        let none_named = self.secondary_private_ip_addresses.is_empty();
        InterfaceSpec {
            description: Some(format!("Interface for NAT Gateway {nat}")),
            private_ip_address: self.private_ip_address.clone(),
            private_ip_addresses: named.collect(),
            secondary_private_ip_address_count: self
                .secondary_private_ip_address_count
                .or((none_named && elastic > 0).then_some(elastic)),
            ipv6_address_count: Some(0),
            ..InterfaceSpec::default()
        }
    }
}

/// Makes a gateway. What only shows once it is set up leaves one that has failed.
pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let mode = req.availability_mode.as_deref();
    if mode.is_some_and(|mode| mode != "zonal") || req.vpc_id.is_some() {
        return Err(Error::unsupported_operation(
            "Regional NAT gateways are not supported: give a subnet.",
        ));
    }
    unsupported(
        &req.availability_zone_addresses,
        "AvailabilityZoneAddresses",
    )?;
    let subnet = cx
        .find::<Subnet>(required(&req.subnet_id, "SubnetId")?)?
        .clone();
    if subnet.is_ipv6_only() {
        return Err(Error::invalid_parameter_value(format!(
            "A NAT gateway needs an IPv4 address: the subnet '{}' is IPv6-only.",
            subnet.id
        )));
    }
    let connectivity = req.connectivity()?;
    let allocations = req.allocations()?;
    let secondary = req.secondary_private_ip_address_count.unwrap_or(0).max(0) as usize
        + req.secondary_private_ip_addresses.len();
    check_counts(
        cx,
        1 + secondary.max(req.secondary_allocation_ids.len()),
        allocations.len(),
    )?;
    let tags = tags::at_creation(&req.tag_specifications, NatGateway::TAG_TYPE, &[])?;
    check_quota(cx, &subnet)?;
    check_interfaces(cx, 1)?;
    let mut nat = NatGateway {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc: subnet.vpc,
        subnet: subnet.id,
        connectivity,
        state: NatGatewayState::Available,
        created_at: cx.now(),
        network_interface: None,
        former_addresses: Vec::new(),
    };
    let mut free = FreeAddresses::of(cx, &subnet);
    let made = req.interface_spec(nat.id).make(cx, &subnet, &mut free);
    let eni = match made {
        Err(full) if full.code() == "InsufficientFreeAddressesInSubnet" => Err((
            full.code().to_owned(),
            "Subnet has insufficient free addresses to create this NAT gateway".to_owned(),
        )),
        made => {
            let eni = made?;
            check_public(cx, subnet.vpc, &allocations).map(|()| eni)
        }
    };
    match eni {
        Ok(eni) => {
            nat.network_interface = Some(eni.id);
            set_up(cx, eni, &allocations);
        }
        Err((code, message)) => {
            let at = cx.now();
            nat.state = NatGatewayState::Failed { code, message, at };
            let former = allocations.iter().map(|id| FormerNatAddress {
                network_interface: None,
                private_ip: None,
                allocation: Some(*id),
                public_ip: cx.get::<Address>(*id).map(|a| a.public_ip),
            });
            nat.former_addresses = former.collect();
        }
    }
    cx.put(nat.clone());
    cx.set_tags(nat.id, tags);
    let mut answer = json!({"NatGateway": created(cx, &nat)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

fn check_quota(cx: &Cx, subnet: &Subnet) -> Result<(), Error> {
    let beside = |nat: &&NatGateway| {
        let home = cx.get::<Subnet>(nat.subnet);
        nat.is_live() && home.is_some_and(|s| s.availability_zone == subnet.availability_zone)
    };
    let zone = &subnet.availability_zone;
    let most = cx.quotas().nat_gateways_per_zone;
    match cx.own::<NatGateway>().filter(beside).count() < most {
        true => Ok(()),
        false => Err(Error::new(
            "NatGatewayLimitExceeded",
            format!(
                "Performing this operation would exceed the limit of {most} NAT gateways in {zone}"
            ),
        )),
    }
}

/// Failure code and message for Elastic IP addresses that cannot be used, or a VPC without a way
/// out for them (`NAT-3`).
fn check_public(cx: &Cx, vpc: VpcId, allocations: &[AllocationId]) -> Result<(), (String, String)> {
    let attached = cx.all::<InternetGateway>().any(|igw| igw.vpc == Some(vpc));
    if !allocations.is_empty() && !attached {
        let message = format!("Network {vpc} has no Internet gateway attached");
        return Err(("Gateway.NotAttached".to_owned(), message));
    }
    for (n, id) in allocations.iter().enumerate() {
        let address = cx.get::<Address>(*id);
        let address = address.filter(|a| a.owner == *cx.account());
        let Some(address) = address else {
            let message =
                format!("Elastic IP address {id} could not be associated with this NAT gateway");
            return Err(("InvalidAllocationID.NotFound".to_owned(), message));
        };
        if address.association.is_some() || allocations[..n].contains(id) {
            let message = format!("Elastic IP address {id} is already associated");
            return Err(("Resource.AlreadyAssociated".to_owned(), message));
        }
    }
    Ok(())
}

/// Writes the interface down, and each Elastic IP address onto its private one.
fn set_up(cx: &mut Cx, mut eni: NetworkInterface, allocations: &[AllocationId]) {
    eni.kind = NetworkInterfaceKind::NatGateway;
    eni.requester_id = Some(REQUESTER.to_owned());
    eni.security_groups.clear();
    eni.source_dest_check = false;
    for (allocation, ip) in allocations.iter().zip(&eni.private_ips) {
        super::addresses::stand(cx, *allocation, eni.id, *ip);
    }
    cx.put(eni);
}

/// A gateway as the call that makes it shows it, whatever becomes of it: `pending` (`NAT-2`).
fn created(cx: &Cx, nat: &NatGateway) -> Value {
    let mut rendered = nat.render(cx);
    rendered["State"] = json!("pending");
    for member in ["FailureCode", "FailureMessage", "DeleteTime"] {
        if let Value::Object(members) = &mut rendered {
            members.remove(member);
        }
    }
    let status = match nat.connectivity {
        NatConnectivity::Public => "associating",
        NatConnectivity::Private => "assigning",
    };
    if let Some(eni) = super::interface(cx, nat) {
        let ips = eni.private_ips.iter();
        let addresses = ips.map(|ip| render_address(cx, eni, *ip, status));
        rendered["NatGatewayAddresses"] = addresses.collect();
    } else if let Some(addresses) = rendered["NatGatewayAddresses"].as_array_mut() {
        for address in addresses {
            address["Status"] = json!(status);
        }
    }
    rendered
}
