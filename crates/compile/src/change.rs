//! What journal entries change of a snapshot: single parts where that is certain, else everything.
//!
//! The rules of a group, the entries of a network ACL and the routes of a table say nothing about any part but their own,
//! so a change to them asks for that part alone. Whatever makes, removes or joins resources asks for everything: so does
//! every event that is not named here, which is always right and only slower.

use std::collections::BTreeSet;

use openvpc_model::{Entry, Event, NetworkAclId, Region, RouteTableId, SecurityGroupId, World};

/// A part of a snapshot that is compiled from one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    SecurityGroup(SecurityGroupId),
    NetworkAcl(NetworkAclId),
    RouteTable(RouteTableId),
}

/// What has changed since a snapshot was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// These parts, by region, and nothing else that a snapshot or a sandbox is made of.
    Parts(BTreeSet<(String, Part)>),
    Everything,
}

impl Default for Changes {
    fn default() -> Changes {
        Changes::Parts(BTreeSet::new())
    }
}

impl Changes {
    /// Adds what an entry will change of a world that it has not been applied to yet. Costs what the entry does.
    pub fn note(&mut self, before: &World, entry: &Entry) {
        let region = before.regions.get(&entry.region);
        for event in &entry.events {
            let Changes::Parts(parts) = self else {
                return;
            };
            match effect(region, event) {
                Effect::None => {}
                Effect::Part(part) => drop(parts.insert((entry.region.clone(), part))),
                Effect::Everything => *self = Changes::Everything,
            }
        }
    }
}

enum Effect {
    None,
    Part(Part),
    Everything,
}

fn effect(region: Option<&Region>, event: &Event) -> Effect {
    let Some(region) = region else {
        return Effect::Everything;
    };
    let part = |same: bool, part: Part| match same {
        true => Effect::Part(part),
        false => Effect::Everything,
    };
    match event {
        Event::SecurityGroupPut(new) => {
            let old = region.security_groups.get(&new.id);
            let same = old.is_some_and(|old| old.vpc == new.vpc);
            part(same, Part::SecurityGroup(new.id))
        }
        Event::NetworkAclPut(new) => {
            let old = region.network_acls.get(&new.id);
            let same = old.is_some_and(|old| old.vpc == new.vpc);
            part(same, Part::NetworkAcl(new.id))
        }
        Event::RouteTablePut(new) => {
            let old = region.route_tables.get(&new.id);
            let same =
                old.is_some_and(|old| old.vpc == new.vpc && old.associations == new.associations);
            part(same, Part::RouteTable(new.id))
        }
        Event::TagsPut { .. }
        | Event::ClientTokenPut(_)
        | Event::AccountBootstrapped(_)
        | Event::FlowLogPut(_)
        | Event::FlowLogDeleted(_)
        | Event::Iam(_) => Effect::None,
        _ => Effect::Everything,
    }
}
