//! Public service models to the tables of `crates/ec2/src/generated`.
//!
//! Reads what botocore ships (through Python, which also unpacks it) and keeps names, types
//! and what is required: facts only. The naming rules are those of the ec2 and query
//! protocols: in a form `queryName`, else the capitalised `locationName`, else the member's
//! name; in XML `locationName`, else the member's name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use serde::Deserialize;

use crate::{Failure, root};

mod actions;

const READER: &str = include_str!("read_model.py");

#[derive(Deserialize)]
struct Models {
    botocore: String,
    models: BTreeMap<String, Versioned>,
}

#[derive(Deserialize)]
struct Versioned {
    model: Model,
    older: Vec<String>,
}

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    protocol: String,
    xml_namespace: String,
}

#[derive(Deserialize)]
struct Operation {
    input: Option<Reference>,
    output: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    shape: String,
    location_name: Option<String>,
    query_name: Option<String>,
    result_wrapper: Option<String>,
}

#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: BTreeMap<String, Reference>,
    member: Option<Reference>,
    #[serde(default)]
    required: BTreeSet<String>,
    #[serde(default)]
    flattened: bool,
}

/// `generate-model`: writes the tables, or with `--check` compares them.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let (mut check, mut folder, mut python) = (false, String::new(), "python3".to_owned());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--check" => check = true,
            "--botocore" => folder = value()?,
            "--python" => python = value()?,
            other => return Err(format!("generate-model does not know {other}").into()),
        }
    }
    let models = read(&python, &folder)?;
    let mut stale = Vec::new();
    for wanted in actions::SERVICES {
        let versioned = models
            .models
            .get(wanted.service)
            .ok_or("the reader left out a service")?;
        let text = render(wanted, versioned, &models.botocore)?;
        let path = root().join(format!("crates/ec2/src/generated/{}.rs", wanted.service));
        if check {
            if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                stale.push(wanted.service);
            }
        } else {
            std::fs::write(&path, text)
                .map_err(|error| format!("writing {}: {error}", path.display()))?;
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the table of {} differs from botocore {}: run `cargo xtask generate-model` (each table's \
         first lines name the version that it was made from)",
        stale.join(", "),
        models.botocore
    )
    .into())
}

fn read(python: &str, folder: &str) -> Result<Models, Failure> {
    let wanted = actions::SERVICES
        .iter()
        .map(|w| format!("{}@{}", w.service, w.version));
    let output = Command::new(python)
        .args(["-c", READER, folder])
        .args(wanted)
        .output()
        .map_err(|error| format!("starting {python}: {error}; name another with --python"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{python} could not read botocore's models:\n{said}").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// One table as Rust source.
fn render(
    wanted: &actions::Wanted,
    versioned: &Versioned,
    botocore: &str,
) -> Result<String, Failure> {
    let model = &versioned.model;
    let service = wanted.service;
    let dialect = match model.metadata.protocol.as_str() {
        "ec2" => "Ec2",
        "query" => "Query",
        other => {
            return Err(format!("{service} speaks {other}, for which there is no dialect").into());
        }
    };
    let names: BTreeSet<&str> = wanted.actions.split_whitespace().collect();
    let mut reached = BTreeSet::new();
    let mut rows = String::new();
    for name in &names {
        let operation = model
            .operations
            .get(*name)
            .ok_or(format!("{service} has no action {name}"))?;
        let [input, output] = [&operation.input, &operation.output].map(|reference| {
            let Some(reference) = reference else {
                return "None".to_owned();
            };
            reach(model, &reference.shape, &mut reached);
            format!("Some(&{})", constant(&reference.shape))
        });
        let wrapper = operation
            .output
            .as_ref()
            .and_then(|output| output.result_wrapper.as_deref());
        writeln!(
            rows,
            "        Action {{ name: \"{name}\", input: {input}, output: {output}, result_wrapper: {wrapper:?} }},"
        )?;
    }
    let others: Vec<&str> = model
        .operations
        .keys()
        .map(String::as_str)
        .filter(|name| !names.contains(name))
        .collect();
    let mut text = format!(
        "//! {service} {}: names and types of {} actions.\n\
         //!\n\
         //! Made by `cargo xtask generate-model` from the service model in botocore {botocore}\n\
         //! (Apache-2.0). Not edited by hand.\n\n\
         #![cfg_attr(rustfmt, rustfmt_skip)]\n\
         #![allow(unused_imports)]\n\n\
         use crate::table::row::{{Blob, Boolean, Double, Integer, Long, String, Timestamp, l, list, opt, req, s, shape}};\n\
         use crate::table::{{Action, Dialect, List, Service, Structure}};\n\n",
        model.metadata.api_version,
        names.len(),
    );
    let namespace = model.metadata.xml_namespace.trim_end_matches('/');
    writeln!(
        text,
        "pub static SERVICE: Service = Service {{\n    name: \"{service}\",\n    version: \"{}\",\n    \
         older_versions: &{:?},\n    dialect: Dialect::{dialect},\n    namespace: \"{namespace}/\",\n    \
         actions: &[\n{rows}    ],\n    other_actions: &[",
        model.metadata.api_version, versioned.older,
    )?;
    for line in others.chunks(4) {
        let line: Vec<_> = line.iter().map(|name| format!("{name:?}")).collect();
        writeln!(text, "        {},", line.join(", "))?;
    }
    text.push_str("    ],\n};\n\n");
    for name in &reached {
        render_shape(&mut text, model, name)?;
    }
    Ok(text)
}

/// Adds `name` and everything that it is made of, scalars excepted.
fn reach(model: &Model, name: &str, reached: &mut BTreeSet<String>) {
    let Some(shape) = model.shapes.get(name) else {
        return;
    };
    if !matches!(shape.kind.as_str(), "structure" | "list") || !reached.insert(name.to_owned()) {
        return;
    }
    for part in shape.members.values().chain(&shape.member) {
        reach(model, &part.shape, reached);
    }
}

fn render_shape(text: &mut String, model: &Model, name: &str) -> Result<(), Failure> {
    let shape = &model.shapes[name];
    let is_ec2 = model.metadata.protocol == "ec2";
    if let Some(item) = &shape.member {
        let of = shape_of(model, &item.shape)?;
        let element = item.location_name.as_deref().unwrap_or("member");
        if shape.flattened && !is_ec2 {
            return Err(
                format!("{name} is a flattened list of the query protocol: not handled").into(),
            );
        }
        let form_item = (!is_ec2).then_some(element);
        writeln!(
            text,
            "static {}: List = list({form_item:?}, {element:?}, {of});",
            constant(name)
        )?;
        return Ok(());
    }
    writeln!(text, "static {}: Structure = shape(&[", constant(name))?;
    for (member, reference) in &shape.members {
        // A map says what no handler here can honour: its action is refused by its kind.
        if model
            .shapes
            .get(&reference.shape)
            .is_some_and(|of| of.kind == "map")
        {
            continue;
        }
        let element = reference.location_name.as_deref().unwrap_or(member);
        let form_name = match (&reference.query_name, &reference.location_name) {
            (Some(name), _) => name.clone(),
            (None, Some(name)) if is_ec2 => capitalised(name),
            (None, Some(name)) => name.clone(),
            (None, None) => member.clone(),
        };
        let of = shape_of(model, &reference.shape)?;
        let row = if shape.required.contains(member) {
            "req"
        } else {
            "opt"
        };
        writeln!(
            text,
            "    {row}({member:?}, {form_name:?}, {element:?}, {of}),"
        )?;
    }
    text.push_str("]);\n");
    Ok(())
}

fn shape_of(model: &Model, name: &str) -> Result<String, Failure> {
    let kind = model
        .shapes
        .get(name)
        .ok_or(format!("no shape {name}"))?
        .kind
        .as_str();
    Ok(match kind {
        "structure" => format!("s(&{})", constant(name)),
        "list" => format!("l(&{})", constant(name)),
        "boolean" => "Boolean".into(),
        "integer" => "Integer".into(),
        "long" => "Long".into(),
        "float" | "double" => "Double".into(),
        "string" => "String".into(),
        "blob" => "Blob".into(),
        "timestamp" => "Timestamp".into(),
        other => return Err(format!("{name} is a {other}: not handled").into()),
    })
}

/// `VpcIdStringList` to `VPC_ID_STRING_LIST`.
fn constant(shape: &str) -> String {
    let chars: Vec<char> = shape.chars().collect();
    let mut name = String::new();
    for (at, c) in chars.iter().enumerate() {
        let after_lower = at > 0 && !chars[at - 1].is_ascii_uppercase();
        let before_lower = at > 0 && chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_lower || before_lower) {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}
