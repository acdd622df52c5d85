//! What the engine and the loop around it have counted, all at one moment.

use openvpc_engine::{
    DirectionCounters, DropReason, Engine, EniIndex, EniKind, FastCounters, NatGatewayCounters,
};
use openvpc_host::Losses;
use serde::{Deserialize, Serialize};

/// Cumulative counters and what there is now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Frames dropped, by reasons that occurred.
    pub drops: Vec<(DropReason, u64)>,
    /// To and from each interface.
    pub interfaces: Vec<(EniIndex, [DirectionCounters; 2])>,
    /// By the interfaces that NAT gateways stand at.
    pub nat_gateways: Vec<(EniIndex, NatGatewayCounters)>,
    /// Tracked flows.
    pub tracked: u64,
    /// Flow cells.
    pub cells: u64,
    /// What the kernel forwards.
    pub fast: FastCounters,
    /// What the loop lost.
    pub losses: Losses,
}

impl Counters {
    /// What the engine says; `losses` are another's to say.
    pub(crate) fn of(engine: &Engine) -> Counters {
        let mut counters = Counters {
            drops: engine.drops().iter().collect(),
            fast: engine.fast_counters(),
            ..Counters::default()
        };
        let snapshot = engine.snapshot();
        let enis = snapshot.iter().flat_map(|s| s.parts().enis.iter());
        for (eni, state) in enis {
            if state.kind == EniKind::NatGateway {
                let of_gateway = engine.nat_gateway_counters(eni);
                counters.nat_gateways.push((eni, of_gateway));
            }
            if let Some(of_interface) = engine.eni_counters(eni) {
                let sides = [of_interface.ingress, of_interface.egress];
                counters.interfaces.push((eni, sides));
                counters.tracked += u64::from(of_interface.conntrack_entries);
                counters.cells += u64::from(of_interface.flow_cells);
            }
        }
        counters
    }
}
