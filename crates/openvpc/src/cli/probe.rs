//! `openvpc why --probe`: the real packet, out of the real sandbox.

use std::fmt;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use openvpc_reach::ask::Disagreement;
use openvpc_reach::{Ask, Report};
use serde::{Deserialize, Serialize};

use crate::daemon::control_socket::{Answer, Connection, ExecRequest, Request, ask_question};
use crate::daemon::questions::Question;

/// The built-in programs, whatever else the sandbox has by these names.
const NC: &str = "/run/openvpc/bin/nc";
const PING: &str = "/run/openvpc/bin/ping";
/// Seconds to wait for an answer.
const WAIT: &str = "2";

/// What the real packet met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether an answer came back: a refused connection is one, for it was refused by the host at the other end.
    pub answered: bool,
    /// What was run in the sender's sandbox.
    pub command: String,
    /// Whether wire and answer agree; nothing where silence proves nothing, as with UDP.
    pub agrees: Option<bool>,
    /// Where the question and the world were written, if they do not.
    pub written_to: Option<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heard = if self.answered {
            "an answer"
        } else {
            "no answer"
        };
        write!(f, "probe: `{}` heard {heard}: ", self.command)?;
        match (self.agrees, &self.written_to) {
            (Some(true), _) => f.write_str("wire and explanation agree"),
            (None, _) => f.write_str("a listener may be silent, so this proves nothing"),
            (Some(false), Some(path)) => write!(
                f,
                "wire and explanation DISAGREE; the question is in {path}, to be asked again"
            ),
            (Some(false), None) => f.write_str("wire and explanation DISAGREE"),
        }
    }
}

/// Sends what the question is about.
///
/// # Errors
/// A sentence for the user: the source has no sandbox, or the protocol cannot be sent.
pub fn send(socket: &Path, ask: &Ask, report: &Report) -> Result<Outcome, String> {
    let sender = report.sender.as_deref();
    let sender = sender.ok_or_else(|| format!("{} has no sandbox to send from", report.source))?;
    let command = command(report)?;
    let (status, said) = run(socket, sender, &command)?;
    // The host at the other end says no with a reset or an ICMP error, which has come all the way back.
    let answered = status == 0 && !is_udp(report) || said.contains("refused");
    let agrees = match (answered == report.reachable, is_udp(report)) {
        (true, _) => Some(true),
        (false, true) if !answered => None,
        (false, _) => Some(false),
    };
    let written_to = match agrees {
        Some(false) => Some(write_down(socket, ask, report, answered)?),
        Some(true) | None => None,
    };
    Ok(Outcome {
        answered,
        command: command.join(" "),
        agrees,
        written_to,
    })
}

fn is_udp(report: &Report) -> bool {
    report.traffic.starts_with("udp/")
}

fn command(report: &Report) -> Result<Vec<String>, String> {
    let to = report.address.as_str();
    let words: Vec<&str> = match report.traffic.split_once('/') {
        Some(("tcp", port)) => vec![NC, "-z", "-w", WAIT, to, port],
        Some(("udp", port)) => vec![NC, "-u", "-w", WAIT, to, port],
        _ if report.traffic == "ping" => vec![PING, "-c", "1", "-W", WAIT, to],
        _ => {
            return Err(format!(
                "{} cannot be probed: tcp, udp and ping can",
                report.traffic
            ));
        }
    };
    Ok(words.into_iter().map(str::to_owned).collect())
}

/// Runs a program in a sandbox; its exit status and what it said.
fn run(socket: &Path, target: &str, command: &[String]) -> Result<(u8, String), String> {
    let pipe = || nix::unistd::pipe().map_err(|e| format!("cannot make a pipe: {e}"));
    let null = std::fs::File::open("/dev/null").map_err(|e| format!("/dev/null: {e}"))?;
    let (said, out): (OwnedFd, OwnedFd) = pipe()?;
    let connection = Connection::open(socket)?;
    let request = Request::Exec(ExecRequest {
        target: target.to_owned(),
        command: command.to_vec(),
        environment: Vec::new(),
        terminal: None,
    });
    connection.ask(&request, &[null.as_fd(), out.as_fd(), out.as_fd()])?;
    drop(out);
    let status = loop {
        match connection.receive::<Answer>()? {
            Some((Answer::Exited { status }, _)) => break status,
            Some((Answer::Refused { reason }, _)) => return Err(reason),
            Some(_) => {}
            None => return Err("the daemon is gone, and the probe with it".to_owned()),
        }
    };
    let mut text = String::new();
    let mut reader = std::fs::File::from(said);
    let _ = reader.read_to_string(&mut text);
    Ok((status, text))
}

/// Writes down all that it takes to ask again.
fn write_down(socket: &Path, ask: &Ask, report: &Report, answered: bool) -> Result<String, String> {
    let world = ask_question(socket, Question::World, None)?;
    let world = serde_json::from_value(world).map_err(|e| e.to_string())?;
    let case = Disagreement {
        world,
        ask: ask.clone(),
        explained: report.reachable,
        answered,
    };
    let path = format!("openvpc-disagreement-{}.json", case.world.revision);
    let text = serde_json::to_string(&case).map_err(|e| e.to_string())?;
    std::fs::write(&path, text).map_err(|e| format!("cannot write {path}: {e}"))?;
    Ok(path)
}
