//! `docs/guide` and the front page, run as a reader would: every `sh` block of a page, in one shell, against a daemon of the
//! page's own; the `text` block behind one is what it prints.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Daemon, Options, Privilege, guide_shell};

/// Between two blocks in what the shell prints.
const MARK: &str = "--- end of block ---";

fn follow(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/guide")
        .join(page);
    let steps = steps(&std::fs::read_to_string(&path).unwrap());
    assert!(!steps.is_empty(), "{page} has nothing to run");
    let daemon = Daemon::start_with(Options {
        privilege: Privilege::Own,
        ..Options::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let script: String = steps
        .iter()
        .map(|step| format!("{}\necho '{MARK}'\n", step.commands))
        .collect();
    let mut shell: Command = guide_shell(&daemon, &format!("set -euo pipefail\n{script}"));
    let output = shell
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    let parts: Vec<&str> = printed.split(MARK).collect();
    for (step, part) in steps.iter().zip(&parts) {
        if let Err(missing) = is_as_told(part, &step.prints) {
            panic!(
                "{page}: {missing:?} is not what this prints:\n{}\n--- it printed:\n{part}\n{complaints}",
                step.commands
            );
        }
    }
    assert!(
        output.status.success(),
        "{page} stops after block {}:\n{printed}\n{complaints}",
        parts.len() - 1
    );
}

struct Step {
    commands: String,
    /// Lines that must come in this order.
    prints: Vec<String>,
}

/// A page's `sh` blocks, each with the `text` block that is the next fence behind it.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut fence, mut last, mut body) = (None, "", Vec::<&str>::new());
    for line in page.lines() {
        match (fence, line.strip_prefix("```")) {
            (None, Some(kind)) => (fence, body) = (Some(kind), Vec::new()),
            (Some(kind), Some(_)) => {
                if kind == "sh" {
                    steps.push(Step {
                        commands: body.join("\n"),
                        prints: Vec::new(),
                    });
                } else if let ("sh", "text", Some(step)) = (last, kind, steps.last_mut()) {
                    step.prints = body.iter().map(|line| (*line).to_owned()).collect();
                }
                (last, fence) = (kind, None);
            }
            (Some(_), None) => body.push(line),
            (None, None) => {}
        }
    }
    steps
}

/// Whether the told lines come in this order, each within one printed line; `…` stands for anything.
fn is_as_told(printed: &str, told: &[String]) -> Result<(), String> {
    let mut lines = printed.lines();
    for line in told {
        let found = lines.any(|printed| holds(printed, line));
        found.then_some(()).ok_or_else(|| line.clone())?;
    }
    Ok(())
}

fn holds(printed: &str, told: &str) -> bool {
    let mut rest = printed;
    told.split('…').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn a_page_is_read_as_it_is_written() {
    let page =
        "x\n```sh\na\nb\n```\ntext\n```text\none…\n```\n```text\nno output\n```\n```sh\nc\n```\n";
    let steps = steps(page);
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].commands, "a\nb");
    assert_eq!(steps[0].prints, ["one…"]);
    assert!(steps[1].prints.is_empty());
    let told = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(
        is_as_told(
            "x\n1 sent, 1 received\ny",
            &told(&["1 sent, … received", "y"])
        )
        .is_ok()
    );
    assert!(is_as_told("y\nx", &told(&["x", "y"])).is_err());
    assert!(is_as_told("1 sent, 0 received", &told(&["1 sent, 1…"])).is_err());
}

/// What the commands of the front page and of the pages about flow records need beside themselves: an answer of CloudWatch
/// Logs takes a window to be there, and what follows for ever is looked at for a while.
const PATIENCE: &str = r#"
aws() {
    case $1 in
        logs) for try in $(seq 40); do command aws "$@" 2> /dev/null && return; sleep 1; done; return 1 ;;
        *) command aws "$@" ;;
    esac
}
openvpc() {
    case " $* " in
        *" --follow "*) timeout 3 openvpc "$@" || [ $? = 124 ] ;;
        *) command openvpc "$@" ;;
    esac
}
"#;
/// What `flows.md` replays against: the group without its rule.
const CHANGE: &str = r#"
call='{"action": "RevokeSecurityGroupIngress", "parameters": {"GroupId": "SG", "IpPermissions": [
    {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}}'
echo "$call" | tr -d '\n' | sed "s/SG/$sg/" > change.jsonl
aws s3 mb s3://flow-archive
"#;

/// The block of a page that has a command in it.
fn block(page: &str, command: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    let steps = steps(&std::fs::read_to_string(path).unwrap());
    let mut blocks = steps.into_iter().map(|step| step.commands);
    blocks.find(|block| block.contains(command)).unwrap()
}

/// `README.md`, `docs/flow-logs.md` and `docs/flows.md`, read by somebody who starts with nothing.
#[test]
fn the_front_page_and_the_pages_about_flow_records() {
    let daemon = Daemon::start_with(Options {
        arguments: ["--flow-log-interval", "1"].map(str::to_owned).to_vec(),
        ..Options::default()
    });
    let front = block("README.md", "aws ec2 create-vpc");
    // The daemon of the page listens at the usual place.
    let front: Vec<&str> = front
        .lines()
        .filter(|line| !line.starts_with("export "))
        .collect();
    let script = [
        "set -euo pipefail",
        PATIENCE,
        &front.join("\n"),
        CHANGE,
        &block("docs/flow-logs.md", "create-flow-logs"),
        &block("docs/flows.md", "flows replay"),
    ]
    .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let mut shell = guide_shell(&daemon, &script);
    let shell = shell.current_dir(folder.path()).stdin(Stdio::null());
    let output = shell.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{complaints}");
    for told in [
        "1 received",
        "reachable",
        "logStreamName",
        "flows stay as they are",
    ] {
        assert!(
            printed.contains(told),
            "{told:?} is not printed:\n{printed}\n{complaints}"
        );
    }
}

macro_rules! pages {
    ($($name:ident: $page:literal;)*) => {$(
        #[test]
        fn $name() {
            follow($page);
        }
    )*};
}

pages! {
    first_vpc: "first-vpc.md";
    flow_logs: "flow-logs.md";
    egress_only_internet_gateway: "egress-only-internet-gateway.md";
    gateway_endpoints: "gateway-endpoints.md";
    interface_endpoints: "interface-endpoints.md";
    vpc_peering: "vpc-peering.md";
}
