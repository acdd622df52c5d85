//! `openvpc plan` and `openvpc assert`: what a change would open and break, and whether expectations hold.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use openvpc_reach::expect::{Outcome, junit};
use openvpc_reach::plan::{Change, Forecast};

use super::{DaemonArgs, Output, OutputArgs};
use crate::daemon::control_socket::ask_question;
use crate::daemon::questions::Question;

/// Something breaks, or an expectation does not hold.
const NO: u8 = 1;
/// The file cannot be read as what it should be.
const USAGE: u8 = 2;
/// Paths that are printed one by one.
const SHOWN_MAX: usize = 40;

#[derive(Args)]
pub struct PlanArgs {
    /// `terraform show -json` output, or API calls as JSON lines; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The region of calls that name none.
    #[arg(long, env = "AWS_DEFAULT_REGION", default_value = "us-east-1")]
    region: String,
    /// The account that would call.
    #[arg(long, default_value = "123456789012")]
    account: String,
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
pub struct AssertArgs {
    /// Expectations, one a line; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    daemon: DaemonArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    output: AssertOutput,
    /// Write JUnit's XML to this file too, for CI.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum AssertOutput {
    Text,
    Json,
    Junit,
}

pub fn plan(args: &PlanArgs) -> Result<ExitCode, String> {
    let mut code = ExitCode::SUCCESS;
    for file in &args.files {
        let forecast = match forecast(args, file) {
            Ok(forecast) => forecast,
            Err(message) => return Ok(misused(file, &message)),
        };
        match args.output.output {
            Output::Json => println!("{:#}", serde_json::json!(forecast)),
            Output::Text => print!("{}", forecast_text(&forecast)),
        }
        if !forecast.breaks.is_empty() || !forecast.refused.is_empty() {
            code = ExitCode::from(NO);
        }
    }
    Ok(code)
}

fn forecast(args: &PlanArgs, file: &Path) -> Result<Forecast, String> {
    let question = Question::Plan {
        region: args.region.clone(),
        account: args.account.clone(),
    };
    let answer = ask_question(&args.daemon.socket(), question, Some(&read(file)?))?;
    serde_json::from_value(answer).map_err(|e| format!("the daemon answered strangely: {e}"))
}

fn forecast_text(forecast: &Forecast) -> String {
    let mut lines = vec![format!(
        "calls tried on a copy: {}; paths that open: {}, that break: {}, that stay as they are: {}",
        forecast.calls.len(),
        forecast.opens.len(),
        forecast.breaks.len(),
        forecast.same
    )];
    let mut list = |title: &str, mark: &str, changes: &[Change]| {
        if changes.is_empty() {
            return;
        }
        lines.push(format!("\n{title}"));
        let shown = changes.iter().take(SHOWN_MAX);
        lines.extend(shown.map(|c| {
            format!(
                "  {mark} {} → {} {}  ({})",
                c.source, c.destination, c.traffic, c.because
            )
        }));
        if changes.len() > SHOWN_MAX {
            let more = changes.len() - SHOWN_MAX;
            lines.push(format!("  and {more} more; --output json has all"));
        }
    };
    list("breaks", "✗", &forecast.breaks);
    list("opens (closed now, because)", "✓", &forecast.opens);
    for (title, texts) in [
        ("would be refused", &forecast.refused),
        ("assumed", &forecast.assumed),
    ] {
        if !texts.is_empty() {
            lines.push(format!("\n{title}"));
            lines.extend(texts.iter().map(|text| format!("  ! {text}")));
        }
    }
    lines.join("\n") + "\n"
}

pub fn assert(args: &AssertArgs) -> Result<ExitCode, String> {
    let outcomes = match outcomes(args) {
        Ok(outcomes) => outcomes,
        Err(message) => return Ok(misused(&args.file, &message)),
    };
    let name = args.file.display().to_string();
    match args.output {
        AssertOutput::Json => println!("{:#}", serde_json::json!(outcomes)),
        AssertOutput::Junit => print!("{}", junit(&name, &outcomes)),
        AssertOutput::Text => print!("{}", outcomes_text(&outcomes)),
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, junit(&name, &outcomes))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    }
    let all = |wanted: fn(&Outcome) -> bool| outcomes.iter().any(wanted);
    Ok(
        match (all(|o| o.holds.is_none()), all(|o| o.holds == Some(false))) {
            (true, _) => ExitCode::from(USAGE),
            (false, true) => ExitCode::from(NO),
            (false, false) => ExitCode::SUCCESS,
        },
    )
}

fn outcomes(args: &AssertArgs) -> Result<Vec<Outcome>, String> {
    let file = read(&args.file)?;
    let answer = ask_question(&args.daemon.socket(), Question::Assert, Some(&file))?;
    serde_json::from_value(answer).map_err(|e| format!("the daemon answered strangely: {e}"))
}

fn outcomes_text(outcomes: &[Outcome]) -> String {
    let colour = std::io::stdout().is_terminal();
    let paint = |code: &str, text: &str| match colour {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    let mut text = String::new();
    for outcome in outcomes {
        let mark = match outcome.holds {
            Some(true) => paint("32", "✓"),
            Some(false) => paint("31;1", "✗"),
            None => paint("33;1", "?"),
        };
        text.push_str(&format!("{mark} {}\n", outcome.text));
        if outcome.holds != Some(true) {
            text.push_str(&format!("    line {}: {}\n", outcome.line, outcome.because));
        }
    }
    let held = outcomes.iter().filter(|o| o.holds == Some(true)).count();
    text + &format!("{held} of {} expectations hold\n", outcomes.len())
}

fn misused(file: &Path, message: &str) -> ExitCode {
    eprintln!("openvpc: {}: {message}", file.display());
    ExitCode::from(USAGE)
}

fn read(file: &Path) -> Result<String, String> {
    match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(file),
    }
    .map_err(|e| e.to_string())
}
