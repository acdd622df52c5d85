//! A form to the action that it names and a value of that action's input shape.
//!
//! Members are called as in AWS's model (`VpcIds`, not `VpcId.N`), values are typed by the
//! table. Source: spec 06 §1 "Names", "Lists", "Scalars", "Missing input".
//! Unknown parameters are ignored; a known one in the wrong form never is, since dropping it
//! would widen a request (`DescribeVpcs` without its ids).

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::form::{self, Parameter};
use crate::table::{Action, Service, Shape, Structure};
use crate::{Error, timestamp};

/// Highest index of a list item.
pub const INDEX_MAX: u32 = 10_000;

/// A request, read and typed.
#[derive(Debug)]
pub struct Request {
    pub action: &'static Action,
    /// An object; members that were not sent are absent.
    pub input: Value,
}

/// Reads a request from its query string and its body; either may be empty.
///
/// # Errors
/// `MissingAction`, `InvalidAction`, `UnsupportedOperation` (AWS has the action, this table
/// does not), `NoSuchVersion`, `MissingParameter`, `InvalidParameterValue`,
/// `MalformedQueryString`, `RequestEntityTooLarge`.
pub fn decode(service: &Service, query: &[u8], body: &[u8]) -> Result<Request, Error> {
    let mut parameters = form::parse(query)?;
    parameters.append(&mut form::parse(body)?);
    if parameters.len() > form::PARAMETERS_MAX {
        return Err(Error::malformed_query("too many parameters"));
    }
    let name = only(&parameters, "Action")?.ok_or_else(|| {
        Error::new(
            "MissingAction",
            "The request must contain the parameter Action",
        )
    })?;
    let version =
        only(&parameters, "Version")?.ok_or_else(|| Error::missing_parameter("Version"))?;
    if !service.has_version(version) {
        return Err(Error::no_such_version(version));
    }
    let Some(action) = service.action(name) else {
        return Err(if service.knows(name) {
            Error::not_built(name)
        } else {
            Error::invalid_action(name)
        });
    };
    let input = match action.input {
        Some(structure) => input(structure, &parameters)?,
        None => Value::Object(Map::new()),
    };
    Ok(Request { action, input })
}

/// The value of a parameter that may be there once.
fn only<'a>(parameters: &'a [Parameter<'_>], name: &str) -> Result<Option<&'a str>, Error> {
    let mut found = parameters.iter().filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(repeated(name)),
        (first, _) => Ok(first.map(|(_, value)| value.as_ref())),
    }
}

fn repeated(name: &str) -> Error {
    Error::malformed_query(&format!(
        "the parameter {} is there twice",
        &name[..name.floor_char_boundary(128)]
    ))
}

fn input(structure: &'static Structure, parameters: &[Parameter<'_>]) -> Result<Value, Error> {
    let mut root = Draft::default();
    let mut path = Vec::new();
    for (name, value) in parameters {
        path.clear();
        match resolve(structure, name, value, &mut path)? {
            Target::Unknown => {}
            Target::EmptyList => {
                root.at(&path);
            }
            Target::Scalar(shape) => {
                let draft = root.at(&path);
                if draft.scalar.is_some() {
                    return Err(repeated(name));
                }
                draft.scalar = Some(scalar(shape, name, value)?);
            }
        }
    }
    root.finish(Shape::Structure(structure), &mut String::new())
}

/// What a parameter's name leads to.
enum Target {
    /// Nothing in the table.
    Unknown,
    /// `Name=` of a list: the Query dialect's way to send none.
    EmptyList,
    Scalar(Shape),
}

/// Follows a dotted name through the shapes, as deep as those go; leaves the steps in `path`: a member's place in
/// its structure, or an item's index.
fn resolve(
    structure: &'static Structure,
    name: &str,
    value: &str,
    path: &mut Vec<u32>,
) -> Result<Target, Error> {
    let wrong = |why| Err(Error::invalid_value_because(name, value, why));
    let mut shape = Shape::Structure(structure);
    let mut segments = name.split('.');
    loop {
        match shape {
            Shape::Structure(structure) => match segments.next() {
                Some(segment) => match structure.form_member(segment) {
                    Some((place, member)) => {
                        path.push(place as u32);
                        shape = member.shape;
                    }
                    None => return Ok(Target::Unknown),
                },
                None if value.is_empty() => return Ok(Target::Unknown),
                None => return wrong("It is a structure: its members are named after a dot."),
            },
            Shape::List(list) => {
                let mut segment = segments.next();
                if segment.is_none() && value.is_empty() {
                    return Ok(Target::EmptyList);
                }
                if list.form_item.is_some() {
                    segment = if segment == list.form_item {
                        segments.next()
                    } else {
                        None
                    };
                }
                let Some(index) = segment.and_then(index) else {
                    return wrong("It is a list: its items are numbered from 1 to 10000.");
                };
                path.push(index);
                shape = list.shape;
            }
            scalar => {
                return match segments.next() {
                    Some(_) => wrong("It is a single value and has no members."),
                    None => Ok(Target::Scalar(scalar)),
                };
            }
        }
    }
}

/// A decimal from 1 to [`INDEX_MAX`] without leading zeros.
fn index(segment: &str) -> Option<u32> {
    let plain = segment.bytes().all(|byte| byte.is_ascii_digit()) && !segment.starts_with('0');
    segment
        .parse()
        .ok()
        .filter(|&index| plain && index <= INDEX_MAX)
}

/// One value, typed.
fn scalar(shape: Shape, name: &str, text: &str) -> Result<Value, Error> {
    let wrong = |why: &str| Error::invalid_value_because(name, text, why);
    let is_decimal = || {
        text.strip_prefix('-')
            .unwrap_or(text)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    };
    match shape {
        Shape::Boolean if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Shape::Boolean if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        Shape::Boolean => Err(wrong("It must be true or false.")),
        Shape::Integer => match text.parse::<i32>() {
            Ok(number) if is_decimal() => Ok(number.into()),
            _ => Err(wrong("It must be an integer of 32 bits.")),
        },
        Shape::Long => match text.parse::<i64>() {
            Ok(number) if is_decimal() => Ok(number.into()),
            _ => Err(wrong("It must be an integer of 64 bits.")),
        },
        Shape::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => Err(wrong("It must be a number.")),
        },
        Shape::Timestamp => match timestamp::parse(text) {
            Some(_) => Ok(text.into()),
            None => Err(wrong("It must be a time such as 2025-01-02T03:04:05.000Z.")),
        },
        Shape::Blob => match base64::engine::general_purpose::STANDARD.decode(text) {
            Ok(_) => Ok(text.into()),
            Err(_) => Err(wrong("It must be base64.")),
        },
        // What XML cannot carry could never be answered.
        _ if text.chars().all(crate::xml::is_char) => Ok(text.into()),
        _ => Err(wrong("It contains a control character.")),
    }
}

/// A value under construction: parameters come in any order.
#[derive(Default)]
struct Draft {
    scalar: Option<Value>,
    /// By member's place or by item's index.
    parts: BTreeMap<u32, Draft>,
}

impl Draft {
    fn at(&mut self, path: &[u32]) -> &mut Self {
        path.iter()
            .fold(self, |draft, step| draft.parts.entry(*step).or_default())
    }

    /// The value, once all required members are there. `name` is the form's name so far.
    fn finish(self, shape: Shape, name: &mut String) -> Result<Value, Error> {
        let here = name.len();
        let into = |name: &mut String, part: &str| {
            name.truncate(here);
            name.push_str(if here == 0 { "" } else { "." });
            name.push_str(part);
        };
        match shape {
            Shape::Structure(structure) => {
                let mut parts = self.parts;
                let mut members = Map::new();
                for (place, member) in structure.members.iter().enumerate() {
                    let draft = parts.remove(&(place as u32));
                    into(name, member.form_name);
                    let is_empty = draft
                        .as_ref()
                        .is_none_or(|draft| draft.scalar.is_none() && draft.parts.is_empty());
                    if member.required && is_empty {
                        return Err(Error::missing_parameter(name));
                    }
                    if let Some(draft) = draft {
                        members.insert(member.name.to_owned(), draft.finish(member.shape, name)?);
                    }
                }
                name.truncate(here);
                Ok(Value::Object(members))
            }
            Shape::List(list) => {
                let mut items = Vec::with_capacity(self.parts.len());
                for (index, draft) in self.parts {
                    let index = match list.form_item {
                        Some(item) => format!("{item}.{index}"),
                        None => index.to_string(),
                    };
                    into(name, &index);
                    items.push(draft.finish(list.shape, name)?);
                }
                name.truncate(here);
                Ok(Value::Array(items))
            }
            _ => Ok(self.scalar.unwrap_or(Value::Null)),
        }
    }
}
