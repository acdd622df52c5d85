//! Flow records as CloudWatch Logs has them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Daemon, User, aws_cli, eventually, stdout_of};

/// The format of a flow log that names none.
pub const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

impl User {
    /// Logs all traffic of an interface into a group, in a format.
    pub fn log_interface(&self, eni: &str, group: &str, format: &str) {
        let words = format!(
            "ec2 create-flow-logs --resource-type NetworkInterface --resource-ids {eni} --traffic-type ALL --log-group-name {group} --deliver-logs-permission-arn arn:aws:iam::123456789012:role/r --max-aggregation-interval 60 --log-format"
        );
        let mut command = aws_cli(&self.daemon);
        let made = command.args(words.split_whitespace()).arg(format).output();
        stdout_of(&made.unwrap());
    }

    /// Waits until a group has these [`records`], among others.
    pub fn recorded(&self, group: &str, format: &str, wanted: &[String]) {
        eventually(&format!("in {group}: {wanted:?}"), || {
            let found = records(&self.daemon, group, format);
            wanted.iter().all(|line| found.contains(line)).then_some(())
        });
    }
}

/// What a group has, as [`added_up`]; nothing if it is not there, as before the first record.
pub fn records(daemon: &Daemon, group: &str, format: &str) -> BTreeSet<String> {
    let words = ["logs", "filter-log-events", "--log-group-name", group];
    let mut command = aws_cli(daemon);
    let output = command.args(words).args(["--output", "json"]).output();
    let found = serde_json::from_slice::<Value>(&output.unwrap().stdout).unwrap_or_default();
    let events = found["events"].as_array().into_iter().flatten();
    added_up(events.filter_map(|it| it["message"].as_str()), format)
}

/// Records that differ in packets, bytes and times alone as one, without its times: a window may end between two packets.
pub fn added_up<'a>(lines: impl Iterator<Item = &'a str>, format: &str) -> BTreeSet<String> {
    let names: Vec<&str> = format.split(' ').collect();
    let mut sums = BTreeMap::<Vec<&str>, [u64; 2]>::new();
    for line in lines {
        let fields: Vec<(&str, &str)> = names.iter().copied().zip(line.split(' ')).collect();
        let number = |name: &str| {
            let field = fields.iter().find(|(known, _)| *known == name);
            field.map_or(0, |(_, text)| text.parse().unwrap_or(0))
        };
        let numbers = [number("${packets}"), number("${bytes}")];
        let others = fields.iter().map(|(name, text)| match *name {
            "${packets}" | "${bytes}" | "${start}" | "${end}" => *name,
            _ => *text,
        });
        let sum = sums.entry(others.collect()).or_default();
        for (sum, more) in sum.iter_mut().zip(numbers) {
            *sum += more;
        }
    }
    let each = sums.into_iter().map(|(fields, [packets, bytes])| {
        let shown = fields.into_iter().filter_map(|text| match text {
            "${packets}" => Some(packets.to_string()),
            "${bytes}" => Some(bytes.to_string()),
            "${start}" | "${end}" => None,
            text => Some(text.to_owned()),
        });
        shown.collect::<Vec<_>>().join(" ")
    });
    each.collect()
}
