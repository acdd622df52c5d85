//! Tags: `TagSpecification` at creation, CreateTags, DeleteTags, DescribeTags.

use openvpc_ec2::Error;
use openvpc_model::Tags;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::listing;
use crate::entity::{check_taggable, tag_type_of};
use crate::filters::Filters;
use crate::paging::Page;
use crate::request::{done, read};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateTags", |cx, input| create_tags(cx, read(input)?)),
    ("DeleteTags", |cx, input| delete_tags(cx, read(input)?)),
    ("DescribeTags", |cx, input| describe_tags(cx, &input)),
];

/// Per resource, counted without AWS's own.
const TAGS_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;
/// AWS: CreateTags takes up to 1000 resources.
const RESOURCES_MAX: usize = 1000;

/// One `TagSpecification.N` of a request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TagSpecification {
    pub resource_type: Option<String>,
    pub tags: Vec<Tag>,
}

/// One `Tag.N` of a request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    pub key: Option<String>,
    pub value: Option<String>,
}

/// The tags that a request gives to what it makes, which is of type `made`. For calls that make
/// resources of several types ask once per type and name all of them in `possible`.
///
/// # Errors
/// `InvalidParameterValue` for another type or an empty specification; what [`tags_of`] refuses.
pub fn at_creation(
    specifications: &[TagSpecification],
    made: &str,
    possible: &[&str],
) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    for specification in specifications {
        let kind = specification.resource_type.as_deref().unwrap_or_default();
        if kind != made && !possible.contains(&kind) {
            return Err(Error::not_taggable(kind));
        }
        if specification.tags.is_empty() {
            return Err(Error::invalid_parameter_value(
                "Tag specification must have at least one tag",
            ));
        }
        if kind != made {
            continue;
        }
        for (key, value) in tags_of(&specification.tags)? {
            if tags.insert(key.clone(), value).is_some() {
                return Err(duplicate_key(&key));
            }
        }
    }
    match tags.len() {
        0..=TAGS_MAX => Ok(tags),
        _ => Err(Error::tag_limit_exceeded()),
    }
}

/// Reads a list of tags.
///
/// # Errors
/// `InvalidTagKey.Malformed` for an empty, long or `aws:` key; `InvalidParameterValue` for a long
/// value or a key given twice.
pub fn tags_of(list: &[Tag]) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    for tag in list {
        let key = tag.key.as_deref().unwrap_or_default();
        let value = tag.value.as_deref().unwrap_or_default();
        check_key(key)?;
        if value.chars().count() > VALUE_CHARS_MAX {
            return Err(Error::invalid_value("value", value));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(duplicate_key(key));
        }
    }
    Ok(tags)
}

fn check_key(key: &str) -> Result<(), Error> {
    let length = key.chars().count();
    let reserved = key.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("aws:"));
    if length == 0 || length > KEY_CHARS_MAX || reserved {
        return Err(Error::invalid_tag_key(key));
    }
    Ok(())
}

fn duplicate_key(key: &str) -> Error {
    Error::invalid_parameter_value(format!("Duplicate tag key '{key}' specified."))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TagsRequest {
    resources: Vec<String>,
    tags: Vec<Tag>,
}

fn create_tags(cx: &mut Cx, req: TagsRequest) -> Result<Value, Error> {
    check_resources(cx, &req.resources)?;
    if req.tags.is_empty() {
        return Err(Error::missing_parameter("tagSet"));
    }
    let new = tags_of(&req.tags)?;
    for resource in &req.resources {
        let mut tags = cx.tags(resource).clone();
        tags.extend(new.clone());
        if tags.len() > TAGS_MAX {
            return Err(Error::tag_limit_exceeded());
        }
        cx.set_tags(resource, tags);
    }
    done()
}

/// A tag with a value goes only if it has that value; without tags all of a resource's go.
fn delete_tags(cx: &mut Cx, req: TagsRequest) -> Result<Value, Error> {
    check_resources(cx, &req.resources)?;
    for resource in &req.resources {
        let mut tags = cx.tags(resource).clone();
        if req.tags.is_empty() {
            tags.clear();
        }
        for tag in &req.tags {
            let key = tag.key.as_deref().unwrap_or_default();
            check_key(key)?;
            let holds = |value: &String| tags.get(key) == Some(value);
            if tag.value.as_ref().is_none_or(holds) {
                tags.remove(key);
            }
        }
        cx.set_tags(resource, tags);
    }
    done()
}

fn check_resources(cx: &Cx, resources: &[String]) -> Result<(), Error> {
    if resources.is_empty() {
        return Err(Error::missing_parameter("resourceIdSet"));
    }
    if resources.len() > RESOURCES_MAX {
        return Err(Error::invalid_parameter_value(format!(
            "At most {RESOURCES_MAX} resources can be tagged in one call."
        )));
    }
    resources.iter().try_for_each(|id| check_taggable(cx, id))
}

const TAG_FILTERS: [&str; 4] = ["key", "resource-id", "resource-type", "value"];

fn describe_tags(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &TAG_FILTERS)?;
    let page = Page::read(cx, "Tags", input, (5, 1000))?;
    let mut rows = Vec::new();
    for (id, tags) in cx.all_tags() {
        if check_taggable(cx, id).is_err() {
            continue;
        }
        let kind = tag_type_of(id).unwrap_or_default();
        for (key, value) in tags {
            let values = |name: &str| match name {
                "key" => vec![key.clone()],
                "value" => vec![value.clone()],
                "resource-id" => vec![id.to_owned()],
                "resource-type" => vec![kind.to_owned()],
                _ => Vec::new(),
            };
            if filters.pass(|| tags.clone(), values) {
                let row =
                    json!({"ResourceId": id, "ResourceType": kind, "Key": key, "Value": value});
                rows.push((format!("{id}\0{key}"), row));
            }
        }
    }
    let (rows, token) = page.take(rows.into_iter())?;
    Ok(listing("Tags", rows, token))
}
