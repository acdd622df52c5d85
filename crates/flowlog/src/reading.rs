//! What the engine counted since the last reading.

use openvpc_engine::{Engine, EniIndex, FlowCell, Sweep, Time};
use serde::{Deserialize, Serialize};

/// A sweep of the engine's flow cells, or one step of it.
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

/// The end of a window, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// On the engine's clock.
    pub at: Time,
    /// On the wall clock, in milliseconds since the Unix epoch.
    pub wall_ms: i64,
}

impl Reading {
    /// The end of a window of which it is the last reading.
    pub fn end(&self) -> End {
        End {
            at: self.at,
            wall_ms: self.wall_ms,
        }
    }

    /// One step of a sweep of the engine, as a reading of some cells, and how far the sweep is then: those of all steps are
    /// one reading, and the last one's time is its time. Whoever takes them must have them added up: the engine will not
    /// report these packets again.
    pub fn step(
        engine: &mut Engine,
        sweep: Sweep,
        at: Time,
        wall_ms: i64,
    ) -> (Reading, Option<Sweep>) {
        let mut cells = Vec::new();
        let next = engine.sweep_some_flows(sweep, at, |cell| cells.push(cell.clone()));
        let snapshot = engine.snapshot();
        let enis = snapshot
            .iter()
            .flat_map(|snapshot| snapshot.parts().enis.iter());
        let overflow = enis.filter_map(|(eni, _)| {
            let counters = engine.eni_counters(eni)?;
            let packets = counters.ingress.overflow.packets + counters.egress.overflow.packets;
            (packets > 0).then_some((eni, packets))
        });
        let reading = Reading {
            at,
            wall_ms,
            overflow: overflow.collect(),
            cells,
        };
        (reading, next)
    }
}
