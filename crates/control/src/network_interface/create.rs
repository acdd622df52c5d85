//! Making interfaces, by CreateNetworkInterface or with an instance; deleting them.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::addresses::{FreeAddresses, check_count, how_many, move_elastic_ip};
use super::connection_tracking::TrackingSpec;
use super::find_changeable;
use crate::Cx;
use crate::describe::Describe;
use crate::entity::Entity;
use crate::request::{done, required, unsupported};
use crate::security_group::groups_for_interface;
use crate::tags::{self, TagSpecification};

/// AWS: at most 255 characters.
const DESCRIPTION_CHARS_MAX: usize = 255;

/// What CreateNetworkInterface and RunInstances' `NetworkInterface.N` both say of an interface.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct InterfaceSpec {
    pub subnet_id: Option<String>,
    pub description: Option<String>,
    pub groups: Vec<String>,
    pub private_ip_address: Option<String>,
    pub private_ip_addresses: Vec<PrivateIp>,
    pub secondary_private_ip_address_count: Option<i64>,
    pub ipv6_addresses: Vec<Ipv6>,
    pub ipv6_address_count: Option<i64>,
    pub interface_type: Option<String>,
    pub ipv4_prefixes: Option<Value>,
    pub ipv4_prefix_count: Option<i64>,
    pub ipv6_prefixes: Option<Value>,
    pub ipv6_prefix_count: Option<i64>,
    pub connection_tracking_specification: Option<TrackingSpec>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PrivateIp {
    pub primary: Option<bool>,
    pub private_ip_address: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipv6 {
    pub ipv6_address: Option<String>,
}

impl InterfaceSpec {
    /// Makes an interface in a subnet, with the addresses asked for taken out of `free`. It is
    /// not written down yet.
    ///
    /// # Errors
    /// What `ENI-5` and the security groups say; parameters at odds with each other.
    pub fn make(
        &self,
        cx: &mut Cx,
        subnet: &Subnet,
        free: &mut FreeAddresses,
    ) -> Result<NetworkInterface, Error> {
        self.refuse_unsupported()?;
        let security_groups = groups_for_interface(cx, subnet.vpc, &self.groups)?;
        let description = self.description.clone().unwrap_or_default();
        if description.chars().count() > DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid_value("description", &description));
        }
        let mut connection_tracking = ConnectionTracking::default();
        if let Some(spec) = &self.connection_tracking_specification {
            spec.lay_over(&mut connection_tracking)?;
        }
        let private_ips = self.private_ips(cx, free)?;
        let ipv6_addresses = self.ipv6_addresses(cx, subnet, free)?;
        let serial = cx.new_interface_serial();
        Ok(NetworkInterface {
            id: cx.new_id(),
            serial,
            owner: cx.account().clone(),
            vpc: subnet.vpc,
            subnet: subnet.id,
            availability_zone: subnet.availability_zone.clone(),
            description,
            mac: mac(cx, serial),
            private_ips,
            ipv6_addresses,
            auto_public_ip: None,
            security_groups,
            source_dest_check: true,
            connection_tracking,
            attachment: None,
            kind: NetworkInterfaceKind::Interface,
            detached: None,
            requester_id: None,
        })
    }

    fn refuse_unsupported(&self) -> Result<(), Error> {
        unsupported(&self.ipv4_prefixes, "ipv4Prefix")?;
        unsupported(&self.ipv4_prefix_count, "ipv4PrefixCount")?;
        unsupported(&self.ipv6_prefixes, "ipv6Prefix")?;
        unsupported(&self.ipv6_prefix_count, "ipv6PrefixCount")?;
        match self.interface_type.as_deref() {
            None | Some("" | "interface") => Ok(()),
            Some(other) => Err(Error::unsupported_operation(format!(
                "Network interfaces of type {other} are not supported."
            ))),
        }
    }

    /// Named addresses first, so that no picked one is in their way; the primary leads. None in an IPv6-only subnet.
    fn private_ips(
        &self,
        cx: &mut Cx,
        free: &mut FreeAddresses,
    ) -> Result<Vec<std::net::Ipv4Addr>, Error> {
        let mut primary = match self.private_ip_address.as_deref() {
            None | Some("") => None,
            Some(wanted) => Some(free.take(wanted)?),
        };
        let mut secondary = Vec::new();
        for item in &self.private_ip_addresses {
            let wanted = required(
                &item.private_ip_address,
                "privateIpAddresses.privateIpAddress",
            )?;
            let address = match primary {
                // Naming the primary in both places is not naming it twice.
                Some(known) if wanted.parse() == Ok(known) => known,
                _ => free.take(wanted)?,
            };
            match (item.primary == Some(true), primary) {
                (true, Some(known)) if known != address => {
                    return Err(Error::invalid_parameter_combination(
                        "Only one primary private IP address can be specified.",
                    ));
                }
                (true, _) => primary = Some(address),
                (false, Some(known)) if known == address => {}
                (false, _) => secondary.push(address),
            }
        }
        let more = match self.secondary_private_ip_address_count {
            None => 0,
            Some(_) if !secondary.is_empty() => {
                return Err(Error::exclusive(
                    "privateIpAddresses",
                    "secondaryPrivateIpAddressCount",
                ));
            }
            Some(count) => how_many(count, "secondaryPrivateIpAddressCount")?,
        };
        let says_nothing = primary.is_none() && secondary.is_empty() && more == 0;
        if !free.has_ipv4() && says_nothing {
            return Ok(Vec::new());
        }
        check_count(cx, 1 + secondary.len() + more)?;
        let mut addresses = vec![match primary {
            Some(address) => address,
            None => free.pick(cx)?,
        }];
        addresses.append(&mut secondary);
        for _ in 0..more {
            addresses.push(free.pick(cx)?);
        }
        Ok(addresses)
    }

    /// The subnet's own default gives one address where nothing is said.
    fn ipv6_addresses(
        &self,
        cx: &mut Cx,
        subnet: &Subnet,
        free: &mut FreeAddresses,
    ) -> Result<Vec<std::net::Ipv6Addr>, Error> {
        let mut addresses = Vec::new();
        for item in &self.ipv6_addresses {
            let wanted = required(&item.ipv6_address, "ipv6Addresses.ipv6Address")?;
            addresses.push(free.take_ipv6(wanted)?);
        }
        let count = match self.ipv6_address_count {
            Some(count) if addresses.is_empty() => how_many(count, "ipv6AddressCount")?,
            Some(_) => return Err(Error::exclusive("ipv6Addresses", "ipv6AddressCount")),
            None if !addresses.is_empty() => 0,
            None => usize::from(
                subnet.assign_ipv6_address_on_creation && !subnet.ipv6_cidr_blocks.is_empty(),
            ),
        };
        // Without any address it would be no interface.
        let count = match subnet.is_ipv6_only() && addresses.is_empty() {
            true => count.max(1),
            false => count,
        };
        check_count(cx, addresses.len() + count)?;
        for _ in 0..count {
            addresses.push(free.pick_ipv6(cx)?);
        }
        Ok(addresses)
    }
}

/// A MAC address that no other interface has: the serial is in it.
fn mac(cx: &mut Cx, serial: u32) -> MacAddress {
    let random = cx.random() & 0xff;
    MacAddress::from_random(random << 32 | u64::from(serial))
}

/// Refuses when the account has all the interfaces that it may have, or `more` would be too many.
///
/// # Errors
/// `NetworkInterfaceLimitExceeded`.
pub fn check_quota(cx: &Cx, more: usize) -> Result<(), Error> {
    if cx.own::<NetworkInterface>().count() + more > cx.quotas().interfaces_per_region {
        return Err(Error::limit_exceeded(
            "NetworkInterfaceLimitExceeded",
            "network interfaces",
        ));
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    #[serde(flatten)]
    spec: InterfaceSpec,
    enable_primary_ipv6: Option<bool>,
    client_token: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let subnet = cx
        .find::<Subnet>(required(&req.spec.subnet_id, "subnetId")?)?
        .clone();
    unsupported(
        &req.enable_primary_ipv6.filter(|on| *on),
        "enablePrimaryIpv6",
    )?;
    let tags = tags::at_creation(&req.tag_specifications, NetworkInterface::TAG_TYPE, &[])?;
    check_quota(cx, 1)?;
    let mut free = FreeAddresses::of(cx, &subnet);
    let eni = req.spec.make(cx, &subnet, &mut free)?;
    cx.put(eni.clone());
    cx.set_tags(eni.id, tags);
    let mut answer = json!({"NetworkInterface": eni.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    network_interface_id: Option<String>,
}

pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let id = required(&req.network_interface_id, "networkInterfaceId")?;
    let eni = find_changeable(cx, id)?;
    if eni.attachment.is_some() {
        return Err(Error::invalid_parameter_value(format!(
            "Network interface '{id}' is currently in use."
        )));
    }
    remove(cx, &eni);
    done()
}

/// Removes an interface and its flow logs; Elastic IP addresses that stand on it are free again.
pub fn remove(cx: &mut Cx, eni: &NetworkInterface) {
    for private_ip in &eni.private_ips {
        move_elastic_ip(cx, eni.id, *private_ip, None);
    }
    let of_it = FlowLogResource::NetworkInterface(eni.id);
    cx.delete_where::<FlowLog>(|log| log.resource == of_it);
    cx.delete::<NetworkInterface>(eni.id);
}
