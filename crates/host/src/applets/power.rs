//! `poweroff`, `halt` and `shutdown`: tell the instance's first process to end. What that means for the instance is its
//! attribute `instanceInitiatedShutdownBehavior`.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub fn main(name: &str, arguments: &[String]) -> i32 {
    let refused = |argument: &&String| !is_known(name, argument);
    if let Some(argument) = arguments.iter().find(refused) {
        eprintln!("{name}: {argument}: not here; try: {name}");
        return 2;
    }
    match kill(Pid::from_raw(1), Signal::SIGPWR) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{name}: {}", error.desc());
            1
        }
    }
}

/// At once is all that there is: no delays, no cancelling, no reboots.
fn is_known(name: &str, argument: &str) -> bool {
    match name {
        "shutdown" => matches!(argument, "-h" | "-P" | "-H" | "now" | "+0"),
        _ => matches!(argument, "-f" | "--force" | "-p" | "-n" | "-w"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn only_an_end_at_once_is_understood() {
        for argument in ["-h", "now", "-P"] {
            assert!(is_known("shutdown", argument));
        }
        for argument in ["-r", "-c", "+5", "23:00"] {
            assert!(!is_known("shutdown", argument));
        }
    }
}
