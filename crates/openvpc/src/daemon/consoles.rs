//! What instances printed while they booted: the latest 64 KiB of each (EC2 user guide, "Instance console output").
//!
//! There is no serial port: the daemon tells of the boot, and what user data prints is copied. It is kept in memory, as the
//! instances are: a daemon that is started again begins with their next boot.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use openvpc_model::{InstanceId, UnixMillis};
use serde_json::{Value, json};

use super::control_plane::now;

/// What GetConsoleOutput shows.
const LEN_MAX: usize = 64 * 1024;

/// The consoles of all instances, by their ids.
#[derive(Default)]
pub struct Consoles {
    all: Mutex<HashMap<InstanceId, Console>>,
}

struct Console {
    latest: VecDeque<u8>,
    written_at: UnixMillis,
}

impl Consoles {
    /// Adds to what an instance has printed.
    pub fn write(&self, id: InstanceId, bytes: &[u8]) {
        let mut all = self.lock();
        let console = all.entry(id).or_insert_with(|| Console {
            latest: VecDeque::new(),
            written_at: 0,
        });
        console.written_at = now();
        let bytes = &bytes[bytes.len().saturating_sub(LEN_MAX)..];
        let surplus = (console.latest.len() + bytes.len()).saturating_sub(LEN_MAX);
        console.latest.drain(..surplus);
        console.latest.extend(bytes);
    }

    /// Adds a line of the daemon's own, each of which says so.
    pub fn tell(&self, id: InstanceId, line: &str) {
        self.write(id, format!("openvpc: {line}\n").as_bytes());
    }

    /// Puts what was printed into an answer of GetConsoleOutput: base64, and when there was the last of it. One that printed
    /// nothing has no output.
    pub fn show(&self, answer: &mut Value) {
        let id = answer["InstanceId"]
            .as_str()
            .and_then(|id| id.parse::<InstanceId>().ok());
        let all = self.lock();
        let Some(console) = id.and_then(|id| all.get(&id)) else {
            return;
        };
        let bytes: Vec<u8> = console.latest.iter().copied().collect();
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        answer["Output"] = json!(text);
        answer["Timestamp"] = json!(console.written_at);
    }

    /// Forgets all but these instances.
    pub fn retain(&self, keep: impl Fn(InstanceId) -> bool) {
        self.lock().retain(|id, _| keep(*id));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Console>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_64_kib_are_kept() {
        let consoles = Consoles::default();
        let id: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        let mut answer = json!({"InstanceId": id});
        consoles.show(&mut answer);
        assert!(answer.get("Output").is_none());
        consoles.write(id, &[b'a'; 60_000]);
        consoles.write(id, &[b'b'; 10_000]);
        consoles.show(&mut answer);
        let text = answer["Output"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap();
        assert_eq!(bytes.len(), LEN_MAX);
        assert_eq!(bytes.iter().filter(|byte| **byte == b'b').count(), 10_000);
        consoles.write(id, &[b'c'; 2 * LEN_MAX]);
        consoles.retain(|kept| kept != id);
        let mut answer = json!({"InstanceId": id});
        consoles.show(&mut answer);
        assert!(answer.get("Output").is_none());
    }
}
