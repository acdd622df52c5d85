//! What was recorded over a longer time: a plot of it, and questions in SQL, as `openvpc flows plot` and `sql` answer them.

use std::sync::Arc;
use std::time::Duration;

use openvpc_flows::plot::{Point, plot};
use openvpc_flows::ring::ROWS_MAX;
use openvpc_flows::sql::{Bounds, QUERIES, Table};
use openvpc_flows::top::Measure;
use openvpc_flows::{Filter, Row};
use serde_json::{Value, json};

use super::{Console, Query, Refusal};
use crate::daemon::control_plane::now;

/// Bars of a plot.
const BARS: usize = 120;
/// What one question may cost.
const BOUNDS: Bounds = Bounds {
    records: ROWS_MAX as u64,
    rows: 500,
    time: Duration::from_secs(5),
};

impl Console {
    /// The queries that have names.
    pub(super) fn queries() -> Value {
        let each = QUERIES.iter();
        each.map(|query| json!({"name": query.name, "about": query.about, "sql": query.sql}))
            .collect()
    }

    /// Bytes over the last seconds, as bars.
    pub(super) fn plot(&self, query: &Query) -> Result<Value, Refusal> {
        let rows = self.recorded(query)?;
        let points = rows.iter().filter_map(|row| Point::of(row, Measure::Bytes));
        let plot = plot(&points.collect::<Vec<_>>(), BARS);
        Ok(json!({"records": rows.len(), "step": plot.step_secs, "bars": plot.bars}))
    }

    /// One question at a time.
    pub(super) async fn query(&self, query: &Query) -> Result<Value, Refusal> {
        let sql = query.get("sql").map(str::to_owned);
        let sql = sql.ok_or_else(|| Refusal::bad("a query is missing"))?;
        let rows = self.recorded(query)?;
        let _turn = self.questions.lock().await;
        let asked = tokio::task::spawn_blocking(move || {
            let mut table = Table::for_query(&sql, BOUNDS)?;
            rows.iter().try_for_each(|row| table.add(row))?;
            table.run()
        });
        let answer = asked
            .await
            .map_err(|_| Refusal::broken("the query"))?
            .map_err(Refusal::bad)?;
        Ok(json!({"columns": answer.columns, "rows": answer.rows, "cut": answer.is_cut}))
    }

    /// The flows of the last `last` seconds; all that are still there without one.
    fn recorded(&self, query: &Query) -> Result<Vec<Arc<Row>>, Refusal> {
        let last = query.get("last").map(str::parse::<u32>).transpose();
        let last = last.map_err(|_| Refusal::bad("last is a number of seconds"))?;
        let ring = self.live_flows.ring();
        let from = last.map_or(0, |last| ring.since(now() / 1_000 - i64::from(last)));
        let mut rows = ring.read(from, ROWS_MAX).rows;
        drop(ring);
        rows.retain(|row| Filter::default().keeps_as_flow(row));
        Ok(rows)
    }
}
