//! What the calls of Elastic Load Balancing share: ARNs, names, attributes, pages, tags, and the wording of refusals.
//!
//! Source: ELBv2 API reference (2015-12-01), the errors of each action.

use std::collections::BTreeMap;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::render_tags;
use crate::entity::Entity;
use crate::request::{done, read};
use crate::tags::{Tag, tags_of};
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("AddTags", |cx, input| add_tags(cx, read(input)?)),
    ("RemoveTags", |cx, input| remove_tags(cx, read(input)?)),
    ("DescribeTags", |cx, input| describe_tags(cx, read(input)?)),
    ("DescribeAccountLimits", |cx, _| account_limits(cx)),
];

/// AWS: `PageSize` is 1 to 400.
const PAGE_MAX: usize = 400;
const NAME_CHARS_MAX: usize = 32;
const TAGS_MAX: usize = 50;
/// AWS: DescribeTags takes up to 20 resources.
const TAGGED_MAX: usize = 20;

/// `ValidationError`: the service's own check of a request.
pub fn validation(message: impl Into<String>) -> Error {
    Error::new("ValidationError", message)
}

/// `InvalidConfigurationRequest`.
pub fn invalid_configuration(message: impl Into<String>) -> Error {
    Error::new("InvalidConfigurationRequest", message)
}

/// `ResourceInUse`.
pub fn in_use(message: impl Into<String>) -> Error {
    Error::new("ResourceInUse", message)
}

/// Refuses a member that cannot be honoured.
///
/// # Errors
/// `InvalidConfigurationRequest`.
pub fn unsupported<T>(member: &Option<T>, name: &str) -> Result<(), Error> {
    match member {
        None => Ok(()),
        Some(_) => Err(invalid_configuration(format!("{name} is not supported."))),
    }
}

/// A resource that calls name by ARN.
pub trait Named: Entity {
    /// The noun of messages.
    const NOUN: &'static str;
    const NOT_FOUND: &'static str;

    /// The id in what an ARN says after its type.
    fn id_in(path: &str) -> Option<Self::Id>;
    fn arn(&self, cx: &Cx) -> String;
}

/// The caller's resource behind an ARN.
///
/// # Errors
/// `ValidationError` for what is no such ARN; the resource's not-found code.
pub fn find<'c, T: Named>(cx: &'c Cx, arn: &str) -> Result<&'c T, Error> {
    let kind = T::TAG_TYPE;
    let path = arn_path(arn)
        .and_then(|path| path.strip_prefix(kind))
        .and_then(|path| path.strip_prefix('/'))
        .ok_or_else(|| validation(format!("'{}' is not a valid {} ARN", clip(arn), T::NOUN)))?;
    T::id_in(path)
        .and_then(|id| cx.get::<T>(id))
        .filter(|found| found.is_visible_to(cx.account()) && found.arn(cx) == arn)
        .ok_or_else(not_found::<T>)
}

pub fn not_found<T: Named>() -> Error {
    let message = format!("One or more {}s not found", T::NOUN);
    Error::new(T::NOT_FOUND, message)
}

/// What an ARN of the service says after account and colon.
fn arn_path(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let fixed = [parts.next()?, parts.next()?, parts.next()?];
    (fixed == ["arn", "aws", "elasticloadbalancing"]).then_some(())?;
    parts.nth(2)
}

impl Named for LoadBalancer {
    const NOUN: &'static str = "load balancer";
    const NOT_FOUND: &'static str = "LoadBalancerNotFound";

    fn id_in(path: &str) -> Option<LoadBalancerId> {
        LoadBalancerId::from_hex(path.rsplit('/').next()?)
    }

    fn arn(&self, cx: &Cx) -> String {
        LoadBalancer::arn(self, cx.region_name())
    }
}

impl Named for Listener {
    const NOUN: &'static str = "listener";
    const NOT_FOUND: &'static str = "ListenerNotFound";

    fn id_in(path: &str) -> Option<ListenerId> {
        ListenerId::from_hex(path.rsplit('/').next()?)
    }

    fn arn(&self, cx: &Cx) -> String {
        let of = cx.get::<LoadBalancer>(self.load_balancer);
        of.map_or_else(String::new, |of| Listener::arn(self, cx.region_name(), of))
    }
}

impl Named for TargetGroup {
    const NOUN: &'static str = "target group";
    const NOT_FOUND: &'static str = "TargetGroupNotFound";

    fn id_in(path: &str) -> Option<TargetGroupId> {
        TargetGroupId::from_hex(path.rsplit('/').next()?)
    }

    fn arn(&self, cx: &Cx) -> String {
        TargetGroup::arn(self, cx.region_name())
    }
}

/// The name of a load balancer or a target group.
///
/// # Errors
/// `ValidationError`.
pub fn check_name(name: &str, noun: &str) -> Result<(), Error> {
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(validation(format!(
            "The {noun} name '{}' cannot be longer than '{NAME_CHARS_MAX}' characters",
            clip(name)
        )));
    }
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain || name.is_empty() {
        return Err(validation(format!(
            "The {noun} name '{}' can only contain characters that are alphanumeric characters and hyphens(-)",
            clip(name)
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(validation(format!(
            "The {noun} name '{name}' cannot begin or end with a hyphen"
        )));
    }
    Ok(())
}

/// What is echoed is bounded.
pub fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(256)]
}

/// `Marker` and `PageSize`: a marker is the place in the whole list, which is in the order of ids.
///
/// # Errors
/// `ValidationError`.
pub fn page<T>(
    input: &Value,
    list: &str,
    items: Vec<T>,
    render: impl Fn(T) -> Value,
) -> Result<Value, Error> {
    let size = match input["PageSize"].as_i64() {
        None => PAGE_MAX,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=PAGE_MAX).contains(size))
            .ok_or_else(|| {
                validation(format!(
                    "PageSize '{size}' must be between 1 and {PAGE_MAX}"
                ))
            })?,
    };
    let from = match input["Marker"].as_str() {
        None | Some("") => 0,
        Some(marker) => marker
            .parse::<usize>()
            .ok()
            .filter(|from| *from <= items.len())
            .ok_or_else(|| validation("Invalid marker"))?,
    };
    let more = items.len() > from + size;
    let shown: Vec<Value> = items
        .into_iter()
        .skip(from)
        .take(size)
        .map(render)
        .collect();
    let mut answer = json!({ list: shown });
    if more {
        answer["NextMarker"] = (from + size).to_string().into();
    }
    Ok(answer)
}

/// One `Attributes.member.N`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    key: Option<String>,
    value: Option<String>,
}

/// The attributes of one resource as AWS lists them.
pub type Attributes = BTreeMap<&'static str, String>;

pub fn render_attributes(attributes: Attributes) -> Value {
    let rows = attributes.into_iter();
    let rows = rows.map(|(key, value)| json!({"Key": key, "Value": value}));
    json!({"Attributes": rows.collect::<Value>()})
}

/// Sets attributes one by one; one that `set` does not know may be given the value that it has and no other.
///
/// # Errors
/// `ValidationError` for an unknown key, a key given twice or what `set` refuses; `InvalidConfigurationRequest` for
/// what cannot be honoured.
pub fn set_attributes(
    wanted: &[Attribute],
    known: &Attributes,
    mut set: impl FnMut(&str, &str) -> Option<Result<(), Error>>,
) -> Result<(), Error> {
    for (at, attribute) in wanted.iter().enumerate() {
        let key = attribute.key.as_deref().unwrap_or_default();
        let value = attribute.value.as_deref().unwrap_or_default();
        let Some(current) = known.get(key) else {
            return Err(validation(format!(
                "{} attribute key is not recognized",
                clip(key)
            )));
        };
        if wanted[..at].iter().any(|other| other.key == attribute.key) {
            return Err(validation(format!("Attribute key '{key}' is given twice")));
        }
        match set(key, value) {
            Some(outcome) => outcome?,
            None if current == value => {}
            None => {
                return Err(invalid_configuration(format!(
                    "The attribute {key} cannot be '{}': only '{current}' is supported",
                    clip(value)
                )));
            }
        }
    }
    Ok(())
}

/// # Errors
/// `ValidationError`.
pub fn flag(key: &str, value: &str) -> Result<bool, Error> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(invalid_attribute(key, other)),
    }
}

/// # Errors
/// `ValidationError`.
pub fn number(key: &str, value: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, Error> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| invalid_attribute(key, value))
}

pub fn invalid_attribute(key: &str, value: &str) -> Error {
    validation(format!(
        "'{}' is not valid for the attribute {key}",
        clip(value)
    ))
}

/// The tags that a Create call gives.
///
/// # Errors
/// `DuplicateTagKeys`, `TooManyTags`, `ValidationError`.
pub fn tags_at_creation(tags: &[Tag]) -> Result<Tags, Error> {
    let read = tags_of(tags).map_err(|error| match error.message().contains("Duplicate") {
        true => Error::new("DuplicateTagKeys", error.message()),
        false => validation(error.message()),
    })?;
    match read.len() {
        0..=TAGS_MAX => Ok(read),
        _ => Err(Error::new(
            "TooManyTags",
            "You've reached the limit on the number of tags per resource",
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagsRequest {
    resource_arns: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

/// The key under which a resource's tags are kept.
fn tagged(cx: &Cx, arn: &str) -> Result<String, Error> {
    let path = arn_path(arn).unwrap_or_default();
    match path.split('/').next() {
        Some("loadbalancer") => find::<LoadBalancer>(cx, arn).map(|found| found.id.to_string()),
        Some("targetgroup") => find::<TargetGroup>(cx, arn).map(|found| found.id.to_string()),
        Some("listener") => find::<Listener>(cx, arn).map(|found| found.id.to_string()),
        _ => Err(validation(format!("'{}' is not a valid ARN", clip(arn)))),
    }
}

fn all_tagged(cx: &Cx, req: &TagsRequest) -> Result<Vec<String>, Error> {
    if req.resource_arns.len() > TAGGED_MAX {
        return Err(validation(format!(
            "At most {TAGGED_MAX} resources can be named in one call"
        )));
    }
    req.resource_arns
        .iter()
        .map(|arn| tagged(cx, arn))
        .collect()
}

fn add_tags(cx: &mut Cx, req: TagsRequest) -> Result<Value, Error> {
    let new = tags_at_creation(&req.tags)?;
    for resource in all_tagged(cx, &req)? {
        let mut tags = cx.tags(&resource).clone();
        tags.extend(new.clone());
        if tags.len() > TAGS_MAX {
            return Err(Error::new(
                "TooManyTags",
                "You've reached the limit on the number of tags per resource",
            ));
        }
        cx.set_tags(resource, tags);
    }
    done()
}

fn remove_tags(cx: &mut Cx, req: TagsRequest) -> Result<Value, Error> {
    for resource in all_tagged(cx, &req)? {
        let mut tags = cx.tags(&resource).clone();
        tags.retain(|key, _| !req.tag_keys.contains(key));
        cx.set_tags(resource, tags);
    }
    done()
}

fn describe_tags(cx: &mut Cx, req: TagsRequest) -> Result<Value, Error> {
    let resources = all_tagged(cx, &req)?;
    let rows = req.resource_arns.iter().zip(resources);
    let rows = rows
        .map(|(arn, resource)| json!({"ResourceArn": arn, "Tags": render_tags(cx.tags(resource))}));
    Ok(json!({"TagDescriptions": rows.collect::<Value>()}))
}

fn account_limits(cx: &Cx) -> Result<Value, Error> {
    let quotas = cx.quotas();
    let limits = [
        ("network-load-balancers", quotas.load_balancers_per_region),
        ("target-groups", quotas.target_groups_per_region),
        (
            "listeners-per-network-load-balancer",
            quotas.listeners_per_load_balancer,
        ),
        (
            "targets-per-network-load-balancer",
            quotas.targets_per_target_group,
        ),
    ];
    let limits = limits
        .iter()
        .map(|(name, max)| json!({"Name": name, "Max": max.to_string()}));
    Ok(json!({"Limits": limits.collect::<Value>()}))
}
