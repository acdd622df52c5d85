//! SQL over flow records: SQLite, in memory, with the columns of Athena's table `vpc_flow_logs`.
//!
//! A query is prepared first, on an empty table; what it reads tells which columns are worth filling. Then records are
//! added, and the query runs. It can only read: every statement that would write, attach a file or set something is
//! refused before it runs. It is bounded in records, rows and time.
//!
//! Source: Amazon Athena user guide, "Create a table for Amazon VPC flow logs and query it".

mod queries;

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openvpc_flowlog::{Field, Kind};
use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement, limits::Limit, params_from_iter};
use serde::Serialize;

use crate::row::{Row, Value};

pub use queries::{QUERIES, Query, named};

/// The table's name, as in AWS's guide.
pub const TABLE: &str = "vpc_flow_logs";

/// SQLite asks whether to go on after so many of its steps.
const STEPS: i32 = 10_000;
/// A query's text; named ones have 300 bytes.
const QUERY_LEN_MAX: i32 = 100_000;
/// One value: the longest field has some hundred bytes, what functions make of them is bounded.
const VALUE_LEN_MAX: i32 = 1_000_000;

/// What a query may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Records in the table.
    pub records: u64,
    /// Rows of the answer.
    pub rows: usize,
    /// From the query's start.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            records: 5_000_000,
            rows: 1_000,
            time: Duration::from_secs(60),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    #[error("the query only may read: SELECT … FROM {TABLE}")]
    NotReading,
    #[error("more than {0} records: ask for fewer with filters or --last")]
    Records(u64),
    #[error("stopped after {} seconds: ask for less, or set another --timeout", .0.as_secs())]
    Time(Duration),
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// A cell of an answer; in JSON the value alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// A query's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// There are more rows than were asked for.
    pub is_cut: bool,
}

/// A table, and the query that it is filled for.
pub struct Table {
    connection: Connection,
    query: String,
    /// The fields that the query reads.
    fields: Vec<Field>,
    records: u64,
    bounds: Bounds,
}

impl Table {
    /// An empty table for a query.
    ///
    /// # Errors
    /// If it is no query, or not only one that reads.
    pub fn for_query(query: &str, bounds: Bounds) -> Result<Table, SqlError> {
        let connection = Connection::open_in_memory()?;
        connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, QUERY_LEN_MAX)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_LEN_MAX)?;
        connection.execute_batch(&definition())?;
        let read = Arc::new(Mutex::new(Vec::new()));
        let noted = read.clone();
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            if let AuthAction::Read { column_name, .. } = context.action {
                let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                noted.push(column_name.to_owned());
            }
            authorize(&context.action)
        }));
        let prepared = connection.prepare(query);
        let is_reading = match &prepared {
            Ok(statement) => statement.readonly() && statement.column_count() > 0,
            Err(error) => {
                error.sqlite_error_code() != Some(ErrorCode::AuthorizationForStatementDenied)
            }
        };
        if !is_reading {
            return Err(SqlError::NotReading);
        }
        drop(prepared?);
        connection.authorizer(None::<fn(rusqlite::hooks::AuthContext<'_>) -> Authorization>);
        let read = read.lock().unwrap_or_else(PoisonError::into_inner);
        let is_read = |field: &&Field| read.iter().any(|column| *column == column_name(**field));
        let fields: Vec<Field> = Field::ALL.iter().filter(is_read).copied().collect();
        drop(read);
        // One transaction for all records: they are there or the table is not.
        connection.execute_batch("BEGIN")?;
        Ok(Table {
            connection,
            query: query.to_owned(),
            fields,
            records: 0,
            bounds,
        })
    }

    /// The fields that the query asks for.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If there are too many.
    pub fn add(&mut self, row: &Row) -> Result<(), SqlError> {
        if self.records == self.bounds.records {
            return Err(SqlError::Records(self.bounds.records));
        }
        self.records += 1;
        let mut insertion = self.connection.prepare_cached(&insertion(&self.fields))?;
        let values = self.fields.iter().map(|field| match row.get(*field) {
            Some(Value::Number(number)) => rusqlite::types::Value::Integer(number),
            Some(Value::Text(text)) => rusqlite::types::Value::Text(text.into_owned()),
            None => rusqlite::types::Value::Null,
        });
        insertion.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Runs the query.
    ///
    /// # Errors
    /// If it takes too long or goes wrong.
    pub fn run(self) -> Result<Answer, SqlError> {
        let Bounds { rows, time, .. } = self.bounds;
        self.connection.execute_batch("COMMIT")?;
        self.connection
            .authorizer(Some(|context: rusqlite::hooks::AuthContext<'_>| {
                authorize(&context.action)
            }));
        let end = Instant::now() + time;
        self.connection
            .progress_handler(STEPS, Some(move || Instant::now() > end));
        let mut statement = self.connection.prepare(&self.query)?;
        answer(&mut statement, rows).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => SqlError::Time(time),
            _ => error.into(),
        })
    }
}

fn answer(statement: &mut Statement<'_>, rows_max: usize) -> rusqlite::Result<Answer> {
    let names = statement.column_names();
    let columns: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut found = statement.query([])?;
    let (mut rows, mut is_cut) = (Vec::new(), false);
    while let Some(row) = found.next()? {
        if rows.len() == rows_max {
            is_cut = true;
            break;
        }
        let cells = (0..columns.len()).map(|at| Ok(cell(row.get_ref(at)?)));
        rows.push(cells.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(Answer {
        columns,
        rows,
        is_cut,
    })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Cell::Text(String::from_utf8_lossy(text).into_owned())
        }
    }
}

/// What a query may do: read, call functions, and call itself.
fn authorize(action: &AuthAction<'_>) -> Authorization {
    match action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Function { .. }
        | AuthAction::Recursive => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

/// A field's column: `-` is `_` there.
pub fn column_name(field: Field) -> String {
    field.name().replace('-', "_")
}

fn definition() -> String {
    let columns = Field::ALL.iter().map(|field| {
        let kind = match field.kind() {
            Kind::Int32 | Kind::Int64 => "INTEGER",
            Kind::Text => "TEXT",
        };
        format!("\"{}\" {kind}", column_name(*field))
    });
    let columns: Vec<String> = columns.collect();
    format!("CREATE TABLE {TABLE} ({})", columns.join(", "))
}

/// A query that reads no column (`count(*)`) still needs its rows.
fn insertion(fields: &[Field]) -> String {
    if fields.is_empty() {
        return format!("INSERT INTO {TABLE} DEFAULT VALUES");
    }
    let (mut columns, mut places) = (String::new(), String::new());
    for (at, field) in fields.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(columns, "{comma}\"{}\"", column_name(*field));
        let _ = write!(places, "{comma}?");
    }
    format!("INSERT INTO {TABLE} ({columns}) VALUES ({places})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{Columns, Recorded};

    const LOG: &str = "\
version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status type
5 eni-1 10.0.1.5 10.0.2.6 40000 22 6 10 5000 100 160 ACCEPT OK IPv4
5 eni-1 10.0.1.5 10.0.2.7 40001 443 6 1 60 100 160 REJECT OK IPv4
5 eni-2 2001:db8::1 2001:db8::2 443 40000 6 20 9000 100 160 ACCEPT OK IPv6
5 eni-3 - - - - - - - 100 160 - NODATA -
";

    fn table(query: &str, bounds: Bounds) -> Result<Table, SqlError> {
        let mut table = Table::for_query(query, bounds)?;
        for row in Recorded::open(LOG.as_bytes(), Columns::default()).unwrap() {
            table.add(&row.unwrap())?;
        }
        Ok(table)
    }

    fn rows(query: &str) -> Vec<String> {
        let answer = table(query, Bounds::default()).unwrap().run().unwrap();
        let shown = |cell: &Cell| match cell {
            Cell::Null => "null".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
        };
        let line = |row: &Vec<Cell>| row.iter().map(shown).collect::<Vec<_>>().join(" ");
        answer.rows.iter().map(line).collect()
    }

    #[test]
    fn queries_see_the_columns_of_athenas_table() {
        assert_eq!(
            rows(
                "SELECT srcaddr, sum(bytes) AS total FROM vpc_flow_logs WHERE action = 'ACCEPT' GROUP BY srcaddr ORDER BY total DESC"
            ),
            ["2001:db8::1 9000", "10.0.1.5 5000"]
        );
        assert_eq!(rows("SELECT count(*) FROM vpc_flow_logs"), ["4"]);
        assert_eq!(
            rows(
                "SELECT log_status, \"end\" - start, srcaddr FROM vpc_flow_logs WHERE interface_id = 'eni-3'"
            ),
            ["NODATA 60 null"]
        );
    }

    /// As in Parquet and in Athena's table: as text, 9 would be more than 10.
    #[test]
    fn numbers_are_compared_as_numbers() {
        let log = "version openvpc-revision encryption-status\n10 9 0\n10 10 1\n10 - -\n";
        let query = "SELECT openvpc_revision FROM vpc_flow_logs WHERE openvpc_revision > 9 AND encryption_status = 1";
        let mut table = Table::for_query(query, Bounds::default()).unwrap();
        for row in Recorded::open(log.as_bytes(), Columns::default()).unwrap() {
            table.add(&row.unwrap()).unwrap();
        }
        let answer = table.run().unwrap();
        assert_eq!(answer.rows, [[Cell::Integer(10)]]);
    }

    #[test]
    fn only_what_a_query_reads_is_filled_in() {
        let table = table(
            "SELECT max(bytes) FROM vpc_flow_logs WHERE type = 'IPv6'",
            Bounds::default(),
        );
        assert_eq!(table.unwrap().fields(), [Field::Bytes, Field::Type]);
    }

    #[test]
    fn a_query_only_reads() {
        for query in [
            "DELETE FROM vpc_flow_logs",
            "DROP TABLE vpc_flow_logs",
            "INSERT INTO vpc_flow_logs (bytes) VALUES (1)",
            "ATTACH '/tmp/never-there' AS f",
            "PRAGMA journal_mode = wal",
            "VACUUM INTO '/tmp/never-there'",
            "CREATE TEMP TABLE t (x)",
            "BEGIN",
        ] {
            let refused = Table::for_query(query, Bounds::default()).err().unwrap();
            assert!(
                matches!(refused, SqlError::NotReading),
                "{query}: {refused}"
            );
        }
        let wrong = Table::for_query("SELECT colour FROM vpc_flow_logs", Bounds::default());
        assert!(
            wrong
                .err()
                .unwrap()
                .to_string()
                .contains("no such column: colour")
        );
        let two = Table::for_query("SELECT 1; DELETE FROM vpc_flow_logs", Bounds::default());
        assert!(two.is_err());
    }

    #[test]
    fn a_query_has_bounds() {
        let few = Bounds {
            records: 2,
            ..Bounds::default()
        };
        assert!(matches!(
            table("SELECT 1", few).err().unwrap(),
            SqlError::Records(2)
        ));
        let short = Bounds {
            rows: 2,
            ..Bounds::default()
        };
        let answer = table("SELECT bytes FROM vpc_flow_logs", short)
            .unwrap()
            .run()
            .unwrap();
        assert_eq!((answer.rows.len(), answer.is_cut), (2, true));
        let quick = Bounds {
            time: Duration::from_millis(50),
            ..Bounds::default()
        };
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let stopped = table(endless, quick).unwrap().run().unwrap_err();
        assert!(matches!(stopped, SqlError::Time(_)), "{stopped}");
    }

    #[test]
    fn every_named_query_runs() {
        for query in QUERIES {
            let answer = table(query.sql, Bounds::default());
            let answer = answer
                .unwrap_or_else(|e| panic!("{}: {e}", query.name))
                .run()
                .unwrap();
            assert!(!answer.columns.is_empty(), "{}", query.name);
        }
        let found = rows(named("VpcFlowLogsSshRdpTraffic").unwrap().sql);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(named("vpcflowlogstoptalkers").is_some(), "in any case");
    }
}
