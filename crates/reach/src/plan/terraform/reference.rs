//! What a reference of the configuration stands for: the ids of what was made on the copy before.
//!
//! A plan names what an expression refers to, flat and without its operators: `aws_subnet.a[each.key].id` reads
//! `aws_subnet.a`, `each.key`. What is wanted is told by the kind of id: a subnet's `vpc_id` begins with `vpc-`, whatever
//! else its expression mentions. Terraform: "JSON Output Format", expression representation.

use std::collections::BTreeMap;

use serde_json::Value;

/// Modules within modules, and variables handed on: more than any configuration has.
const DEPTH_MAX: usize = 16;

/// The ids that are known, by the resource's address: a VPC has its own, its main route table's, and more.
#[derive(Default)]
pub(super) struct Ids(BTreeMap<String, Vec<String>>);

impl Ids {
    /// Notes ids of what an address stands for, instead of those of the same kinds that it had.
    pub fn put(&mut self, address: &str, ids: impl IntoIterator<Item = String>) {
        let known = self.0.entry(address.to_owned()).or_default();
        for id in ids {
            known.retain(|other| kind(other) != kind(&id));
            known.push(id);
        }
    }

    /// The id of a kind, such as `vpc-`, of exactly this address.
    pub fn of(&self, address: &str, wanted: &str) -> Option<&str> {
        let ids = self.0.get(address)?;
        let mut ids = ids.iter().map(String::as_str);
        ids.find(|id| kind(id) == wanted)
    }

    /// Those of all instances of a resource that has several.
    fn of_instances<'a>(
        &'a self,
        bare: &'a str,
        wanted: &'a str,
    ) -> impl Iterator<Item = &'a str> + 'a {
        let several = format!("{bare}[");
        let from = self.0.range(several.clone()..);
        let those = from.take_while(move |(address, _)| address.starts_with(&several));
        those.filter_map(move |(address, _)| self.of(address, wanted))
    }
}

/// An id's part up to and with its last dash.
fn kind(id: &str) -> &str {
    id.rfind('-').map_or(id, |end| &id[..=end])
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'p> {
    /// `planned.configuration.root_module`.
    pub root: &'p Value,
    /// Such as `module.net["a"].`; empty in the root module.
    pub module: &'p str,
    /// What `each.key` or `count.index` is there, as it stands between brackets.
    pub index: Option<&'p str>,
    /// The expression of `for_each` there.
    pub for_each: &'p Value,
}

/// The ids of a kind that an expression may stand for, each once. An expression that names one instance, or the like of its
/// own, has one; `aws_subnet.a[*].id` has all.
pub(super) fn ids_of(ids: &Ids, scope: Scope<'_>, expression: &Value, wanted: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(ids, scope, expression, wanted, DEPTH_MAX, &mut found);
    found
}

fn collect(
    ids: &Ids,
    scope: Scope<'_>,
    expression: &Value,
    wanted: &str,
    depth: usize,
    found: &mut Vec<String>,
) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let mut add = |id: &str| {
        if !found.iter().any(|known| known == id) {
            found.push(id.to_owned());
        }
    };
    let references = references(expression);
    let own_key = references
        .iter()
        .any(|to| ["each.key", "count.index"].contains(to));
    for (number, reference) in references.iter().enumerate() {
        // `a["x"].id` is followed by `a["x"]` and `a`, which name no more than it does.
        let covered = references[..number].iter().any(|precise| {
            let more = precise.strip_prefix(reference);
            more.is_some_and(|more| more.starts_with(['.', '[']))
        });
        if covered {
            continue;
        }
        let parts = parts(reference);
        let mut inner = Vec::new();
        match parts.as_slice() {
            ["each", "value", ..] => {
                // The elements of `for_each` have their keys from what it refers to.
                for resource in self::references(scope.for_each) {
                    let address = format!("{}{resource}", scope.module);
                    let own = scope.index.map(|index| format!("{address}[{index}]"));
                    let id = own.and_then(|own| ids.of(&own, wanted).map(str::to_owned));
                    inner.extend(id);
                }
            }
            ["var", name, ..] => {
                if let Some((outer, call)) = caller(scope) {
                    let given = &call["expressions"][*name];
                    collect(ids, outer, given, wanted, depth, &mut inner);
                }
            }
            ["module", name, output, ..] => {
                inner = outputs(ids, scope, (name, output), (own_key, wanted), depth);
            }
            [
                "each" | "count" | "local" | "data" | "path" | "terraform" | "self",
                ..,
            ]
            | []
            | [_] => {}
            [kind, name, ..] => {
                let address = format!("{}{kind}.{name}", scope.module);
                if let Some(id) = ids.of(&address, wanted) {
                    inner.push(id.to_owned());
                } else if let (true, Some(index)) = (own_key, scope.index) {
                    let own = format!("{address}[{index}]");
                    inner.extend(ids.of(&own, wanted).map(str::to_owned));
                } else {
                    inner.extend(ids.of_instances(&address, wanted).map(str::to_owned));
                }
            }
        }
        inner.iter().for_each(|id| add(id));
    }
}

/// The ids behind `module.NAME.OUTPUT`, of the instance that is named, of the like of one's own, or of all.
fn outputs(
    ids: &Ids,
    scope: Scope<'_>,
    (name, output): (&str, &str),
    (own_key, wanted): (bool, &str),
    depth: usize,
) -> Vec<String> {
    let bare = name.split('[').next().unwrap_or_default();
    let Some(config) = config(scope) else {
        return Vec::new();
    };
    let output = output.split('[').next().unwrap_or_default();
    let expression = &config["module_calls"][bare]["module"]["outputs"][output]["expression"];
    let single = format!("{}module.{name}.", scope.module);
    let mut modules = vec![single];
    if !name.contains('[') {
        let several = format!("{}module.{name}[", scope.module);
        let from = ids.0.range(several.clone()..);
        let those = from.take_while(|(address, _)| address.starts_with(&several));
        let instances = those.filter_map(|(address, _)| module_at(address, several.len()));
        let own = scope.index.filter(|_| own_key);
        let own = own.map(|index| format!("{several}{index}]."));
        modules.extend(instances.filter(|module| own.as_ref().is_none_or(|own| own == module)));
        modules.dedup();
    }
    let mut found = Vec::new();
    for module in modules {
        let inside = Scope {
            module: &module,
            index: None,
            for_each: &Value::Null,
            ..scope
        };
        collect(ids, inside, expression, wanted, depth, &mut found);
    }
    found
}

/// The module of an address, up to the bracket that closes behind `from`, with its dot.
fn module_at(address: &str, from: usize) -> Option<String> {
    let end = address[from..].find("].")? + from;
    Some(address[..end + 2].to_owned())
}

/// The configuration of the module where a scope is.
pub(super) fn config<'p>(scope: Scope<'p>) -> Option<&'p Value> {
    let mut config = scope.root;
    let steps = parts(scope.module.trim_end_matches('.'));
    for step in steps.chunks(2) {
        let ["module", name] = step else {
            return (step == [""]).then_some(config);
        };
        let name = name.split('[').next().unwrap_or_default();
        config = &config["module_calls"][name]["module"];
    }
    Some(config)
}

/// The scope where a module is called, and the call.
fn caller<'p>(scope: Scope<'p>) -> Option<(Scope<'p>, &'p Value)> {
    let inner = scope.module.trim_end_matches('.');
    let steps = parts(inner);
    let name = *steps.last()?;
    let outer = inner.strip_suffix(name)?.strip_suffix("module.")?;
    let (bare, index) = match name.split_once('[') {
        Some((bare, index)) => (bare, index.strip_suffix(']')),
        None => (name, None),
    };
    let around = Scope {
        module: outer,
        index,
        for_each: &Value::Null,
        ..scope
    };
    let call = &config(around)?["module_calls"][bare];
    let around = Scope {
        for_each: &call["for_each_expression"],
        ..around
    };
    Some((around, call))
}

fn references(expression: &Value) -> Vec<&str> {
    let references = expression["references"].as_array().into_iter().flatten();
    references.filter_map(Value::as_str).collect()
}

/// The parts between the dots of an address, those within brackets left alone.
pub(super) fn parts(address: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut depth) = (Vec::new(), 0, false, 0_usize);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => {
                parts.push(&address[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&address[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Ids, Scope, ids_of, parts};

    fn known() -> Ids {
        let mut ids = Ids::default();
        for (address, own) in [
            ("aws_vpc.main", &["vpc-1", "rtb-1", "sg-1"][..]),
            ("aws_subnet.a[\"x.y\"]", &["subnet-x"]),
            ("aws_subnet.a[\"z\"]", &["subnet-z"]),
            ("module.net[\"z\"].aws_subnet.in", &["subnet-in"]),
            ("module.net[\"y\"].aws_subnet.in", &["subnet-other"]),
        ] {
            ids.put(address, own.iter().map(|id| (*id).to_owned()));
        }
        ids
    }

    /// The ids that references stand for, to the instance `"z"` of a resource in the root module or in a module.
    fn of(module: &str, references: &[&str], wanted: &str) -> Vec<String> {
        let root = json!({"module_calls": {"net": {
            "expressions": {"vpc": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}},
            "module": {"outputs": {"subnet": {"expression": {"references": ["aws_subnet.in.id", "aws_subnet.in"]}}}},
        }}});
        let scope = Scope {
            root: &root,
            module,
            index: Some("\"z\""),
            for_each: &json!({"references": ["aws_subnet.a"]}),
        };
        ids_of(&known(), scope, &json!({"references": references}), wanted)
    }

    #[test]
    fn a_reference_stands_for_what_it_names() {
        for (references, wanted, ids) in [
            (
                &["aws_vpc.main.id", "aws_vpc.main"][..],
                "vpc-",
                &["vpc-1"][..],
            ),
            // The main route table is an attribute of the VPC.
            (
                &["aws_vpc.main.main_route_table_id", "aws_vpc.main"],
                "rtb-",
                &["rtb-1"],
            ),
            (&["aws_vpc.main.id", "aws_vpc.main"], "subnet-", &[]),
            (
                &[
                    "aws_subnet.a[\"x.y\"].id",
                    "aws_subnet.a[\"x.y\"]",
                    "aws_subnet.a",
                ],
                "subnet-",
                &["subnet-x"],
            ),
            // [each.key] is the like of one's own; without it all are meant.
            (&["aws_subnet.a", "each.key"], "subnet-", &["subnet-z"]),
            (&["aws_subnet.a"], "subnet-", &["subnet-x", "subnet-z"]),
            (&["each.value.id", "each.value"], "subnet-", &["subnet-z"]),
            (&["module.net", "each.key"], "subnet-", &[]),
            (
                &[
                    "module.net[\"y\"].subnet",
                    "module.net[\"y\"]",
                    "module.net",
                ],
                "subnet-",
                &["subnet-other"],
            ),
            (
                &["module.net.subnet", "module.net", "each.key"],
                "subnet-",
                &["subnet-in"],
            ),
            (&["local.vpc"], "vpc-", &[]),
            (&["nonsense", "", "module.net", "var.x"], "vpc-", &[]),
        ] {
            assert_eq!(of("", references, wanted), ids, "{references:?}");
        }
    }

    #[test]
    fn a_variable_is_what_the_call_of_the_module_gives() {
        assert_eq!(of("module.net[\"z\"].", &["var.vpc"], "vpc-"), ["vpc-1"]);
        assert_eq!(of("module.net[\"z\"].", &["var.none"], "vpc-"), [""; 0]);
        assert_eq!(of("module.no.", &["var.vpc"], "vpc-"), [""; 0]);
    }

    #[test]
    fn a_configuration_that_leads_in_circles_ends() {
        let circle = json!({"references": ["module.m.o"]});
        let root = json!({"module_calls": {"m": {"module": {
            "outputs": {"o": {"expression": {"references": ["module.m.o", "var.v"]}}},
            "module_calls": {"m": {"module": {"outputs": {"o": {"expression": {"references": ["var.v"]}}}}}},
        }}}});
        let scope = Scope {
            root: &root,
            module: "",
            index: None,
            for_each: &Value::Null,
        };
        assert_eq!(ids_of(&known(), scope, &circle, "vpc-"), [""; 0]);
    }

    #[test]
    fn dots_within_brackets_do_not_part() {
        assert_eq!(parts("a[\"x.y[\"].b[0].c"), ["a[\"x.y[\"]", "b[0]", "c"]);
        assert_eq!(parts(""), [""]);
    }
}
