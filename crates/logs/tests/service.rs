//! The service as a client of its JSON sees it.
#![allow(clippy::unwrap_used)]

use openvpc_logs::{Caller, Delivered, Delivery, Limits, Logs, OpenError, Place};
use serde_json::{Value, json};

const NOW: i64 = 1_700_000_000_000;
const DAY: i64 = 86_400_000;

fn caller(now_ms: i64) -> Caller<'static> {
    Caller {
        account: "123456789012",
        region: "us-east-1",
        now_ms,
    }
}

/// A service with group `g` and stream `s`.
fn logs() -> Logs {
    let logs = Logs::open(Place::Memory).unwrap();
    ok(&logs, "CreateLogGroup", json!({"logGroupName": "g"}));
    ok(
        &logs,
        "CreateLogStream",
        json!({"logGroupName": "g", "logStreamName": "s"}),
    );
    logs
}

fn ok(logs: &Logs, operation: &str, input: Value) -> Value {
    logs.handle(caller(NOW), operation, input).unwrap()
}

fn refused(logs: &Logs, operation: &str, input: Value) -> (&'static str, String) {
    let error = logs.handle(caller(NOW), operation, input).unwrap_err();
    assert_eq!(error.status(), 400);
    (error.kind, error.message)
}

fn put(logs: &Logs, stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<_> = events
        .iter()
        .map(|(timestamp, message)| json!({"timestamp": timestamp, "message": message}))
        .collect();
    ok(
        logs,
        "PutLogEvents",
        json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events}),
    )
}

fn messages(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["message"].as_str().unwrap())
        .collect()
}

fn get(logs: &Logs, input: Value) -> Value {
    let mut whole = json!({"logGroupName": "g", "logStreamName": "s"});
    whole
        .as_object_mut()
        .unwrap()
        .extend(input.as_object().unwrap().clone());
    ok(logs, "GetLogEvents", whole)
}

#[test]
fn what_was_put_is_read_with_the_time_of_its_arrival() {
    let logs = logs();
    let answer = put(&logs, "s", &[(NOW - 2, "one"), (NOW - 1, "two é")]);
    assert!(answer["nextSequenceToken"].is_string());
    assert_eq!(answer.get("rejectedLogEventsInfo"), None);
    assert_eq!(
        get(&logs, json!({}))["events"],
        json!([
            {"timestamp": NOW - 2, "message": "one", "ingestionTime": NOW},
            {"timestamp": NOW - 1, "message": "two é", "ingestionTime": NOW},
        ])
    );
}

#[test]
fn groups_and_streams_are_described_page_by_page() {
    let logs = Logs::open(Place::Memory).unwrap();
    for n in 0..120 {
        ok(
            &logs,
            "CreateLogGroup",
            json!({"logGroupName": format!("/vpc/{n:03}")}),
        );
    }
    ok(&logs, "CreateLogGroup", json!({"logGroupName": "/vpd"}));
    let (mut names, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"logGroupNamePrefix": "/vpc/", "limit": 50});
        if token.is_string() {
            input["nextToken"] = token;
        }
        let answer = ok(&logs, "DescribeLogGroups", input);
        let groups = answer["logGroups"].as_array().unwrap().clone();
        assert!(groups.len() <= 50);
        names.extend(
            groups
                .iter()
                .map(|g| g["logGroupName"].as_str().unwrap().to_owned()),
        );
        token = answer["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(
        names,
        (0..120).map(|n| format!("/vpc/{n:03}")).collect::<Vec<_>>()
    );
    let one = ok(
        &logs,
        "DescribeLogGroups",
        json!({"logGroupNamePrefix": "/vpd"}),
    );
    assert_eq!(
        one,
        json!({"logGroups": [{
            "logGroupName": "/vpd", "creationTime": NOW, "metricFilterCount": 0, "storedBytes": 0,
            "logGroupClass": "STANDARD",
            "arn": "arn:aws:logs:us-east-1:123456789012:log-group:/vpd:*",
            "logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/vpd",
        }]})
    );
}

#[test]
fn streams_can_be_ordered_by_name_or_by_time() {
    let logs = logs();
    for name in ["a", "b", "c"] {
        ok(
            &logs,
            "CreateLogStream",
            json!({"logGroupName": "g", "logStreamName": name}),
        );
    }
    put(&logs, "b", &[(NOW - 5, "x")]);
    put(&logs, "a", &[(NOW - 9, "y"), (NOW - 3, "z")]);
    let names = |input: Value| -> Vec<String> {
        let mut whole =
            json!({"logGroupIdentifier": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(input.as_object().unwrap().clone());
        let answer = ok(&logs, "DescribeLogStreams", whole);
        let streams = answer["logStreams"].as_array().unwrap().iter();
        streams
            .map(|s| s["logStreamName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(json!({})), ["a", "b", "c", "s"]);
    assert_eq!(names(json!({"logStreamNamePrefix": "s"})), ["s"]);
    assert_eq!(
        names(json!({"orderBy": "LastEventTime", "descending": true, "limit": 2})),
        ["a", "b"]
    );
    assert_eq!(names(json!({"limit": 2, "nextToken": "b"})), ["c", "s"]);
    let answer = ok(
        &logs,
        "DescribeLogStreams",
        json!({"logGroupName": "g", "logStreamNamePrefix": "a"}),
    );
    let stream = &answer["logStreams"][0];
    assert_eq!(
        (
            &stream["firstEventTimestamp"],
            &stream["lastEventTimestamp"],
            &stream["lastIngestionTime"]
        ),
        (&json!(NOW - 9), &json!(NOW - 3), &json!(NOW))
    );
}

#[test]
fn refusals_are_the_services_own() {
    let logs = logs();
    for (operation, input, kind, message) in [
        (
            "CreateLogGroup",
            json!({"logGroupName": "g"}),
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ),
        (
            "CreateLogStream",
            json!({"logGroupName": "g", "logStreamName": "s"}),
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        ),
        (
            "CreateLogStream",
            json!({"logGroupName": "none", "logStreamName": "s"}),
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        ),
        (
            "DeleteLogGroup",
            json!({"logGroupName": "none"}),
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "g", "logStreamName": "none"}),
            "ResourceNotFoundException",
            "The specified log stream does not exist.",
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "nextToken": "f/1/s"}),
            "InvalidParameterException",
            "The specified nextToken is invalid.",
        ),
        (
            "FilterLogEvents",
            json!({"logGroupName": "g", "filterPattern": "{$.a=1}"}),
            "InvalidParameterException",
            "Invalid filter pattern: JSON patterns are not supported by openvpc",
        ),
        (
            "ListTagsForResource",
            json!({"resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:none"}),
            "ResourceNotFoundException",
            "The specified resource does not exist.",
        ),
        (
            "ListTagsForResource",
            json!({"resourceArn": "arn:aws:logs:us-east-1:999999999999:log-group:g"}),
            "ResourceNotFoundException",
            "The specified resource does not exist.",
        ),
        (
            "CreateExportTask",
            json!({}),
            "UnknownOperationException",
            "The operation CreateExportTask is not implemented by openvpc",
        ),
    ] {
        assert_eq!(
            refused(&logs, operation, input),
            (kind, message.to_owned()),
            "{operation}"
        );
    }
    for (operation, input) in [
        ("CreateLogGroup", json!({})),
        ("CreateLogGroup", json!({"logGroupName": ""})),
        ("CreateLogGroup", json!({"logGroupName": "a b"})),
        ("CreateLogGroup", json!({"logGroupName": "x".repeat(513)})),
        (
            "CreateLogStream",
            json!({"logGroupName": "g", "logStreamName": "a:b"}),
        ),
        (
            "CreateLogStream",
            json!({"logGroupName": "g", "logStreamName": "*"}),
        ),
        (
            "PutRetentionPolicy",
            json!({"logGroupName": "g", "retentionInDays": 2}),
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "limit": 0}),
        ),
        (
            "GetLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "limit": 10_001}),
        ),
        (
            "FilterLogEvents",
            json!({"logGroupName": "g", "logStreamNames": ["s"], "logStreamNamePrefix": "s"}),
        ),
        (
            "PutLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "logEvents": []}),
        ),
        (
            "PutLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": NOW, "message": ""}]}),
        ),
    ] {
        assert_eq!(
            refused(&logs, operation, input).0,
            "InvalidParameterException",
            "{operation}"
        );
    }
    assert_eq!(
        refused(&logs, "CreateLogGroup", json!({"logGroupName": 1})).0,
        "SerializationException"
    );
}

#[test]
fn a_batch_is_sorted_short_and_small() {
    let logs = logs();
    let batch = |events: Vec<(i64, String)>| {
        let events: Vec<_> = events
            .iter()
            .map(|(t, m)| json!({"timestamp": t, "message": m}))
            .collect();
        json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})
    };
    let one = |at| (at, "x".to_owned());
    for (events, part) in [
        (vec![one(NOW), one(NOW - 1)], "chronological order"),
        (vec![one(NOW - DAY - 1), one(NOW)], "24 hours"),
        (vec![(NOW, "x".repeat(1_048_576 - 25))], "Upload too large"),
        (
            (0..10_001).map(|_| one(NOW)).collect(),
            "length between 1 and 10000",
        ),
    ] {
        let (kind, message) = refused(&logs, "PutLogEvents", batch(events));
        assert_eq!(kind, "InvalidParameterException");
        assert!(message.contains(part), "{message}");
    }
    ok(
        &logs,
        "PutLogEvents",
        batch(vec![(NOW, "x".repeat(1_048_576 - 26))]),
    );
    ok(&logs, "PutLogEvents", batch(vec![one(NOW - DAY), one(NOW)]));
}

#[test]
fn events_too_old_too_new_or_expired_are_rejected_by_index() {
    let logs = logs();
    let answer = put(
        &logs,
        "s",
        &[(NOW - 14 * DAY - 1, "old"), (NOW - 14 * DAY, "kept")],
    );
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooOldLogEventEndIndex": 1})
    );
    let answer = put(
        &logs,
        "s",
        &[
            (NOW, "kept too"),
            (NOW + 7_200_000, "edge"),
            (NOW + 7_200_001, "new"),
        ],
    );
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooNewLogEventStartIndex": 2})
    );
    assert_eq!(
        messages(&get(&logs, json!({}))),
        ["kept", "kept too", "edge"]
    );
    ok(
        &logs,
        "PutRetentionPolicy",
        json!({"logGroupName": "g", "retentionInDays": 1}),
    );
    let answer = put(
        &logs,
        "s",
        &[(NOW - DAY - 1, "expired"), (NOW - DAY, "just not")],
    );
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"expiredLogEventEndIndex": 1})
    );
}

#[test]
fn expired_events_are_hidden_at_once_and_removed_later() {
    let logs = logs();
    put(&logs, "s", &[(NOW - 2 * DAY - 1, "old")]);
    put(&logs, "s", &[(NOW, "new")]);
    ok(
        &logs,
        "PutRetentionPolicy",
        json!({"logGroupName": "g", "retentionInDays": 1}),
    );
    assert_eq!(
        ok(&logs, "DescribeLogGroups", json!({}))["logGroups"][0]["retentionInDays"],
        1
    );
    assert_eq!(messages(&get(&logs, json!({}))), ["new"]);
    assert_eq!(
        messages(&ok(&logs, "FilterLogEvents", json!({"logGroupName": "g"}))),
        ["new"]
    );
    assert_eq!(
        (logs.expire(NOW).unwrap(), logs.expire(NOW).unwrap()),
        (1, 0)
    );
    assert_eq!(logs.usage().unwrap().events, 1);
    assert_eq!(
        ok(&logs, "DescribeLogGroups", json!({}))["logGroups"][0]["storedBytes"],
        29
    );
    ok(&logs, "DeleteRetentionPolicy", json!({"logGroupName": "g"}));
    assert_eq!(messages(&get(&logs, json!({}))), ["new"]);
}

#[test]
fn a_reader_pages_forward_to_the_end_and_follows() {
    let logs = logs();
    let events: Vec<_> = (0..25).map(|n| (NOW + n, format!("m{n:02}"))).collect();
    for (at, message) in &events {
        put(&logs, "s", &[(*at, message)]);
    }
    let mut read = Vec::new();
    let mut answer = get(&logs, json!({"startFromHead": true, "limit": 10}));
    loop {
        read.extend(messages(&answer).into_iter().map(str::to_owned));
        let token = answer["nextForwardToken"].clone();
        answer = get(&logs, json!({"nextToken": token, "limit": 10}));
        if answer["nextForwardToken"] == token {
            assert!(messages(&answer).is_empty());
            break;
        }
    }
    assert_eq!(
        read,
        events.iter().map(|(_, m)| m.clone()).collect::<Vec<_>>()
    );
    put(&logs, "s", &[(NOW + 99, "later")]);
    let token = answer["nextForwardToken"].clone();
    assert_eq!(
        messages(&get(&logs, json!({"nextToken": token}))),
        ["later"]
    );
}

#[test]
fn a_reader_pages_backwards_from_the_tail() {
    let logs = logs();
    for n in 0..25 {
        put(&logs, "s", &[(NOW, &format!("m{n:02}"))]);
    }
    let tail = get(&logs, json!({"limit": 10}));
    assert_eq!(messages(&tail)[0], "m15");
    assert_eq!(messages(&tail)[9], "m24");
    let back = get(
        &logs,
        json!({"limit": 10, "nextToken": tail["nextBackwardToken"]}),
    );
    assert_eq!((messages(&back)[0], messages(&back)[9]), ("m05", "m14"));
    let again = get(
        &logs,
        json!({"limit": 10, "nextToken": back["nextForwardToken"]}),
    );
    assert_eq!(messages(&again), messages(&tail));
    let head = get(
        &logs,
        json!({"limit": 10, "nextToken": back["nextBackwardToken"]}),
    );
    assert_eq!(messages(&head), ["m00", "m01", "m02", "m03", "m04"]);
    let end = get(&logs, json!({"nextToken": head["nextBackwardToken"]}));
    assert!(messages(&end).is_empty());
    assert_eq!(end["nextBackwardToken"], head["nextBackwardToken"]);
}

#[test]
fn an_empty_stream_can_be_followed() {
    let logs = logs();
    for from_head in [true, false] {
        let empty = get(&logs, json!({"startFromHead": from_head}));
        assert!(messages(&empty).is_empty());
        let token = empty["nextForwardToken"].clone();
        assert_eq!(
            get(&logs, json!({"nextToken": token}))["nextForwardToken"],
            token
        );
    }
    let token = get(&logs, json!({}))["nextForwardToken"].clone();
    put(&logs, "s", &[(NOW, "first")]);
    assert_eq!(
        messages(&get(&logs, json!({"nextToken": token}))),
        ["first"]
    );
}

#[test]
fn times_bound_what_is_read() {
    let logs = logs();
    put(&logs, "s", &[(NOW, "a"), (NOW + 1, "b"), (NOW + 2, "c")]);
    // GetLogEvents ends before endTime, FilterLogEvents with it.
    assert_eq!(
        messages(&get(
            &logs,
            json!({"startTime": NOW + 1, "endTime": NOW + 2})
        )),
        ["b"]
    );
    let filtered = ok(
        &logs,
        "FilterLogEvents",
        json!({"logGroupName": "g", "startTime": NOW + 1, "endTime": NOW + 2}),
    );
    assert_eq!(messages(&filtered), ["b", "c"]);
    assert_eq!(
        messages(&get(&logs, json!({"startTime": NOW + 3, "endTime": NOW}))).len(),
        0
    );
}

#[test]
fn filter_merges_streams_in_the_order_of_time() {
    let logs = logs();
    ok(
        &logs,
        "CreateLogStream",
        json!({"logGroupName": "g", "logStreamName": "t"}),
    );
    put(
        &logs,
        "s",
        &[
            (NOW, "ACCEPT 0"),
            (NOW + 2, "REJECT 2"),
            (NOW + 4, "ACCEPT 4"),
        ],
    );
    put(&logs, "t", &[(NOW + 1, "REJECT 1"), (NOW + 3, "ACCEPT 3")]);
    let filter = |input: Value| {
        let mut whole = json!({"logGroupName": "g"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(input.as_object().unwrap().clone());
        ok(&logs, "FilterLogEvents", whole)
    };
    let all = filter(json!({}));
    assert_eq!(
        messages(&all),
        ["ACCEPT 0", "REJECT 1", "REJECT 2", "ACCEPT 3", "ACCEPT 4"]
    );
    assert_eq!(all["events"][1]["logStreamName"], "t");
    assert_eq!(
        messages(&filter(json!({"filterPattern": "REJECT"}))),
        ["REJECT 1", "REJECT 2"]
    );
    assert_eq!(
        messages(&filter(json!({"logStreamNames": ["t"]}))),
        ["REJECT 1", "ACCEPT 3"]
    );
    assert_eq!(
        messages(&filter(json!({"logStreamNamePrefix": "t"}))),
        ["REJECT 1", "ACCEPT 3"]
    );
    let (mut read, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"limit": 2, "filterPattern": "ACCEPT"});
        if token.is_string() {
            input["nextToken"] = token;
        }
        let page = filter(input);
        read.extend(messages(&page).into_iter().map(str::to_owned));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(read, ["ACCEPT 0", "ACCEPT 3", "ACCEPT 4"]);
    let ids: std::collections::BTreeSet<_> = all["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["eventId"].to_string())
        .collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn tags_come_and_go() {
    let logs = Logs::open(Place::Memory).unwrap();
    ok(
        &logs,
        "CreateLogGroup",
        json!({"logGroupName": "g", "tags": {"a": "1"}}),
    );
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    ok(
        &logs,
        "TagResource",
        json!({"resourceArn": arn, "tags": {"b": "2", "a": "3"}}),
    );
    ok(
        &logs,
        "UntagResource",
        json!({"resourceArn": arn, "tagKeys": ["a", "z"]}),
    );
    assert_eq!(
        ok(&logs, "ListTagsForResource", json!({"resourceArn": arn})),
        json!({"tags": {"b": "2"}})
    );
    let many: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{n}"), json!("v"))).collect();
    assert_eq!(
        refused(
            &logs,
            "TagResource",
            json!({"resourceArn": arn, "tags": many})
        )
        .0,
        "TooManyTagsException"
    );
    assert_eq!(
        ok(&logs, "ListTagsForResource", json!({"resourceArn": arn})),
        json!({"tags": {"b": "2"}})
    );
}

#[test]
fn deleting_takes_the_events_along() {
    let logs = logs();
    put(&logs, "s", &[(NOW, "a"), (NOW, "b")]);
    ok(
        &logs,
        "DeleteLogStream",
        json!({"logGroupName": "g", "logStreamName": "s"}),
    );
    assert_eq!(logs.usage().unwrap().events, 0);
    ok(
        &logs,
        "CreateLogStream",
        json!({"logGroupName": "g", "logStreamName": "s"}),
    );
    assert!(messages(&get(&logs, json!({}))).is_empty());
    put(&logs, "s", &[(NOW, "c")]);
    ok(&logs, "DeleteLogGroup", json!({"logGroupName": "g"}));
    let usage = logs.usage().unwrap();
    assert_eq!((usage.events, usage.bytes), (0, 0));
}

#[test]
fn accounts_and_regions_do_not_see_each_other() {
    let logs = logs();
    for other in [
        Caller {
            account: "999999999999",
            ..caller(NOW)
        },
        Caller {
            region: "eu-west-1",
            ..caller(NOW)
        },
    ] {
        let seen = logs.handle(other, "DescribeLogGroups", json!({})).unwrap();
        assert_eq!(seen, json!({"logGroups": []}));
        assert!(
            logs.handle(other, "DeleteLogGroup", json!({"logGroupName": "g"}))
                .is_err()
        );
    }
}

fn delivery(batch: &str, events: &[(i64, &str)]) -> Delivery {
    Delivery {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        log_group: "flow".to_owned(),
        log_stream: "eni-1-all".to_owned(),
        source: batch.split('/').next().unwrap().to_owned(),
        batch_id: batch.to_owned(),
        makes_group: true,
        events: events
            .iter()
            .map(|(at, m)| (*at, (*m).to_owned()))
            .collect(),
    }
}

/// `CW-4`: a role that may write to a group may yet not make one.
#[test]
fn a_delivery_that_may_not_make_its_group_waits_for_it() {
    let logs = Logs::open(Place::Memory).unwrap();
    let mut batch = delivery("fl-1/0", &[(NOW, "r")]);
    batch.makes_group = false;
    let delivered = logs.deliver(std::slice::from_ref(&batch), NOW).unwrap();
    assert_eq!(delivered.events, 0);
    assert!(matches!(&delivered.refused[..], [(0, error)] if error.is_not_found()));
    ok(&logs, "CreateLogGroup", json!({"logGroupName": "flow"}));
    let delivered = logs.deliver(&[batch], NOW).unwrap();
    assert_eq!((delivered.events, delivered.refused), (1, vec![]));
}

/// `CW-3`, and exactly once across a restart.
#[test]
fn a_delivery_makes_its_group_and_is_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Directory(dir.path().to_owned());
    let batch = delivery(
        "fl-1/1700000000/0",
        &[(NOW - 60_000, "r1"), (NOW - 90_000, "r0")],
    );
    let logs = Logs::open(place.clone()).unwrap();
    let first = logs.deliver(std::slice::from_ref(&batch), NOW).unwrap();
    assert_eq!(
        first,
        Delivered {
            events: 2,
            repeated_batches: 0,
            ..Delivered::default()
        }
    );
    drop(logs);
    let logs = Logs::open(place).unwrap();
    let next = delivery("fl-1/1700000060/0", &[(NOW, "r2")]);
    let again = logs.deliver(&[batch, next], NOW + 1).unwrap();
    assert_eq!(
        again,
        Delivered {
            events: 1,
            repeated_batches: 1,
            ..Delivered::default()
        }
    );
    let read = ok(
        &logs,
        "GetLogEvents",
        json!({"logGroupName": "flow", "logStreamName": "eni-1-all"}),
    );
    assert_eq!(messages(&read), ["r0", "r1", "r2"]);
}

/// Two flow logs share a stream. What one was told about one's batches is lost, while the other delivers hundreds.
#[test]
fn a_repetition_is_known_however_much_others_deliver_meanwhile() {
    let logs = Logs::open(Place::Memory).unwrap();
    let mine: Vec<Delivery> = (0..64)
        .map(|n| delivery(&format!("fl-1/{n}"), &[(NOW, "mine")]))
        .collect();
    assert_eq!(logs.deliver(&mine, NOW).unwrap().events, 64);
    for n in 0..200 {
        let theirs = delivery(&format!("fl-2/{n}"), &[(NOW, "theirs")]);
        assert_eq!(logs.deliver(&[theirs], NOW).unwrap().events, 1);
    }
    let again = logs.deliver(&mine, NOW).unwrap();
    assert_eq!((again.events, again.repeated_batches), (0, 64));
}

#[test]
fn a_batch_that_cannot_be_taken_does_not_hold_up_the_others() {
    let logs = Logs::open(Place::Memory).unwrap();
    let mut bad = delivery("b", &[(NOW, "y")]);
    bad.log_stream = "no:good".to_owned();
    let delivered = logs
        .deliver(&[bad, delivery("a", &[(NOW, "x")])], NOW)
        .unwrap();
    assert_eq!((delivered.events, delivered.refused.len()), (1, 1));
    let (at, error) = &delivered.refused[0];
    assert_eq!((*at, error.kind), (0, "InvalidParameterException"));
    let streams = ok(&logs, "DescribeLogStreams", json!({"logGroupName": "flow"}));
    assert_eq!(streams["logStreams"].as_array().unwrap().len(), 1);
}

#[test]
fn beyond_the_limits_the_first_to_arrive_are_discarded_and_counted() {
    let limits = Limits {
        events_max: 10,
        ..Limits::EPHEMERAL
    };
    let logs = Logs::open_with(Place::Memory, limits).unwrap();
    for n in 0..25 {
        // Later arrivals bear earlier times: arrival decides.
        logs.deliver(
            &[delivery(&n.to_string(), &[(NOW - n, &format!("m{n}"))])],
            NOW,
        )
        .unwrap();
    }
    let usage = logs.usage().unwrap();
    assert_eq!(
        (usage.events, usage.discarded, usage.bytes),
        (10, 15, 10 * 29)
    );
    let read = ok(
        &logs,
        "GetLogEvents",
        json!({"logGroupName": "flow", "logStreamName": "eni-1-all"}),
    );
    assert_eq!(messages(&read)[0], "m24");
    let limits = Limits {
        bytes_max: 100,
        ..Limits::EPHEMERAL
    };
    let logs = Logs::open_with(Place::Memory, limits).unwrap();
    logs.deliver(
        &[delivery(
            "a",
            &[(NOW, "1234"), (NOW, "1234"), (NOW, "1234"), (NOW, "1234")],
        )],
        NOW,
    )
    .unwrap();
    assert_eq!(logs.usage().unwrap().bytes, 90);
}

#[test]
fn groups_and_streams_are_bounded() {
    let limits = Limits {
        groups_max: 1,
        streams_max: 1,
        ..Limits::EPHEMERAL
    };
    let logs = Logs::open_with(Place::Memory, limits).unwrap();
    ok(&logs, "CreateLogGroup", json!({"logGroupName": "g"}));
    assert_eq!(
        refused(&logs, "CreateLogGroup", json!({"logGroupName": "h"})).0,
        "LimitExceededException"
    );
    ok(
        &logs,
        "CreateLogStream",
        json!({"logGroupName": "g", "logStreamName": "s"}),
    );
    let second = json!({"logGroupName": "g", "logStreamName": "t"});
    assert_eq!(
        refused(&logs, "CreateLogStream", second).0,
        "LimitExceededException"
    );
}

#[test]
fn reset_forgets_everything() {
    let logs = logs();
    put(&logs, "s", &[(NOW, "a")]);
    let token = get(&logs, json!({}))["nextForwardToken"].clone();
    logs.reset().unwrap();
    assert_eq!(
        ok(&logs, "DescribeLogGroups", json!({})),
        json!({"logGroups": []})
    );
    ok(&logs, "CreateLogGroup", json!({"logGroupName": "g"}));
    ok(
        &logs,
        "CreateLogStream",
        json!({"logGroupName": "g", "logStreamName": "s"}),
    );
    assert!(messages(&get(&logs, json!({"nextToken": token}))).is_empty());
    assert_eq!(logs.usage().unwrap().events, 0);
}

#[test]
fn a_file_that_is_no_log_file_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join(Place::FILE_NAME),
        b"not a database at all, really not",
    )
    .unwrap();
    let refusal = Logs::open(Place::Directory(dir.path().to_owned())).unwrap_err();
    assert!(matches!(refusal, OpenError::Unusable { .. }), "{refusal}");
    assert!(refusal.to_string().contains("logs.redb"));
}
