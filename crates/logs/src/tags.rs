//! Tags of log groups, by ARN.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::name::group_of_arn;
use crate::request::required;
use crate::tables::{group, read_group};
use crate::{Caller, Logs, LogsError};

/// Tags of one resource. AWS: CloudWatch Logs, TagResource.
const TAGS_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagResource {
    resource_arn: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagResource {
    resource_arn: Option<String>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTagsForResource {
    resource_arn: Option<String>,
}

/// Checks tags that are to be the tags of one resource.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), LogsError> {
    if tags.len() > TAGS_MAX {
        return Err(LogsError::too_many_tags());
    }
    for (key, value) in tags {
        let fits = (1..=128).contains(&key.chars().count()) && !key.starts_with("aws:");
        if !fits {
            return Err(LogsError::constraint(
                "tags",
                &key.chars().take(128).collect::<String>(),
                "be a key of 1 to 128 characters that does not begin with aws:",
            ));
        }
        if value.chars().count() > 256 {
            return Err(LogsError::constraint(
                "tags",
                key,
                "have a value of at most 256 characters",
            ));
        }
    }
    Ok(())
}

impl Logs {
    pub(crate) fn tag_resource(
        &self,
        caller: Caller,
        req: TagResource,
    ) -> Result<Value, LogsError> {
        let tags = req.tags.ok_or_else(|| LogsError::missing("tags"))?;
        self.change_tags(caller, &req.resource_arn, |all| all.extend(tags))
    }

    pub(crate) fn untag_resource(
        &self,
        caller: Caller,
        req: UntagResource,
    ) -> Result<Value, LogsError> {
        let keys = req.tag_keys.ok_or_else(|| LogsError::missing("tagKeys"))?;
        self.change_tags(caller, &req.resource_arn, |all| {
            all.retain(|key, _| !keys.contains(key));
        })
    }

    fn change_tags(
        &self,
        caller: Caller,
        arn: &Option<String>,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<Value, LogsError> {
        let name = group_of_arn(caller, required(arn, "resourceArn")?)?;
        let key = (caller.account, caller.region, name);
        self.write(|tables| {
            let mut group = group(&tables.groups, key).map_err(as_resource)?;
            change(&mut group.tags);
            check(&group.tags)?;
            tables.put_group(key, &group)
        })?;
        Ok(json!({}))
    }

    pub(crate) fn list_tags_for_resource(
        &self,
        caller: Caller,
        req: ListTagsForResource,
    ) -> Result<Value, LogsError> {
        let name = group_of_arn(caller, required(&req.resource_arn, "resourceArn")?)?;
        let transaction = self.database.begin_read()?;
        let key = (caller.account, caller.region, name);
        let group = read_group(&transaction, key).map_err(as_resource)?;
        Ok(json!({ "tags": group.tags }))
    }
}

/// By ARN, a missing group is a missing resource.
fn as_resource(error: LogsError) -> LogsError {
    if error == LogsError::no_group() {
        LogsError::no_resource()
    } else {
        error
    }
}
