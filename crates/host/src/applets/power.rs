//! `poweroff`, `halt`, `shutdown` and `reboot`: tell the instance's first process to end, or to begin anew. What an end means
//! for the instance is its attribute `instanceInitiatedShutdownBehavior`; a reboot changes nothing.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub fn main(name: &str, arguments: &[String]) -> i32 {
    let refused = |argument: &&String| !is_known(name, argument);
    if let Some(argument) = arguments.iter().find(refused) {
        eprintln!("{name}: {argument}: not here; try: {name}");
        return 2;
    }
    // systemd(1): what a virtual console's three keys send.
    let signal = match name == "reboot" || arguments.iter().any(|argument| argument == "-r") {
        true => Signal::SIGINT,
        false => Signal::SIGPWR,
    };
    match kill(Pid::from_raw(1), signal) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{name}: {}", error.desc());
            1
        }
    }
}

/// At once is all that there is: no delays, no cancelling.
fn is_known(name: &str, argument: &str) -> bool {
    match name {
        "shutdown" => matches!(argument, "-h" | "-P" | "-H" | "-r" | "now" | "+0"),
        _ => matches!(argument, "-f" | "--force" | "-p" | "-n" | "-w"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn only_an_end_at_once_is_understood() {
        for argument in ["-h", "now", "-P", "-r"] {
            assert!(is_known("shutdown", argument));
        }
        for argument in ["-c", "+5", "23:00"] {
            assert!(!is_known("shutdown", argument));
        }
    }
}
