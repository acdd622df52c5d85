//! `openvpc fault`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use super::Output;
use crate::daemon::control_socket::{Request, call};

pub fn zone(socket: &Path, zone: String, down: bool) -> Result<ExitCode, String> {
    let lost = call(socket, &Request::FaultZone { zone, down })?;
    print(&lost, Output::Text);
    Ok(ExitCode::SUCCESS)
}

pub fn list(socket: &Path, output: Output) -> Result<ExitCode, String> {
    print(&call(socket, &Request::FaultList)?, output);
    Ok(ExitCode::SUCCESS)
}

fn print(lost: &Value, output: Output) {
    let zones = lost.as_array().map(Vec::as_slice).unwrap_or_default();
    match output {
        Output::Json => println!("{lost:#}"),
        Output::Text if zones.is_empty() => println!("no zone is lost"),
        Output::Text => {
            for zone in zones {
                let text = |member: &str| zone[member].as_str().unwrap_or_default();
                println!("{} ({}) is lost", text("zone id"), text("zone"));
            }
        }
    }
}
