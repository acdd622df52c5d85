//! Log groups and their retention.

use std::collections::BTreeMap;

use redb::{ReadableTable, ReadableTableMetadata};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::name::{check_group, group_arn};
use crate::request::{page_size, required};
use crate::tables::{GROUPS, Group, SIZES, Stream, Tables, counter, group};
use crate::{Caller, Limits, Logs, LogsError, tags};

/// Groups on one page. AWS: DescribeLogGroups.
const PAGE_MAX: usize = 50;

/// The numbers of days that can be asked for. AWS: PutRetentionPolicy.
const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLogGroup {
    log_group_name: Option<String>,
    log_group_class: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NamedGroup {
    log_group_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutRetentionPolicy {
    log_group_name: Option<String>,
    retention_in_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

impl Logs {
    pub(crate) fn create_log_group(
        &self,
        caller: Caller,
        req: CreateLogGroup,
    ) -> Result<Value, LogsError> {
        let name = required(&req.log_group_name, "logGroupName")?;
        check_group(name)?;
        if req.kms_key_id.is_some() {
            return Err(LogsError::invalid(
                "kmsKeyId: openvpc has no key management service; create the group without a key.",
            ));
        }
        let class = req.log_group_class.unwrap_or_else(|| "STANDARD".to_owned());
        if !matches!(&*class, "STANDARD" | "INFREQUENT_ACCESS" | "DELIVERY") {
            return Err(LogsError::constraint(
                "logGroupClass",
                &class,
                "satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]",
            ));
        }
        let tags = req.tags.unwrap_or_default();
        tags::check(&tags)?;
        let key = (caller.account, caller.region, name);
        self.write(|tables| {
            if tables.groups.get(key)?.is_some() {
                return Err(LogsError::group_exists());
            }
            tables.new_group(key, class, tags, caller.now_ms, self.limits)?;
            Ok(json!({}))
        })
    }

    pub(crate) fn delete_log_group(
        &self,
        caller: Caller,
        req: NamedGroup,
    ) -> Result<Value, LogsError> {
        let name = required(&req.log_group_name, "logGroupName")?;
        let key = (caller.account, caller.region, name);
        self.remove(|tables| {
            let number = group(&tables.groups, key)?.number;
            let mut streams = Vec::new();
            for row in tables.streams.range((number, "")..(number + 1, ""))? {
                let (at, row) = row?;
                let stream: Stream = serde_json::from_slice(row.value())?;
                streams.push((at.value().1.to_owned(), stream.number));
            }
            for (name, stream) in streams {
                tables.remove_stream(number, &name, stream)?;
            }
            tables.sizes.remove(number)?;
            tables.groups.remove(key)?;
            Ok(json!({}))
        })
    }

    pub(crate) fn describe_log_groups(
        &self,
        caller: Caller,
        req: DescribeLogGroups,
    ) -> Result<Value, LogsError> {
        let limit = page_size(req.limit, PAGE_MAX)?;
        if req.log_group_name_prefix.is_some() && req.log_group_name_pattern.is_some() {
            return Err(LogsError::invalid(
                "logGroupNamePrefix and logGroupNamePattern cannot both be given.",
            ));
        }
        let prefix = req.log_group_name_prefix.unwrap_or_default();
        let pattern = req
            .log_group_name_pattern
            .unwrap_or_default()
            .to_lowercase();
        // A page token is the last name of the page before.
        let after = req.next_token.unwrap_or_default();
        let transaction = self.database.begin_read()?;
        let groups = transaction.open_table(GROUPS)?;
        let sizes = transaction.open_table(SIZES)?;
        let from = after.as_str().max(prefix.as_str());
        let mut page = Vec::new();
        let mut next = None;
        for row in groups.range((caller.account, caller.region, from)..)? {
            let (key, row) = row?;
            let (account, region, name) = key.value();
            if (account, region) != (caller.account, caller.region) || !name.starts_with(&prefix) {
                break;
            }
            if name == after || !name.to_lowercase().contains(&pattern) {
                continue;
            }
            if page.len() == limit {
                next = page
                    .last()
                    .and_then(|last: &Value| last["logGroupName"].as_str());
                break;
            }
            let group: Group = serde_json::from_slice(row.value())?;
            let stored = sizes.get(group.number)?.map_or(0, |size| size.value());
            page.push(describe(caller, name, &group, stored));
        }
        let mut answer = json!({});
        if let Some(next) = next {
            answer["nextToken"] = json!(next);
        }
        answer["logGroups"] = Value::Array(page);
        Ok(answer)
    }

    pub(crate) fn put_retention_policy(
        &self,
        caller: Caller,
        req: PutRetentionPolicy,
    ) -> Result<Value, LogsError> {
        let days = req
            .retention_in_days
            .ok_or_else(|| LogsError::missing("retentionInDays"))?;
        if !RETENTION_DAYS.contains(&days) {
            return Err(LogsError::constraint(
                "retentionInDays",
                &days.to_string(),
                &format!("satisfy enum value set: {RETENTION_DAYS:?}"),
            ));
        }
        self.set_retention(caller, &req.log_group_name, Some(days))
    }

    pub(crate) fn delete_retention_policy(
        &self,
        caller: Caller,
        req: NamedGroup,
    ) -> Result<Value, LogsError> {
        self.set_retention(caller, &req.log_group_name, None)
    }

    fn set_retention(
        &self,
        caller: Caller,
        name: &Option<String>,
        days: Option<u32>,
    ) -> Result<Value, LogsError> {
        let key = (
            caller.account,
            caller.region,
            required(name, "logGroupName")?,
        );
        self.write(|tables| {
            let mut group = group(&tables.groups, key)?;
            group.retention_days = days;
            tables.put_group(key, &group)?;
            Ok(json!({}))
        })
    }
}

fn describe(caller: Caller, name: &str, group: &Group, stored_bytes: u64) -> Value {
    let arn = group_arn(caller, name);
    let mut shown = json!({
        "logGroupName": name,
        "creationTime": group.created_at,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "logGroupClass": group.class,
        "storedBytes": stored_bytes,
    });
    if let Some(days) = group.retention_days {
        shown["retentionInDays"] = json!(days);
    }
    shown
}

impl Tables<'_> {
    /// Makes a group that is not there yet.
    pub fn new_group(
        &mut self,
        key: (&str, &str, &str),
        class: String,
        tags: BTreeMap<String, String>,
        now_ms: i64,
        limits: Limits,
    ) -> Result<Group, LogsError> {
        if self.groups.len()? >= limits.groups_max {
            return Err(LogsError::limit_exceeded());
        }
        let group = Group {
            number: self.count(counter::NUMBER, 1)?,
            created_at: now_ms,
            retention_days: None,
            class,
            tags,
        };
        self.put_group(key, &group)?;
        Ok(group)
    }
}
