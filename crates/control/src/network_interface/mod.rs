//! Actions on network interfaces (`ENI-1` to `ENI-5`).
//!
//! [`create`] makes and deletes them, also for instances; [`addresses`] knows what is free in a
//! subnet; [`attachment`] binds them to instances; [`attributes`] changes one thing at a time,
//! [`connection_tracking`] how long flows may idle.

pub mod addresses;
pub mod attachment;
mod attributes;
pub mod connection_tracking;
pub mod create;

use std::net::Ipv4Addr;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Map, Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::request::read;
use crate::security_group::render_groups;
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateNetworkInterface", |cx, input| {
        create::create(cx, read(input)?)
    }),
    ("DeleteNetworkInterface", |cx, input| {
        create::delete(cx, read(input)?)
    }),
    ("DescribeNetworkInterfaces", |cx, input| {
        describe::<NetworkInterface>(cx, &input)
    }),
    ("DescribeNetworkInterfaceAttribute", |cx, input| {
        attributes::describe(cx, read(input)?)
    }),
    ("ModifyNetworkInterfaceAttribute", |cx, input| {
        attributes::modify(cx, read(input)?)
    }),
    ("ResetNetworkInterfaceAttribute", |cx, input| {
        attributes::reset(cx, read(input)?)
    }),
    ("AttachNetworkInterface", |cx, input| {
        attachment::attach(cx, read(input)?)
    }),
    ("DetachNetworkInterface", |cx, input| {
        attachment::detach(cx, read(input)?)
    }),
    ("AssignPrivateIpAddresses", |cx, input| {
        addresses::assign(cx, read(input)?)
    }),
    ("UnassignPrivateIpAddresses", |cx, input| {
        addresses::unassign(cx, read(input)?)
    }),
    ("AssignIpv6Addresses", |cx, input| {
        addresses::assign_ipv6(cx, read(input)?)
    }),
    ("UnassignIpv6Addresses", |cx, input| {
        addresses::unassign_ipv6(cx, read(input)?)
    }),
];

/// The caller's interface, to be changed by the caller.
///
/// # Errors
/// Not found; `OperationNotPermitted` for one that a service made for itself (`ENI-4`).
pub fn find_changeable(cx: &Cx, id: &str) -> Result<NetworkInterface, Error> {
    let eni = cx.find::<NetworkInterface>(id)?;
    if eni.requester_id.is_some() {
        return Err(Error::operation_not_permitted(format!(
            "You do not have permission to modify the requester-managed network interface '{id}'."
        )));
    }
    Ok(eni.clone())
}

impl Describe for NetworkInterface {
    const LIST: &'static str = "NetworkInterfaces";
    const IDS: &'static str = "NetworkInterfaceIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<NetworkInterface>] = &[
        ("network-interface-id", |e, _| vec![e.id.to_string()]),
        ("subnet-id", |e, _| vec![e.subnet.to_string()]),
        ("vpc-id", |e, _| vec![e.vpc.to_string()]),
        ("availability-zone", |e, _| vec![e.availability_zone.clone()]),
        ("availability-zone-id", |e, cx| zone_id(cx, e).into_iter().collect()),
        ("description", |e, _| vec![e.description.clone()]),
        ("group-id", |e, _| e.security_groups.iter().map(|g| g.to_string()).collect()),
        ("group-name", |e, cx| e.security_groups.iter().filter_map(|g| cx.get::<SecurityGroup>(*g)).map(|g| g.name.clone()).collect()),
        ("interface-type", |e, _| vec![e.kind.as_str().to_owned()]),
        ("mac-address", |e, _| vec![e.mac.to_string()]),
        ("owner-id", |e, _| vec![e.owner.to_string()]),
        ("requester-id", |e, _| e.requester_id.iter().cloned().collect()),
        ("requester-managed", |e, _| vec![e.requester_id.is_some().to_string()]),
        ("source-dest-check", |e, _| vec![e.source_dest_check.to_string()]),
        ("status", |e, _| vec![status(e).to_owned()]),
        ("private-ip-address", |e, _| e.primary_ip().iter().map(|ip| ip.to_string()).collect()),
        ("private-dns-name", |e, cx| e.primary_ip().iter().map(|ip| private_dns_name(cx, *ip)).collect()),
        ("addresses.private-ip-address", |e, _| e.private_ips.iter().map(|ip| ip.to_string()).collect()),
        ("addresses.primary", |e, _| (0..e.private_ips.len()).map(|n| (n == 0).to_string()).collect()),
        ("addresses.association.public-ip", |e, cx| associations(cx, e).map(|a| a.public_ip.to_string()).collect()),
        ("addresses.association.owner-id", |e, cx| associations(cx, e).map(|a| a.ip_owner).collect()),
        ("ipv6-addresses.ipv6-address", |e, _| e.ipv6_addresses.iter().map(|ip| ip.to_string()).collect()),
        ("association.public-ip", |e, cx| associations(cx, e).map(|a| a.public_ip.to_string()).collect()),
        ("association.public-dns-name", |e, cx| associations(cx, e).map(|a| cx.region_info().public_dns_name(a.public_ip)).collect()),
        ("association.ip-owner-id", |e, cx| associations(cx, e).map(|a| a.ip_owner).collect()),
        ("association.allocation-id", |e, cx| associations(cx, e).filter_map(|a| a.elastic).map(|(id, _)| id.to_string()).collect()),
        ("association.association-id", |e, cx| associations(cx, e).filter_map(|a| a.elastic).map(|(_, id)| id.to_string()).collect()),
        ("attachment.attachment-id", |e, cx| attachment::shown(cx, e).iter().map(|(a, _)| a.id.to_string()).collect()),
        ("attachment.instance-id", |e, _| attached(e, |a| a.instance.to_string())),
        ("attachment.instance-owner-id", |e, _| attached(e, |_| e.owner.to_string())),
        ("attachment.device-index", |e, _| attached(e, |a| a.device_index.to_string())),
        ("attachment.delete-on-termination", |e, _| attached(e, |a| a.delete_on_termination.to_string())),
        ("attachment.status", |e, cx| attachment::shown(cx, e).iter().map(|(_, status)| (*status).to_owned()).collect()),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let addresses: Value = self
            .private_ips
            .iter()
            .map(|ip| render_address(cx, self, *ip))
            .collect();
        let ipv6 = self
            .ipv6_addresses
            .iter()
            .map(|ip| json!({"Ipv6Address": ip, "IsPrimaryIpv6": false}));
        json!({
            "NetworkInterfaceId": self.id,
            "SubnetId": self.subnet,
            "VpcId": self.vpc,
            "AvailabilityZone": self.availability_zone,
            "AvailabilityZoneId": zone_id(cx, self),
            "Description": self.description,
            "OwnerId": self.owner,
            "RequesterId": self.requester_id,
            "RequesterManaged": self.requester_id.is_some(),
            "Status": status(self),
            "MacAddress": self.mac.to_string(),
            "PrivateIpAddress": self.primary_ip(),
            "PrivateDnsName": addresses[0]["PrivateDnsName"],
            "SourceDestCheck": self.source_dest_check,
            "ConnectionTrackingConfiguration": connection_tracking::render(&self.connection_tracking),
            "InterfaceType": self.kind.as_str(),
            "Groups": render_groups(cx, &self.security_groups),
            "Attachment": attachment::render(cx, self),
            "Association": addresses[0]["Association"],
            "PrivateIpAddresses": addresses,
            "Ipv6Addresses": ipv6.collect::<Value>(),
            "Ipv6Address": self.ipv6_addresses.first(),
            "Ipv6Native": self.private_ips.is_empty().then_some(true),
            "TagSet": tag_set(cx, self.id),
        })
    }
}

/// A service's interface is in use as long as it is there (`ENI-4`).
fn status(eni: &NetworkInterface) -> &'static str {
    if eni.can_carry() {
        "in-use"
    } else {
        "available"
    }
}

fn zone_id(cx: &Cx, eni: &NetworkInterface) -> Option<String> {
    cx.region_info()
        .zone(&eni.availability_zone)
        .map(|zone| zone.id.clone())
}

fn attached(eni: &NetworkInterface, part: impl Fn(&Attachment) -> String) -> Vec<String> {
    eni.attachment.iter().map(part).collect()
}

/// One private address with what stands on it.
pub fn render_address(cx: &Cx, eni: &NetworkInterface, private_ip: Ipv4Addr) -> Value {
    let mut address = json!({
        "PrivateIpAddress": private_ip,
        "Primary": Some(private_ip) == eni.primary_ip(),
    });
    if has_dns_hostnames(cx, eni.vpc) {
        address["PrivateDnsName"] = json!(private_dns_name(cx, private_ip));
    }
    if let Some(association) = association(cx, eni, private_ip) {
        address["Association"] = association.render(cx, eni.vpc);
    }
    address
}

/// `ip-10-0-1-5.ec2.internal` (`DNS-2`).
pub fn private_dns_name(cx: &Cx, address: Ipv4Addr) -> String {
    cx.region_info().private_dns_name(address)
}

/// Whether the VPC gives host names (`DNS-2`, `DNS-3`).
pub fn has_dns_hostnames(cx: &Cx, vpc: VpcId) -> bool {
    cx.get::<Vpc>(vpc)
        .is_some_and(|vpc| vpc.enable_dns_support && vpc.enable_dns_hostnames)
}

/// A public address that stands for a private one.
pub struct Association {
    pub public_ip: Ipv4Addr,
    /// The account of an Elastic IP address; `amazon` for one given at launch.
    pub ip_owner: String,
    /// Allocation and association of an Elastic IP address.
    pub elastic: Option<(AllocationId, AddressAssociationId)>,
}

impl Association {
    fn render(&self, cx: &Cx, vpc: VpcId) -> Value {
        let mut item = Map::new();
        item.insert("PublicIp".to_owned(), json!(self.public_ip));
        item.insert("IpOwnerId".to_owned(), json!(self.ip_owner));
        if has_dns_hostnames(cx, vpc) {
            let name = cx.region_info().public_dns_name(self.public_ip);
            item.insert("PublicDnsName".to_owned(), json!(name));
        }
        if let Some((allocation, association)) = self.elastic {
            item.insert("AllocationId".to_owned(), json!(allocation));
            item.insert("AssociationId".to_owned(), json!(association));
        }
        Value::Object(item)
    }
}

/// What stands for a private address: an Elastic IP address, or else the one given at launch.
pub fn association(cx: &Cx, eni: &NetworkInterface, private_ip: Ipv4Addr) -> Option<Association> {
    let elastic = cx.own::<Address>().find_map(|address| {
        let bond = address.association.as_ref()?;
        let stands = bond.network_interface == eni.id && bond.private_ip == private_ip;
        stands.then(|| Association {
            public_ip: address.public_ip,
            ip_owner: address.owner.to_string(),
            elastic: Some((address.id, bond.id)),
        })
    });
    elastic.or_else(|| {
        let public_ip = eni
            .auto_public_ip
            .filter(|_| Some(private_ip) == eni.primary_ip())?;
        Some(Association {
            public_ip,
            ip_owner: "amazon".to_owned(),
            elastic: None,
        })
    })
}

/// Every public address of an interface.
fn associations<'c>(
    cx: &'c Cx,
    eni: &'c NetworkInterface,
) -> impl Iterator<Item = Association> + 'c {
    eni.private_ips
        .iter()
        .filter_map(move |ip| association(cx, eni, *ip))
}
