//! Actions on Elastic IP addresses (`EIP-1` to `EIP-3`).

use std::net::Ipv4Addr;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, listing, tag_set};
use crate::entity::Entity;
use crate::ids::{not_found, parse_id};
use crate::network_interface::find_changeable;
use crate::paging::Page;
use crate::pools;
use crate::request::{done, read, required, unsupported};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("AllocateAddress", |cx, input| allocate_address(cx, read(input)?)),
    ("ReleaseAddress", |cx, input| release_address(cx, read(input)?)),
    ("DescribeAddresses", describe_addresses),
    ("DescribeAddressesAttribute", |cx, input| describe_addresses_attribute(cx, &input)),
    ("AssociateAddress", |cx, input| associate_address(cx, read(input)?)),
    ("DisassociateAddress", |cx, input| disassociate_address(cx, read(input)?)),
];

const POOL: &str = "amazon";

impl Describe for Address {
    const LIST: &'static str = "Addresses";
    const IDS: &'static str = "AllocationIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<Address>] = &[
        ("allocation-id", |a, _| vec![a.id.to_string()]),
        ("public-ip", |a, _| vec![a.public_ip.to_string()]),
        ("domain", |_, _| vec!["vpc".to_owned()]),
        ("network-border-group", |_, cx| vec![cx.region_name().to_owned()]),
        ("association-id", |a, _| a.association.iter().map(|s| s.id.to_string()).collect()),
        ("private-ip-address", |a, _| a.association.iter().map(|s| s.private_ip.to_string()).collect()),
        ("network-interface-id", |a, _| a.association.iter().map(|s| s.network_interface.to_string()).collect()),
        ("network-interface-owner-id", |a, cx| interface(a, cx).iter().map(|eni| eni.owner.to_string()).collect()),
        ("instance-id", |a, cx| interface(a, cx).iter().filter_map(|eni| Some(eni.attachment.as_ref()?.instance.to_string())).collect()),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let mut rendered = json!({
            "PublicIp": self.public_ip,
            "AllocationId": self.id,
            "Domain": "vpc",
            "PublicIpv4Pool": POOL,
            "NetworkBorderGroup": cx.region_name(),
            "Tags": tag_set(cx, self.id),
        });
        if let Some(association) = &self.association {
            rendered["AssociationId"] = json!(association.id);
            rendered["NetworkInterfaceId"] = json!(association.network_interface);
            rendered["PrivateIpAddress"] = json!(association.private_ip);
        }
        if let Some(eni) = interface(self, cx) {
            rendered["NetworkInterfaceOwnerId"] = json!(eni.owner);
            if let Some(attachment) = &eni.attachment {
                rendered["InstanceId"] = json!(attachment.instance);
            }
        }
        rendered
    }
}

fn interface<'c>(address: &Address, cx: &'c Cx) -> Option<&'c NetworkInterface> {
    cx.get(address.association.as_ref()?.network_interface)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AllocateAddressRequest {
    domain: Option<String>,
    address: Option<String>,
    public_ipv4_pool: Option<String>,
    network_border_group: Option<String>,
    customer_owned_ipv4_pool: Option<String>,
    ipam_pool_id: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

/// Allocates an address of the public pool: the one named, or any.
fn allocate_address(cx: &mut Cx, req: AllocateAddressRequest) -> Result<Value, Error> {
    unsupported(&req.customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool")?;
    unsupported(&req.ipam_pool_id, "IpamPoolId")?;
    if let Some(domain) = req.domain.as_deref().filter(|d| *d != "vpc") {
        return Err(Error::invalid_value("domain", domain));
    }
    if let Some(pool) = req.public_ipv4_pool.as_deref().filter(|p| *p != POOL) {
        return Err(Error::new(
            "InvalidPublicIpv4PoolID.NotFound",
            format!("The pool ID '{pool}' does not exist"),
        ));
    }
    let group = req.network_border_group.as_deref();
    if let Some(group) = group.filter(|g| *g != cx.region_name()) {
        return Err(Error::invalid_value("networkBorderGroup", group));
    }
    let tags = tags::at_creation(&req.tag_specifications, Address::TAG_TYPE, &[])?;
    if cx.own::<Address>().count() >= cx.quotas().addresses_per_region {
        return Err(Error::limit_exceeded("AddressLimitExceeded", "addresses"));
    }
    let public_ip = match req.address.as_deref() {
        Some(wanted) => pools::take_public_ip(cx, wanted)?,
        None => pools::free_public_ip(cx)?,
    };
    let address = Address {
        id: cx.new_id(),
        owner: cx.account().clone(),
        public_ip,
        association: None,
    };
    let id = address.id;
    cx.put(address);
    cx.set_tags(id, tags);
    Ok(json!({
        "AllocationId": id,
        "PublicIp": public_ip,
        "Domain": "vpc",
        "PublicIpv4Pool": POOL,
        "NetworkBorderGroup": cx.region_name(),
    }))
}

/// The address that a request names, by allocation or by the address itself.
fn named(cx: &Cx, allocation: Option<&str>, public_ip: Option<&str>) -> Result<Address, Error> {
    match (allocation, public_ip) {
        (Some(_), Some(_)) => Err(Error::exclusive("allocationId", "publicIp")),
        (Some(id), None) => cx.find::<Address>(id).cloned(),
        (None, Some(ip)) => Ok(own_by_public_ip(cx, ip)?.clone()),
        (None, None) => Err(Error::missing_parameter("allocationId")),
    }
}

fn own_by_public_ip<'c>(cx: &'c Cx, text: &str) -> Result<&'c Address, Error> {
    let ip: Ipv4Addr = text
        .parse()
        .map_err(|_| Error::invalid_value("publicIp", text))?;
    cx.own::<Address>()
        .find(|a| a.public_ip == ip)
        .ok_or_else(|| Error::address_not_found(text))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ReleaseAddressRequest {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    network_border_group: Option<String>,
}

fn release_address(cx: &mut Cx, req: ReleaseAddressRequest) -> Result<Value, Error> {
    let address = named(cx, req.allocation_id.as_deref(), req.public_ip.as_deref())?;
    let group = req.network_border_group.as_deref();
    if let Some(group) = group.filter(|g| *g != cx.region_name()) {
        return Err(Error::invalid_value("networkBorderGroup", group));
    }
    if address.association.is_some() {
        return Err(Error::address_in_use(&address.public_ip.to_string()));
    }
    cx.delete::<Address>(address.id);
    done()
}

/// DescribeAddresses takes addresses too where other calls take ids only.
fn describe_addresses(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    let ips = input["PublicIps"].as_array().cloned().unwrap_or_default();
    let mut ids = Vec::new();
    for ip in &ips {
        let address = own_by_public_ip(cx, ip.as_str().unwrap_or_default())?;
        ids.push(json!(address.id));
    }
    if !ids.is_empty() {
        if let Some(more) = input[Address::IDS].as_array() {
            ids.extend(more.iter().cloned());
        }
        input[Address::IDS] = Value::Array(ids);
    }
    describe::<Address>(cx, &input)
}

/// The reverse DNS names of addresses: none can be set, so none is shown.
fn describe_addresses_attribute(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    match input["Attribute"].as_str() {
        None | Some("domain-name") => {}
        Some(other) => return Err(Error::invalid_value("attribute", other)),
    }
    let page = Page::read(cx, "AddressesAttribute", input, (1, 1000))?;
    let mut asked = Vec::new();
    for id in input[Address::IDS].as_array().into_iter().flatten() {
        asked.push(cx.find::<Address>(id.as_str().unwrap_or_default())?.id);
    }
    let addresses = cx
        .own::<Address>()
        .filter(|a| asked.is_empty() || asked.contains(&a.id));
    let rows = addresses.map(|a| (a.id, json!({"PublicIp": a.public_ip, "AllocationId": a.id})));
    let (rows, token) = page.take(rows)?;
    Ok(listing("Addresses", rows, token))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AssociateAddressRequest {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    instance_id: Option<String>,
    network_interface_id: Option<String>,
    private_ip_address: Option<String>,
    allow_reassociation: Option<bool>,
}

/// Maps an address to a private address of an interface (`EIP-1`, `EIP-2`, `EIP-3`).
fn associate_address(cx: &mut Cx, req: AssociateAddressRequest) -> Result<Value, Error> {
    let mut address = named(cx, req.allocation_id.as_deref(), req.public_ip.as_deref())?;
    let mut eni = target(cx, &req)?;
    let private_ip = match req.private_ip_address.as_deref() {
        None => eni.primary_ip().ok_or_else(|| {
            Error::invalid_parameter_value(format!(
                "The network interface '{}' has no private IPv4 address.",
                eni.id
            ))
        })?,
        Some(text) => private_ip(&eni, text)?,
    };
    if !cx
        .all::<InternetGateway>()
        .any(|igw| igw.vpc == Some(eni.vpc))
    {
        return Err(Error::new(
            "Gateway.NotAttached",
            format!(
                "Network {} is not attached to any internet gateway",
                eni.vpc
            ),
        ));
    }
    if let Some(association) = &address.association {
        check_not_of_service(cx, association)?;
        if association.network_interface == eni.id && association.private_ip == private_ip {
            return Ok(json!({"AssociationId": association.id}));
        }
        if req.allow_reassociation != Some(true) {
            return Err(Error::new(
                "Resource.AlreadyAssociated",
                format!(
                    "resource {} is already associated with associate-id {}",
                    address.id, association.id
                ),
            ));
        }
    }
    make_way(cx, eni.id, private_ip);
    let id = cx.new_id();
    address.association = Some(AddressAssociation {
        id,
        network_interface: eni.id,
        private_ip,
    });
    cx.put(address);
    if Some(private_ip) == eni.primary_ip() && eni.auto_public_ip.take().is_some() {
        cx.put(eni);
    }
    Ok(json!({"AssociationId": id}))
}

/// A service's addresses are changed by the service's own calls (`ENI-4`).
fn check_not_of_service(cx: &Cx, association: &AddressAssociation) -> Result<(), Error> {
    find_changeable(cx, &association.network_interface.to_string()).map(|_| ())
}

/// The interface named, or the only one of the instance named.
fn target(cx: &Cx, req: &AssociateAddressRequest) -> Result<NetworkInterface, Error> {
    match (
        req.network_interface_id.as_deref(),
        req.instance_id.as_deref(),
    ) {
        (Some(_), Some(_)) => Err(Error::exclusive("networkInterfaceId", "instanceId")),
        (Some(id), None) => find_changeable(cx, id),
        (None, Some(id)) => Ok(only_interface_of(cx, id)?.clone()),
        (None, None) => Err(Error::missing_parameter("instanceId")),
    }
}

/// The one interface of an instance; with several a caller has to say which is meant.
///
/// # Errors
/// `InvalidInstanceID.NotFound`; `InvalidInstanceID` with more than one;
/// `IncorrectInstanceState` without any.
pub fn only_interface_of<'c>(cx: &'c Cx, instance: &str) -> Result<&'c NetworkInterface, Error> {
    let instance = cx.find::<Instance>(instance)?;
    match cx.interfaces_of(instance.id)[..] {
        [only] => Ok(only),
        [] => Err(Error::incorrect_state(
            "IncorrectInstanceState",
            &instance.id.to_string(),
            instance.state.code_and_name().1,
        )),
        [_, _, ..] => Err(Error::new(
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{}'. \
                 Please specify an interface ID for the operation instead.",
                instance.id
            ),
        )),
    }
}

fn private_ip(eni: &NetworkInterface, text: &str) -> Result<Ipv4Addr, Error> {
    let ip = text.parse::<Ipv4Addr>().ok();
    ip.filter(|ip| eni.private_ips.contains(ip)).ok_or_else(|| {
        let why = format!("It is not an address of {}.", eni.id);
        Error::invalid_value_because("privateIpAddress", text, &why)
    })
}

/// Frees a private address of the Elastic address that it has; that one stays allocated.
fn make_way(cx: &mut Cx, eni: NetworkInterfaceId, private_ip: Ipv4Addr) {
    let holds = |a: &&Address| {
        a.association
            .as_ref()
            .is_some_and(|s| s.network_interface == eni && s.private_ip == private_ip)
    };
    let other = cx.all::<Address>().find(holds).cloned();
    if let Some(mut other) = other {
        other.association = None;
        cx.put(other);
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DisassociateAddressRequest {
    association_id: Option<String>,
    public_ip: Option<String>,
}

fn disassociate_address(cx: &mut Cx, req: DisassociateAddressRequest) -> Result<Value, Error> {
    let address = match (&req.association_id, &req.public_ip) {
        (Some(_), Some(_)) => return Err(Error::exclusive("associationId", "publicIp")),
        (None, Some(ip)) => own_by_public_ip(cx, ip)?,
        _ => {
            let text = required(&req.association_id, "associationId")?;
            let id = parse_id::<AddressAssociationId>(text)?;
            let holds = |a: &&Address| a.association.as_ref().is_some_and(|s| s.id == id);
            cx.own::<Address>()
                .find(holds)
                .ok_or_else(|| not_found::<AddressAssociationId>(text))?
        }
    };
    let mut address = address.clone();
    if let Some(association) = &address.association {
        check_not_of_service(cx, association)?;
    }
    if address.association.take().is_none() {
        return Err(Error::new(
            "InvalidAssociationID.NotFound",
            format!("The address '{}' is not associated.", address.public_ip),
        ));
    }
    cx.put(address);
    done()
}
