//! Flow records as they come, and the answer to "why?": what `openvpc flows` and `openvpc why` print.

use openvpc_reach::text::{Style, render};
use openvpc_reach::{Ask, Report};
use serde_json::{Value, json};

use super::{Console, Query, Refusal};
use crate::daemon::control_plane::now;
use crate::daemon::questions::{self, Question};

/// What a page that was just opened is shown of what was before.
const BEFORE_SECS: i64 = 300;
const ROWS_AT_ONCE: usize = 5_000;

impl Console {
    /// Records from a number on; from some minutes ago without one.
    pub(super) fn flows(&self, after: Option<&str>) -> Value {
        let after = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let from = match after {
            0 => self.live_flows.since(now() / 1_000 - BEFORE_SECS),
            after => after,
        };
        let portion = self.live_flows.read(from, ROWS_AT_ONCE);
        json!({"next": portion.next, "lost": portion.lost, "records": portion.rows})
    }

    /// One question at a time: each is asked of a copy of the world.
    pub(super) async fn why(&self, query: &Query) -> Result<Value, Refusal> {
        let end = |name: &str| {
            let found = query.get(name).map(str::to_owned);
            found.ok_or_else(|| Refusal::bad("name two ends"))
        };
        let protocol = query.get("protocol").map(str::to_owned);
        let port = query
            .get("port")
            .filter(|_| protocol.as_deref() != Some("icmp"));
        let mut destination = end("dst")?;
        if let Some(port) = port {
            destination = match destination.parse::<std::net::Ipv6Addr>() {
                Ok(address) => format!("[{address}]:{port}"),
                Err(_) => format!("{destination}:{port}"),
            };
        }
        let ask = Ask::Flow {
            source: end("src")?,
            destination,
            protocol,
            source_port: None,
            ipv6: false,
        };
        let _turn = self.questions.lock().await;
        let control_plane = self.control_plane.clone();
        let asked = move || questions::answer(&control_plane, Question::Why(ask), None);
        let answer = tokio::task::spawn_blocking(asked).await;
        let answer = answer
            .map_err(|_| Refusal::broken("the question"))?
            .map_err(Refusal::bad)?;
        let report: Report = serde_json::from_value(answer)
            .map_err(|error| Refusal::bad(format!("the answer cannot be read: {error}")))?;
        let text = render(&report, Style { colour: false });
        Ok(json!({"reachable": report.reachable, "text": text}))
    }
}
