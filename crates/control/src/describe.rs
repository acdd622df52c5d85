//! The skeleton of every Describe call: ids, filters, page, rendering.

use openvpc_ec2::Error;
use openvpc_model::Tags;
use serde_json::{Map, Value, json};

use crate::Cx;
use crate::entity::Entity;
use crate::filters::Filters;
use crate::ids::{Id, not_found, parse_id};
use crate::paging::Page;

/// A filter's name and what a resource has under it.
pub type Filter<T> = (&'static str, fn(&T, &Cx) -> Vec<String>);

/// A resource that a Describe call lists. The resource's file states this and no more.
pub trait Describe: Entity<Id: Id> {
    /// The member of the answer that holds the list, such as `Vpcs`.
    const LIST: &'static str;
    /// The member of the request that holds ids, such as `VpcIds`.
    const IDS: &'static str;
    /// Bounds of `MaxResults`.
    const PAGE: (i64, i64) = (5, 1000);
    /// Whether AWS forbids `MaxResults` beside ids.
    const IDS_FORBID_PAGING: bool = false;
    /// Filters beside `tag:<key>` and `tag-key`.
    const FILTERS: &'static [Filter<Self>];

    /// The resource as it stands in an answer.
    fn render(&self, cx: &Cx) -> Value;
}

/// Serves a Describe call.
///
/// # Errors
/// An unknown or malformed id, an unknown filter, a bad page.
pub fn describe<T: Describe>(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let (resources, token) = select::<T>(cx, input)?;
    let rendered = resources.into_iter().map(|r| r.render(cx)).collect();
    Ok(listing(T::LIST, rendered, token))
}

/// The resources that a Describe call asks for, with the token of the next page.
///
/// # Errors
/// As [`describe`].
pub fn select<'c, T: Describe>(
    cx: &'c Cx,
    input: &Value,
) -> Result<(Vec<&'c T>, Option<String>), Error> {
    let names: Vec<&str> = T::FILTERS.iter().map(|(name, _)| *name).collect();
    let filters = Filters::read(input, &names)?;
    let ids = ids::<T>(cx, input)?;
    if T::IDS_FORBID_PAGING && ids.is_some() && !input["MaxResults"].is_null() {
        return Err(Error::exclusive(T::IDS, "maxResults"));
    }
    let page = Page::read(cx, T::LIST, input, T::PAGE)?;
    let pass = |resource: &&T| {
        filters.pass(
            || cx.tags(resource.id()).clone(),
            |name| values(cx, *resource, name),
        )
    };
    match ids {
        Some(ids) => {
            let named = ids.into_iter().filter_map(|id| cx.get::<T>(id));
            page.take(named.filter(pass).map(|r| (r.id(), r)))
        }
        None => page.take(cx.own::<T>().filter(pass).map(|r| (r.id(), r))),
    }
}

/// An answer that is a list and perhaps a token for more.
pub fn listing(list: &str, items: Vec<Value>, token: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(list.to_owned(), Value::Array(items));
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), Value::String(token));
    }
    Value::Object(answer)
}

/// `tagSet` of a resource.
pub fn tag_set(cx: &Cx, id: impl ToString) -> Value {
    render_tags(cx.tags(id))
}

/// Tags as they stand in an answer.
pub fn render_tags(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

/// The ids asked for, ascending, all the caller's own; `None` when none is named.
fn ids<T: Describe>(cx: &Cx, input: &Value) -> Result<Option<Vec<T::Id>>, Error> {
    let Some(texts) = input[T::IDS].as_array().filter(|ids| !ids.is_empty()) else {
        return Ok(None);
    };
    let mut ids = Vec::with_capacity(texts.len());
    for text in texts {
        let text = text.as_str().unwrap_or_default();
        let id = parse_id::<T::Id>(text)?;
        cx.get::<T>(id)
            .filter(|r| r.is_visible_to(cx.account()))
            .ok_or_else(|| not_found::<T::Id>(text))?;
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}

fn values<T: Describe>(cx: &Cx, resource: &T, name: &str) -> Vec<String> {
    T::FILTERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, values)| values(resource, cx))
        .unwrap_or_default()
}
