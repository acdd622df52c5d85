//! The command line: one file per command.

mod demo;
mod down;
mod exec;
mod fault;
mod flows;
mod plan;
mod probe;
#[cfg(test)]
mod reference;
mod reset;
mod status;
mod up;
mod why;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use up::{DataPathChoice, UpArgs};

/// The Amazon VPC, running for real on this machine.
#[derive(Parser)]
#[command(
    name = "openvpc",
    version,
    about,
    after_help = "\
Examples:
  openvpc up                                      serve the API on 127.0.0.1:4566 until stopped
  openvpc demo flow-logs                          see flow logs at work on real packets
  openvpc exec i-0123456789abcdef0 -- ping -c 1 10.0.1.11
  openvpc internet exec bob -- ping -c 4 192.0.2.10"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

// There is one a process.
#[allow(clippy::large_enum_variant)]
#[derive(Subcommand)]
enum Command {
    /// Serve the AWS API and carry packets, until stopped.
    #[command(after_help = "\
Examples:
  openvpc up                                      state in the user's state folder
  openvpc up --ephemeral                          nothing is kept
  openvpc up --ephemeral --listen 127.0.0.1:0     any free port; the line `ready` tells which
  openvpc up --credential AKIAEXAMPLE:secret:111122223333")]
    Up(UpArgs),
    /// End a daemon and its instances; also instances that run on after their daemon was killed.
    #[command(after_help = "Examples:\n  openvpc down\n  openvpc down --data-dir state")]
    Down {
        /// Where state is kept [default: the user's state folder].
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
    /// Run a program in an instance, with its own streams and exit status.
    #[command(after_help = "\
Examples:
  openvpc exec i-0123456789abcdef0 -- ping -c 1 10.0.1.11
  openvpc exec i-0123456789abcdef0 -- bash")]
    Exec {
        /// The instance's id.
        instance: String,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Flow records: of the last minutes, live, ranked, drawn.
    #[command(after_help = "\
Examples:
  openvpc flows                                   the records of the last ten minutes
  openvpc flows --follow --rejected               refusals as they happen
  openvpc flows -f --dst 10.0.1.0/24 --port 443 --output json
  openvpc flows top pairs                         who talks to whom, by bytes
  openvpc flows plot --last 1h                    traffic over time

Records are shown within two seconds of their packets, of every interface, whether a flow log covers it or
not. Times are UTC.")]
    Flows(flows::FlowsArgs),
    /// The simulated internet outside every VPC.
    #[command(subcommand)]
    Internet(InternetCommand),
    /// Empty an ephemeral daemon: every instance, every resource, every log.
    #[command(after_help = "Examples:\n  openvpc reset")]
    Reset {
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Tell what the daemon is doing: data path, revision, instances, counters.
    #[command(after_help = "Examples:\n  openvpc status\n  openvpc status --output json")]
    Status {
        #[command(flatten)]
        daemon: DaemonArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Break a part of the world on purpose, and mend it.
    #[command(subcommand)]
    Fault(FaultCommand),
    /// Print the configuration as JSON, for `flows replay`; identities and their keys are left out.
    #[command(after_help = "Examples:\n  openvpc world > world.json")]
    World {
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Wait until the data plane enforces a revision (the newest one, unless told).
    #[command(after_help = "Examples:\n  openvpc wait-applied\n  openvpc wait-applied 42")]
    WaitApplied {
        /// The revision, as answers carry it in the header x-openvpc-revision.
        revision: Option<u64>,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Wait until flow logs have delivered what was seen so far.
    ///
    /// That is until its windows have closed, and CloudWatch Logs and S3 were given its lines. Sinks that refuse are not
    /// waited for (describe-flow-logs tells of them), nor are S3's objects of five minutes.
    #[command(after_help = "Examples:\n  openvpc wait-delivered && aws logs tail my-group")]
    WaitDelivered {
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Tell whether a packet would arrive, what decides on its way, and what would let it through.
    #[command(after_help = "\
Examples:
  openvpc why web db:5432                         there and back, with each deciding rule
  openvpc why internet web:443 --probe            the real packet too: do wire and answer agree?
  openvpc why i-0123456789abcdef0 8.8.8.8:53 --protocol udp
  openvpc why --flow '2 123456789012 eni-0123456789abcdef0 203.0.113.12 10.0.1.10 49152 443 6 1 40 1 2 REJECT OK'

Exit status: 0 reachable, 1 not reachable, 2 the question cannot be asked.")]
    Why(why::WhyArgs),
    /// Tell which paths a change would open and which it would break, before it is made.
    #[command(after_help = "\
Examples:
  terraform plan -out p && terraform show -json p | openvpc plan -
  openvpc plan calls.jsonl                        lines such as {\"action\": \"DeleteRoute\", \"parameters\": {…}}

Exit status: 0 nothing breaks, 1 something does or a call is refused, 2 the file is no plan.")]
    Plan(plan::PlanArgs),
    /// Hold the network against a file of expectations, such as `web -> db:5432 allowed`.
    #[command(after_help = "\
Examples:
  openvpc assert network.expect
  openvpc assert network.expect --junit report.xml

Exit status: 0 all hold, 1 one does not, 2 one cannot be asked.")]
    Assert(plan::AssertArgs),
    /// Guided tours on real packets; without a name, the list of them.
    #[command(after_help = "Examples:\n  openvpc demo\n  openvpc demo flow-logs")]
    Demo {
        /// Which tour.
        name: Option<String>,
        #[command(flatten)]
        data_path: up::DataPathArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Subcommand)]
enum FaultCommand {
    /// Lose an availability zone: none of its interfaces carries anything, until it is up again.
    #[command(after_help = "\
Examples:
  openvpc fault zone use1-az1 down                instances, NAT gateways and endpoints of the zone fall silent
  openvpc fault zone use1-az1 up                  new connections pass again; old ones stay broken")]
    Zone {
        /// The zone's id (use1-az1) or name (us-east-1a).
        zone: String,
        /// Lose it or restore it.
        #[arg(value_enum)]
        state: ZoneState,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// List the faults in force.
    #[command(after_help = "Examples:\n  openvpc fault list --output json")]
    List {
        #[command(flatten)]
        daemon: DaemonArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum ZoneState {
    Down,
    Up,
}

#[derive(Subcommand)]
enum InternetCommand {
    /// Run a program in an outside host.
    #[command(after_help = "\
Examples:
  openvpc internet exec bob -- ping -c 4 192.0.2.10
  openvpc internet exec bob -- curl -s http://198.51.100.80/")]
    Exec {
        /// The host's name: `bob` or `web`.
        host: String,
        #[command(flatten)]
        run: RunArgs,
    },
    /// List the outside hosts.
    #[command(after_help = "Examples:\n  openvpc internet list --output json")]
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// What to run, and where the daemon is.
#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    /// The program and its arguments, after `--`.
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
}

/// How to find the daemon.
#[derive(Args)]
struct DaemonArgs {
    /// The daemon's control socket [default: in the user's runtime folder].
    #[arg(long, env = "OPENVPC_SOCKET", value_name = "PATH")]
    socket: Option<PathBuf>,
}

impl DaemonArgs {
    fn socket(&self) -> PathBuf {
        self.socket
            .clone()
            .unwrap_or_else(crate::daemon::paths::default_socket)
    }
}

#[derive(Args, Clone, Copy)]
struct OutputArgs {
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    Text,
    Json,
}

/// Runs the command given on the command line.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Up(args) => up::run(args),
        Command::Down { data_dir } => down::run(data_dir),
        Command::Exec { instance, run } => exec::run(&run.daemon.socket(), &instance, run.command),
        Command::Flows(args) => flows::run(&args),
        Command::Internet(InternetCommand::Exec { host, run }) => {
            exec::run(&run.daemon.socket(), &host, run.command)
        }
        Command::Internet(InternetCommand::List { output }) => status::outside_hosts(output.output),
        Command::Reset { daemon } => reset::run(&daemon.socket()),
        Command::Status { daemon, output } => status::run(&daemon.socket(), output.output),
        Command::Fault(FaultCommand::Zone {
            zone,
            state,
            daemon,
        }) => fault::zone(&daemon.socket(), zone, state == ZoneState::Down),
        Command::Fault(FaultCommand::List { daemon, output }) => {
            fault::list(&daemon.socket(), output.output)
        }
        Command::World { daemon } => world::run(&daemon.socket()),
        Command::WaitApplied { revision, daemon } => {
            status::wait_applied(&daemon.socket(), revision)
        }
        Command::WaitDelivered { daemon } => status::wait_delivered(&daemon.socket()),
        Command::Why(args) => why::run(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Assert(args) => plan::assert(&args),
        Command::Demo {
            name,
            data_path,
            output,
        } => demo::run(name.as_deref(), data_path.data_path, output.output),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("openvpc: {message}");
        ExitCode::FAILURE
    })
}
