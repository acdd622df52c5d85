//! `openvpc flows plot`: traffic over time.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Args;
use openvpc_flows::plot::{Point, Style, plot};

use super::filter_args::FilterArgs;
use super::source::SourceArgs;
use super::watch::print;
use super::{MeasureArg, clock};
use crate::cli::{Output, OutputArgs};

/// Records that one plot is made of.
const POINTS_MAX: usize = 20_000_000;
/// For a pipe.
const WIDTH: u16 = 80;

#[derive(Args)]
pub struct PlotArgs {
    #[arg(long, value_enum, default_value = "bytes")]
    measure: MeasureArg,
    /// About how many stretches of time to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    bars: usize,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &PlotArgs) -> Result<ExitCode, String> {
    let measure = args.measure.measure();
    let mut points: Vec<Point> = Vec::new();
    let end = args.source.each(&args.filter.filter(), |row| {
        let point = Point::of(row, measure);
        match point {
            Some(_) if points.len() == POINTS_MAX => {
                return Err(format!("more than {POINTS_MAX} records: ask for fewer"));
            }
            Some(point) => points.push(point),
            None => {}
        }
        Ok(())
    })?;
    let plot = plot(&points, args.bars);
    let stdout = std::io::stdout();
    let text = match args.output.output {
        Output::Json => format!("{:#}\n", serde_json::json!(plot)),
        Output::Text if plot.bars.is_empty() => "no traffic\n".to_owned(),
        Output::Text => {
            let style = match stdout.is_terminal() {
                true => Style::Terminal,
                false => Style::Plain,
            };
            let width = openvpc_host::window_size(&stdout).map_or(WIDTH, |(_, columns)| columns);
            let short = plot.step_secs < 86_400;
            plot.draw(measure, style, usize::from(width), |at| match short {
                true => clock(at),
                false => super::date(at),
            })
        }
    };
    print(&text)?;
    Ok(end)
}
