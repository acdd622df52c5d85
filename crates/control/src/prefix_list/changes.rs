//! Making, editing, restoring and deleting customers' lists (`PL-1`).

use std::collections::BTreeMap;

use ipnet::IpNet;
use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::uses::{exceeds_routes, exceeds_rules, groups, tables};
use super::{Named, find, render};
use crate::Cx;
use crate::entity::Entity;
use crate::request::{ipv4_cidr, ipv6_cidr, required, unsupported};
use crate::tags::{self, TagSpecification};

/// `PL-1`.
const ENTRIES_MAX: i64 = 1000;
/// AWS: entries that one request may add or remove.
const ENTRIES_PER_REQUEST_MAX: usize = 100;
/// AWS: of names and of descriptions.
const TEXT_CHARS_MAX: usize = 255;
/// Names of AWS's own lists.
const RESERVED_PREFIX: &str = "com.amazonaws";

type Blocks = BTreeMap<IpNet, Option<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EntrySpec {
    cidr: Option<String>,
    description: Option<String>,
}

impl EntrySpec {
    /// The block, which has to be of the list's family; without host bits (`VPC-2`).
    fn cidr(&self, family: AddressFamily) -> Result<IpNet, Error> {
        let text = required(&self.cidr, "cidr")?;
        match family {
            AddressFamily::Ipv4 => ipv4_cidr(text, "cidr").map(IpNet::V4),
            AddressFamily::Ipv6 => ipv6_cidr(text, "cidr").map(IpNet::V6),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    prefix_list_name: Option<String>,
    address_family: Option<String>,
    max_entries: Option<i64>,
    entries: Vec<EntrySpec>,
    tag_specifications: Vec<TagSpecification>,
}

pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let name = required(&req.prefix_list_name, "prefixListName")?;
    check_name(name)?;
    let family = match required(&req.address_family, "addressFamily")? {
        "IPv4" => AddressFamily::Ipv4,
        "IPv6" => AddressFamily::Ipv6,
        other => return Err(Error::invalid_value("addressFamily", other)),
    };
    let most = req
        .max_entries
        .ok_or_else(|| Error::missing_parameter("maxEntries"))?;
    let max_entries = max_entries(most)?;
    let mut blocks = Blocks::new();
    add(&mut blocks, &req.entries, family)?;
    check_size(blocks.len(), max_entries)?;
    let tags = tags::at_creation(&req.tag_specifications, PrefixList::TAG_TYPE, &[])?;
    if cx.own::<PrefixList>().count() >= cx.quotas().prefix_lists_per_region {
        return Err(Error::limit_exceeded(
            "PrefixListLimitExceeded",
            "prefix lists",
        ));
    }
    let list = PrefixList {
        id: cx.new_id(),
        owner: cx.account().clone(),
        name: name.to_owned(),
        family,
        max_entries,
        state: PrefixListState::Created,
        versions: vec![PrefixListVersion {
            version: 1,
            entries: entries(blocks),
        }],
    };
    cx.put(list.clone());
    cx.set_tags(list.id, tags);
    Ok(json!({"PrefixList": render(cx, &list, "create-in-progress")}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    prefix_list_id: Option<String>,
    current_version: Option<i64>,
    prefix_list_name: Option<String>,
    max_entries: Option<i64>,
    add_entries: Vec<EntrySpec>,
    remove_entries: Vec<EntrySpec>,
    ipam_prefix_list_resolver_sync_enabled: Option<bool>,
}

/// Edits entries, which makes a new version, or name and size, which does not.
pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    unsupported(
        &req.ipam_prefix_list_resolver_sync_enabled,
        "IpamPrefixListResolverSyncEnabled",
    )?;
    let mut list = changeable(cx, &req.prefix_list_id)?;
    let edits = !req.add_entries.is_empty() || !req.remove_entries.is_empty();
    if edits && req.max_entries.is_some() {
        return Err(Error::invalid_parameter_combination(
            "Entries and the maximum of entries cannot be changed in one request.",
        ));
    }
    match req.current_version {
        Some(version) => check_current(&list, version)?,
        None if edits => return Err(Error::missing_parameter("currentVersion")),
        None => {}
    }
    if let Some(name) = req.prefix_list_name.as_deref() {
        check_name(name)?;
        name.clone_into(&mut list.name);
    }
    if let Some(most) = req.max_entries {
        resize(cx, &mut list, max_entries(most)?)?;
    }
    if edits {
        let latest = list.latest().entries.iter().cloned();
        let mut blocks: Blocks = latest.map(|e| (e.cidr, e.description)).collect();
        check_request_size(&req.remove_entries)?;
        for entry in &req.remove_entries {
            let cidr = entry.cidr(list.family)?;
            if blocks.remove(&cidr).is_none() {
                return Err(bad_change(format!("The list has no entry {cidr}.")));
            }
        }
        add(&mut blocks, &req.add_entries, list.family)?;
        check_size(blocks.len(), list.max_entries)?;
        list.add_version(entries(blocks));
    }
    list.state = PrefixListState::Modified;
    cx.put(list.clone());
    Ok(json!({"PrefixList": render(cx, &list, "modify-in-progress")}))
}

/// Gives a list another weight, if all that refer to it can bear it.
fn resize(cx: &mut Cx, list: &mut PrefixList, max_entries: u16) -> Result<(), Error> {
    check_size(list.latest().entries.len(), max_entries)?;
    list.max_entries = max_entries;
    // What refers to the list is weighed with its new size.
    cx.put(list.clone());
    let too_heavy = groups(cx, list.id).any(|group| {
        let side = |egress| group.rules.iter().filter(move |r| r.is_egress == egress);
        exceeds_rules(cx, side(false)) || exceeds_rules(cx, side(true))
    });
    if too_heavy || tables(cx, list.id).any(|table| exceeds_routes(cx, table)) {
        return Err(bad_change(format!(
            "With {max_entries} entries a resource that refers to the list would exceed its quota."
        )));
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RestoreRequest {
    prefix_list_id: Option<String>,
    current_version: Option<i64>,
    previous_version: Option<i64>,
}

/// Puts the entries of an earlier version in force again, as a new version.
pub fn restore(cx: &mut Cx, req: RestoreRequest) -> Result<Value, Error> {
    let mut list = changeable(cx, &req.prefix_list_id)?;
    let current = req.current_version;
    let current = current.ok_or_else(|| Error::missing_parameter("currentVersion"))?;
    let previous = req.previous_version;
    let previous = previous.ok_or_else(|| Error::missing_parameter("previousVersion"))?;
    check_current(&list, current)?;
    let entries = version(&list, previous, "previousVersion")?.entries.clone();
    check_size(entries.len(), list.max_entries)?;
    list.add_version(entries);
    list.state = PrefixListState::Restored;
    cx.put(list.clone());
    Ok(json!({"PrefixList": render(cx, &list, "restore-in-progress")}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    prefix_list_id: Option<String>,
}

/// Deletes a list that nothing refers to (`PL-3`).
pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let list = changeable(cx, &req.prefix_list_id)?;
    if groups(cx, list.id).next().is_some() || tables(cx, list.id).next().is_some() {
        let id = list.id.to_string();
        return Err(Error::dependency_violation(Resource::PrefixList, &id));
    }
    let answer = json!({"PrefixList": render(cx, &list, "delete-in-progress")});
    cx.delete::<PrefixList>(list.id);
    Ok(answer)
}

/// The caller's list; AWS's cannot be changed (`PL-2`).
fn changeable(cx: &Cx, id: &Option<String>) -> Result<PrefixList, Error> {
    match find(cx, required(id, "prefixListId")?)? {
        Named::Own(list) => Ok(list.clone()),
        Named::Aws(list) => Err(Error::operation_not_permitted(format!(
            "The prefix list {} is managed by AWS and cannot be changed.",
            list.id
        ))),
    }
}

/// A version that is still kept.
pub fn version<'l>(
    list: &'l PrefixList,
    number: i64,
    parameter: &str,
) -> Result<&'l PrefixListVersion, Error> {
    let mut versions = list.versions.iter();
    versions
        .find(|version| u64::try_from(number) == Ok(version.version))
        .ok_or_else(|| {
            let why = format!("The prefix list {} has no such version.", list.id);
            Error::invalid_value_because(parameter, &number.to_string(), &why)
        })
}

fn check_current(list: &PrefixList, version: i64) -> Result<(), Error> {
    let current = list.latest().version;
    match u64::try_from(version) == Ok(current) {
        true => Ok(()),
        false => Err(Error::new(
            "PrefixListVersionMismatch",
            format!(
                "The prefix list '{}' has version {current}, not {version}.",
                list.id
            ),
        )),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let length = name.chars().count();
    if length == 0 || length > TEXT_CHARS_MAX || name.starts_with(RESERVED_PREFIX) {
        return Err(Error::invalid_value("prefixListName", name));
    }
    Ok(())
}

fn max_entries(count: i64) -> Result<u16, Error> {
    match count {
        1..=ENTRIES_MAX => Ok(count as u16),
        _ => Err(Error::invalid_value("maxEntries", &count.to_string())),
    }
}

fn check_size(entries: usize, max_entries: u16) -> Result<(), Error> {
    match entries <= usize::from(max_entries) {
        true => Ok(()),
        false => Err(bad_change(format!(
            "The list would have {entries} entries, more than its maximum of {max_entries}."
        ))),
    }
}

fn check_request_size(specs: &[EntrySpec]) -> Result<(), Error> {
    match specs.len() <= ENTRIES_PER_REQUEST_MAX {
        true => Ok(()),
        false => Err(Error::invalid_parameter_value(format!(
            "At most {ENTRIES_PER_REQUEST_MAX} entries may be given in one request."
        ))),
    }
}

/// Adds blocks; one that is there gets the new description. None may be given twice.
fn add(blocks: &mut Blocks, specs: &[EntrySpec], family: AddressFamily) -> Result<(), Error> {
    check_request_size(specs)?;
    let mut new = Blocks::new();
    for spec in specs {
        let cidr = spec.cidr(family)?;
        let description = spec.description.clone().filter(|text| !text.is_empty());
        let text = description.as_deref().unwrap_or_default();
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Error::invalid_value("description", text));
        }
        if new.insert(cidr, description).is_some() {
            return Err(Error::invalid_parameter_value(format!(
                "The entry {cidr} is given twice."
            )));
        }
    }
    blocks.extend(new);
    Ok(())
}

fn entries(blocks: Blocks) -> Vec<PrefixListEntry> {
    let entries = blocks.into_iter();
    entries
        .map(|(cidr, description)| PrefixListEntry { cidr, description })
        .collect()
}

fn bad_change(message: String) -> Error {
    Error::new("InvalidPrefixListModification", message)
}
