//! Regions, zones and what the account may do in them.

use openvpc_ec2::Error;
use openvpc_model::{Tags, Vpc};
use serde_json::{Value, json};

use crate::filters::Filters;
use crate::settings::{RegionInfo, Zone};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("DescribeRegions", |cx, input| describe_regions(cx, &input)),
    ("DescribeAvailabilityZones", |cx, input| describe_availability_zones(cx, &input)),
    ("DescribeAccountAttributes", |cx, input| describe_account_attributes(cx, &input)),
];

/// Every region that is served is of the kind that needs no opting in.
const OPT_IN_STATUS: &str = "opt-in-not-required";
const NOT_OPTED_IN: &str = "not-opted-in";

fn describe_regions(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &["endpoint", "opt-in-status", "region-name"])?;
    let is_served = |name: &str| cx.settings().region(name).is_some();
    let mut regions = RegionInfo::all();
    if input["AllRegions"].as_bool() != Some(true) {
        regions.retain(|region| is_served(&region.name));
    }
    let known = |name: &str| regions.iter().any(|region| region.name == name);
    let asked = asked(input, "RegionNames", known, "Region")?;
    let status = |region: &RegionInfo| match is_served(&region.name) {
        true => OPT_IN_STATUS,
        false => NOT_OPTED_IN,
    };
    let pass = |region: &&RegionInfo| {
        let values = |name: &str| match name {
            "endpoint" => vec![endpoint(region)],
            "opt-in-status" => vec![status(region).to_owned()],
            "region-name" => vec![region.name.clone()],
            _ => Vec::new(),
        };
        (asked.is_empty() || asked.contains(&region.name.as_str()))
            && filters.pass(Tags::new, values)
    };
    let regions = regions.iter().filter(pass).map(|region| {
        json!({
            "RegionName": region.name,
            "Endpoint": endpoint(region),
            "OptInStatus": status(region),
        })
    });
    Ok(json!({"Regions": regions.collect::<Value>()}))
}

fn endpoint(region: &RegionInfo) -> String {
    format!("ec2.{}.amazonaws.com", region.name)
}

#[rustfmt::skip]
const ZONE_FILTERS: [&str; 12] = [
    "group-name", "group-long-name", "message", "opt-in-status", "parent-zone-id", "parent-zone-name",
    "region-name", "state", "zone-id", "zone-name", "zone-type", "network-border-group",
];

fn describe_availability_zones(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &ZONE_FILTERS)?;
    let zones = &cx.region_info().zones;
    let names = asked(
        input,
        "ZoneNames",
        |n| zones.iter().any(|z| z.name == n),
        "availability zone",
    )?;
    let ids = asked(
        input,
        "ZoneIds",
        |n| zones.iter().any(|z| z.id == n),
        "availability zone-id",
    )?;
    let region = cx.region_name();
    let group = format!("{region}-zg-1");
    let lost = &cx.stored_region().lost_zones;
    let state = |zone: &Zone| match lost.contains(&zone.name) {
        true => "unavailable",
        false => "available",
    };
    let pass = |zone: &&Zone| {
        let values = |name: &str| match name {
            "group-name" => vec![group.clone()],
            "opt-in-status" => vec![OPT_IN_STATUS.to_owned()],
            "region-name" | "network-border-group" => vec![region.to_owned()],
            "state" => vec![state(zone).to_owned()],
            "zone-id" => vec![zone.id.clone()],
            "zone-name" => vec![zone.name.clone()],
            "zone-type" => vec!["availability-zone".to_owned()],
            _ => Vec::new(),
        };
        (names.is_empty() || names.contains(&zone.name.as_str()))
            && (ids.is_empty() || ids.contains(&zone.id.as_str()))
            && filters.pass(Tags::new, values)
    };
    let zones = zones.iter().filter(pass).map(|zone| {
        json!({
            "State": state(zone),
            "OptInStatus": OPT_IN_STATUS,
            "Messages": [],
            "RegionName": region,
            "ZoneName": zone.name,
            "ZoneId": zone.id,
            "GroupName": group,
            "NetworkBorderGroup": region,
            "ZoneType": "availability-zone",
        })
    });
    Ok(json!({"AvailabilityZones": zones.collect::<Value>()}))
}

/// The names that a request asks for, all of them known.
fn asked<'i>(
    input: &'i Value,
    member: &str,
    known: impl Fn(&str) -> bool,
    noun: &str,
) -> Result<Vec<&'i str>, Error> {
    let names = input[member].as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    match names.iter().find(|name| !known(name)) {
        None => Ok(names),
        Some(name) => Err(Error::invalid_parameter_value(format!(
            "Invalid {noun}: [{name}]"
        ))),
    }
}

fn describe_account_attributes(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let quotas = cx.quotas();
    let default_vpc = cx.own::<Vpc>().find(|v| v.is_default);
    let attributes = [
        ("supported-platforms", "VPC".to_owned()),
        (
            "vpc-max-security-groups-per-interface",
            quotas.security_groups_per_interface.to_string(),
        ),
        ("max-elastic-ips", quotas.addresses_per_region.to_string()),
        ("max-instances", quotas.instances_per_region.to_string()),
        (
            "vpc-max-elastic-ips",
            quotas.addresses_per_region.to_string(),
        ),
        (
            "default-vpc",
            default_vpc.map_or_else(|| "none".to_owned(), |v| v.id.to_string()),
        ),
    ];
    let known = |name: &str| attributes.iter().any(|(attribute, _)| *attribute == name);
    let asked = asked(input, "AttributeNames", known, "attribute name")?;
    let attributes = attributes
        .iter()
        .filter(|(name, _)| asked.is_empty() || asked.contains(name));
    let attributes = attributes.map(|(name, value)| {
        json!({"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]})
    });
    Ok(json!({"AccountAttributes": attributes.collect::<Value>()}))
}
