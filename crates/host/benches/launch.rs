//! How long a launch takes until the instance answers a ping, and what ten instances weigh; one JSON line each.
//!
//! `cargo bench -p openvpc-host --bench launch [tap|packet]`; without root it enters a user namespace.
#![allow(clippy::unwrap_used)]

#[path = "../tests/lab/mod.rs"]
#[allow(dead_code)] // each program uses a part of it
mod lab;

use std::time::Instant;

use lab::Lab;
use openvpc_host::{PortKind, preflight};

fn main() {
    openvpc_host::main_if_init();
    let findings = preflight::prepare().unwrap();
    let kind = match std::env::args().nth(1).as_deref() {
        Some("tap") => PortKind::Tap,
        Some("packet") => PortKind::Packet,
        _ => findings.port_kind,
    };
    let lab = Lab::quiet(kind);
    lab.launch_outside();
    lab.launch_instance("i-0", 1);
    lab.hosts.ready("i-0").wait().unwrap().unwrap();
    let mut took = Vec::new();
    for serial in 2..=10 {
        let name = format!("i-{serial}");
        let start = Instant::now();
        lab.launch_instance(&name, serial);
        let address = lab.hosts.ready(&name).wait().unwrap().unwrap().unwrap();
        lab.ok("i-0", &format!("/run/openvpc/bin/ping -c 1 -W 1 {address}"));
        took.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    println!(
        r#"{{"measure":"launch to answered ping, ms","port":"{kind}","root":{},"median":{:.1},"max":{:.1}}}"#,
        findings.root,
        took[took.len() / 2],
        took[took.len() - 1]
    );
    std::thread::sleep(std::time::Duration::from_millis(600));
    let mut children = lab::descendants(std::process::id());
    children.insert(std::process::id());
    let sum = |field: &str| -> u64 {
        children
            .iter()
            .map(|pid| lab::memory_kib(*pid, field))
            .sum()
    };
    println!(
        r#"{{"measure":"memory of daemon, 10 instances and 2 outside hosts, KiB","processes":{},"rss":{},"pss":{},"daemon_rss":{}}}"#,
        children.len(),
        sum("Rss:"),
        sum("Pss:"),
        lab::memory_kib(std::process::id(), "Rss:")
    );
    let start = Instant::now();
    drop(lab);
    println!(
        r#"{{"measure":"stop, ms","value":{:.1}}}"#,
        start.elapsed().as_secs_f64() * 1000.0
    );
}
