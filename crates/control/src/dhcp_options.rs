//! Actions on DHCP options sets (`DHCP-1`, `DHCP-2`).

use std::net::{Ipv4Addr, Ipv6Addr};

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::request::{done, read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateDhcpOptions", |cx, input| create_dhcp_options(cx, read(input)?)),
    ("DeleteDhcpOptions", |cx, input| delete_dhcp_options(cx, read(input)?)),
    ("DescribeDhcpOptions", |cx, input| describe::<DhcpOptions>(cx, &input)),
    ("AssociateDhcpOptions", |cx, input| associate_dhcp_options(cx, read(input)?)),
];

/// Servers of one address family that a key may name.
const SERVERS_MAX: usize = 4;
/// What DHCP option 15 and 119 can carry.
const DOMAIN_BYTES_MAX: usize = 255;

impl Describe for DhcpOptions {
    const LIST: &'static str = "DhcpOptions";
    const IDS: &'static str = "DhcpOptionsIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<DhcpOptions>] = &[
        ("dhcp-options-id", |d, _| vec![d.id.to_string()]),
        ("owner-id", |d, _| vec![d.owner.to_string()]),
        ("key", |d, _| d.configurations.iter().map(|(key, _)| key.clone()).collect()),
        ("value", |d, _| d.configurations.iter().flat_map(|(_, values)| values.clone()).collect()),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let configurations = self.configurations.iter().map(|(key, values)| {
            let values: Value = values.iter().map(|v| json!({"Value": v})).collect();
            json!({"Key": key, "Values": values})
        });
        json!({
            "DhcpOptionsId": self.id,
            "OwnerId": self.owner,
            "DhcpConfigurations": configurations.collect::<Value>(),
            "Tags": tag_set(cx, self.id),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateDhcpOptionsRequest {
    dhcp_configurations: Vec<Configuration>,
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    key: String,
    values: Vec<String>,
}

fn create_dhcp_options(cx: &mut Cx, req: CreateDhcpOptionsRequest) -> Result<Value, Error> {
    if req.dhcp_configurations.is_empty() {
        return Err(Error::missing_parameter("dhcpConfiguration"));
    }
    let mut configurations: Vec<(String, Vec<String>)> = Vec::new();
    for Configuration { key, values } in req.dhcp_configurations {
        check(&key, &values)?;
        if configurations.iter().any(|(known, _)| *known == key) {
            return Err(Error::invalid_value_because(
                "key",
                &key,
                "It is given twice.",
            ));
        }
        configurations.push((key, values));
    }
    let tags = tags::at_creation(&req.tag_specifications, DhcpOptions::TAG_TYPE, &[])?;
    // A bound of ours: AWS publishes none, nor a code for it.
    if cx.own::<DhcpOptions>().count() >= cx.quotas().dhcp_options_per_region {
        return Err(Error::limit_exceeded(
            "DhcpOptionsLimitExceeded",
            "DHCP options sets",
        ));
    }
    let set = DhcpOptions {
        id: cx.new_id(),
        owner: cx.account().clone(),
        configurations,
        is_default: false,
    };
    cx.put(set.clone());
    cx.set_tags(set.id, tags);
    Ok(json!({"DhcpOptions": set.render(cx)}))
}

/// Whether a key may have these values (`DHCP-1`).
fn check(key: &str, values: &[String]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::missing_parameter("dhcpConfiguration.value"));
    }
    let refuse = |why: &str| Err(Error::invalid_value_because(key, &values.join(","), why));
    let one_of = |allowed: &[&str]| matches!(values, [one] if allowed.contains(&one.as_str()));
    let v4 = values
        .iter()
        .filter(|v| v.parse::<Ipv4Addr>().is_ok())
        .count();
    let v6 = values
        .iter()
        .filter(|v| v.parse::<Ipv6Addr>().is_ok())
        .count();
    let servers = v4 + v6 == values.len() && v4 <= SERVERS_MAX && v6 <= SERVERS_MAX;
    match key {
        "domain-name" => match values {
            [name] if is_domain(name) => Ok(()),
            _ => refuse("Give one domain name."),
        },
        "domain-name-servers" if servers || one_of(&["AmazonProvidedDNS"]) => Ok(()),
        "domain-name-servers" => {
            refuse("Give up to four IPv4 and four IPv6 addresses, or AmazonProvidedDNS.")
        }
        "ntp-servers" if servers => Ok(()),
        "ntp-servers" => refuse("Give up to four IPv4 and four IPv6 addresses."),
        "netbios-name-servers" if servers && v6 == 0 => Ok(()),
        "netbios-name-servers" => refuse("Give up to four IPv4 addresses."),
        "netbios-node-type" if one_of(&["1", "2", "4", "8"]) => Ok(()),
        "netbios-node-type" => refuse("Give 1, 2, 4 or 8."),
        "ipv6-address-preferred-lease-time" => match values {
            [seconds] if is_lease_time(seconds) => Ok(()),
            _ => refuse("Give seconds between 140 and 2147483647."),
        },
        _ => Err(Error::invalid_value("key", key)),
    }
}

/// Some systems take several names in one value, separated by spaces.
fn is_domain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b' ');
    !name.is_empty() && name.len() <= DOMAIN_BYTES_MAX && name.bytes().all(allowed)
}

fn is_lease_time(seconds: &str) -> bool {
    seconds
        .parse::<u32>()
        .is_ok_and(|s| (140..=2_147_483_647).contains(&s))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DhcpOptionsRequest {
    dhcp_options_id: Option<String>,
    vpc_id: Option<String>,
}

fn delete_dhcp_options(cx: &mut Cx, req: DhcpOptionsRequest) -> Result<Value, Error> {
    let text = required(&req.dhcp_options_id, "dhcpOptionsId")?;
    let id = cx.find::<DhcpOptions>(text)?.id;
    if cx.all::<Vpc>().any(|v| v.dhcp_options == Some(id)) {
        return Err(Error::dependency_violation(Resource::DhcpOptions, text));
    }
    cx.delete::<DhcpOptions>(id);
    done()
}

/// Puts a set into force in a VPC; `default` means none (`DHCP-2`).
fn associate_dhcp_options(cx: &mut Cx, req: DhcpOptionsRequest) -> Result<Value, Error> {
    let set = match required(&req.dhcp_options_id, "dhcpOptionsId")? {
        "default" => None,
        text => Some(cx.find::<DhcpOptions>(text)?.id),
    };
    let mut vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    vpc.dhcp_options = set;
    cx.put(vpc);
    done()
}
