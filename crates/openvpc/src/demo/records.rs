//! Flow-log records as a tour expects them and as CloudWatch Logs gives them back.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::client::Client;
use crate::demo::stage::WINDOW;

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
}

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
        }
    }

    fn fits(&self, flow: &Flow, (packets, bytes): (u64, u64)) -> bool {
        flow.eni == self.eni
            && flow.src == self.src
            && flow.dst == self.dst
            && self.src_port.is_none_or(|port| port == flow.src_port)
            && self.dst_port.is_none_or(|port| port == flow.dst_port)
            && flow.protocol == self.protocol
            && flow.action == self.action
            && packets > 0
            && self.count.is_none_or(|count| count == (packets, bytes))
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
        )
    }
}

/// What the streams of one log group held since they were last read.
#[derive(Default)]
pub struct Fresh {
    /// Packets and bytes by flow; a flow that crossed the edge of a window counts once.
    pub flows: BTreeMap<Flow, (u64, u64)>,
    /// The lines as they were delivered, NODATA apart.
    pub lines: Vec<String>,
    /// NODATA lines by interface.
    pub idle: BTreeMap<String, Vec<String>>,
    /// What a line must not be: unreadable, SKIPDATA, a timestamp that is not its start.
    pub faults: Vec<String>,
}

/// Reads a log group's streams from where it stopped the last time.
pub struct Reader {
    group: String,
    tokens: HashMap<String, String>,
}

impl Reader {
    pub fn new(group: &str) -> Reader {
        Reader {
            group: group.to_owned(),
            tokens: HashMap::new(),
        }
    }

    /// Waits for the window that is open now to be closed and delivered, then reads.
    pub fn fresh(&mut self, client: &Client) -> Result<Fresh, String> {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|e| e.to_string())?;
        let into_window = Duration::from_nanos((since_epoch.as_nanos() % WINDOW.as_nanos()) as u64);
        std::thread::sleep(WINDOW - into_window + Duration::from_millis(600));
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
                fresh.take(event, stream);
            }
        }
    }
}

impl Fresh {
    fn take(&mut self, event: &Value, stream: &str) {
        let line = event["message"].as_str().unwrap_or_default();
        let fields: Vec<&str> = line.split(' ').collect();
        let [
            _,
            _,
            eni,
            src,
            dst,
            src_port,
            dst_port,
            protocol,
            packets,
            bytes,
            start,
            _,
            action,
            status,
        ] = fields[..]
        else {
            self.faults.push(format!("not 14 fields: {line}"));
            return;
        };
        if start.parse().ok().map(|s: i64| s * 1000) != event["timestamp"].as_i64() {
            self.faults.push(format!(
                "timestamp {} is not start: {line}",
                event["timestamp"]
            ));
        }
        if !stream.starts_with(eni) {
            self.faults.push(format!("in stream {stream}: {line}"));
        }
        match status {
            "NODATA" => self
                .idle
                .entry(eni.to_owned())
                .or_default()
                .push(line.to_owned()),
            "OK" => {
                let flow = (|| {
                    Some(Flow {
                        eni: eni.to_owned(),
                        src: src.to_owned(),
                        dst: dst.to_owned(),
                        src_port: src_port.parse().ok()?,
                        dst_port: dst_port.parse().ok()?,
                        protocol: protocol.parse().ok()?,
                        action: action.to_owned(),
                    })
                })();
                match (flow, packets.parse::<u64>(), bytes.parse::<u64>()) {
                    (Some(flow), Ok(packets), Ok(bytes)) => {
                        let sum = self.flows.entry(flow).or_default();
                        sum.0 += packets;
                        sum.1 += bytes;
                        self.lines.push(line.to_owned());
                    }
                    _ => self.faults.push(format!("unreadable: {line}")),
                }
            }
            _ => self.faults.push(format!("{status}: {line}")),
        }
    }

    /// What differs from the set that was expected: missing ones, extra ones, faults.
    pub fn differences(&self, expected: &[Expected]) -> Vec<String> {
        let mut differences = self.faults.clone();
        let mut left: Vec<(&Flow, &(u64, u64))> = self.flows.iter().collect();
        for wanted in expected {
            match left
                .iter()
                .position(|(flow, count)| wanted.fits(flow, **count))
            {
                Some(place) => drop(left.remove(place)),
                None => differences.push(format!("missing: {wanted}")),
            }
        }
        differences.extend(
            left.iter()
                .map(|(flow, count)| format!("not expected: {flow:?} {count:?}")),
        );
        differences
    }
}
