//! Actions on managed prefix lists (`PL-1` to `PL-3`).
//!
//! [`changes`] makes, edits and deletes customers' lists; [`uses`] tells who refers to a list and
//! what it weighs there. AWS's own lists are no resources of the region: they are shown beside the
//! caller's, and can be used but not changed (`PL-2`).

mod changes;
mod uses;

use ipnet::IpNet;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use crate::describe::{listing, tag_set};
use crate::entity::arn;
use crate::filters::Filters;
use crate::ids::{not_found, parse_id};
use crate::paging::Page;
use crate::request::read;
use crate::{Action, Cx};

pub use uses::{exceeds_routes, exceeds_rules};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateManagedPrefixList", |cx, input| changes::create(cx, read(input)?)),
    ("ModifyManagedPrefixList", |cx, input| changes::modify(cx, read(input)?)),
    ("RestoreManagedPrefixListVersion", |cx, input| changes::restore(cx, read(input)?)),
    ("DeleteManagedPrefixList", |cx, input| changes::delete(cx, read(input)?)),
    ("DescribeManagedPrefixLists", |cx, input| describe_managed(cx, &input)),
    ("GetManagedPrefixListEntries", |cx, input| entries(cx, &input)),
    ("GetManagedPrefixListAssociations", |cx, input| uses::associations(cx, &input)),
    ("DescribePrefixLists", |cx, input| describe_of_aws(cx, &input)),
];

/// The owner of AWS's lists, as it is shown.
const AWS: &str = "AWS";

/// A list that a caller can refer to: the caller's own, or AWS's.
#[derive(Clone, Copy)]
enum Named<'c> {
    Own(&'c PrefixList),
    Aws(AwsPrefixList),
}

impl Named<'_> {
    fn id(self) -> PrefixListId {
        match self {
            Named::Own(list) => list.id,
            Named::Aws(list) => list.id,
        }
    }

    fn name(self, cx: &Cx) -> String {
        match self {
            Named::Own(list) => list.name.clone(),
            Named::Aws(list) => format!("com.amazonaws.{}.{}", cx.region_name(), list.service),
        }
    }

    fn owner(self) -> String {
        match self {
            Named::Own(list) => list.owner.to_string(),
            Named::Aws(_) => AWS.to_owned(),
        }
    }

    fn render(self, cx: &Cx) -> Value {
        match self {
            Named::Own(list) => render(cx, list, state(list)),
            Named::Aws(list) => json!({
                "PrefixListId": list.id,
                "PrefixListArn": format!("arn:aws:ec2:{}:aws:prefix-list/{}", cx.region_name(), list.id),
                "PrefixListName": self.name(cx),
                "AddressFamily": AddressFamily::Ipv4.as_str(),
                "State": "create-complete",
                "OwnerId": AWS,
                "Tags": [],
            }),
        }
    }
}

/// A customer's list as it stands in an answer.
fn render(cx: &Cx, list: &PrefixList, state: &str) -> Value {
    json!({
        "PrefixListId": list.id,
        "PrefixListArn": arn(cx.region_name(), list),
        "PrefixListName": list.name,
        "AddressFamily": list.family.as_str(),
        "State": state,
        "MaxEntries": list.max_entries,
        "Version": list.latest().version,
        "OwnerId": list.owner,
        "Tags": tag_set(cx, list.id),
    })
}

fn state(list: &PrefixList) -> &'static str {
    match list.state {
        PrefixListState::Created => "create-complete",
        PrefixListState::Modified => "modify-complete",
        PrefixListState::Restored => "restore-complete",
    }
}

fn find<'c>(cx: &'c Cx, text: &str) -> Result<Named<'c>, Error> {
    let id = parse_id::<PrefixListId>(text)?;
    if let Some(list) = of_aws(cx, id) {
        return Ok(Named::Aws(list));
    }
    cx.find::<PrefixList>(text).map(Named::Own)
}

/// AWS's lists in the region that is called.
fn all_of_aws(cx: &Cx) -> impl Iterator<Item = AwsPrefixList> {
    let region = cx.region_name().to_owned();
    aws_prefix_lists().filter(move |list| list.region == region)
}

fn of_aws(cx: &Cx, id: PrefixListId) -> Option<AwsPrefixList> {
    all_of_aws(cx).find(|list| list.id == id)
}

/// The list of a service of AWS, to which gateway endpoints route; other services have none.
pub fn of_service(cx: &Cx, service: &EndpointService) -> Option<PrefixListId> {
    let EndpointService::Aws(name) = service else {
        return None;
    };
    let list = all_of_aws(cx).find(|list| list.service == name)?;
    Some(list.id)
}

/// The list that a rule or route names.
///
/// # Errors
/// `InvalidPrefixListId.Malformed`, `InvalidPrefixListID.NotFound`.
pub fn named(cx: &Cx, text: &str) -> Result<PrefixListId, Error> {
    find(cx, text).map(Named::id)
}

/// The blocks of a list now; none of one that is gone.
pub fn blocks(cx: &Cx, id: PrefixListId) -> Vec<IpNet> {
    match (of_aws(cx, id), cx.get::<PrefixList>(id)) {
        (Some(list), _) => vec![IpNet::V4(list.cidr)],
        (None, Some(list)) => list.latest().entries.iter().map(|e| e.cidr).collect(),
        (None, None) => Vec::new(),
    }
}

/// The family of a list's blocks.
pub fn family(cx: &Cx, id: PrefixListId) -> AddressFamily {
    cx.get::<PrefixList>(id)
        .map_or(AddressFamily::Ipv4, |list| list.family)
}

const FILTERS: [&str; 3] = ["owner-id", "prefix-list-id", "prefix-list-name"];

/// Lists of the caller and of AWS, ascending by id, that ids and filters of a request ask for.
fn select<'c>(
    cx: &'c Cx,
    input: &Value,
    lists: Vec<Named<'c>>,
    filters: &[&str],
    page: Page,
) -> Result<(Vec<Named<'c>>, Option<String>), Error> {
    let filters = Filters::read(input, filters)?;
    let mut asked = Vec::new();
    for text in input["PrefixListIds"].as_array().into_iter().flatten() {
        let text = text.as_str().unwrap_or_default();
        let id = parse_id::<PrefixListId>(text)?;
        if lists.iter().all(|list| list.id() != id) {
            return Err(not_found::<PrefixListId>(text));
        }
        asked.push(id);
    }
    let mut lists = lists;
    lists.retain(|list| asked.is_empty() || asked.contains(&list.id()));
    lists.retain(|list| {
        let values = |name: &str| match name {
            "owner-id" => vec![list.owner()],
            "prefix-list-id" => vec![list.id().to_string()],
            _ => vec![list.name(cx)],
        };
        filters.pass(|| cx.tags(list.id()).clone(), values)
    });
    lists.sort_unstable_by_key(|list| list.id());
    page.take(lists.into_iter().map(|list| (list.id(), list)))
}

fn describe_managed(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let page = Page::read(cx, "ManagedPrefixLists", input, (1, 100))?;
    let own = cx.own::<PrefixList>().map(Named::Own);
    let lists = own.chain(all_of_aws(cx).map(Named::Aws)).collect();
    let (lists, token) = select(cx, input, lists, &FILTERS, page)?;
    let rendered = lists.into_iter().map(|list| list.render(cx)).collect();
    Ok(listing("PrefixLists", rendered, token))
}

/// DescribePrefixLists: AWS's lists only, with their blocks (`PL-2`).
fn describe_of_aws(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let page = Page::read(cx, "PrefixLists", input, (5, 1000))?;
    let lists = all_of_aws(cx).map(Named::Aws).collect();
    let (lists, token) = select(cx, input, lists, &FILTERS[1..], page)?;
    let render = |list: Named| {
        json!({
            "PrefixListId": list.id(),
            "PrefixListName": list.name(cx),
            "Cidrs": blocks(cx, list.id()),
        })
    };
    let rendered = lists.into_iter().map(render).collect();
    Ok(listing("PrefixLists", rendered, token))
}

/// The entries of a list's latest version, or of the one asked for.
fn entries(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let id = input["PrefixListId"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Error::missing_parameter("prefixListId"))?;
    let page = Page::read(cx, "PrefixListEntries", input, (1, 100))?;
    let target = input["TargetVersion"].as_i64();
    let entries = match find(cx, id)? {
        Named::Own(list) => match target {
            None => list.latest().entries.clone(),
            Some(version) => changes::version(list, version, "targetVersion")?
                .entries
                .clone(),
        },
        Named::Aws(list) => match target {
            None => vec![PrefixListEntry {
                cidr: IpNet::V4(list.cidr),
                description: None,
            }],
            Some(version) => {
                return Err(Error::invalid_value("targetVersion", &version.to_string()));
            }
        },
    };
    let rows = entries.into_iter().map(|entry| {
        let mut row = json!({"Cidr": entry.cidr});
        if let Some(description) = entry.description {
            row["Description"] = json!(description);
        }
        (entry.cidr, row)
    });
    let (rows, token) = page.take(rows)?;
    Ok(listing("Entries", rows, token))
}
