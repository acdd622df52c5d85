//! What was recorded over a longer time: a plot of it, and questions in SQL, as `openvpc flows plot` and `sql` answer them.

use std::time::Duration;

use openvpc_flows::plot::{Point, plot};
use openvpc_flows::ring::RECORDS_MAX;
use openvpc_flows::sql::{Bounds, QUERIES, Table};
use openvpc_flows::top::Measure;
use openvpc_flows::{Filter, Row};
use serde_json::{Value, json};

use super::{Console, Query, Refusal};
use crate::daemon::control_plane::now;
use crate::daemon::live_flows::LiveFlows;

/// Bars of a plot.
const BARS: usize = 120;
/// What one question may cost.
const BOUNDS: Bounds = Bounds {
    records: RECORDS_MAX as u64,
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
        let (mut records, mut points) = (0, Vec::new());
        let take = |row: Row| -> Result<(), Refusal> {
            records += 1;
            points.extend(Point::of(&row, Measure::Bytes));
            Ok(())
        };
        each(&self.live_flows, self.begin(query)?, take)?;
        let plot = plot(&points, BARS);
        Ok(json!({"records": records, "step": plot.step_secs, "bars": plot.bars}))
    }

    /// One question at a time.
    pub(super) async fn query(&self, query: &Query) -> Result<Value, Refusal> {
        let sql = query.get("sql").map(str::to_owned);
        let sql = sql.ok_or_else(|| Refusal::bad("a query is missing"))?;
        let (live_flows, begin) = (self.live_flows.clone(), self.begin(query)?);
        let _turn = self.questions.lock().await;
        let asked = tokio::task::spawn_blocking(move || {
            let mut table = Table::for_query(&sql, BOUNDS)?;
            each(&live_flows, begin, |row| table.add(&row))?;
            table.run()
        });
        let answer = asked
            .await
            .map_err(|_| Refusal::broken("the query"))?
            .map_err(Refusal::bad)?;
        Ok(json!({"columns": answer.columns, "rows": answer.rows, "cut": answer.is_cut}))
    }

    /// The number of the first record of the last `last` seconds; of all that are still there without one.
    fn begin(&self, query: &Query) -> Result<u64, Refusal> {
        let last = query.get("last").map(str::parse::<u32>).transpose();
        let last = last.map_err(|_| Refusal::bad("last is a number of seconds"))?;
        let since = |last| self.live_flows.since(now() / 1_000 - i64::from(last));
        Ok(last.map_or(0, since))
    }
}

/// Takes all flows from a number on.
fn each<E>(
    live_flows: &LiveFlows,
    from: u64,
    mut take: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let filter = Filter::default();
    live_flows.each(from, |row| match filter.keeps_as_flow(&row) {
        true => take(row),
        false => Ok(()),
    })
}
