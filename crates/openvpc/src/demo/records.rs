//! Flow-log records as a tour expects them and as CloudWatch Logs gives them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde_json::{Value, json};

use crate::client::Client;
use crate::demo::stage::Stage;

/// What makes two lines of the default format speak of one flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    pub eni: String,
    pub src: String,
    pub dst: String,
    pub src_port: u16,
    pub dst_port: u16,
    pub protocol: u8,
    pub action: String,
    /// Where the format shows them: direction, path and the packet's own addresses.
    pub detail: Option<Detail>,
}

/// What the longer format of the tours shows beyond the default one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Detail {
    pub direction: String,
    pub traffic_path: String,
    pub packet_src: String,
    pub packet_dst: String,
}

/// The longer format.
pub const LONG_FORMAT: &str = "${version} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${action} ${tcp-flags} ${flow-direction} ${traffic-path} ${pkt-srcaddr} ${pkt-dstaddr}";

/// The fields of the default format.
const DEFAULT_FIELDS: &[&str] = &[
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
];

/// A record to come, with what is not known beforehand left open.
#[derive(Debug, Clone)]
pub struct Expected {
    pub eni: String,
    pub src: String,
    pub dst: String,
    pub src_port: Option<u16>,
    pub dst_port: Option<u16>,
    pub protocol: u8,
    /// Packets and bytes, where the documentation fixes them.
    pub count: Option<(u64, u64)>,
    pub action: &'static str,
    /// Direction and traffic path, for the longer format.
    pub way: Option<(&'static str, &'static str)>,
    /// TCP flags of the whole flow, for the longer format.
    pub tcp_flags: Option<u8>,
}

impl Expected {
    /// Four echoes of 84 bytes, one way.
    pub fn ping(eni: &str, src: &str, dst: &str, action: &'static str) -> Expected {
        Expected {
            eni: eni.to_owned(),
            src: src.to_owned(),
            dst: dst.to_owned(),
            src_port: Some(0),
            dst_port: Some(0),
            protocol: 1,
            count: Some((4, 336)),
            action,
            way: None,
            tcp_flags: None,
        }
    }

    fn fits(&self, flow: &Flow, sum: &Sum) -> bool {
        flow.eni == self.eni
            && flow.src == self.src
            && flow.dst == self.dst
            && self.src_port.is_none_or(|port| port == flow.src_port)
            && self.dst_port.is_none_or(|port| port == flow.dst_port)
            && flow.protocol == self.protocol
            && flow.action == self.action
            && sum.packets > 0
            && self
                .count
                .is_none_or(|count| count == (sum.packets, sum.bytes))
            && self.tcp_flags.is_none_or(|flags| flags == sum.tcp_flags)
            && self.way.is_none_or(|way| {
                let told = flow.detail.as_ref();
                told.is_some_and(|told| {
                    way == (told.direction.as_str(), told.traffic_path.as_str())
                        && (&told.packet_src, &told.packet_dst) == (&flow.src, &flow.dst)
                })
            })
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = |port: Option<u16>| port.map_or("*".to_owned(), |p| p.to_string());
        let (packets, bytes) = self
            .count
            .map_or(("n".to_owned(), "b".to_owned()), |(p, b)| {
                (p.to_string(), b.to_string())
            });
        write!(
            f,
            "2 123456789012 {} {} {} {} {} {} {packets} {bytes} T1 T2 {} OK",
            self.eni,
            self.src,
            self.dst,
            port(self.src_port),
            port(self.dst_port),
            self.protocol,
            self.action
        )?;
        if let Some((direction, path)) = self.way {
            let flags = self
                .tcp_flags
                .map_or("*".to_owned(), |flags| flags.to_string());
            write!(f, " (tcp-flags {flags}, {direction}, traffic-path {path})")?;
        }
        Ok(())
    }
}

/// What the records of one flow add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub packets: u64,
    pub bytes: u64,
    /// OR-ed.
    pub tcp_flags: u8,
}

impl Sum {
    fn add(&mut self, more: Sum) {
        self.packets += more.packets;
        self.bytes += more.bytes;
        self.tcp_flags |= more.tcp_flags;
    }
}

/// Further windows in which what is missing may still come.
pub const LATE_WINDOWS_MAX: u32 = 5;

/// Reads what a step's traffic was recorded as, prints it, and compares it with the whole set that
/// was expected: an extra record is a difference too.
pub fn check(stage: &mut Stage, reader: &mut Reader, expected: &[Expected]) -> Result<(), String> {
    let mut fresh = reader.fresh(stage)?;
    fresh.known.clone_from(&reader.known);
    let mut differences = fresh.differences(expected);
    // On a busy machine the last packets of a step may come in a later window. What is too much stays too much.
    for _ in 0..LATE_WINDOWS_MAX {
        if differences.is_empty() {
            break;
        }
        fresh.merge(reader.fresh(stage)?);
        differences = fresh.differences(expected);
    }
    for line in &fresh.lines {
        stage.say(line);
    }
    let what = format!("{} records, as documented", expected.len());
    stage.expect(&what, &differences, &Vec::new());
    reader.known.extend(fresh.flows.into_keys());
    Ok(())
}

/// What the streams of one log group held since they were last read.
#[derive(Default)]
pub struct Fresh {
    /// By flow; one that crossed the edge of a window counts once.
    pub flows: BTreeMap<Flow, Sum>,
    /// The lines as they were delivered, NODATA apart.
    pub lines: Vec<String>,
    /// NODATA lines by interface.
    pub idle: BTreeMap<String, Vec<String>>,
    /// What a line must not be: unreadable, SKIPDATA, a timestamp that is not its start.
    pub faults: Vec<String>,
    /// Flows of earlier steps.
    known: BTreeSet<Flow>,
}

/// Reads a log group's streams from where it stopped the last time.
pub struct Reader {
    group: String,
    fields: Vec<String>,
    tokens: HashMap<String, String>,
    /// Flows that were compared already.
    known: BTreeSet<Flow>,
}

impl Reader {
    /// A reader of records in the default format.
    pub fn new(group: &str) -> Reader {
        Reader {
            group: group.to_owned(),
            fields: DEFAULT_FIELDS.iter().map(|f| (*f).to_owned()).collect(),
            tokens: HashMap::new(),
            known: BTreeSet::new(),
        }
    }

    /// A reader of records in another format.
    pub fn with_format(group: &str, format: &str) -> Reader {
        let name = |token: &str| token.trim_matches(['$', '{', '}']).to_owned();
        Reader {
            fields: format.split(' ').map(name).collect(),
            ..Reader::new(group)
        }
    }

    /// Reads lines that did not come from a log stream.
    pub fn of_lines<'a>(&self, lines: impl IntoIterator<Item = &'a str>) -> Fresh {
        let mut fresh = Fresh::default();
        let place = |name: &str| self.fields.iter().position(|field| field == name);
        let (eni, start) = (place("interface-id"), place("start"));
        for line in lines {
            let word = |at: Option<usize>| at.and_then(|at| line.split(' ').nth(at));
            let start = word(start).and_then(|start| start.parse().ok());
            let event = json!({
                "message": line,
                "timestamp": start.map(|start: i64| start * 1000),
            });
            fresh.take(&event, word(eni).unwrap_or_default(), &self.fields);
        }
        fresh
    }

    /// Waits until all that was seen so far is delivered, then reads.
    pub fn fresh(&mut self, stage: &Stage) -> Result<Fresh, String> {
        stage.wait_delivered()?;
        let client = &stage.client;
        let mut fresh = Fresh::default();
        let streams = match client.logs("DescribeLogStreams", &json!({"logGroupName": self.group}))
        {
            Ok(answer) => answer["logStreams"].as_array().cloned().unwrap_or_default(),
            Err(refusal) if refusal.code.ends_with("ResourceNotFoundException") => Vec::new(),
            Err(refusal) => return Err(refusal.to_string()),
        };
        for stream in streams.iter().filter_map(|s| s["logStreamName"].as_str()) {
            self.read_stream(client, stream, &mut fresh)?;
        }
        fresh.lines.sort();
        Ok(fresh)
    }

    fn read_stream(
        &mut self,
        client: &Client,
        stream: &str,
        fresh: &mut Fresh,
    ) -> Result<(), String> {
        loop {
            let mut input =
                json!({"logGroupName": self.group, "logStreamName": stream, "startFromHead": true});
            if let Some(token) = self.tokens.get(stream) {
                input["nextToken"] = json!(token);
            }
            let answer = client
                .logs("GetLogEvents", &input)
                .map_err(|refusal| refusal.to_string())?;
            let events = answer["events"].as_array().cloned().unwrap_or_default();
            if let Some(token) = answer["nextForwardToken"].as_str() {
                self.tokens.insert(stream.to_owned(), token.to_owned());
            }
            if events.is_empty() {
                return Ok(());
            }
            for event in &events {
                fresh.take(event, stream, &self.fields);
            }
        }
    }
}

impl Fresh {
    /// Adds what came later.
    fn merge(&mut self, later: Fresh) {
        for (flow, more) in later.flows {
            self.flows.entry(flow).or_default().add(more);
        }
        for (eni, lines) in later.idle {
            self.idle.entry(eni).or_default().extend(lines);
        }
        self.lines.extend(later.lines);
        self.faults.extend(later.faults);
    }

    fn take(&mut self, event: &Value, stream: &str, fields: &[String]) {
        let line = event["message"].as_str().unwrap_or_default();
        let values: Vec<&str> = line.split(' ').collect();
        if values.len() != fields.len() {
            self.faults
                .push(format!("not {} fields: {line}", fields.len()));
            return;
        }
        let told: HashMap<&str, &str> = fields
            .iter()
            .map(String::as_str)
            .zip(values.iter().copied())
            .collect();
        let text = |field: &str| told.get(field).copied().unwrap_or_default();
        if let Some(start) = told.get("start")
            && start.parse().ok().map(|s: i64| s * 1000) != event["timestamp"].as_i64()
        {
            self.faults.push(format!(
                "timestamp {} is not start: {line}",
                event["timestamp"]
            ));
        }
        let eni = text("interface-id");
        if !stream.starts_with(eni) {
            self.faults.push(format!("in stream {stream}: {line}"));
        }
        // Without a status in the format, a record without an action is one without data.
        let status = match (told.get("log-status"), text("action")) {
            (Some(status), _) => *status,
            (None, "-") => "NODATA",
            (None, _) => "OK",
        };
        match status {
            "NODATA" => self
                .idle
                .entry(eni.to_owned())
                .or_default()
                .push(line.to_owned()),
            "OK" => match read(&told) {
                Some((flow, more)) => {
                    self.flows.entry(flow).or_default().add(more);
                    self.lines.push(line.to_owned());
                }
                None => self.faults.push(format!("unreadable: {line}")),
            },
            _ => self.faults.push(format!("{status}: {line}")),
        }
    }

    /// Whether these are the last packets of a connection of an earlier step, such as the answer of a busy server to who
    /// has hung up: no SYN is among them.
    fn is_straggler(&self, flow: &Flow, sum: &Sum) -> bool {
        const SYN: u8 = 2;
        let shows_flags = flow.detail.is_some();
        shows_flags && flow.protocol == 6 && sum.tcp_flags & SYN == 0 && self.known.contains(flow)
    }

    /// What differs from the set that was expected: missing ones, extra ones, faults.
    pub fn differences(&self, expected: &[Expected]) -> Vec<String> {
        let mut differences = self.faults.clone();
        let mut left: Vec<(&Flow, &Sum)> = self.flows.iter().collect();
        for wanted in expected {
            match left
                .iter()
                .position(|(flow, count)| wanted.fits(flow, count))
            {
                Some(place) => drop(left.remove(place)),
                None => differences.push(format!("missing: {wanted}")),
            }
        }
        left.retain(|(flow, sum)| !self.is_straggler(flow, sum));
        differences.extend(
            left.iter()
                .map(|(flow, count)| format!("not expected: {flow:?} {count:?}")),
        );
        differences
    }
}

/// Reads one record with data.
fn read(told: &HashMap<&str, &str>) -> Option<(Flow, Sum)> {
    let text = |field: &str| told.get(field).copied();
    let detail = text("flow-direction").map(|direction| Detail {
        direction: direction.to_owned(),
        traffic_path: text("traffic-path").unwrap_or_default().to_owned(),
        packet_src: text("pkt-srcaddr").unwrap_or_default().to_owned(),
        packet_dst: text("pkt-dstaddr").unwrap_or_default().to_owned(),
    });
    let flow = Flow {
        eni: text("interface-id")?.to_owned(),
        src: text("srcaddr")?.to_owned(),
        dst: text("dstaddr")?.to_owned(),
        src_port: text("srcport")?.parse().ok()?,
        dst_port: text("dstport")?.parse().ok()?,
        protocol: text("protocol")?.parse().ok()?,
        action: text("action")?.to_owned(),
        detail,
    };
    let sum = Sum {
        packets: text("packets")?.parse().ok()?,
        bytes: text("bytes")?.parse().ok()?,
        tcp_flags: text("tcp-flags")
            .and_then(|flags| flags.parse().ok())
            .unwrap_or(0),
    };
    Some((flow, sum))
}
