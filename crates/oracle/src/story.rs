//! A world and what happens in it; cut down to the shortest that still fails.

use std::fmt;

use crate::bench::{Bench, Rows, Step};
use crate::random::Author;
use crate::world::World;

/// A world and the steps taken in it.
#[derive(Clone, Debug)]
pub struct Story {
    /// The world before the first step.
    pub world: World,
    /// What happens.
    pub steps: Vec<Step>,
    /// Whether the engine's verdicts are replayed by a fast path.
    pub fast: bool,
}

/// Lets the author of a seed tell a story of so many steps; packets sent, delivered, and replayed by a fast path, and the
/// rows they met. Half of the stories have such a path; there packets repeat themselves.
///
/// # Errors
/// The story that shows a difference.
pub fn play(seed: u64, steps: usize) -> Result<([u64; 3], Rows), Box<Story>> {
    let fast = seed.is_multiple_of(2);
    let mut author = Author::new(seed);
    let world = author.world();
    let mut bench = Bench::over(world.clone(), fast);
    let mut story = Story {
        world,
        steps: Vec::new(),
        fast,
    };
    for number in 0..=steps {
        let step = match number == steps {
            true => Step::Sweep,
            false => author.step(&bench.oracle.world),
        };
        let again = match step {
            Step::Send(_) if fast => number % 5,
            _ => 0,
        };
        for _ in 0..=again {
            story.steps.push(step.clone());
            match bench.step(&step) {
                Ok(Some(judgement)) => author.hear(&bench.oracle.world, &judgement),
                Ok(None) => {}
                Err(_) => return Err(Box::new(story)),
            }
        }
    }
    Ok(([bench.packets, bench.delivered, bench.replayed], bench.rows))
}

/// Plays a story.
///
/// # Errors
/// The number of the step at which the judges differ, and how.
pub fn run(story: &Story) -> Result<(), (usize, String)> {
    let mut bench = Bench::over(story.world.clone(), story.fast);
    for (number, step) in story.steps.iter().enumerate() {
        bench.step(step).map_err(|how| (number, how))?;
    }
    Ok(())
}

/// The shortest story found by leaving out steps from one that fails.
pub fn shortest(story: &Story) -> Story {
    let mut best = story.clone();
    if let Err((at, _)) = run(&best) {
        best.steps.truncate(at + 1);
    }
    let mut size = best.steps.len();
    while size > 0 {
        let mut from = 0;
        while from < best.steps.len() {
            let mut shorter = best.clone();
            shorter
                .steps
                .drain(from..(from + size).min(best.steps.len()));
            match run(&shorter) {
                Err((at, _)) => {
                    shorter.steps.truncate(at + 1);
                    best = shorter;
                }
                Ok(()) => from += size,
            }
        }
        size /= 2;
    }
    let mut place = 0;
    while let Some(poorer) = without(&best, place) {
        match run(&poorer) {
            Err(_) => best = poorer,
            Ok(()) => place += 1,
        }
    }
    best
}

/// The story without the n-th rule, entry or route of its world.
fn without(story: &Story, mut place: usize) -> Option<Story> {
    fn take<T>(list: &mut Vec<T>, place: &mut usize) -> bool {
        if *place < list.len() {
            list.remove(*place);
            return true;
        }
        *place -= list.len();
        false
    }
    let mut story = story.clone();
    let world = &mut story.world;
    let place = &mut place;
    let done = world.tables.iter_mut().any(|table| take(table, place))
        || world
            .acls
            .iter_mut()
            .any(|acl| take(&mut acl.inbound, place) || take(&mut acl.outbound, place))
        || world
            .groups
            .iter_mut()
            .any(|group| take(&mut group.ingress, place) || take(&mut group.egress, place))
        || world
            .enis
            .iter_mut()
            .any(|eni| take(&mut eni.groups, place));
    done.then_some(story)
}

impl fmt::Display for Story {
    /// Only what the steps touch: the interfaces they name, and what is not empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = &self.world;
        let steps = format!("{:?}", self.steps);
        let end = run(self).err();
        let how = end.map_or(String::new(), |(at, how)| {
            format!("differs at step {at}: {how}")
        });
        for (number, eni) in world.enis.iter().enumerate() {
            let named = [format!("Eni({number})"), format!("Neighbour({number})")];
            if named
                .iter()
                .any(|name| steps.contains(name) || how.contains(name))
            {
                writeln!(f, "  interface {number}: {eni:?}")?;
                let subnet = &world.subnets[eni.subnet];
                writeln!(f, "    subnet {}: {subnet:?}", eni.subnet)?;
                writeln!(f, "    {:?}", world.vpcs[subnet.vpc])?;
                writeln!(f, "    routes: {:?}", world.tables[subnet.table])?;
                writeln!(f, "    {:?}", world.acls[subnet.acl])?;
                for group in &eni.groups {
                    writeln!(f, "    group {group}: {:?}", world.groups[*group])?;
                }
            }
        }
        let mut bench = Bench::over(world.clone(), self.fast);
        for (number, step) in self.steps.iter().enumerate() {
            let why = match bench.step(step) {
                Ok(Some(judgement)) => judgement.why,
                Ok(None) | Err(_) => "",
            };
            writeln!(f, "  step {number}: {step:?} {why}")?;
        }
        writeln!(f, "  {how}")
    }
}
