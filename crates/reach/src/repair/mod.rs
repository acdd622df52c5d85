//! The smallest changes that let a flow through.
//!
//! Whatever stopped the flow has its few remedies, each a call or two. One is tried on a copy of the world, the copy is
//! compiled, and the engine is asked again: if the flow now gets further, what stops it next has its remedies in turn. A
//! change is offered only when the engine says that the flow then gets there and back.

mod gateway;
mod network_acl;
mod route;
mod security_group;

use std::collections::VecDeque;

use openvpc_engine::{DropReason, EniIndex, Explainer, Explanation, PortId};
use openvpc_model::AccountId;

use crate::Call;
use crate::flow::Flow;
use crate::reason::{self, Stop};
use crate::report::Change;
use crate::scene::Scene;
use crate::trial::Trial;
use crate::workshop::Workshop;

/// Copies that are compiled, at most.
const TRIALS_MAX: usize = 48;
/// Things that stand in the way one after another, at most.
const DEPTH_MAX: usize = 6;
/// Changes that are offered, at most.
const CHANGES_MAX: usize = 3;

/// One thing that could be done about what stopped a flow.
#[derive(Clone, Debug)]
pub(crate) struct Remedy {
    /// In a few words, such as `let tcp/443 in to sg-…`.
    pub summary: String,
    pub calls: Vec<Call>,
    /// In whose region and account.
    pub region: String,
    pub account: AccountId,
}

/// A row of remedies that got a flow so far.
#[derive(Clone)]
struct Attempt {
    trial: Trial,
    remedies: Vec<Remedy>,
    progress: Progress,
    stopped: Option<(DropReason, PortId)>,
}

impl Attempt {
    fn calls(&self) -> usize {
        self.remedies.iter().map(|remedy| remedy.calls.len()).sum()
    }
}

/// How far a flow got: on the way back is further than on the way there, more steps are further than fewer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Progress(bool, usize);

impl Progress {
    fn of(explanation: &Explanation) -> Progress {
        let journey = explanation.back.as_ref().unwrap_or(&explanation.forward);
        let steps = journey.legs.iter().flat_map(|leg| &leg.trace.steps);
        let passed = steps.filter(|step| !reason::refuses(step)).count();
        Progress(explanation.back.is_some(), passed)
    }
}

/// What stopped a flow, and where.
fn stopped(explanation: &Explanation) -> Option<(DropReason, PortId)> {
    Stop::of(explanation).map(|stop| (stop.reason, stop.step.at))
}

/// Looks for changes that let a flow through that a world refuses; those of the fewest calls first. The trial is a copy of
/// that world, the explainer one of a scene of it.
pub(crate) fn repair(
    workshop: &Workshop<'_>,
    trial: Trial,
    explainer: Explainer,
    flow: &Flow,
    explanation: &Explanation,
) -> Vec<Change> {
    let mut found: Vec<(usize, Change)> = Vec::new();
    let mut waiting = VecDeque::from([Attempt {
        trial,
        remedies: Vec::new(),
        progress: Progress::of(explanation),
        stopped: stopped(explanation),
    }]);
    let mut trials = 0;
    let mut first = Some(explanation.clone());
    // Serves one attempt after another: attaching all ports would cost more than asking.
    let mut stage = Some(explainer);
    while let Some(mut attempt) = waiting.pop_front() {
        // Nothing that is longer than what is known is looked at.
        let best = found.iter().map(|(calls, _)| *calls).min();
        if best.is_some_and(|best| attempt.calls() >= best) || attempt.remedies.len() >= DEPTH_MAX {
            continue;
        }
        let remedies = {
            let known = first.take();
            let Some((scene, explanation)) = look(workshop, flow, &mut attempt, known, &mut stage)
            else {
                continue;
            };
            let remedies = remedies(&scene, flow, &explanation);
            clear(&mut stage, scene);
            remedies
        };
        for remedy in remedies {
            if trials == TRIALS_MAX || found.len() == CHANGES_MAX {
                break;
            }
            trials += 1;
            let Some(mut next) = apply(workshop, &attempt, remedy) else {
                continue;
            };
            let Some((scene, explanation)) = look(workshop, flow, &mut next, None, &mut stage)
            else {
                continue;
            };
            clear(&mut stage, scene);
            let (progress, stopped) = (Progress::of(&explanation), stopped(&explanation));
            // Something else may stand in the way at the very same place.
            let gets_on = progress > attempt.progress
                || (progress == attempt.progress && stopped != attempt.stopped);
            if explanation.is_reachable() {
                found.push((next.calls(), change(&next.remedies)));
            } else if gets_on {
                waiting.push_back(Attempt {
                    progress,
                    stopped,
                    ..next
                });
            }
        }
    }
    found.sort_by_key(|(calls, _)| *calls);
    found.into_iter().map(|(_, change)| change).collect()
}

/// Compiles an attempt's world and asks the engine about it, unless the answer is known.
fn look<'t>(
    workshop: &Workshop<'_>,
    flow: &Flow,
    attempt: &'t mut Attempt,
    known: Option<Explanation>,
    stage: &mut Option<Explainer>,
) -> Option<(Scene<'t>, Explanation)> {
    // Ports that have come are not on the stage, and must not be for the next one.
    let explainer = match attempt.trial.has_moved_ports() {
        true => None,
        false => stage.take(),
    };
    let scene = attempt
        .trial
        .scene(explainer, workshop.hosts, &flow.imagined());
    let mut scene = scene.ok()?;
    let explanation = match known {
        Some(known) => known,
        None => {
            let question = flow.question(scene.world, &scene.hosts).ok()?;
            scene.ask(&question)
        }
    };
    Some((scene, explanation))
}

/// Leaves the stage to the next attempt, if it is free.
fn clear(stage: &mut Option<Explainer>, scene: Scene<'_>) {
    if stage.is_none() {
        *stage = Some(scene.into_explainer());
    }
}

fn apply(workshop: &Workshop<'_>, attempt: &Attempt, remedy: Remedy) -> Option<Attempt> {
    let mut next = attempt.clone();
    let by = (remedy.region.as_str(), &remedy.account);
    for call in &remedy.calls {
        next.trial.call(workshop.settings, by, call).ok()?;
    }
    next.remedies.push(remedy);
    Some(next)
}

fn change(remedies: &[Remedy]) -> Change {
    let summaries: Vec<&str> = remedies.iter().map(|r| r.summary.as_str()).collect();
    let calls = remedies.iter().flat_map(|remedy| {
        let region = (remedy.region != "us-east-1").then_some(remedy.region.as_str());
        remedy.calls.iter().map(move |call| match region {
            Some(region) => call.command_in(region),
            None => call.command(),
        })
    });
    Change {
        summary: summaries.join("; "),
        commands: calls.collect(),
    }
}

/// What could be done about whatever stopped a flow, likeliest first.
fn remedies(scene: &Scene<'_>, flow: &Flow, explanation: &Explanation) -> Vec<Remedy> {
    let Some(stop) = Stop::of(explanation) else {
        return Vec::new();
    };
    match stop.reason {
        DropReason::SecurityGroupIngress | DropReason::SecurityGroupEgress => {
            security_group::remedies(scene, flow, &stop)
        }
        DropReason::NetworkAclInbound | DropReason::NetworkAclOutbound => {
            network_acl::remedies(scene, &stop)
        }
        DropReason::NoRoute | DropReason::Blackhole => route::remedies(scene, &stop),
        DropReason::NoReturnRoute => gateway::way_back(scene, &stop),
        DropReason::NoInternetHost if reason::is_without_public_address(flow, &stop) => {
            gateway::public_address(scene, flow)
        }
        DropReason::NoInternetHost if !stop.back => gateway::attach_at_receiver(scene, &stop),
        DropReason::NoPublicAddress => gateway::address_of_sender(scene, &stop),
        DropReason::ReceiverNotAttached | DropReason::PortNotAttached => {
            gateway::start(scene, flow, &stop)
        }
        DropReason::SourceCheck | DropReason::DestinationCheck => {
            gateway::without_check(scene, &stop)
        }
        // Nothing that a configuration could change, or nothing that anybody should.
        _ => Vec::new(),
    }
}

/// The interface that a port stands for, with its region and owner.
pub(crate) struct Owner<'w> {
    pub index: EniIndex,
    pub region_name: &'w str,
    pub region: &'w openvpc_model::Region,
    pub eni: &'w openvpc_model::NetworkInterface,
}

impl<'w> Owner<'w> {
    pub(crate) fn of(scene: &Scene<'w>, port: PortId) -> Option<Owner<'w>> {
        let PortId::Eni(index) = port else {
            return None;
        };
        let (region_name, region, eni) = scene.interface(index)?;
        Some(Owner {
            index,
            region_name,
            region,
            eni,
        })
    }

    pub(crate) fn remedy(&self, summary: String, calls: Vec<Call>) -> Remedy {
        Remedy {
            summary,
            calls,
            region: self.region_name.to_owned(),
            account: self.eni.owner.clone(),
        }
    }
}
