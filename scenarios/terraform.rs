//! The stock Terraform with the stock AWS provider: `examples/terraform`, each applied without drift, foretold by
//! `openvpc plan`, and destroyed without a trace.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Daemon, Options, aws_cli, stdout_of, terraform};

/// One example in a folder of its own.
struct Example {
    daemon: Daemon,
    folder: tempfile::TempDir,
    mirror: PathBuf,
}

impl Example {
    /// A copy of an example, initialised. None where there is no Terraform or no provider, which are not ours to fetch.
    fn of(name: &str) -> Option<Example> {
        let Some(mirror) = provider_mirror() else {
            eprintln!("no terraform with a mirror of hashicorp/aws: the examples are not applied");
            return None;
        };
        let example = Example {
            // Its windows are of one second: a bucket of flow logs holds some when it is destroyed.
            daemon: Daemon::start_with(Options::default()),
            folder: tempfile::tempdir().unwrap(),
            mirror,
        };
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/terraform");
        for file in std::fs::read_dir(sources.join(name)).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "tf") {
                let to = example.folder.path().join(file.file_name().unwrap());
                std::fs::copy(&file, to).unwrap();
            }
        }
        let plugins = format!("-plugin-dir={}", example.mirror.display());
        example.run(&["init", "-input=false", &plugins]);
        example.run(&["validate"]);
        Some(example)
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = terraform(&self.daemon);
        command.args(arguments).current_dir(self.folder.path());
        command.output().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(
            output.status.success(),
            "terraform {arguments:?}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Plans, asks `openvpc plan` what would come of it, and applies that plan; a second plan finds nothing to do.
    fn apply(&self) -> Value {
        self.run(&["plan", "-input=false", "-out=plan"]);
        let plan = self.run(&["show", "-json", "plan"]);
        let file = self.folder.path().join("plan.json");
        std::fs::write(&file, plan).unwrap();
        let mut ask = self.daemon.openvpc(&["plan", "--output", "json"]);
        let foretold = stdout_of(&ask.arg(&file).output().unwrap());
        let foretold: Value = serde_json::from_str(&foretold).unwrap();
        assert_eq!(foretold["refused"], Value::Array(vec![]), "{foretold:#}");

        self.run(&["apply", "-input=false", "plan"]);
        let again = self.output(&["plan", "-input=false", "-detailed-exitcode"]);
        assert_eq!(
            again.status.code(),
            Some(0),
            "the second plan is not empty:\n{}{}",
            String::from_utf8_lossy(&again.stdout),
            String::from_utf8_lossy(&again.stderr)
        );
        foretold
    }

    fn destroy(self) {
        self.run(&["destroy", "-input=false", "-auto-approve"]);
        for (action, list) in [
            ("describe-vpcs", "Vpcs[?!IsDefault].VpcId"),
            (
                "describe-network-interfaces",
                "NetworkInterfaces[].NetworkInterfaceId",
            ),
            ("describe-addresses", "Addresses[].AllocationId"),
            ("describe-flow-logs", "FlowLogs[].FlowLogId"),
            ("describe-vpc-endpoints", "VpcEndpoints[].VpcEndpointId"),
        ] {
            let mut left = aws_cli(&self.daemon);
            left.args(["ec2", action, "--output", "text", "--query", list]);
            assert_eq!(stdout_of(&left.output().unwrap()), "", "{action}");
        }
    }
}

/// A mirror of providers with `hashicorp/aws`, where there is Terraform at all: the folder that a variable names, those that
/// Terraform itself looks into ("Implied Local Mirror Directories"), or one below `/opt`.
fn provider_mirror() -> Option<PathBuf> {
    let terraform = Command::new("terraform").arg("version").output();
    if !terraform.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let named = std::env::var_os("OPENVPC_TERRAFORM_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = [".terraform.d/plugins", ".local/share/terraform/plugins"];
    let own = home
        .iter()
        .flat_map(|home| own.map(|folder| home.join(folder)));
    let common = [
        "/usr/local/share/terraform/plugins",
        "/usr/share/terraform/plugins",
    ];
    let below = std::fs::read_dir("/opt").into_iter().flatten().flatten();
    named
        .into_iter()
        .chain(own)
        .chain(common.map(PathBuf::from))
        .chain(below.map(|entry| entry.path()))
        .find(|folder| folder.join("registry.terraform.io/hashicorp/aws").is_dir())
}

fn opens(foretold: &Value) -> Vec<String> {
    let opens = foretold["opens"].as_array().unwrap();
    let path = |c: &Value| {
        let part = |name: &str| c[name].as_str().unwrap().to_owned();
        format!(
            "{} → {} {}",
            part("source"),
            part("destination"),
            part("traffic")
        )
    };
    opens.iter().map(path).collect()
}

#[test]
fn flow_logs() {
    let Some(example) = Example::of("flow-logs") else {
        return;
    };
    let opens = opens(&example.apply());
    for path in [
        "internet → web ping",
        "internet → web tcp/22",
        "web → internet ping",
    ] {
        assert!(opens.iter().any(|open| open == path), "{path}: {opens:#?}");
    }
    example.destroy();
}

#[test]
#[ignore = "a minute or two each: --run-ignored all"]
fn egress_only() {
    let Some(example) = Example::of("egress-only") else {
        return;
    };
    example.apply();
    example.destroy();
}

#[test]
fn gateway_endpoint() {
    let Some(example) = Example::of("gateway-endpoint") else {
        return;
    };
    example.apply();
    example.destroy();
}

#[test]
#[ignore = "a minute or two each: --run-ignored all"]
fn interface_endpoint() {
    let Some(example) = Example::of("interface-endpoint") else {
        return;
    };
    example.apply();
    example.destroy();
}

/// Spec 07 §5, the row about Terraform; the hosts are reached as the connections allow.
#[test]
fn peering() {
    let Some(example) = Example::of("peering") else {
        return;
    };
    example.apply();
    let hosts: Value = serde_json::from_str(&example.run(&["output", "-json", "hosts"])).unwrap();
    let ping = |from: &str, to: &str| {
        let host = hosts[from].as_str().unwrap();
        let mut exec = example
            .daemon
            .openvpc(&["exec", host, "--", "ping", "-c", "1", "-W", "2"]);
        exec.arg(to).output().unwrap().status.success()
    };
    assert!(ping("a", "10.1.1.10"), "a reaches b");
    assert!(ping("c", "10.1.1.10"), "c reaches b");
    assert!(!ping("a", "10.2.1.10"), "and never c through b");
    example.destroy();
}

/// Spec 07 §6: the whole set-up by one apply.
#[test]
#[ignore = "a minute or two each: --run-ignored all"]
fn all_together() {
    let Some(example) = Example::of("all-together") else {
        return;
    };
    example.apply();
    example.destroy();
}
