//! `openvpc flows replay`: what a change of the configuration would do to traffic that was.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use openvpc_engine::DropReason;
use openvpc_flows::filter::protocol_name;
use openvpc_flows::plot::amount;
use openvpc_flows::replay::{Change, Replay, Report, Turn};
use openvpc_flows::row::direction_name;
use openvpc_flows::top::Measure;
use openvpc_reach::rule_text;
use serde_json::{Value, json};

use super::configuration::Judge;
use super::filter_args::FilterArgs;
use super::source::SourceArgs;
use super::watch::print;
use crate::cli::{Output, OutputArgs};

#[derive(Args)]
pub struct ReplayArgs {
    /// The configuration to judge by: `current`, a file that `openvpc world` printed, or a plan as `openvpc plan` takes it:
    /// `terraform show -json`, or API calls, one JSON object a line.
    #[arg(long, value_name = "FILE|current")]
    against: String,
    /// Try the plan on this world, which `openvpc world` printed, instead of the running one.
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Changes shown of each kind.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// Exit with 1 if anything would change.
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ReplayArgs) -> Result<ExitCode, String> {
    let judge = Judge::of(&args.against, args.base.as_deref(), &args.source.socket())?;
    let mut replay = Replay::new(&judge.configuration);
    let end = args.source.each(&args.filter.filter(), |row| {
        replay.add(row);
        Ok(())
    })?;
    let report = replay.report();
    let text = match args.output.output {
        Output::Text => shown(&judge, &report, args.limit),
        Output::Json => format!("{:#}\n", object(&judge, &report)),
    };
    print(&text)?;
    let would_change = !report.changes.is_empty() || report.untold > 0;
    Ok(match args.exit_code && would_change {
        true => ExitCode::FAILURE,
        false => end,
    })
}

const TURNS: [(Turn, &str); 3] = [
    (Turn::Refused, "ACCEPT → REJECT"),
    (Turn::Admitted, "REJECT → ACCEPT"),
    (
        Turn::NeverBegun,
        "ACCEPT → no record, for what it answers is refused",
    ),
];

fn shown(judge: &Judge, report: &Report, limit: usize) -> String {
    let changed: u64 = report.changes.iter().map(|change| change.flows).sum();
    let mut text = format!(
        "{} records: {} flows stay as they are, {} would change\n",
        report.records,
        report.same,
        changed + report.untold
    );
    for (turn, title) in TURNS {
        let of_turn: Vec<&Change> = report
            .changes
            .iter()
            .filter(|change| change.key.turn == turn)
            .collect();
        if of_turn.is_empty() {
            continue;
        }
        text += &format!("\n{title}\n");
        for change in of_turn.iter().take(limit) {
            text += &line(judge, change);
        }
        if of_turn.len() > limit {
            text += &format!("  … and {} more (--limit)\n", of_turn.len() - limit);
        }
    }
    if !report.unjudged.is_empty() {
        text += "\nnot judged\n";
        for (reason, number) in &report.unjudged {
            text += &format!("  {number}: {}\n", reason.text());
        }
    }
    text
}

fn line(judge: &Judge, change: &Change) -> String {
    let key = &change.key;
    let port = match key.port {
        0 => String::new(),
        port => format!(" {port}"),
    };
    format!(
        "  {} {:7} {} → {}  {}{port}  {} {}, {}  {}\n",
        interface(judge, change),
        direction_name(key.direction),
        key.source,
        key.destination,
        protocol_name(key.protocol),
        change.flows,
        if change.flows == 1 { "flow" } else { "flows" },
        amount(change.sum.bytes, Measure::Bytes),
        cause(judge, change),
    )
}

/// What decides, in words.
fn cause(judge: &Judge, change: &Change) -> String {
    let named = change.key.rule.and_then(|rule| judge.names.rule(rule));
    if let Some(rule) = named {
        let text = rule_text::text(&judge.world, rule);
        return match text {
            Some(text) => format!("by {rule}: {text}"),
            None => format!("by {rule}"),
        };
    }
    match change.key.reason {
        Some(DropReason::SecurityGroupIngress) => {
            format!("no ingress rule of {} allows it", groups(judge, change))
        }
        Some(DropReason::SecurityGroupEgress) => {
            format!("no egress rule of {} allows it", groups(judge, change))
        }
        Some(reason) => format!("{}: no entry allows it", reason.name()),
        None => "no rule stands against it".to_owned(),
    }
}

fn interface(judge: &Judge, change: &Change) -> String {
    let id = judge.names.network_interface(change.key.eni);
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

fn groups(judge: &Judge, change: &Change) -> String {
    let eni = judge.configuration.snapshot.eni(change.key.eni);
    let groups = eni.into_iter().flat_map(|eni| &eni.security_groups);
    let ids = groups.filter_map(|group| judge.names.security_group(*group));
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    ids.join(", ")
}

fn object(judge: &Judge, report: &Report) -> Value {
    let changes: Vec<Value> = report
        .changes
        .iter()
        .map(|change| {
            let key = &change.key;
            let (from, to) = match key.turn {
                Turn::Refused => ("ACCEPT", Some("REJECT")),
                Turn::Admitted => ("REJECT", Some("ACCEPT")),
                Turn::NeverBegun => ("ACCEPT", None),
            };
            json!({
                "from": from,
                "to": to,
                "interface-id": interface(judge, change),
                "flow-direction": direction_name(key.direction),
                "srcaddr": key.source,
                "dstaddr": key.destination,
                "protocol": key.protocol,
                "port": key.port,
                "reason": key.reason.map(DropReason::name),
                "rule": key.rule.and_then(|rule| judge.names.rule(rule)).map(|rule| rule.to_string()),
                "cause": cause(judge, change),
                "flows": change.flows,
                "records": change.sum.records,
                "packets": change.sum.packets,
                "bytes": change.sum.bytes,
            })
        })
        .collect();
    let unjudged: Vec<Value> = report
        .unjudged
        .iter()
        .map(|(reason, number)| json!({"number": number, "reason": reason.text()}))
        .collect();
    json!({
        "records": report.records,
        "same": report.same,
        "changes": changes,
        "untold": report.untold,
        "unjudged": unjudged,
    })
}
