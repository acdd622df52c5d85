//! GetLogEvents: one stream, forwards or backwards.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::name::group_of;
use crate::request::{page_size, required};
use crate::tables::{EVENTS, STREAMS, event_len_bytes, read_group, stream};
use crate::{Caller, Logs, LogsError};

/// Events on one page. AWS: GetLogEvents.
pub(crate) const PAGE_MAX: usize = 10_000;
/// Bytes on one page, counted as in a batch.
pub(crate) const PAGE_LEN_MAX_BYTES: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// A place between two events of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    timestamp: i64,
    sequence: u64,
}

/// A page token: `f/` reads on after the position, `b/` reads back before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Forward(Position),
    Backward(Position),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (letter, at) = match self {
            Token::Forward(at) => ('f', at),
            Token::Backward(at) => ('b', at),
        };
        write!(f, "{letter}/{:019}{:020}/s", at.timestamp, at.sequence)
    }
}

impl FromStr for Token {
    type Err = LogsError;
    fn from_str(text: &str) -> Result<Token, LogsError> {
        let refuse = || LogsError::invalid("The specified nextToken is invalid.");
        let (letter, rest) = text.split_once('/').ok_or_else(refuse)?;
        let digits = rest.strip_suffix("/s").ok_or_else(refuse)?;
        if digits.len() != 39 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let at = Position {
            timestamp: digits[..19].parse().map_err(|_| refuse())?,
            sequence: digits[19..].parse().map_err(|_| refuse())?,
        };
        match letter {
            "f" => Ok(Token::Forward(at)),
            "b" => Ok(Token::Backward(at)),
            _ => Err(refuse()),
        }
    }
}

impl Logs {
    pub(crate) fn get_log_events(
        &self,
        caller: Caller,
        req: GetLogEvents,
    ) -> Result<Value, LogsError> {
        let limit = page_size(req.limit, PAGE_MAX)?;
        let group_name = group_of(
            caller,
            req.log_group_name.as_deref(),
            req.log_group_identifier.as_deref(),
        )?;
        let stream_name = required(&req.log_stream_name, "logStreamName")?;
        let token = req
            .next_token
            .as_deref()
            .map(str::parse::<Token>)
            .transpose()?;
        let transaction = self.database.begin_read()?;
        let group = read_group(&transaction, (caller.account, caller.region, group_name))?;
        let number = stream(&transaction.open_table(STREAMS)?, group.number, stream_name)?.number;

        // The half-open range of keys that can be shown at all, narrowed by the token.
        let since = req
            .start_time
            .unwrap_or(0)
            .max(group.kept_since(caller.now_ms))
            .max(0);
        let mut from = Position {
            timestamp: since,
            sequence: 0,
        };
        let mut to = Position {
            timestamp: req.end_time.unwrap_or(i64::MAX).max(0),
            sequence: 0,
        };
        let forward = match token {
            Some(Token::Forward(at)) => {
                from = from.max(Position {
                    sequence: at.sequence.saturating_add(1),
                    ..at
                });
                true
            }
            Some(Token::Backward(at)) => {
                to = to.min(at);
                false
            }
            None => req.start_from_head.unwrap_or(false),
        };

        let mut page = Vec::new();
        if from < to {
            let keys = (number, from.timestamp, from.sequence)..(number, to.timestamp, to.sequence);
            let mut rows = transaction.open_table(EVENTS)?.range(keys)?;
            let mut len_bytes = 0;
            while let Some(row) = if forward {
                rows.next()
            } else {
                rows.next_back()
            } {
                let (key, row) = row?;
                let ((_, timestamp, sequence), (ingested, message)) = (key.value(), row.value());
                len_bytes += event_len_bytes(message);
                if page.len() == limit || !page.is_empty() && len_bytes > PAGE_LEN_MAX_BYTES {
                    break;
                }
                let event = json!({ "timestamp": timestamp, "message": message, "ingestionTime": ingested });
                page.push((
                    Position {
                        timestamp,
                        sequence,
                    },
                    event,
                ));
            }
        }
        if !forward {
            page.reverse();
        }
        // At either end the token comes back as it was sent: that is how a reader knows.
        let (back, ahead) = match (page.first(), page.last(), token) {
            (Some((first, _)), Some((last, _)), _) => (*first, *last),
            (_, _, Some(Token::Forward(at) | Token::Backward(at))) => (at, at),
            _ if forward => (from, from),
            _ => (to.min(from), to.min(from)),
        };
        let events: Vec<Value> = page.into_iter().map(|(_, event)| event).collect();
        Ok(json!({
            "events": events,
            "nextForwardToken": Token::Forward(ahead).to_string(),
            "nextBackwardToken": Token::Backward(back).to_string(),
        }))
    }
}
