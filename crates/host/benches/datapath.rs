//! What the `user` data path carries between two instances: one TCP stream and small requests; one JSON line each.
//!
//! `cargo bench -p openvpc-host --bench datapath [tap|packet]`; without root it enters a user namespace.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)] // each program uses a part of it
#[path = "../tests/lab/mod.rs"]
mod lab;

use lab::{Lab, transfer};
use openvpc_host::{ExecRequest, PortKind, preflight};

fn main() {
    openvpc_host::main_if_init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if transfer::play(&words) {
        return;
    }
    let findings = preflight::prepare().unwrap();
    let kind = match words.first() {
        Some(&"tap") => PortKind::Tap,
        Some(&"packet") => PortKind::Packet,
        Some(&"fast") => PortKind::Fast,
        _ => findings.port_kind,
    };
    let lab = Lab::quiet(kind);
    for (name, serial) in [("i-a", 1), ("i-b", 2)] {
        lab.launch_instance(name, serial);
        lab.hosts.ready(name).wait().unwrap().unwrap();
    }
    for (what, destination) in [
        ("same subnet", "10.0.1.11"),
        ("internet gateway", "192.0.2.11"),
    ] {
        let _receiver = lab.background(
            "i-b",
            ExecRequest::new([transfer::OWN, "--inside", "receive"]),
        );
        let send = ExecRequest::new([
            transfer::OWN,
            "--inside",
            "send",
            &format!("{destination}:5001"),
            "4096",
        ]);
        let (_, rate) = lab.exec("i-a", send);
        println!(
            r#"{{"measure":"TCP 1 stream, Gbit/s","path":"{what}","port":"{kind}","value":"{}"}}"#,
            rate.trim()
        );
    }
    let _answerer = lab.background(
        "i-b",
        ExecRequest::new([transfer::OWN, "--inside", "answer"]),
    );
    let (_, line) = lab.exec(
        "i-a",
        ExecRequest::new([transfer::OWN, "--inside", "ask", "10.0.1.11:5002", "2"]),
    );
    println!(
        r#"{{"measure":"UDP request-response: rate/s, p50 us, p99 us","port":"{kind}","value":"{}"}}"#,
        line.trim()
    );
    println!(
        r#"{{"measure":"losses","value":"{:?}"}}"#,
        lab.data_path.losses().wait().unwrap()
    );
}
