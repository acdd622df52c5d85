//! `openvpc flows`: flow records for people. One file per command.

mod configuration;
mod export;
mod filter_args;
mod plot;
mod replay;
mod source;
mod sql;
mod top;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use openvpc_flows::top::Measure;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FlowsArgs {
    #[command(subcommand)]
    command: Option<FlowsCommand>,
    #[command(flatten)]
    watch: watch::WatchArgs,
}

#[derive(Subcommand)]
enum FlowsCommand {
    /// Who carries most.
    #[command(after_help = "\
Examples:
  openvpc flows top                               the sources of the last ten minutes, by bytes
  openvpc flows top rejected --measure packets    what was refused most often
  openvpc flows top service --last 1h --direction egress
  openvpc flows top pairs --from flow-logs/       over recorded flow logs

Every record counts: where both ends of a flow are recorded, --direction takes one of them.")]
    Top(top::TopArgs),
    /// Traffic over time, accepted and rejected.
    #[command(after_help = "\
Examples:
  openvpc flows plot
  openvpc flows plot --measure packets --rejected --last 1h
  openvpc flows plot --from flow-logs/ --bars 48")]
    Plot(plot::PlotArgs),
    /// Ask in SQL, over the columns of Athena's table vpc_flow_logs.
    #[command(after_help = "\
Examples:
  openvpc flows sql \"SELECT dstport, sum(bytes) FROM vpc_flow_logs WHERE action = 'REJECT' GROUP BY dstport\"
  openvpc flows sql --list                        the queries of AWS's integration template
  openvpc flows sql --query VpcFlowLogsTopTalkers --last 1h
  openvpc flows sql --query VpcFlowLogsRejectedTraffic --from s3://my-flow-logs/AWSLogs/
  openvpc flows sql \"SELECT count(*) FROM vpc_flow_logs\" --from my-log-group --output json

The engine is SQLite: columns are named as in Athena, with _ for -; \"end\" is to be quoted. A query may only read.")]
    Sql(sql::SqlArgs),
    /// Judge recorded flows by another configuration: which would be refused, which let in.
    #[command(after_help = "\
Examples:
  openvpc world > before.json                     keep the configuration as it is
  openvpc flows replay --from before-logs/ --against current
  openvpc flows replay --last 1h --against change.jsonl
  openvpc flows replay --from s3://my-flow-logs/ --against change.jsonl --exit-code

change.jsonl is a plan as `openvpc plan` takes it, tried on a copy and never carried out: `terraform show -json`, or
API calls:
  {\"action\": \"RevokeSecurityGroupIngress\", \"parameters\": {\"GroupId\": \"sg-…\", \"SecurityGroupRuleIds\": [\"sgr-…\"]}}

Logs of a real account are read too, when their interfaces or addresses are in the configuration.")]
    Replay(replay::ReplayArgs),
    /// Give records to other programs, as IPFIX (RFC 7011).
    #[command(after_help = "\
Examples:
  openvpc flows export --ipfix flows.ipfix
  openvpc flows export --ipfix udp://127.0.0.1:4739 --follow
  openvpc flows export --ipfix old.ipfix --from flow-logs/")]
    Export(export::ExportArgs),
}

pub fn run(args: &FlowsArgs) -> Result<ExitCode, String> {
    match &args.command {
        None => watch::run(&args.watch),
        Some(FlowsCommand::Top(args)) => top::run(args),
        Some(FlowsCommand::Plot(args)) => plot::run(args),
        Some(FlowsCommand::Sql(args)) => sql::run(args),
        Some(FlowsCommand::Replay(args)) => replay::run(args),
        Some(FlowsCommand::Export(args)) => export::run(args),
    }
}

#[derive(ValueEnum, Clone, Copy)]
enum MeasureArg {
    Bytes,
    Packets,
}

impl MeasureArg {
    fn measure(self) -> Measure {
        match self {
            MeasureArg::Bytes => Measure::Bytes,
            MeasureArg::Packets => Measure::Packets,
        }
    }
}

/// `90s`, `10m`, `2h`, or seconds.
fn parse_seconds(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1),
        Some(b'm') => (&text[..text.len() - 1], 60),
        Some(b'h') => (&text[..text.len() - 1], 3_600),
        _ => (text, 1),
    };
    let seconds = number.parse::<u32>().ok().and_then(|n| n.checked_mul(unit));
    seconds.ok_or_else(|| "a time such as 90s, 10m or 2h".to_owned())
}

/// The time of day, UTC.
fn clock(unix_secs: i64) -> String {
    shown(unix_secs, "%H:%M:%S")
}

/// The day, UTC.
fn date(unix_secs: i64) -> String {
    shown(unix_secs, "%Y-%m-%d")
}

fn shown(unix_secs: i64, form: &str) -> String {
    let time = chrono::DateTime::from_timestamp(unix_secs, 0);
    time.map_or_else(
        || unix_secs.to_string(),
        |time| time.format(form).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;

    #[test]
    fn times_have_units() {
        assert_eq!(parse_seconds("90"), Ok(90));
        assert_eq!(parse_seconds("90s"), Ok(90));
        assert_eq!(parse_seconds("10m"), Ok(600));
        assert_eq!(parse_seconds("2h"), Ok(7_200));
        assert!(parse_seconds("2d").is_err());
        assert!(parse_seconds("99999999h").is_err());
    }
}
