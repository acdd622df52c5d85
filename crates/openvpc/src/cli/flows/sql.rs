//! `openvpc flows sql`: questions in SQL.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use comfy_table::{Table as Drawn, presets};
use openvpc_flows::sql::{Answer, Bounds, Cell, QUERIES, Table, named};
use serde_json::{Map, Value, json};

use super::filter_args::FilterArgs;
use super::source::SourceArgs;
use super::watch::print;
use crate::cli::{Output, OutputArgs};

#[derive(Args)]
pub struct SqlArgs {
    /// One SELECT statement over the table vpc_flow_logs.
    #[arg(required_unless_present_any = ["list", "query"])]
    sql: Option<String>,
    /// Show the named queries.
    #[arg(long, conflicts_with_all = ["sql", "query"])]
    list: bool,
    /// Run a named query.
    #[arg(long, value_name = "NAME", conflicts_with = "sql")]
    query: Option<String>,
    /// Rows of the answer.
    #[arg(long, short = 'n', value_name = "ROWS", default_value_t = 1_000)]
    limit: usize,
    /// Seconds that the query may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &SqlArgs) -> Result<ExitCode, String> {
    if args.list {
        print(&list(args.output.output))?;
        return Ok(ExitCode::SUCCESS);
    }
    let query = match &args.query {
        Some(name) => {
            let query = named(name).ok_or_else(|| {
                format!("there is no query {name:?}: openvpc flows sql --list shows them")
            })?;
            query.sql
        }
        None => args.sql.as_deref().unwrap_or_default(),
    };
    let bounds = Bounds {
        rows: args.limit,
        time: Duration::from_secs(args.timeout),
        ..Bounds::default()
    };
    let mut table = Table::for_query(query, bounds).map_err(|e| e.to_string())?;
    let end = args.source.each(&args.filter.filter(), |row| {
        table.add(row).map_err(|e| e.to_string())
    })?;
    let answer = table.run().map_err(|e| e.to_string())?;
    let text = match args.output.output {
        Output::Text => format!("{}\n", drawn(&answer)),
        Output::Json => objects(&answer),
    };
    print(&text)?;
    if answer.is_cut {
        eprintln!(
            "openvpc: only the first {} rows are shown (--limit)",
            args.limit
        );
    }
    Ok(end)
}

fn list(output: Output) -> String {
    match output {
        Output::Text => {
            let mut table = Drawn::new();
            table.load_preset(presets::NOTHING);
            for query in QUERIES {
                table.add_row([query.name, query.about]);
            }
            format!("{table}\n")
        }
        Output::Json => {
            let queries = QUERIES.iter();
            let objects = queries.map(|q| json!({"name": q.name, "about": q.about, "sql": q.sql}));
            format!("{:#}\n", Value::from_iter(objects))
        }
    }
}

fn drawn(answer: &Answer) -> Drawn {
    let mut table = Drawn::new();
    table.load_preset(presets::NOTHING);
    table.set_header(&answer.columns);
    for row in &answer.rows {
        table.add_row(row.iter().map(|cell| match cell {
            Cell::Null => "-".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
        }));
    }
    table
}

/// One object a line, by the columns' names.
fn objects(answer: &Answer) -> String {
    let mut text = String::new();
    for row in &answer.rows {
        let members = answer.columns.iter().zip(row);
        let members = members.map(|(column, cell)| (column.clone(), json!(cell)));
        text += &format!("{}\n", Value::Object(members.collect::<Map<_, _>>()));
    }
    text
}
