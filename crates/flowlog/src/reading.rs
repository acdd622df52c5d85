//! What the engine counted since the last reading.

use openvpc_engine::{Engine, EniIndex, FlowCell, Time};
use serde::{Deserialize, Serialize};

/// One sweep of the engine's flow cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When, on the engine's clock.
    pub at: Time,
    /// When, on the wall clock, in milliseconds since the Unix epoch.
    pub wall_ms: i64,
    /// Cells with packets since the last sweep; their windows are closed in the engine.
    pub cells: Vec<FlowCell>,
    /// Packets that found no cell, cumulative, of interfaces that have any.
    pub overflow: Vec<(EniIndex, u64)>,
}

impl Reading {
    /// Sweeps the engine. Whoever takes a reading must have it added up: the engine will not
    /// report these packets again.
    pub fn take(engine: &mut Engine, at: Time, wall_ms: i64) -> Reading {
        let mut cells = Vec::new();
        engine.sweep_flows(at, |cell| cells.push(cell.clone()));
        let snapshot = engine.snapshot();
        let enis = snapshot
            .iter()
            .flat_map(|snapshot| snapshot.parts().enis.iter());
        let overflow = enis.filter_map(|(eni, _)| {
            let counters = engine.eni_counters(eni)?;
            let packets = counters.ingress.overflow.packets + counters.egress.overflow.packets;
            (packets > 0).then_some((eni, packets))
        });
        Reading {
            at,
            wall_ms,
            overflow: overflow.collect(),
            cells,
        }
    }
}
