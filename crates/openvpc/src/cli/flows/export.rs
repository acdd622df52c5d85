//! `openvpc flows export`: records for other programs.

use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Args;
use openvpc_flows::ipfix::Exporter;

use super::filter_args::FilterArgs;
use super::source::{self, SourceArgs};
use crate::daemon::control_socket::FlowsRequest;

#[derive(Args)]
pub struct ExportArgs {
    /// Where IPFIX messages go: a file, or udp://ADDRESS:PORT.
    #[arg(long, value_name = "FILE|udp://ADDRESS:PORT")]
    ipfix: String,
    /// Go on with what comes, until interrupted.
    #[arg(long, short, conflicts_with = "from")]
    follow: bool,
    /// The observation domain's number.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    domain: u32,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

/// Who takes messages.
enum Sink {
    File(File),
    Udp(UdpSocket),
}

impl Sink {
    fn open(place: &str) -> Result<Sink, String> {
        let told = |error: std::io::Error| format!("{place}: {error}");
        let Some(address) = place.strip_prefix("udp://") else {
            return File::create(place).map(Sink::File).map_err(told);
        };
        let address: SocketAddr = address
            .parse()
            .map_err(|_| format!("{place} is not udp://ADDRESS:PORT"))?;
        let any: SocketAddr = match address {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).map_err(told)?;
        socket.connect(address).map_err(told)?;
        Ok(Sink::Udp(socket))
    }

    fn send(&mut self, message: &[u8]) -> Result<(), String> {
        match self {
            Sink::File(file) => file.write_all(message).map_err(|e| e.to_string()),
            Sink::Udp(socket) => match socket.send(message) {
                // A collector that is not there yet loses what it is sent; so is UDP.
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
                sent => sent.map(drop).map_err(|e| e.to_string()),
            },
        }
    }
}

pub fn run(args: &ExportArgs) -> Result<ExitCode, String> {
    let filter = args.filter.filter();
    let mut sink = Sink::open(&args.ipfix)?;
    let mut exporter = Exporter::new(args.domain);
    let now = || u32::try_from(chrono::Utc::now().timestamp()).unwrap_or(0);
    if args.follow {
        let request = FlowsRequest {
            filter,
            last_secs: 0,
            follow: true,
        };
        source::ask(&args.source.socket(), request, |lost, rows| {
            if lost > 0 {
                eprintln!("openvpc: {lost} records went by unread");
            }
            let full = rows.iter().filter_map(|row| exporter.add(row, now()));
            let messages: Vec<Vec<u8>> = full.collect();
            // Nothing waits for a message to fill.
            let rest = exporter.finish(now());
            messages.iter().chain(&rest).try_for_each(|m| sink.send(m))
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let end = args
        .source
        .each(&filter, |row| match exporter.add(row, now()) {
            Some(message) => sink.send(&message),
            None => Ok(()),
        })?;
    if let Some(message) = exporter.finish(now()) {
        sink.send(&message)?;
    }
    Ok(end)
}
