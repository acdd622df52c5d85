//! The whole answer to "why does this packet not arrive?".

use openvpc_compile::Changes;
use openvpc_model::World;

use crate::flow::Flow;
use crate::repair::repair;
use crate::report::{Report, report};
use crate::scene::Scene;
use crate::trial::Trial;
use crate::workshop::Workshop;

/// Asks the engine about a flow and, if it is refused, looks for what would let it through.
///
/// # Errors
/// A sentence for the user: the flow cannot begin at all, or the world contradicts itself.
pub fn why(workshop: &Workshop<'_>, world: &World, flow: &Flow) -> Result<Report, String> {
    let imagined = flow.imagined();
    let mut compiler = workshop.compiler_of(world);
    let none = Changes::default();
    let scene = Scene::following(world, workshop.hosts, &imagined, &mut compiler, &none);
    let mut scene = scene.map_err(|error| error.to_string())?;
    let question = flow.question(world, &scene.hosts)?;
    let explanation = scene.ask(&question);
    let mut report = report(&scene, flow, &question, &explanation);
    if !report.reachable {
        let explainer = scene.into_explainer();
        let trial = Trial::compiled(world, compiler, workshop.now);
        report.changes = repair(workshop, trial, explainer, flow, &explanation);
    }
    let notes = imagined.iter().map(|address| {
        format!("Nobody in the simulated internet has {address}: asked as if a host had it.")
    });
    report.notes.extend(notes);
    Ok(report)
}
