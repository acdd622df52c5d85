//! `openvpc why`: would a packet arrive, and if not, why not and what would help?

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use openvpc_reach::text::{Style, render};
use openvpc_reach::{Ask, Report};

use super::probe::{self, Outcome};
use super::{DaemonArgs, Output, OutputArgs};
use crate::daemon::control_socket::ask_question;
use crate::daemon::questions::Question;

/// The answer is no.
const NOT_REACHABLE: u8 = 1;
/// There is no answer: the question cannot be asked.
const USAGE: u8 = 2;

#[derive(Args)]
pub struct WhyArgs {
    /// Who would send: an instance, an interface, an address, a DNS name, a Name tag, an outside host, or `internet`.
    #[arg(required_unless_present = "flow")]
    source: Option<String>,
    /// To whom, in the same words, with `:PORT` for TCP and UDP.
    #[arg(value_name = "DESTINATION[:PORT]", required_unless_present = "flow")]
    destination: Option<String>,
    /// tcp, udp, icmp, or a number [default: tcp with a port, else icmp].
    #[arg(long, short, value_name = "PROTOCOL")]
    protocol: Option<String>,
    /// From which port.
    #[arg(long, value_name = "PORT")]
    source_port: Option<u16>,
    /// By IPv6, where names leave the choice.
    #[arg(long, short = '6')]
    ipv6: bool,
    /// Send the real packet too, and tell whether wire and answer agree.
    #[arg(long)]
    probe: bool,
    /// Explain a flow-log record (default format) instead.
    #[arg(long, value_name = "LINE", conflicts_with_all = ["source", "destination", "probe"])]
    flow: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &WhyArgs) -> Result<ExitCode, String> {
    match answer(args) {
        Ok((report, probed)) => Ok(show(&report, probed.as_ref(), args.output.output)),
        Err(message) => {
            eprintln!("openvpc: {message}");
            Ok(ExitCode::from(USAGE))
        }
    }
}

fn answer(args: &WhyArgs) -> Result<(Report, Option<Outcome>), String> {
    let ask = match (&args.flow, &args.source, &args.destination) {
        (Some(line), _, _) => Ask::Record { line: line.clone() },
        (None, Some(source), Some(destination)) => Ask::Flow {
            source: source.clone(),
            destination: destination.clone(),
            protocol: args.protocol.clone(),
            source_port: args.source_port,
            ipv6: args.ipv6,
        },
        (None, _, _) => return Err("say who would send, and to whom".to_owned()),
    };
    let socket = args.daemon.socket();
    let report = ask_why(&socket, &ask)?;
    let probed = match args.probe {
        true => Some(probe::send(&socket, &ask, &report)?),
        false => None,
    };
    Ok((report, probed))
}

fn ask_why(socket: &Path, ask: &Ask) -> Result<Report, String> {
    let answer = ask_question(socket, Question::Why(ask.clone()), None)?;
    serde_json::from_value(answer).map_err(|e| format!("the daemon answered strangely: {e}"))
}

fn show(report: &Report, probed: Option<&Outcome>, output: Output) -> ExitCode {
    match output {
        Output::Json => {
            let mut value = serde_json::to_value(report).unwrap_or_default();
            if let Some(probed) = probed {
                value["probe"] = serde_json::to_value(probed).unwrap_or_default();
            }
            println!("{value:#}");
        }
        Output::Text => {
            let colour = std::io::stdout().is_terminal();
            print!("{}", render(report, Style { colour }));
            if let Some(probed) = probed {
                println!("\n{probed}");
            }
        }
    }
    match report.reachable {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(NOT_REACHABLE),
    }
}
