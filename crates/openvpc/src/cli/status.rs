//! `openvpc status`, `openvpc wait-applied`, `openvpc wait-delivered`, `openvpc internet list`.

use std::path::Path;
use std::process::ExitCode;

use comfy_table::{Table, presets};

use super::Output;
use crate::daemon::control_socket::{Request, call};

pub fn run(socket: &Path, output: Output) -> Result<ExitCode, String> {
    let status = call(socket, &Request::Status)?;
    match output {
        Output::Json => println!("{status:#}"),
        Output::Text => {
            let mut table = Table::new();
            table.load_preset(presets::NOTHING);
            for (name, value) in status.as_object().into_iter().flatten() {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                table.add_row([name.as_str(), text.as_str()]);
            }
            println!("{table}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn wait_applied(socket: &Path, revision: Option<u64>) -> Result<ExitCode, String> {
    let answer = call(socket, &Request::WaitApplied { revision })?;
    println!("{}", answer["applied"]);
    Ok(ExitCode::SUCCESS)
}

pub fn wait_delivered(socket: &Path) -> Result<ExitCode, String> {
    call(socket, &Request::WaitDelivered)?;
    Ok(ExitCode::SUCCESS)
}

pub fn outside_hosts(output: Output) -> Result<ExitCode, String> {
    let hosts = openvpc_host::outside::ALL;
    match output {
        Output::Json => {
            let list: Vec<_> = hosts
                .iter()
                .map(|h| serde_json::json!({"name": h.name, "ipv4": h.ipv4, "ipv6": h.ipv6, "service": h.service}))
                .collect();
            println!("{:#}", serde_json::Value::from(list));
        }
        Output::Text => {
            let mut table = Table::new();
            table.load_preset(presets::NOTHING);
            table.set_header(["NAME", "IPV4", "IPV6", "SERVICE"]);
            for h in &hosts {
                table.add_row([
                    h.name.to_owned(),
                    h.ipv4.to_string(),
                    h.ipv6.to_string(),
                    h.service.unwrap_or_default().to_owned(),
                ]);
            }
            println!("{table}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
