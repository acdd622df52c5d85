//! What would change: calls tried on a copy of the world, and who reaches whom before and after.
//!
//! Compared are a bounded number of pairs, and for each a ping and the ports that rules of its destination mention, before
//! or after: between two rules' ends nothing changes that does not change at an end.

mod calls;
mod terraform;

use openvpc_compile::Changes;
use openvpc_model::{AccountId, InstanceState, NetworkInterface, Region, World};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::expect::mentioned;
use crate::flow::{Flow, SOURCE_PORT, Traffic};
use crate::place::{At, Place, first_address, name_of};
use crate::reason;
use crate::scene::{Scene, instance_of};
use crate::trial::Trial;
use crate::workshop::Workshop;

/// Interfaces that are compared, each with each other and with the internet.
const INTERFACES_MAX: usize = 64;

/// What a plan would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Actions of the calls that were tried.
    pub calls: Vec<String>,
    /// Paths that are open only after.
    pub opens: Vec<Change>,
    /// Paths that are open only before.
    pub breaks: Vec<Change>,
    /// Paths that are open before and after, and that are open neither before nor after.
    pub same: usize,
    /// Calls that would be refused, and why.
    #[serde(default)]
    pub refused: Vec<String>,
    /// What had to be assumed, or could not be followed.
    pub assumed: Vec<String>,
}

/// A path that opens or breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub source: String,
    pub destination: String,
    /// Such as `tcp/443`.
    pub traffic: String,
    /// What decides on the side where it is closed.
    pub because: String,
}

/// Where calls are tried, and by whom.
pub struct Ground<'a> {
    pub workshop: &'a Workshop<'a>,
    /// Of calls that name none.
    pub region: &'a str,
    pub account: &'a AccountId,
}

/// Tries a plan: `terraform show -json`, or API calls as JSON lines.
///
/// # Errors
/// A sentence for the user: the file is neither, or a call is refused.
pub fn forecast(ground: &Ground<'_>, world: &World, file: &str) -> Result<Forecast, String> {
    let (mut trial, mut forecast) = tried(ground, world, file)?;
    let places = places(world, &trial.world, &mut forecast);
    let hosts = ground.workshop.hosts;
    let mut compiler = ground.workshop.compiler_of(world);
    let before = Scene::following(world, hosts, &[], &mut compiler, &Changes::default());
    let scenes = [before, trial.scene(None, hosts, &[])];
    let [before, after] = scenes.map(|scene| scene.map_err(|error| error.to_string()));
    compare(&mut [before?, after?], &places, &mut forecast);
    Ok(forecast)
}

/// The world as a plan would make it, and what became of the plan's calls; nothing is compared yet.
///
/// # Errors
/// As [`forecast`].
pub fn carry_out(
    ground: &Ground<'_>,
    world: &World,
    file: &str,
) -> Result<(World, Forecast), String> {
    let (trial, forecast) = tried(ground, world, file)?;
    Ok((trial.world, forecast))
}

fn tried(ground: &Ground<'_>, world: &World, file: &str) -> Result<(Trial, Forecast), String> {
    let mut trial = ground.workshop.trial_of(world);
    let mut forecast = Forecast::default();
    match serde_json::from_str::<Value>(file) {
        Ok(plan) if plan["format_version"].is_string() => {
            terraform::apply(ground, &mut trial, &plan, &mut forecast)?;
        }
        Ok(_) | Err(_) => calls::apply(ground, &mut trial, file, &mut forecast)?,
    }
    Ok((trial, forecast))
}

/// Who reaches whom in two worlds.
fn compare(scenes: &mut [Scene<'_>; 2], places: &[Place], forecast: &mut Forecast) {
    let [before, after] = scenes.each_ref().map(|scene| scene.world);
    for source in places {
        for destination in places.iter().filter(|other| *other != source) {
            let outside = |place: &Place| matches!(place.at, At::Host(_));
            if outside(source) && outside(destination) {
                continue;
            }
            let mut traffics = mentioned(before, destination);
            traffics.extend(mentioned(after, destination));
            let mut seen: Vec<Traffic> = Vec::new();
            for traffic in traffics {
                if seen.contains(&traffic) {
                    continue;
                }
                seen.push(traffic);
                let flow = Flow {
                    source: source.clone(),
                    destination: destination.clone(),
                    traffic,
                    source_port: SOURCE_PORT,
                    ipv6: false,
                };
                note(scenes, &flow, forecast);
            }
        }
    }
    forecast.opens.sort();
    forecast.breaks.sort();
}

fn note(scenes: &mut [Scene<'_>; 2], flow: &Flow, forecast: &mut Forecast) {
    let asked = scenes.each_mut().map(|scene| ask(scene, flow));
    let [(before, why_before), (after, why_after)] = &asked;
    let change = |because: &String| Change {
        source: flow.source.label.clone(),
        destination: flow.destination.label.clone(),
        traffic: flow.traffic.to_string(),
        because: because.clone(),
    };
    match (*before, *after) {
        (false, true) => forecast.opens.push(change(why_before)),
        (true, false) => forecast.breaks.push(change(why_after)),
        (true, true) | (false, false) => forecast.same += 1,
    }
}

/// Whether a flow is reachable in a world, and on what the verdict rests. An end that is not there reaches nobody.
fn ask(scene: &mut Scene<'_>, flow: &Flow) -> (bool, String) {
    match flow.question(scene.world, &scene.hosts) {
        Ok(question) => {
            let explanation = scene.ask(&question);
            let because = reason::sentence(scene, flow, &explanation);
            (explanation.is_reachable(), because)
        }
        Err(why) => (false, why),
    }
}

/// The interfaces of instances that are up in either world, and the internet.
fn places(before: &World, after: &World, forecast: &mut Forecast) -> Vec<Place> {
    let mut places = vec![Place {
        label: "internet".to_owned(),
        at: At::Host(0),
    }];
    let mut left_out = 0;
    for world in [after, before] {
        for region in world.regions.values() {
            for eni in region
                .network_interfaces
                .values()
                .filter(|eni| is_up(region, eni))
            {
                let at = At::Interface(eni.id, None);
                if places.iter().any(|place| place.at == at) {
                    continue;
                }
                if places.len() > INTERFACES_MAX {
                    left_out += 1;
                    continue;
                }
                let label = label(region, eni);
                places.push(Place { label, at });
            }
        }
    }
    if left_out > 0 {
        forecast.assumed.push(format!(
            "{left_out} interfaces were not compared: only the first {INTERFACES_MAX} are"
        ));
    }
    places
}

fn is_up(region: &Region, eni: &NetworkInterface) -> bool {
    instance_of(region, eni).is_some_and(|instance| {
        matches!(
            instance.state,
            InstanceState::Pending | InstanceState::Running
        )
    })
}

fn label(region: &Region, eni: &NetworkInterface) -> String {
    let instance = instance_of(region, eni).map(|instance| instance.id.to_string());
    let id = instance.unwrap_or_else(|| eni.id.to_string());
    match name_of(region, &id) {
        Some(name) => name.to_owned(),
        None => format!("{id} ({})", first_address(eni)),
    }
}
