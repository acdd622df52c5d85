//! `openvpc world`: the configuration as it is, in JSON.

use std::path::Path;
use std::process::ExitCode;

use openvpc_model::World;

use crate::daemon::control_socket::{Answer, Connection, Request};

pub fn run(socket: &Path) -> Result<ExitCode, String> {
    println!("{}", text(socket)?);
    Ok(ExitCode::SUCCESS)
}

/// The running world, without identities.
pub fn fetch(socket: &Path) -> Result<World, String> {
    serde_json::from_str(&text(socket)?)
        .map_err(|e| format!("the daemon's world cannot be read: {e}"))
}

fn text(socket: &Path) -> Result<String, String> {
    let connection = Connection::open(socket)?;
    connection.ask(&Request::World, &[])?;
    let mut text = String::new();
    loop {
        match connection.receive::<Answer>()? {
            Some((Answer::Part(part), _)) => text += &part,
            Some((Answer::Done(_), _)) => return Ok(text),
            Some((Answer::Refused { reason }, _)) => return Err(reason),
            Some((other, _)) => return Err(format!("the daemon answered out of turn: {other:?}")),
            None => return Err("the daemon is gone".to_owned()),
        }
    }
}
