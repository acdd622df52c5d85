//! `dhclient`: lets the instance's first process, which holds its leases, ask for them anew, so that a new DHCP options set
//! takes effect before half of the lease is over (DHCP-2).

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub fn main(arguments: &[String]) -> i32 {
    let is_option = |argument: &&String| argument.starts_with('-') && *argument != "-v";
    if let Some(option) = arguments.iter().find(is_option) {
        eprintln!(
            "dhclient: {option}: not here; usage: dhclient [-v] [INTERFACE ...], which renews all leases"
        );
        return 2;
    }
    match kill(Pid::from_raw(1), Signal::SIGHUP) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("dhclient: {}", error.desc());
            1
        }
    }
}
