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

/// An action, and the table or index that it is about, below `table/`; `*` where it is about none.
pub type Permission = (String, String);

/// What a caller must be allowed for an operation, each once (service authorization reference, Amazon DynamoDB).
/// Transactions have no permissions of their own: what is in them is asked for as if it came alone.
pub fn permissions(operation: &str, input: &Value) -> Vec<Permission> {
    let own = |table: &str| (format!("dynamodb:{operation}"), table.to_owned());
    let mut needed = Vec::new();
    for item in input["TransactItems"].as_array().into_iter().flatten() {
        for (kind, about) in item.as_object().into_iter().flatten() {
            let action = match kind.as_str() {
                "Put" => "PutItem",
                "Update" => "UpdateItem",
                "Delete" => "DeleteItem",
                "ConditionCheck" => "ConditionCheckItem",
                "Get" => "GetItem",
                _ => operation,
            };
            let table = about["TableName"].as_str().unwrap_or("*");
            needed.push((format!("dynamodb:{action}"), table_of(table).to_owned()));
        }
    }
    for items in input["RequestItems"].as_object().into_iter() {
        needed.extend(items.keys().map(|table| own(table_of(table))));
    }
    for member in ["TableName", "ResourceArn"] {
        let table = input[member].as_str().map(table_of);
        match (table, input["IndexName"].as_str()) {
            (Some(table), Some(index)) => needed.push(own(&format!("{table}/index/{index}"))),
            (Some(table), None) => needed.push(own(table)),
            (None, _) => {}
        }
    }
    if operation == "CreateTable" && input["Tags"].is_array() {
        let table = input["TableName"].as_str().unwrap_or("*");
        needed.push(("dynamodb:TagResource".to_owned(), table.to_owned()));
    }
    if needed.is_empty() {
        needed.push(own("*"));
    }
    needed.sort_unstable();
    needed.dedup();
    needed
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
        name_table(&mut input);
        let db = self.database(account, region)?;
        let answer = match operation {
            "CreateTable" => run(operation, input, |r| db.create_table(r)),
            "DescribeTable" => run(operation, input, |r| db.describe_table(r)),
            "UpdateTable" => run(operation, input, |r| db.update_table(r)),
            "DeleteTable" => run(operation, input, |r| db.delete_table(r)),
            "ListTables" => run(operation, input, |r| db.list_tables(r)),
            "PutItem" => run(operation, input, |r| db.put_item(r)),
            "GetItem" => run(operation, input, |r| db.get_item(r)),
            "UpdateItem" => run(operation, input, |r| db.update_item(r)),
            "DeleteItem" => run(operation, input, |r| db.delete_item(r)),
            "Query" => run(operation, input, |r| db.query(r)),
            "Scan" => run(operation, input, |r| db.scan(r)),
            "BatchGetItem" => run(operation, input, |r| db.batch_get_item(r)),
            "BatchWriteItem" => run(operation, input, |r| db.batch_write_item(r)),
            "TransactGetItems" => run(operation, input, |r| db.transact_get_items(r)),
            "TransactWriteItems" => run(operation, input, |r| db.transact_write_items(r)),
            "DescribeTimeToLive" => run(operation, input, |r| db.describe_time_to_live(r)),
            "UpdateTimeToLive" => run(operation, input, |r| db.update_time_to_live(r)),
            "TagResource" => run(operation, input, |r| db.tag_resource(r).map(|_| json!({}))),
            "UntagResource" => run(operation, input, |r| {
                db.untag_resource(r).map(|_| json!({}))
            }),
            "ListTagsOfResource" => run(operation, input, |r| db.list_tags_of_resource(r)),
            "DescribeContinuousBackups" => {
                let table = json!({"TableName": input["TableName"]});
                run(operation, table, |r| db.describe_table(r))?;
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

/// A table of the caller's own may be named by its ARN too; the engine knows names alone.
fn name_table(input: &mut Value) {
    let name = input["TableName"].as_str();
    let name = name.and_then(|name| name.strip_prefix(ENGINE)?.strip_prefix("table/"));
    if let Some(name) = name.map(str::to_owned) {
        input["TableName"] = json!(name);
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    operation: &str,
    input: Value,
    call: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, Refusal> {
    let request =
        serde_json::from_value(input).map_err(|e| unreadable(operation, &e.to_string()))?;
    serde_json::to_value(call(request)?).map_err(|e| Refusal::internal(&e.to_string()))
}

/// The refusal of an input that the engine could not read. It tells by a word in front what kind it is of, which is for its
/// own server to take off (dynoxide, `serde_errors.rs`).
fn unreadable(operation: &str, message: &str) -> Refusal {
    let serialization = |why: &str| {
        Refusal::new(
            400,
            "com.amazon.coral.service",
            "SerializationException",
            why,
        )
    };
    let validation =
        |why: &str| Refusal::new(400, "com.amazon.coral.validate", "ValidationException", why);
    let (word, why) = message.split_once(':').unwrap_or(("", message));
    match (word, operation) {
        ("SERIALIZATION" | "SERIALIZATION_AS_READ", _) => serialization(why),
        ("VALIDATION_REQUEST", "PutItem" | "UpdateItem") => {
            validation(&format!("1 validation error detected: {why}"))
        }
        ("VALIDATION" | "VALIDATION_REQUEST" | "VALIDATION_AS_READ", _) => validation(why),
        _ => {
            let of_value = [
                "missing field",
                "unknown variant",
                "invalid type: null",
                "empty AttributeValue",
                "Supplied AttributeValue",
            ];
            match of_value.iter().any(|part| message.contains(part)) {
                true => validation(message),
                false => serialization(message),
            }
        }
    }
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
    fn a_call_needs_permission_for_all_that_it_touches() {
        let needed = |operation, input| -> Vec<String> {
            let needed = permissions(operation, &input).into_iter();
            needed
                .map(|(action, table)| format!("{action} {table}"))
                .collect()
        };
        let arn = "arn:aws:dynamodb:eu-west-1:1:table/a/index/i";
        for (operation, input, wanted) in [
            ("ListTables", json!({}), vec!["dynamodb:ListTables *"]),
            (
                "GetItem",
                json!({"TableName": "a"}),
                vec!["dynamodb:GetItem a"],
            ),
            (
                "Query",
                json!({"TableName": "a", "IndexName": "i"}),
                vec!["dynamodb:Query a/index/i"],
            ),
            (
                "BatchGetItem",
                json!({"RequestItems": {"b": [], arn: []}}),
                vec!["dynamodb:BatchGetItem a", "dynamodb:BatchGetItem b"],
            ),
            (
                "TransactWriteItems",
                json!({"TransactItems": [
                    {"Put": {"TableName": "a"}},
                    {"Put": {"TableName": "a"}},
                    {"ConditionCheck": {"TableName": "b"}},
                ]}),
                vec!["dynamodb:ConditionCheckItem b", "dynamodb:PutItem a"],
            ),
            (
                "CreateTable",
                json!({"TableName": "a", "Tags": []}),
                vec!["dynamodb:CreateTable a", "dynamodb:TagResource a"],
            ),
        ] {
            assert_eq!(needed(operation, input), wanted, "{operation}");
        }
    }

    /// A table is named by its ARN as well; what is wrong with a request is told in DynamoDB's words.
    #[test]
    fn names_are_read_and_refused_as_dynamodb_does() {
        let db = DynamoDb::open(Place::Memory).unwrap();
        create(&db, "111122223333").unwrap();
        let ask = |operation: &str, input: Value| {
            db.handle("111122223333", "eu-west-1", operation, input)
        };
        let own = "arn:aws:dynamodb:eu-west-1:111122223333:table/Music";
        let seen = ask("DescribeTable", json!({"TableName": own})).unwrap();
        assert_eq!(seen["Table"]["TableName"], "Music");
        let number = json!({"TableName": "Music", "Item": {"Artist": {"S": "a"}, "n": {"N": "x"}}});
        for (operation, input, code, part) in [
            (
                "DescribeTable",
                json!({"TableName": "T"}),
                "com.amazon.coral.validate#ValidationException",
                "TableName must be at least 3 characters long",
            ),
            (
                "PutItem",
                number,
                "com.amazon.coral.validate#ValidationException",
                "cannot be converted to a numeric value: x",
            ),
            (
                "DescribeTable",
                json!({"TableName": 1}),
                "com.amazon.coral.service#SerializationException",
                "",
            ),
        ] {
            let refusal = ask(operation, input).unwrap_err();
            assert_eq!(refusal.body["__type"], code);
            let message = refusal.body["message"].as_str().unwrap_or_default();
            assert!(message.contains(part), "{message}");
            assert!(!message.contains("VALIDATION"), "{message}");
        }
    }
}
