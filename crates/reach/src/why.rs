//! The whole answer to "why does this packet not arrive?".

use openvpc_model::World;

use crate::flow::Flow;
use crate::repair::{Workshop, repair};
use crate::report::{Report, report};
use crate::scene::Scene;

/// Asks the engine about a flow and, if it is refused, looks for what would let it through.
///
/// # Errors
/// A sentence for the user: the flow cannot begin at all, or the world contradicts itself.
pub fn why(workshop: &Workshop<'_>, world: &World, flow: &Flow) -> Result<Report, String> {
    let imagined = flow.imagined();
    let mut scene =
        Scene::new(world, workshop.hosts, &imagined).map_err(|error| error.to_string())?;
    let question = flow.question(world, &scene.hosts)?;
    let explanation = scene.ask(&question);
    let mut report = report(&scene, flow, &question, &explanation);
    if !report.reachable {
        report.changes = repair(workshop, &scene, flow, &explanation);
    }
    let notes = imagined.iter().map(|address| {
        format!("Nobody in the simulated internet has {address}: asked as if a host had it.")
    });
    report.notes.extend(notes);
    Ok(report)
}
