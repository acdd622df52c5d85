//! One resource change of a plan, with what the configuration refers to.

use serde_json::Value;

use super::reference::{Scope, config, parts};

/// A resource change.
pub(super) struct Resource<'p> {
    /// Such as `aws_subnet.a[0]`.
    pub address: &'p str,
    pub kind: &'p str,
    /// Of one of several instances, as it stands between the brackets.
    pub index: Option<String>,
    /// `create`, `update`, `delete`; empty when nothing changes.
    pub actions: Vec<&'p str>,
    pub before: &'p Value,
    pub after: &'p Value,
    /// Where its provider works; `None` where the plan does not say.
    pub region: Option<&'p str>,
    /// What the configuration says, by attribute.
    pub expressions: &'p Value,
    unknown: &'p Value,
    root: &'p Value,
    for_each: &'p Value,
}

impl<'p> Resource<'p> {
    /// Reads a change; `None` for one without address or type.
    pub fn of(plan: &'p Value, change: &'p Value) -> Option<Resource<'p>> {
        let address = change["address"].as_str()?;
        let actions = change["change"]["actions"].as_array().into_iter().flatten();
        let actions = actions.filter_map(Value::as_str);
        let root = &plan["configuration"]["root_module"];
        let configured = configured(root, address);
        let provider = configured["provider_config_key"].as_str().unwrap_or("aws");
        let provider = &plan["configuration"]["provider_config"][provider];
        Some(Resource {
            address,
            kind: change["type"].as_str()?,
            index: match &change["index"] {
                Value::Null => None,
                index => Some(index.to_string()),
            },
            actions: actions
                .filter(|action| ["create", "update", "delete"].contains(action))
                .collect(),
            before: &change["change"]["before"],
            after: &change["change"]["after"],
            region: provider["expressions"]["region"]["constant_value"].as_str(),
            expressions: &configured["expressions"],
            unknown: &change["change"]["after_unknown"],
            root,
            for_each: &configured["for_each_expression"],
        })
    }

    /// Where its expressions stand.
    pub fn scope(&self) -> Scope<'_> {
        Scope {
            root: self.root,
            module: module(self.address),
            index: self.index.as_deref(),
            for_each: self.for_each,
        }
    }

    /// Whether an attribute, or an element of it, is known only after apply.
    pub fn is_partly_unknown(&self, attribute: &str) -> bool {
        holds_true(&self.unknown[attribute])
    }

    /// Whether an attribute of the n-th block of a kind is.
    pub fn is_unknown_in(&self, block: &str, number: usize, attribute: &str) -> bool {
        holds_true(&self.unknown[block][number][attribute])
    }

    pub fn is_unknown(&self, attribute: &str) -> bool {
        self.unknown[attribute] == true
    }

    pub fn differs(&self, attribute: &str) -> bool {
        self.before[attribute] != self.after[attribute]
    }

    /// Whether anything that packets meet may change.
    pub fn differs_beyond_tags(&self) -> bool {
        let members = self.after.as_object().into_iter().flatten();
        let mut names = members.map(|(name, _)| name.as_str());
        names.any(|name| !["tags", "tags_all"].contains(&name) && self.differs(name))
    }
}

fn holds_true(unknown: &Value) -> bool {
    match unknown {
        Value::Array(items) => items.contains(&Value::Bool(true)),
        other => other == true,
    }
}

/// The modules' part of an address, with its dot; empty in the root module.
fn module(address: &str) -> &str {
    let parts = parts(address);
    let steps = parts.chunks(2).take_while(|step| step[0] == "module");
    let length: usize = steps.flatten().map(|part| part.len() + 1).sum();
    address.get(..length).unwrap_or_default()
}

/// A resource in the configuration, found through its modules.
fn configured<'p>(root: &'p Value, address: &'p str) -> &'p Value {
    let module = module(address);
    let scope = Scope {
        root,
        module,
        index: None,
        for_each: &Value::Null,
    };
    let bare = address[module.len()..]
        .split('[')
        .next()
        .unwrap_or_default();
    let resources = config(scope).and_then(|config| config["resources"].as_array());
    let mut resources = resources.into_iter().flatten();
    let found = resources.find(|resource| resource["address"] == bare);
    found.unwrap_or(&Value::Null)
}
