//! CloudWatch Logs: operations in JSON.

use openvpc_logs::{Caller, Limits, Logs, Place};
use serde_json::Value;

use crate::Target;

/// Lines of an operation's name, a space and its JSON.
pub const LOGS: Target = Target {
    name: "logs",
    run: logs,
    seeds,
};

const CALLS_MAX: usize = 16;
const LIMITS: Limits = Limits {
    events_max: 8,
    bytes_max: 2_000,
    groups_max: 4,
    streams_max: 6,
};
const NOW: i64 = 1_735_787_045_000;

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let of = |lines: &[&str]| lines.join("\n").into_bytes();
    let group = r#"CreateLogGroup {"logGroupName":"g","tags":{"a":"b"}}"#;
    let stream = r#"CreateLogStream {"logGroupName":"g","logStreamName":"s"}"#;
    let put = r#"PutLogEvents {"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1735787044000,"message":"a b 5"},{"timestamp":1735787045000,"message":"{\"x\": [1, {\"y\": null}]}"}]}"#;
    let event = |n| format!(r#"{{"timestamp":173578704{n:04},"message":"{n}"}}"#);
    let events: Vec<String> = (1_000..1_020).map(event).collect();
    let many = format!(
        r#"PutLogEvents {{"logGroupName":"g","logStreamName":"s","logEvents":[{}]}}"#,
        events.join(",")
    );
    vec![
        (
            "put_and_get",
            of(&[
                group,
                stream,
                put,
                r#"GetLogEvents {"logGroupName":"g","logStreamName":"s","startFromHead":true,"limit":1}"#,
                r#"DescribeLogStreams {"logGroupName":"g","orderBy":"LastEventTime","descending":true}"#,
                r#"DeleteLogStream {"logGroupName":"g","logStreamName":"s"}"#,
            ]),
        ),
        (
            "filter",
            of(&[
                group,
                stream,
                put,
                r#"FilterLogEvents {"logGroupName":"g","filterPattern":"[a, b, c > 3]"}"#,
                r#"FilterLogEvents {"logGroupName":"g","filterPattern":"{ $.x[1].y IS NULL && $.z NOT EXISTS }"}"#,
                r#"FilterLogEvents {"logGroupName":"g","filterPattern":"\"a b\" -c ?d"}"#,
            ]),
        ),
        ("more_than_fit", of(&[group, stream, &many, &many])),
        (
            "groups",
            of(&[
                group,
                r#"PutRetentionPolicy {"logGroupName":"g","retentionInDays":7}"#,
                r#"DescribeLogGroups {"logGroupNamePrefix":"g","limit":1}"#,
                r#"ListTagsForResource {"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g"}"#,
                r#"DeleteRetentionPolicy {"logGroupName":"g"}"#,
                r#"DeleteLogGroup {"logGroupName":"g"}"#,
            ]),
        ),
    ]
}

fn logs(bytes: &[u8]) {
    thread_local! {
        static LOGS: Logs = Logs::open_with(Place::Memory, LIMITS).expect("memory");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let caller = Caller {
        account: "123456789012",
        region: "us-east-1",
        now_ms: NOW,
    };
    LOGS.with(|logs| {
        logs.reset().expect("an empty store");
        for line in text.lines().take(CALLS_MAX) {
            let Some((operation, json)) = line.split_once(' ') else {
                continue;
            };
            let Ok(input) = serde_json::from_str::<Value>(json) else {
                continue;
            };
            match logs.handle(caller, operation, input) {
                Ok(answer) => assert!(answer.is_object()),
                Err(error) => {
                    assert_eq!(error.status(), 400, "{}: {}", error.kind, error.message);
                    assert!(error.message.len() < 4_096);
                }
            }
            let usage = logs.usage().expect("readable");
            assert!(usage.events <= LIMITS.events_max && usage.bytes <= LIMITS.bytes_max);
        }
    });
}
