//! `openvpc flows`: records of the last minutes, or as they come.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use openvpc_engine::{Action, Direction};
use openvpc_flowlog::Field;
use openvpc_flows::filter::protocol_name;
use openvpc_flows::plot::amount;
use openvpc_flows::row::{Value, action_name, direction_name};
use openvpc_flows::top::Measure;
use openvpc_flows::{LogStatus, Row};

use super::filter_args::FilterArgs;
use super::{clock, parse_seconds, source};
use crate::cli::{DaemonArgs, Output, OutputArgs};
use crate::daemon::control_socket::FlowsRequest;

#[derive(Args)]
pub struct WatchArgs {
    /// Go on with what comes, until interrupted.
    #[arg(long, short)]
    follow: bool,
    /// How far back to begin: 90s, 10m, 2h [default: 10m, or now with --follow].
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    last: Option<u32>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &WatchArgs) -> Result<ExitCode, String> {
    let request = FlowsRequest {
        filter: args.filter.filter(),
        last_secs: args.last.unwrap_or(if args.follow { 0 } else { 600 }),
        follow: args.follow,
    };
    let colour = std::io::stdout().is_terminal();
    let output = args.output.output;
    let shown = source::ask(&args.daemon.socket(), request, |lost, rows| {
        let mut text = String::new();
        if lost > 0 {
            text += &match output {
                Output::Text => format!("… {lost} records went by unread\n"),
                Output::Json => format!("{}\n", serde_json::json!({ "lost": lost })),
            };
        }
        for row in &rows {
            text += &match output {
                Output::Text => line(row, colour),
                Output::Json => serde_json::to_string(row).map_err(|e| e.to_string())?,
            };
            text.push('\n');
        }
        print(&text)
    });
    match shown {
        // Whoever read our output has had enough.
        Err(error) if error == CLOSED => Ok(ExitCode::SUCCESS),
        outcome => outcome.map(|()| ExitCode::SUCCESS),
    }
}

/// What a closed pipe is told as.
pub const CLOSED: &str = "the reader of the output has gone";

/// Prints at once.
pub fn print(text: &str) -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    let printed = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    printed.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => CLOSED.to_owned(),
        _ => error.to_string(),
    })
}

/// A record as people read it.
fn line(row: &Row, colour: bool) -> String {
    let time = row.end.map_or_else(|| "-".to_owned(), clock);
    let interface = row.place.interface.as_deref().unwrap_or("-");
    if row.status != LogStatus::Ok {
        let what = match row.status {
            LogStatus::SkipData => "SKIPDATA: some of its flows are not shown",
            _ => "NODATA",
        };
        return format!("{time} {interface} {what}");
    }
    let action = row.action.map_or("-", action_name);
    let action = match (colour, row.action) {
        (true, Some(Action::Accept)) => format!("\x1b[32m{action}\x1b[0m"),
        (true, Some(Action::Reject)) => format!("\x1b[31m{action}\x1b[0m"),
        _ => action.to_owned(),
    };
    let end = |address: Option<std::net::IpAddr>, port: Option<u16>| match (address, port) {
        (None, _) => "-".to_owned(),
        (Some(address), None | Some(0)) => address.to_string(),
        (Some(address), Some(port)) => std::net::SocketAddr::new(address, port).to_string(),
    };
    let (source, destination) = (row.true_source(), row.true_destination());
    let mut line = format!(
        "{time} {action} {:7} {interface}  {} → {}  {}",
        row.direction.map_or("-", direction_name),
        end(source, row.source_port),
        end(destination, row.destination_port),
        row.protocol.map_or_else(|| "-".to_owned(), protocol_name),
    );
    if let Some(flags) = row.tcp_flags.filter(|flags| *flags != 0) {
        line += &format!(" {}", flag_names(flags));
    }
    let packets = row.packets.unwrap_or(0);
    line += &format!(
        "  {}, {}",
        match packets {
            1 => "1 packet".to_owned(),
            _ => amount(packets, Measure::Packets),
        },
        amount(row.bytes.unwrap_or(0), Measure::Bytes)
    );
    line += &decided(row);
    // The interface's own address where a record shows it in place of the packet's.
    let (own, in_packet) = match row.direction {
        Some(Direction::Egress) => (row.source, source),
        _ => (row.destination, destination),
    };
    if let Some(own) = own.filter(|own| Some(*own) != in_packet) {
        line += &format!("  (interface {own})");
    }
    line
}

/// What decided, where the record tells: the security-group rule, or what refused it.
fn decided(row: &Row) -> String {
    let text = |field| match row.get(field) {
        Some(Value::Text(text)) => Some(text.into_owned()),
        _ => None,
    };
    let entry = text(Field::OpenvpcNetworkAcl)
        .zip(text(Field::OpenvpcNetworkAclRule))
        .map(|(acl, number)| format!("entry {number} of {acl}"));
    let rule = text(Field::OpenvpcSecurityGroupRule);
    match text(Field::OpenvpcDropReason) {
        Some(reason) => match entry.filter(|_| reason.starts_with("NetworkAcl")) {
            Some(entry) => format!("  {reason}: {entry}"),
            None => format!("  {reason}"),
        },
        None => rule
            .or(entry)
            .map_or(String::new(), |by| format!("  by {by}")),
    }
}

fn flag_names(flags: u8) -> String {
    let names = [(2, "SYN"), (16, "ACK"), (1, "FIN"), (4, "RST")];
    let set = names.into_iter().filter(|(bit, _)| flags & bit != 0);
    set.map(|(_, name)| name).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use openvpc_flows::{Columns, Recorded};

    fn shown(line_of_log: &str) -> String {
        let header = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes end action log-status tcp-flags flow-direction pkt-srcaddr pkt-dstaddr\n";
        let text = format!("{header}{line_of_log}\n");
        let mut recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
        line(&recorded.next().unwrap().unwrap(), false)
    }

    #[test]
    fn records_read_as_sentences() {
        assert_eq!(
            shown(
                "eni-1 203.0.113.12 10.0.1.10 40000 443 6 3 180 36610 REJECT OK 2 ingress 203.0.113.12 10.0.1.20"
            ),
            "10:10:10 REJECT ingress eni-1  203.0.113.12:40000 → 10.0.1.20:443  tcp SYN  3 packets, 180 B  (interface 10.0.1.10)"
        );
        assert_eq!(
            shown(
                "eni-1 2001:db8::1 2001:db8::2 0 0 58 1 84 36610 ACCEPT OK 0 egress 2001:db8::1 2001:db8::2"
            ),
            "10:10:10 ACCEPT egress  eni-1  2001:db8::1 → 2001:db8::2  icmpv6  1 packet, 84 B"
        );
        assert_eq!(
            shown("eni-1 - - - - - - - 36610 - SKIPDATA - - - -"),
            "10:10:10 eni-1 SKIPDATA: some of its flows are not shown"
        );
    }
}
