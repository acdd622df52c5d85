//! Who refers to a prefix list, and what it weighs there (`PL-3`, `SG-11`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use super::{family, find};
use crate::Cx;
use crate::describe::listing;
use crate::paging::Page;

/// Rules or routes of each family.
#[derive(Default)]
struct Weights {
    ipv4: usize,
    ipv6: usize,
}

impl Weights {
    /// A list counts with its maximum of entries, AWS's as one.
    fn add_list(&mut self, cx: &Cx, id: PrefixListId) {
        let list = cx.get::<PrefixList>(id);
        let weight = list.map_or(1, |list| usize::from(list.max_entries));
        match family(cx, id) {
            AddressFamily::Ipv4 => self.ipv4 += weight,
            AddressFamily::Ipv6 => self.ipv6 += weight,
        }
    }

    fn exceed(&self, most: usize) -> bool {
        self.ipv4.max(self.ipv6) > most
    }
}

/// Whether the rules of one direction of a group are more than it may have; a group as a peer
/// counts in both families.
pub fn exceeds_rules<'r>(cx: &Cx, rules: impl Iterator<Item = &'r SecurityGroupRule>) -> bool {
    let mut weights = Weights::default();
    for rule in rules {
        match &rule.peer {
            RulePeer::Ipv4(_) => weights.ipv4 += 1,
            RulePeer::Ipv6(_) => weights.ipv6 += 1,
            RulePeer::SecurityGroup { .. } => {
                weights.ipv4 += 1;
                weights.ipv6 += 1;
            }
            RulePeer::PrefixList(id) => weights.add_list(cx, *id),
        }
    }
    weights.exceed(cx.quotas().rules_per_security_group)
}

/// Whether the routes of a table, without the local ones, are more than it may have.
pub fn exceeds_routes(cx: &Cx, table: &RouteTable) -> bool {
    let mut weights = Weights::default();
    let routes = table.routes.iter();
    for route in routes.filter(|r| r.origin != RouteOrigin::CreateRouteTable) {
        match route.destination {
            RouteDestination::Ipv4(_) => weights.ipv4 += 1,
            RouteDestination::Ipv6(_) => weights.ipv6 += 1,
            RouteDestination::PrefixList(id) => weights.add_list(cx, id),
        }
    }
    weights.exceed(cx.quotas().routes_per_table)
}

/// The groups with a rule about a list.
pub fn groups<'c>(cx: &'c Cx, id: PrefixListId) -> impl Iterator<Item = &'c SecurityGroup> {
    let refers = move |rule: &SecurityGroupRule| rule.peer == RulePeer::PrefixList(id);
    cx.all::<SecurityGroup>()
        .filter(move |group| group.rules.iter().any(refers))
}

/// The tables with a route to a list.
pub fn tables<'c>(cx: &'c Cx, id: PrefixListId) -> impl Iterator<Item = &'c RouteTable> {
    let refers = move |route: &Route| route.destination == RouteDestination::PrefixList(id);
    cx.all::<RouteTable>()
        .filter(move |table| table.routes.iter().any(refers))
}

/// GetManagedPrefixListAssociations: the caller's resources that refer to a list.
pub fn associations(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let id = input["PrefixListId"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Error::missing_parameter("prefixListId"))?;
    let page = Page::read(cx, "PrefixListAssociations", input, (5, 255))?;
    let id = find(cx, id)?.id();
    let groups = groups(cx, id).map(|g| (g.id.to_string(), &g.owner));
    let tables = tables(cx, id).map(|t| (t.id.to_string(), &t.owner));
    let mut rows: Vec<(String, &AccountId)> = groups.chain(tables).collect();
    rows.retain(|(_, owner)| *owner == cx.account());
    rows.sort_unstable();
    let rows = rows.into_iter().map(|(resource, owner)| {
        let row = json!({"ResourceId": resource, "ResourceOwner": owner});
        (resource, row)
    });
    let (rows, token) = page.take(rows)?;
    Ok(listing("PrefixListAssociations", rows, token))
}
