//! `openvpc up`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use openvpc_dns::ForwardRule;

use crate::daemon::{self, Upstream};

#[derive(Args)]
pub struct UpArgs {
    /// Where the AWS API listens. Elsewhere than on loopback needs a --credential.
    #[arg(long, default_value = "127.0.0.1:4566", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where the console listens, on loopback, or `off` [default: 127.0.0.1:4567, or any free port if that is taken].
    #[arg(long, value_name = "ADDRESS")]
    pub console: Option<daemon::console::Choice>,
    /// The control socket [default: in the user's runtime folder].
    #[arg(long, env = "OPENVPC_SOCKET", value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Where state is kept [default: the user's state folder].
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    pub data_dir: Option<PathBuf>,
    /// Keep nothing: state lives in memory and ends with the daemon.
    #[arg(long)]
    pub ephemeral: bool,
    /// Let instances read the home folders of this machine, but for keys. Otherwise they see only toolchains there.
    #[arg(long)]
    pub share_home: bool,
    #[command(flatten)]
    pub data_path: DataPathArgs,
    /// Close and deliver flow-log windows this often, for people who do not want to wait.
    #[arg(long, value_name = "SECONDS", value_parser = parse_interval)]
    pub flow_log_interval: Option<Duration>,
    /// Ask a DNS server for the names of a domain, `.` for all that nothing here knows (repeatable). Without it such
    /// names do not exist.
    #[arg(long, value_name = "DOMAIN=ADDRESS[:PORT]")]
    pub dns_forward: Vec<ForwardRule>,
    /// The regions to serve [default: all]. To the others the account has not opted in.
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Change one of AWS's default quotas, such as vpcs-per-region=100 (repeatable); a name that there is not lists them.
    #[arg(long = "quota", value_name = "NAME=NUMBER", value_parser = parse_quota)]
    pub quotas: Vec<(String, usize)>,
    /// How long a packet takes from one region to another.
    #[arg(long, value_name = "MILLISECONDS", value_parser = parse_latency)]
    pub region_latency: Option<Duration>,
    /// Have somebody else serve a service, once this daemon has checked signature and policies: dynamodb or s3
    /// (repeatable). For s3 the address may name a key to sign with, http://KEY:SECRET@HOST:PORT; else callers' own are used.
    #[arg(long, value_name = "NAME=URL")]
    pub service: Vec<Upstream>,
    /// One more access key (repeatable).
    #[arg(long = "credential", value_name = "ACCESSKEY:SECRET:ACCOUNT")]
    pub credentials: Vec<String>,
    /// A file with one ACCESSKEY:SECRET:ACCOUNT per line.
    #[arg(long, value_name = "FILE")]
    pub credentials_file: Option<PathBuf>,
    /// Allow `openvpc reset` although state is kept in a folder.
    #[arg(long)]
    pub allow_reset: bool,
}

#[derive(Args, Clone, Copy)]
pub struct DataPathArgs {
    /// What carries packets. `auto` takes the best that this machine allows, and says why.
    #[arg(
        long,
        alias = "dataplane",
        env = "OPENVPC_DATA_PATH",
        value_enum,
        default_value = "auto"
    )]
    pub data_path: DataPathChoice,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataPathChoice {
    Auto,
    Ebpf,
    User,
}

impl DataPathChoice {
    /// As the flag and `OPENVPC_DATA_PATH` have it.
    pub fn name(self) -> &'static str {
        match self {
            DataPathChoice::Auto => "auto",
            DataPathChoice::Ebpf => "ebpf",
            DataPathChoice::User => "user",
        }
    }
}

impl From<DataPathChoice> for openvpc_dataplane::DataPathChoice {
    fn from(choice: DataPathChoice) -> Self {
        match choice {
            DataPathChoice::Auto => Self::Auto,
            DataPathChoice::Ebpf => Self::Ebpf,
            DataPathChoice::User => Self::User,
        }
    }
}

fn parse_quota(text: &str) -> Result<(String, usize), String> {
    let parted = text.split_once('=');
    let quota = parted.and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?)));
    quota.ok_or_else(|| "a name and a number, such as vpcs-per-region=100".to_owned())
}

/// Shortest window is a second: records carry whole seconds.
fn parse_interval(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=600) => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number of seconds from 1 to 600".to_owned()),
    }
}

/// Farther than around the world is nowhere.
fn parse_latency(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(milliseconds @ 0..=1_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err("a whole number of milliseconds from 0 to 1000".to_owned()),
    }
}

/// Serves until a signal ends it.
pub fn run(args: UpArgs) -> Result<ExitCode, String> {
    daemon::serve(args)
}
