//! The acceptance scenarios as guided tours: real API calls, real packets, real records.
//!
//! A tour starts a daemon of its own (ephemeral, on a free port), speaks to it as any client
//! would, and fails if a packet or a record differs from what the AWS documentation promises.

mod all_together;
mod aws;
mod egress_only;
mod endpoint_architectures;
mod flow_logs;
mod gateway_endpoint;
mod gateways;
mod interface_endpoint;
mod leaky_bucket;
mod load_balancer;
mod peering;
mod records;
mod stage;
mod topology;

use std::process::ExitCode;

use crate::cli::{DataPathChoice, Output};

/// A tour: its name, what it shows, and how it goes.
struct Tour {
    name: &'static str,
    shows: &'static str,
    run: fn(&mut stage::Stage) -> Result<(), String>,
}

const TOURS: &[Tour] = &[
    Tour {
        name: "flow-logs",
        shows: "who pinged whom, allowed or not: VPC Flow Logs of Bob's ping, read back from CloudWatch Logs",
        run: flow_logs::run,
    },
    Tour {
        name: "egress-only",
        shows: "IPv6 out and its answers back, nothing that begins outside: beside an internet gateway",
        run: egress_only::run,
    },
    Tour {
        name: "gateways",
        shows: "who reaches whom behind an internet gateway, a NAT gateway, an egress-only one, and nothing",
        run: gateways::run,
    },
    Tour {
        name: "gateway-endpoint",
        shows: "S3 and DynamoDB without a public address: routes, policies, regions, records",
        run: gateway_endpoint::run,
    },
    Tour {
        name: "leaky-bucket",
        shows: "stolen keys at a bucket that is closed to everything but one endpoint",
        run: leaky_bucket::run,
    },
    Tour {
        name: "peering",
        shows: "three VPCs, two connections: what crosses, what never does, and what the names and rules see of it",
        run: peering::run,
    },
    Tour {
        name: "interface-endpoint",
        shows: "Logs at private addresses: names, groups, private DNS, peers, policies, a lost zone",
        run: interface_endpoint::run,
    },
    Tour {
        name: "endpoint-architectures",
        shows: "without an endpoint, with one, with one and private DNS: names, ways, public addresses side by side",
        run: endpoint_architectures::run,
    },
    Tour {
        name: "all-together",
        shows: "an application in two zones, its bucket, its peer, and a zone that is lost: every way at once",
        run: all_together::run,
    },
];

/// Prints the tours.
pub fn list(output: Output) {
    match output {
        Output::Json => {
            let list: Vec<_> = TOURS
                .iter()
                .map(|t| serde_json::json!({"name": t.name, "shows": t.shows}))
                .collect();
            println!("{:#}", serde_json::Value::from(list));
        }
        Output::Text => {
            for tour in TOURS {
                println!("{:<24} {}", tour.name, tour.shows);
            }
        }
    }
}

/// Runs one tour; the exit status is a failure if anything differed.
pub fn run(name: &str, data_path: DataPathChoice, output: Output) -> Result<ExitCode, String> {
    let tour = TOURS.iter().find(|t| t.name == name).ok_or_else(|| {
        let names: Vec<_> = TOURS.iter().map(|t| t.name).collect();
        format!("there is no tour {name:?}; there is: {}", names.join(", "))
    })?;
    let mut stage = stage::Stage::open(tour.name, data_path, output)?;
    let outcome = (tour.run)(&mut stage);
    stage.close(outcome)
}
