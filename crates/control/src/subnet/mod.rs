//! Actions on subnets (`SUB-1` to `SUB-7`).

mod attributes;
mod blocks;
mod reservations;

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::{Entity, arn};
use crate::request::{done, read, required, unsupported};
use crate::settings::Zone;
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

use attributes::modify_subnet_attribute;
use blocks::{
    associate_subnet_cidr_block, disassociate_subnet_cidr_block, render_block, subnet_cidr,
    subnet_ipv6_cidr,
};
use reservations::{
    create_subnet_cidr_reservation, delete_subnet_cidr_reservation, get_subnet_cidr_reservations,
};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateSubnet", |cx, input| create_subnet(cx, read(input)?)),
    ("DeleteSubnet", |cx, input| delete_subnet(cx, read(input)?)),
    ("DescribeSubnets", |cx, input| describe::<Subnet>(cx, &input)),
    ("ModifySubnetAttribute", |cx, input| modify_subnet_attribute(cx, read(input)?)),
    ("AssociateSubnetCidrBlock", |cx, input| associate_subnet_cidr_block(cx, read(input)?)),
    ("DisassociateSubnetCidrBlock", |cx, input| disassociate_subnet_cidr_block(cx, read(input)?)),
    ("CreateDefaultSubnet", |cx, input| create_default_subnet(cx, read(input)?)),
    ("CreateSubnetCidrReservation", |cx, input| create_subnet_cidr_reservation(cx, read(input)?)),
    ("DeleteSubnetCidrReservation", |cx, input| delete_subnet_cidr_reservation(cx, read(input)?)),
    ("GetSubnetCidrReservations", |cx, input| get_subnet_cidr_reservations(cx, &input)),
];

/// Addresses of every IPv4 block that nobody can have (`SUB-2`).
const RESERVED: usize = 5;

impl Describe for Subnet {
    const LIST: &'static str = "Subnets";
    const IDS: &'static str = "SubnetIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<Subnet>] = &[
        ("subnet-id", |s, _| vec![s.id.to_string()]),
        ("subnet-arn", |s, cx| vec![arn(cx.region_name(), s)]),
        ("vpc-id", |s, _| vec![s.vpc.to_string()]),
        ("owner-id", |s, _| vec![s.owner.to_string()]),
        ("state", |_, _| vec!["available".to_owned()]),
        ("cidr-block", |s, _| ipv4_block(s)),
        ("cidr", |s, _| ipv4_block(s)),
        ("cidrBlock", |s, _| ipv4_block(s)),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |s, _| s.ipv6_cidr_blocks.iter().map(|b| b.cidr.to_string()).collect()),
        ("ipv6-cidr-block-association.association-id", |s, _| s.ipv6_cidr_blocks.iter().map(|b| b.association_id.to_string()).collect()),
        ("ipv6-cidr-block-association.state", |s, _| s.ipv6_cidr_blocks.iter().map(|_| "associated".to_owned()).collect()),
        ("availability-zone", |s, _| vec![s.availability_zone.clone()]),
        ("availabilityZone", |s, _| vec![s.availability_zone.clone()]),
        ("availability-zone-id", |s, cx| zone_id(cx, s)),
        ("availabilityZoneId", |s, cx| zone_id(cx, s)),
        ("available-ip-address-count", |s, cx| vec![available_addresses(cx, s).to_string()]),
        ("default-for-az", |s, _| vec![s.default_for_az.to_string()]),
        ("defaultForAz", |s, _| vec![s.default_for_az.to_string()]),
        ("map-public-ip-on-launch", |s, _| vec![s.map_public_ip_on_launch.to_string()]),
        ("map-customer-owned-ip-on-launch", |_, _| vec!["false".to_owned()]),
        ("enable-dns64", |s, _| vec![s.enable_dns64.to_string()]),
        ("ipv6-native", |s, _| vec![s.is_ipv6_only().to_string()]),
        ("outpost-arn", |_, _| Vec::new()),
        ("customer-owned-ipv4-pool", |_, _| Vec::new()),
        ("enable-lni-at-device-index", |_, _| Vec::new()),
        ("private-dns-name-options-on-launch.hostname-type", |s, _| vec![s.private_dns_hostname_type.clone()]),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |s, _| vec![s.enable_resource_name_dns_a_record.to_string()]),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |s, _| vec![s.enable_resource_name_dns_aaaa_record.to_string()]),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let ipv6 = self.ipv6_cidr_blocks.iter();
        json!({
            "SubnetId": self.id,
            "SubnetArn": arn(cx.region_name(), self),
            "State": "available",
            "VpcId": self.vpc,
            "OwnerId": self.owner,
            "CidrBlock": self.cidr,
            "Ipv6CidrBlockAssociationSet": ipv6.map(|b| render_block(b, "associated")).collect::<Value>(),
            "AvailableIpAddressCount": available_addresses(cx, self),
            "AvailabilityZone": self.availability_zone,
            "AvailabilityZoneId": zone_id(cx, self).pop(),
            "DefaultForAz": self.default_for_az,
            "MapPublicIpOnLaunch": self.map_public_ip_on_launch,
            "AssignIpv6AddressOnCreation": self.assign_ipv6_address_on_creation,
            "EnableDns64": self.enable_dns64,
            "Ipv6Native": self.is_ipv6_only(),
            "MapCustomerOwnedIpOnLaunch": false,
            "PrivateDnsNameOptionsOnLaunch": {
                "HostnameType": self.private_dns_hostname_type,
                "EnableResourceNameDnsARecord": self.enable_resource_name_dns_a_record,
                "EnableResourceNameDnsAAAARecord": self.enable_resource_name_dns_aaaa_record,
            },
            "Tags": tag_set(cx, self.id),
        })
    }
}

fn ipv4_block(subnet: &Subnet) -> Vec<String> {
    subnet.cidr.iter().map(|cidr| cidr.to_string()).collect()
}

fn zone_id(cx: &Cx, subnet: &Subnet) -> Vec<String> {
    let zone = cx.region_info().zone(&subnet.availability_zone);
    zone.map(|z| z.id.clone()).into_iter().collect()
}

/// IPv4 addresses that an interface could still get (`SUB-3`); none in an IPv6-only subnet.
pub fn available_addresses(cx: &Cx, subnet: &Subnet) -> usize {
    let Some(cidr) = subnet.cidr else { return 0 };
    let size = 1usize << (32 - cidr.prefix_len());
    size.saturating_sub(RESERVED + cx.addresses_used_in(subnet.id))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateSubnetRequest {
    vpc_id: Option<String>,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    ipv6_native: Option<bool>,
    outpost_arn: Option<String>,
    ipv4_ipam_pool_id: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

fn create_subnet(cx: &mut Cx, req: CreateSubnetRequest) -> Result<Value, Error> {
    unsupported(&req.outpost_arn, "OutpostArn")?;
    unsupported(&req.ipv4_ipam_pool_id, "Ipv4IpamPoolId")?;
    unsupported(&req.ipv6_ipam_pool_id, "Ipv6IpamPoolId")?;
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    let zone = zone(
        cx,
        req.availability_zone.as_deref(),
        req.availability_zone_id.as_deref(),
    )?;
    let cidr = match (req.ipv6_native == Some(true), req.cidr_block.as_deref()) {
        (true, Some(_)) => return Err(Error::exclusive("ipv6Native", "cidrBlock")),
        (true, None) => {
            required(&req.ipv6_cidr_block, "ipv6CidrBlock")?;
            None
        }
        (false, _) => {
            let text = required(&req.cidr_block, "cidrBlock")?;
            Some(subnet_cidr(cx, &vpc, text)?)
        }
    };
    let ipv6 = req.ipv6_cidr_block.as_deref();
    let ipv6 = ipv6
        .map(|text| subnet_ipv6_cidr(cx, &vpc, text))
        .transpose()?;
    let tags = tags::at_creation(&req.tag_specifications, Subnet::TAG_TYPE, &[])?;
    check_quota(cx, vpc.id)?;
    let zone = zone.name.clone();
    let mut subnet = defaults::blank_subnet(cx, vpc.id, cidr, &zone).ok_or_else(Error::internal)?;
    if let Some(cidr) = ipv6 {
        let association_id = cx.new_id();
        subnet.ipv6_cidr_blocks.push(SubnetIpv6CidrBlock {
            association_id,
            cidr,
        });
    }
    let id = subnet.id;
    cx.put(subnet);
    cx.set_tags(id, tags);
    created(cx, id)
}

fn created(cx: &Cx, id: SubnetId) -> Result<Value, Error> {
    let subnet = cx.get::<Subnet>(id).ok_or_else(Error::internal)?;
    let mut rendered = subnet.render(cx);
    let ipv6 = subnet.ipv6_cidr_blocks.iter();
    rendered["Ipv6CidrBlockAssociationSet"] =
        ipv6.map(|b| render_block(b, "associating")).collect();
    Ok(json!({"Subnet": rendered}))
}

fn check_quota(cx: &Cx, vpc: VpcId) -> Result<(), Error> {
    if cx.all::<Subnet>().filter(|s| s.vpc == vpc).count() >= cx.quotas().subnets_per_vpc {
        return Err(Error::limit_exceeded(
            "SubnetLimitExceeded",
            "subnets for this VPC",
        ));
    }
    Ok(())
}

/// The zone asked for by name or id; the region's first when none is (choice).
fn zone<'c>(cx: &Cx<'c>, name: Option<&str>, id: Option<&str>) -> Result<&'c Zone, Error> {
    let zones = &cx.region_info().zones;
    let chosen = match (name, id) {
        (Some(_), Some(_)) => {
            return Err(Error::exclusive("availabilityZone", "availabilityZoneId"));
        }
        (Some(name), None) => zones.iter().find(|z| z.name == name),
        (None, Some(id)) => zones.iter().find(|z| z.id == id),
        (None, None) => zones.first(),
    };
    chosen.ok_or_else(|| {
        let (parameter, value, names): (_, _, Vec<&str>) = match (name, id) {
            (_, Some(id)) => (
                "availabilityZoneId",
                id,
                zones.iter().map(|z| z.id.as_str()).collect(),
            ),
            (name, None) => (
                "availabilityZone",
                name.unwrap_or_default(),
                zones.iter().map(|z| z.name.as_str()).collect(),
            ),
        };
        let why = format!(
            "Subnets can currently only be created in the following availability zones: {}.",
            names.join(", ")
        );
        Error::invalid_value_because(parameter, value, &why)
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateDefaultSubnetRequest {
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    ipv6_native: Option<bool>,
}

fn create_default_subnet(cx: &mut Cx, req: CreateDefaultSubnetRequest) -> Result<Value, Error> {
    unsupported(&req.ipv6_native.filter(|native| *native), "Ipv6Native")?;
    if req.availability_zone.is_none() && req.availability_zone_id.is_none() {
        return Err(Error::missing_parameter("availabilityZone"));
    }
    let zone = zone(
        cx,
        req.availability_zone.as_deref(),
        req.availability_zone_id.as_deref(),
    )?;
    let zone = zone.name.clone();
    let vpc = cx.own::<Vpc>().find(|v| v.is_default).map(|v| v.id);
    let vpc = vpc.ok_or_else(|| {
        Error::new(
            "DefaultVpcDoesNotExist",
            "No default VPC exists for this account in this region.",
        )
    })?;
    let mut siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc);
    if let Some(other) = siblings.find(|s| s.default_for_az && s.availability_zone == zone) {
        return Err(Error::new(
            "DefaultSubnetAlreadyExistsInAvailabilityZone",
            format!("'{}' is already the default subnet in {zone}.", other.id),
        ));
    }
    drop(siblings);
    check_quota(cx, vpc)?;
    let id = defaults::create_default_subnet(cx, vpc, &zone).ok_or_else(|| {
        Error::new(
            "InsufficientCidrBlocks",
            "The default VPC has no /20 block left for a default subnet.",
        )
    })?;
    created(cx, id)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SubnetRequest {
    subnet_id: Option<String>,
}

/// Deletes an empty subnet, its association with a route table and its flow logs.
fn delete_subnet(cx: &mut Cx, req: SubnetRequest) -> Result<Value, Error> {
    let text = required(&req.subnet_id, "subnetId")?;
    let id = cx.find::<Subnet>(text)?.id;
    if cx.all::<NetworkInterface>().any(|eni| eni.subnet == id) {
        return Err(Error::dependency_violation(Resource::Subnet, text));
    }
    let serves = |t: &RouteTable| {
        t.associations
            .iter()
            .any(|a| a.target == AssociationTarget::Subnet(id))
    };
    let table = cx.all::<RouteTable>().find(|t| serves(t)).cloned();
    if let Some(mut table) = table {
        table
            .associations
            .retain(|a| a.target != AssociationTarget::Subnet(id));
        cx.put(table);
    }
    cx.delete_where::<SubnetCidrReservation>(|r| r.subnet == id);
    cx.delete_where::<FlowLog>(|log| log.resource == FlowLogResource::Subnet(id));
    cx.delete::<Subnet>(id);
    done()
}
