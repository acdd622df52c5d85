//! Amazon DynamoDB over an embedded engine: a database file for each account and region.
//!
//! The engine knows one account and one region, so ARNs are rewritten on the way in and out. It
//! holds one lock per database and syncs every write: calls block, and belong on a thread that may.
//!
//! Source: Amazon DynamoDB API reference, version 2012-08-10.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Place;

/// Databases (account and region) that may be open at once.
const DATABASES_MAX: usize = 256;
/// Whose ARNs the engine writes.
const ENGINE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// The service, for all accounts and regions.
pub struct DynamoDb {
    place: Place,
    databases: Mutex<HashMap<(String, String), Database>>,
}

/// A refusal as it goes onto the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub body: Value,
}

impl Refusal {
    pub fn new(status: u16, prefix: &str, code: &str, message: &str) -> Refusal {
        Refusal {
            status,
            body: json!({"__type": format!("{prefix}#{code}"), "message": message}),
        }
    }

    fn internal(message: &str) -> Refusal {
        tracing::error!(message, "DynamoDB's database");
        Refusal::new(
            500,
            "com.amazonaws.dynamodb.v20120810",
            "InternalServerError",
            "Internal server error",
        )
    }

    /// What a denied caller reads.
    pub fn denied(message: &str) -> Refusal {
        Refusal {
            status: 400,
            body: json!({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": message}),
        }
    }
}

impl From<DynoxideError> for Refusal {
    fn from(error: DynoxideError) -> Refusal {
        let body = serde_json::from_str(&error.to_json());
        match body {
            Ok(body) => Refusal {
                status: error.status_code(),
                body,
            },
            Err(_) => Refusal::internal(&error.to_string()),
        }
    }
}

/// The tables that a request names, for policies; `None` when it names none.
pub fn tables(input: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for member in ["TableName", "ResourceArn"] {
        if let Some(name) = input[member].as_str() {
            found.push(table_of(name).to_owned());
        }
    }
    if let Some(items) = input["RequestItems"].as_object() {
        found.extend(items.keys().map(|name| table_of(name).to_owned()));
    }
    for item in input["TransactItems"].as_array().into_iter().flatten() {
        for action in item.as_object().into_iter().flat_map(|o| o.values()) {
            if let Some(name) = action["TableName"].as_str() {
                found.push(table_of(name).to_owned());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A table's name out of its name or ARN.
fn table_of(name: &str) -> &str {
    let name = name.split_once(":table/").map_or(name, |(_, name)| name);
    name.split_once('/').map_or(name, |(name, _)| name)
}

impl DynamoDb {
    /// Databases lie in the folder as `<account>-<region>.sqlite`.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(place: Place) -> std::io::Result<DynamoDb> {
        if let Place::Directory(dir) = &place {
            std::fs::create_dir_all(dir)?;
        }
        Ok(DynamoDb {
            place,
            databases: Mutex::default(),
        })
    }

    fn database(&self, account: &str, region: &str) -> Result<Database, Refusal> {
        let mut open = self
            .databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), region.to_owned());
        if let Some(database) = open.get(&key) {
            return Ok(database.clone());
        }
        // Both come from a proven signature, but a file name takes nothing on trust.
        let plain = |text: &str| {
            !text.is_empty()
                && text.len() < 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if open.len() >= DATABASES_MAX || !plain(account) || !plain(region) {
            return Err(Refusal::new(
                400,
                "com.amazonaws.dynamodb.v20120810",
                "LimitExceededException",
                "This DynamoDB serves no further account or region",
            ));
        }
        let database = match &self.place {
            Place::Memory => Database::memory(),
            Place::Directory(dir) => {
                let path: PathBuf = dir.join(format!("{account}-{region}.sqlite"));
                Database::new(&path.to_string_lossy())
            }
        }?;
        open.insert(key, database.clone());
        Ok(database)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn reset(&self) -> Result<(), String> {
        let mut open = self
            .databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.clear();
        if let Place::Directory(dir) = &self.place {
            std::fs::remove_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
            std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        Ok(())
    }

    /// Carries out one operation, such as `PutItem`.
    ///
    /// # Errors
    /// The service's own.
    pub fn handle(
        &self,
        account: &str,
        region: &str,
        operation: &str,
        mut input: Value,
    ) -> Result<Value, Refusal> {
        let own = format!("arn:aws:dynamodb:{region}:{account}:");
        rewrite(&mut input, &own, ENGINE);
        let db = self.database(account, region)?;
        let answer = match operation {
            "CreateTable" => run(input, |r| db.create_table(r)),
            "DescribeTable" => run(input, |r| db.describe_table(r)),
            "UpdateTable" => run(input, |r| db.update_table(r)),
            "DeleteTable" => run(input, |r| db.delete_table(r)),
            "ListTables" => run(input, |r| db.list_tables(r)),
            "PutItem" => run(input, |r| db.put_item(r)),
            "GetItem" => run(input, |r| db.get_item(r)),
            "UpdateItem" => run(input, |r| db.update_item(r)),
            "DeleteItem" => run(input, |r| db.delete_item(r)),
            "Query" => run(input, |r| db.query(r)),
            "Scan" => run(input, |r| db.scan(r)),
            "BatchGetItem" => run(input, |r| db.batch_get_item(r)),
            "BatchWriteItem" => run(input, |r| db.batch_write_item(r)),
            "TransactGetItems" => run(input, |r| db.transact_get_items(r)),
            "TransactWriteItems" => run(input, |r| db.transact_write_items(r)),
            "DescribeTimeToLive" => run(input, |r| db.describe_time_to_live(r)),
            "UpdateTimeToLive" => run(input, |r| db.update_time_to_live(r)),
            "TagResource" => run(input, |r| db.tag_resource(r).map(|_| json!({}))),
            "UntagResource" => run(input, |r| db.untag_resource(r).map(|_| json!({}))),
            "ListTagsOfResource" => run(input, |r| db.list_tags_of_resource(r)),
            "DescribeContinuousBackups" => {
                let table = json!({"TableName": input["TableName"]});
                run(table, |r| db.describe_table(r))?;
                Ok(json!({"ContinuousBackupsDescription": {
                    "ContinuousBackupsStatus": "ENABLED",
                    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
                }}))
            }
            "DescribeEndpoints" => Ok(json!({"Endpoints": [{
                "Address": format!("dynamodb.{region}.amazonaws.com"),
                "CachePeriodInMinutes": 1440,
            }]})),
            _ => Err(Refusal::new(
                400,
                "com.amazon.coral.service",
                "UnknownOperationException",
                &format!("openvpc does not serve {operation}"),
            )),
        };
        let mut answer = answer?;
        rewrite(&mut answer, ENGINE, &own);
        Ok(answer)
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    input: Value,
    call: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, Refusal> {
    let request = serde_json::from_value(input).map_err(|e| {
        Refusal::new(
            400,
            "com.amazon.coral.service",
            "SerializationException",
            &e.to_string(),
        )
    })?;
    serde_json::to_value(call(request)?).map_err(|e| Refusal::internal(&e.to_string()))
}

/// Changes the owner of ARNs where the API has ARNs; items are the caller's own and stay.
fn rewrite(value: &mut Value, from: &str, to: &str) {
    const ITEMS: [&str; 8] = [
        "Item",
        "Items",
        "Key",
        "Attributes",
        "ExpressionAttributeValues",
        "Responses",
        "LastEvaluatedKey",
        "ExclusiveStartKey",
    ];
    match value {
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix(from) {
                *text = format!("{to}{rest}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rewrite(value, from, to)),
        Value::Object(members) => members
            .iter_mut()
            .filter(|(name, _)| !ITEMS.contains(&name.as_str()))
            .for_each(|(_, value)| rewrite(value, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(db: &DynamoDb, account: &str) -> Result<Value, Refusal> {
        db.handle(
            account,
            "eu-west-1",
            "CreateTable",
            json!({
                "TableName": "Music",
                "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        )
    }

    /// Two accounts have each a table of one name, with an ARN of its own.
    #[test]
    fn tables_belong_to_an_account_and_a_region() {
        let db = DynamoDb::open(Place::Memory).unwrap();
        let made = create(&db, "111122223333").unwrap();
        assert_eq!(
            made["TableDescription"]["TableArn"],
            "arn:aws:dynamodb:eu-west-1:111122223333:table/Music"
        );
        let missing = db.handle(
            "444455556666",
            "eu-west-1",
            "DescribeTable",
            json!({"TableName": "Music"}),
        );
        let refusal = missing.unwrap_err();
        assert_eq!(refusal.status, 400);
        assert!(
            refusal.body["__type"]
                .as_str()
                .unwrap()
                .ends_with("#ResourceNotFoundException")
        );
        create(&db, "444455556666").unwrap();
    }

    /// What was answered is there after a restart, and an item that looks like an ARN is untouched.
    #[test]
    fn items_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/x";
        {
            let db = DynamoDb::open(Place::Directory(dir.path().to_owned())).unwrap();
            create(&db, "111122223333").unwrap();
            let put = json!({"TableName": "Music", "Item": {"Artist": {"S": arn}}});
            db.handle("111122223333", "eu-west-1", "PutItem", put)
                .unwrap();
        }
        let db = DynamoDb::open(Place::Directory(dir.path().to_owned())).unwrap();
        let get = json!({"TableName": "Music", "Key": {"Artist": {"S": arn}}});
        let got = db
            .handle("111122223333", "eu-west-1", "GetItem", get)
            .unwrap();
        assert_eq!(got["Item"]["Artist"]["S"], arn);
    }

    #[test]
    fn a_batch_names_every_table_it_touches() {
        let input =
            json!({"RequestItems": {"b": [], "arn:aws:dynamodb:eu-west-1:1:table/a/index/i": []}});
        assert_eq!(tables(&input), ["a", "b"]);
    }
}
