//! `openvpc flows top`: who carries most.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};
use openvpc_flows::plot::amount;
use openvpc_flows::top::{By, Measure, Ranking, Sum, Top};
use serde_json::{Value, json};

use super::MeasureArg;
use super::filter_args::FilterArgs;
use super::source::SourceArgs;
use super::watch::print;
use crate::cli::{Output, OutputArgs};

#[derive(Args)]
pub struct TopArgs {
    /// By what to add up.
    #[arg(value_enum, default_value = "talkers", value_name = "BY")]
    by: ByArg,
    #[arg(long, value_enum, default_value = "bytes")]
    measure: MeasureArg,
    /// How many rows to show.
    #[arg(long, short = 'n', value_name = "ROWS", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(ValueEnum, Clone, Copy)]
enum ByArg {
    /// Sources, as in the packets.
    Talkers,
    /// Source and destination.
    Pairs,
    /// What was refused: from where to where and which port.
    Rejected,
    Interface,
    Subnet,
    Vpc,
    Instance,
    /// AWS's service, or the name of the port.
    Service,
    /// The lower port.
    Port,
}

pub fn run(args: &TopArgs) -> Result<ExitCode, String> {
    let by = match args.by {
        ByArg::Talkers => By::Talkers,
        ByArg::Pairs => By::Pairs,
        ByArg::Rejected => By::Rejected,
        ByArg::Interface => By::Interface,
        ByArg::Subnet => By::Subnet,
        ByArg::Vpc => By::Vpc,
        ByArg::Instance => By::Instance,
        ByArg::Service => By::Service,
        ByArg::Port => By::Port,
    };
    let mut top = Top::new(by);
    let end = args.source.in_parts(
        &args.filter.filter(),
        by.fields(),
        || Top::new(by),
        Top::add,
        |part| top.merge(part),
    )?;
    let ranking = top.ranking(args.measure.measure(), args.limit);
    let text = match args.output.output {
        Output::Json => format!("{:#}\n", object(by, &ranking)),
        Output::Text => format!("{}\n", table(by, &ranking)),
    };
    print(&text)?;
    Ok(end)
}

fn table(by: By, ranking: &Ranking) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    let upper = by.columns().iter().map(|name| name.to_uppercase());
    let numbers = ["BYTES", "PACKETS", "RECORDS", "SHARE"].map(str::to_owned);
    table.set_header(upper.chain(numbers));
    let share = |sum: Sum| match ranking.total.bytes {
        0 => String::new(),
        total => format!("{:.1} %", sum.bytes as f64 * 100.0 / total as f64),
    };
    let mut add = |key: &[String], sum: Sum| {
        let numbers = [
            amount(sum.bytes, Measure::Bytes),
            sum.packets.to_string(),
            sum.records.to_string(),
            share(sum),
        ];
        table.add_row(key.iter().cloned().chain(numbers));
    };
    for row in &ranking.rows {
        add(&row.key, row.sum);
    }
    if ranking.others.records > 0 {
        let mut key = vec![String::new(); by.columns().len()];
        key[0] = "(others)".to_owned();
        add(&key, ranking.others);
    }
    let first_number = by.columns().len();
    for column in table.column_iter_mut().skip(first_number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn object(by: By, ranking: &Ranking) -> Value {
    let row = |key: &[String], sum: Sum| {
        let mut row = json!(sum);
        for (name, value) in by.columns().iter().zip(key) {
            row[*name] = json!(value);
        }
        row
    };
    let rows: Vec<Value> = ranking.rows.iter().map(|r| row(&r.key, r.sum)).collect();
    json!({ "rows": rows, "others": ranking.others, "total": ranking.total })
}
