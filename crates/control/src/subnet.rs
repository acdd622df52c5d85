//! Actions on subnets (`SUB-1` to `SUB-7`).

use ipnet::{Ipv4Net, Ipv6Net};
use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::{Entity, arn};
use crate::ids::{not_found, parse_id};
use crate::request::{AttributeBool, done, ipv4_cidr, ipv6_cidr, read, required, unsupported};
use crate::settings::Zone;
use crate::tags::{self, TagSpecification};
use crate::vpc::{delete_where, overlap};
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateSubnet", |cx, input| create_subnet(cx, read(input)?)),
    ("DeleteSubnet", |cx, input| delete_subnet(cx, read(input)?)),
    ("DescribeSubnets", |cx, input| {
        describe::<Subnet>(cx, &input)
    }),
    ("ModifySubnetAttribute", |cx, input| {
        modify_subnet_attribute(cx, read(input)?)
    }),
    ("AssociateSubnetCidrBlock", |cx, input| {
        associate_subnet_cidr_block(cx, read(input)?)
    }),
    ("DisassociateSubnetCidrBlock", |cx, input| {
        disassociate_subnet_cidr_block(cx, read(input)?)
    }),
    ("CreateDefaultSubnet", |cx, input| {
        create_default_subnet(cx, read(input)?)
    }),
];

/// Addresses of every IPv4 block that nobody can have (`SUB-2`).
const RESERVED: usize = 5;
/// The one length of a subnet's IPv6 block (`SUB-1`).
const IPV6_PREFIX: u8 = 64;

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
        ("cidr-block", |s, _| vec![s.cidr.to_string()]),
        ("cidr", |s, _| vec![s.cidr.to_string()]),
        ("cidrBlock", |s, _| vec![s.cidr.to_string()]),
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
        ("ipv6-native", |_, _| vec!["false".to_owned()]),
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
            "Ipv6Native": false,
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

fn zone_id(cx: &Cx, subnet: &Subnet) -> Vec<String> {
    let zone = cx.region_info().zone(&subnet.availability_zone);
    zone.map(|z| z.id.clone()).into_iter().collect()
}

/// Addresses that an interface could still get (`SUB-3`).
fn available_addresses(cx: &Cx, subnet: &Subnet) -> usize {
    let size = 1usize << (32 - subnet.cidr.prefix_len());
    size.saturating_sub(RESERVED + cx.addresses_used_in(subnet.id))
}

fn render_block(block: &SubnetIpv6CidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "Ipv6CidrBlock": block.cidr,
        "Ipv6CidrBlockState": {"State": state},
    })
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
    unsupported(&req.ipv6_native.filter(|native| *native), "Ipv6Native")?;
    unsupported(&req.outpost_arn, "OutpostArn")?;
    unsupported(&req.ipv4_ipam_pool_id, "Ipv4IpamPoolId")?;
    unsupported(&req.ipv6_ipam_pool_id, "Ipv6IpamPoolId")?;
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    let zone = zone(
        cx,
        req.availability_zone.as_deref(),
        req.availability_zone_id.as_deref(),
    )?;
    let cidr = subnet_cidr(cx, &vpc, required(&req.cidr_block, "cidrBlock")?)?;
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

/// Reads a block that fits into the VPC and beside its other subnets (`SUB-1`).
fn subnet_cidr(cx: &Cx, vpc: &Vpc, text: &str) -> Result<Ipv4Net, Error> {
    let cidr = ipv4_cidr(text, "cidrBlock")?;
    let inside = vpc.cidr_blocks.iter().any(|b| b.cidr.contains(&cidr));
    if !(16..=28).contains(&cidr.prefix_len()) || !inside {
        return Err(Error::invalid_subnet_range(text));
    }
    let mut siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc.id);
    match siblings.any(|s| overlap(s.cidr, cidr)) {
        true => Err(Error::invalid_subnet_conflict(text)),
        false => Ok(cidr),
    }
}

/// The same for IPv6: a /64 out of a block of the VPC.
fn subnet_ipv6_cidr(cx: &Cx, vpc: &Vpc, text: &str) -> Result<Ipv6Net, Error> {
    let cidr = ipv6_cidr(text, "ipv6CidrBlock")?;
    let inside = vpc.ipv6_cidr_blocks.iter().any(|b| b.cidr.contains(&cidr));
    if cidr.prefix_len() != IPV6_PREFIX || !inside {
        return Err(Error::invalid_subnet_range(text));
    }
    let siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc.id);
    let taken = siblings
        .flat_map(|s| &s.ipv6_cidr_blocks)
        .any(|b| b.cidr == cidr);
    match taken {
        true => Err(Error::invalid_subnet_conflict(text)),
        false => Ok(cidr),
    }
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
    delete_where::<FlowLog>(cx, |log| log.resource == FlowLogResource::Subnet(id));
    cx.delete::<Subnet>(id);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ModifySubnetAttributeRequest {
    subnet_id: Option<String>,
    map_public_ip_on_launch: Option<AttributeBool>,
    assign_ipv6_address_on_creation: Option<AttributeBool>,
    enable_dns64: Option<AttributeBool>,
    enable_resource_name_dns_a_record_on_launch: Option<AttributeBool>,
    #[serde(rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
    enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBool>,
    private_dns_hostname_type_on_launch: Option<String>,
    map_customer_owned_ip_on_launch: Option<AttributeBool>,
    customer_owned_ipv4_pool: Option<String>,
    enable_lni_at_device_index: Option<i64>,
    disable_lni_at_device_index: Option<AttributeBool>,
}

/// Changes exactly one attribute (`SUB-5`).
fn modify_subnet_attribute(cx: &mut Cx, req: ModifySubnetAttributeRequest) -> Result<Value, Error> {
    unsupported(
        &req.map_customer_owned_ip_on_launch,
        "MapCustomerOwnedIpOnLaunch",
    )?;
    unsupported(&req.customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool")?;
    unsupported(&req.enable_lni_at_device_index, "EnableLniAtDeviceIndex")?;
    unsupported(&req.disable_lni_at_device_index, "DisableLniAtDeviceIndex")?;
    let mut subnet = cx
        .find::<Subnet>(required(&req.subnet_id, "subnetId")?)?
        .clone();
    let mut changes = 0;
    let mut set = |field: &mut bool, wrapper: Option<AttributeBool>| {
        if let Some(value) = wrapper.and_then(|w| w.value) {
            *field = value;
            changes += 1;
        }
    };
    set(
        &mut subnet.map_public_ip_on_launch,
        req.map_public_ip_on_launch,
    );
    set(
        &mut subnet.assign_ipv6_address_on_creation,
        req.assign_ipv6_address_on_creation,
    );
    set(&mut subnet.enable_dns64, req.enable_dns64);
    set(
        &mut subnet.enable_resource_name_dns_a_record,
        req.enable_resource_name_dns_a_record_on_launch,
    );
    set(
        &mut subnet.enable_resource_name_dns_aaaa_record,
        req.enable_resource_name_dns_aaaa_record_on_launch,
    );
    if let Some(kind) = req.private_dns_hostname_type_on_launch {
        if !matches!(kind.as_str(), "ip-name" | "resource-name") {
            return Err(Error::invalid_value(
                "privateDnsHostnameTypeOnLaunch",
                &kind,
            ));
        }
        subnet.private_dns_hostname_type = kind;
        changes += 1;
    }
    match changes {
        0 => {
            return Err(Error::invalid_parameter_combination(
                "No attributes specified.",
            ));
        }
        1 => {}
        _ => {
            return Err(Error::invalid_parameter_combination(
                "Fields for multiple attribute types specified",
            ));
        }
    }
    if subnet.assign_ipv6_address_on_creation && subnet.ipv6_cidr_blocks.is_empty() {
        return Err(Error::invalid_value_because(
            "assignIpv6AddressOnCreation",
            "true",
            "The subnet does not have an IPv6 CIDR block.",
        ));
    }
    cx.put(subnet);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AssociateSubnetCidrBlockRequest {
    subnet_id: Option<String>,
    ipv6_cidr_block: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    ipv6_netmask_length: Option<i64>,
}

/// Gives a subnet its one IPv6 block.
fn associate_subnet_cidr_block(
    cx: &mut Cx,
    req: AssociateSubnetCidrBlockRequest,
) -> Result<Value, Error> {
    unsupported(&req.ipv6_ipam_pool_id, "Ipv6IpamPoolId")?;
    unsupported(&req.ipv6_netmask_length, "Ipv6NetmaskLength")?;
    let mut subnet = cx
        .find::<Subnet>(required(&req.subnet_id, "subnetId")?)?
        .clone();
    let vpc = cx.get::<Vpc>(subnet.vpc).ok_or_else(Error::internal)?;
    let cidr = subnet_ipv6_cidr(cx, vpc, required(&req.ipv6_cidr_block, "ipv6CidrBlock")?)?;
    if !subnet.ipv6_cidr_blocks.is_empty() {
        return Err(Error::new(
            "CidrLimitExceeded",
            format!("The subnet '{}' already has an IPv6 CIDR block.", subnet.id),
        ));
    }
    let association_id = cx.new_id();
    let block = SubnetIpv6CidrBlock {
        association_id,
        cidr,
    };
    let answer = json!({
        "SubnetId": subnet.id,
        "Ipv6CidrBlockAssociation": render_block(&block, "associating"),
    });
    subnet.ipv6_cidr_blocks.push(block);
    cx.put(subnet);
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DisassociateSubnetCidrBlockRequest {
    association_id: Option<String>,
}

/// Takes an IPv6 block away, unless an interface has an address of it.
fn disassociate_subnet_cidr_block(
    cx: &mut Cx,
    req: DisassociateSubnetCidrBlockRequest,
) -> Result<Value, Error> {
    let text = required(&req.association_id, "associationId")?;
    let id = parse_id::<SubnetCidrAssociationId>(text)?;
    let holds = |s: &Subnet| {
        s.ipv6_cidr_blocks
            .iter()
            .position(|b| b.association_id == id)
    };
    let mut subnet = cx
        .own::<Subnet>()
        .find(|s| holds(s).is_some())
        .cloned()
        .ok_or_else(|| not_found::<SubnetCidrAssociationId>(text))?;
    let n = holds(&subnet).unwrap_or_default();
    let block = subnet.ipv6_cidr_blocks.remove(n);
    let in_use = cx
        .all::<NetworkInterface>()
        .filter(|eni| eni.subnet == subnet.id)
        .any(|eni| eni.ipv6_addresses.iter().any(|ip| block.cidr.contains(ip)));
    if in_use {
        return Err(Error::dependency(format!(
            "The subnet CIDR block with association ID {text} has addresses in use and cannot be disassociated."
        )));
    }
    subnet.assign_ipv6_address_on_creation = false;
    let answer = json!({
        "SubnetId": subnet.id,
        "Ipv6CidrBlockAssociation": render_block(&block, "disassociating"),
    });
    cx.put(subnet);
    Ok(answer)
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
