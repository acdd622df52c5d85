//! One resource change of a plan, with what the configuration refers to.

use serde_json::Value;

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
    unknown: &'p Value,
    expressions: &'p Value,
}

impl<'p> Resource<'p> {
    /// Reads a change; `None` for one without address or type.
    pub fn of(plan: &'p Value, change: &'p Value) -> Option<Resource<'p>> {
        let address = change["address"].as_str()?;
        let actions = change["change"]["actions"].as_array().into_iter().flatten();
        let actions = actions.filter_map(Value::as_str);
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
            unknown: &change["change"]["after_unknown"],
            expressions: expressions(plan, address),
        })
    }

    /// The module's part of the address, with its dot; empty in the root module.
    pub fn module(&self) -> &'p str {
        let bare = self.address.find(self.kind).unwrap_or(0);
        &self.address[..bare]
    }

    /// What an attribute's expression refers to, the most precise first.
    pub fn references(&self, attribute: &str) -> impl Iterator<Item = &'p str> + use<'p> {
        references(&self.expressions[attribute])
    }

    /// What the n-th block of a kind refers to in an attribute.
    pub fn block_references(
        &self,
        block: &str,
        number: usize,
        attribute: &str,
    ) -> impl Iterator<Item = &'p str> + use<'p> {
        references(&self.expressions[block][number][attribute])
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

fn references(expression: &Value) -> impl Iterator<Item = &str> {
    let references = expression["references"].as_array().into_iter().flatten();
    references.filter_map(Value::as_str)
}

/// The expressions of a resource in the configuration, found through its modules.
fn expressions<'p>(plan: &'p Value, address: &str) -> &'p Value {
    let mut module = &plan["configuration"]["root_module"];
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        let Some((name, after)) = inner.split_once('.') else {
            return &Value::Null;
        };
        let name = name.split('[').next().unwrap_or_default();
        module = &module["module_calls"][name]["module"];
        rest = after;
    }
    let bare = rest.split('[').next().unwrap_or_default();
    let mut resources = module["resources"].as_array().into_iter().flatten();
    let found = resources.find(|resource| resource["address"] == bare);
    found.map_or(&Value::Null, |resource| &resource["expressions"])
}
