//! Programs that every sandbox has, whether the host has them or not: last in its `PATH`, the host's own come first.
//!
//! They are this same program, called by another name.

mod carry;
mod dhclient;
mod nc;
mod packet;
mod ping;
mod power;
mod web;

use std::ffi::OsString;

/// The names, as they are found in [`crate::sandbox::files::BIN`].
pub const NAMES: &[&str] = &["nc", "ping", "openvpc-packet", "openvpc-web"];
/// Those that come before the host's own, which would speak to the host's service manager or ask for leases of their own: in
/// [`crate::sandbox::files::SBIN`], first in `PATH`.
pub const FIRST_NAMES: &[&str] = &["dhclient", "halt", "poweroff", "reboot", "shutdown"];

/// Runs a built-in program; answers its exit status.
pub fn run(name: &str, arguments: impl Iterator<Item = OsString>) -> i32 {
    let arguments: Option<Vec<String>> = arguments
        .map(|argument| argument.into_string().ok())
        .collect();
    match (name, arguments) {
        ("nc", Some(arguments)) => nc::main(&arguments),
        ("ping", Some(arguments)) => ping::main(&arguments),
        ("halt" | "poweroff" | "reboot" | "shutdown", Some(arguments)) => {
            power::main(name, &arguments)
        }
        ("dhclient", Some(arguments)) => dhclient::main(&arguments),
        ("openvpc-packet", Some(arguments)) => packet::main(&arguments),
        ("openvpc-web", Some(_)) => web::main(),
        _ => {
            eprintln!("openvpc: {name}: cannot be run like this");
            2
        }
    }
}
