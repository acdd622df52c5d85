//! Revision after revision: what an earlier snapshot had is kept, what has changed is compiled by the same functions that
//! compile it from scratch.
//!
//! **Invariant**: after any changes the snapshot is the one that [`compile`](crate::compile) makes of the same world, but
//! for the numbers of rules, which mean the same rules by its own names.

use std::collections::BTreeMap;
use std::sync::Arc;

use openvpc_engine::OutsideHost;
use openvpc_model::World;

use crate::change::{Changes, Part};
use crate::region::{self, Numbers};
use crate::{CompileError, Compiled, from_scratch};

/// Rules get new numbers with every change of their part; numbers that mean nothing any longer are cleared away, by
/// compiling from scratch, once there are more of them than this and than rules.
const DEAD_NUMBERS_MAX: usize = 100_000;

/// Compiles a world again and again.
#[derive(Default)]
pub struct Compiler {
    latest: Option<Latest>,
}

/// What the next revision starts from.
struct Latest {
    compiled: Compiled,
    numbers: BTreeMap<String, Numbers>,
    /// How many rules there were when it was compiled from scratch.
    rules: usize,
}

impl Compiler {
    /// Compiles a world that differs from the one compiled before by `changes`. Costs what they do, unless they are
    /// everything. `outside` is the same every time.
    ///
    /// # Errors
    /// As [`compile`](crate::compile); the next call then begins from scratch.
    pub fn compile(
        &mut self,
        world: &World,
        outside: &[Arc<OutsideHost>],
        changes: &Changes,
    ) -> Result<&Compiled, CompileError> {
        let latest = match (self.latest.take(), changes) {
            (Some(mut latest), Changes::Parts(parts)) if latest.has_room() => {
                let whole = parts
                    .iter()
                    .all(|(region, part)| latest.renew(world, region, *part));
                whole.then_some(latest)
            }
            _ => None,
        };
        let mut latest = match latest {
            Some(latest) => latest,
            None => {
                let (compiled, numbers) = from_scratch(world, outside.to_vec())?;
                Latest {
                    rules: compiled.names.rules.len(),
                    compiled,
                    numbers,
                }
            }
        };
        latest.compiled.snapshot.set_generation(world.revision);
        Ok(&self.latest.insert(latest).compiled)
    }
}

impl Latest {
    fn has_room(&self) -> bool {
        self.compiled.names.rules.len() <= 2 * self.rules + DEAD_NUMBERS_MAX
    }

    /// Compiles one part again; false if it is not there after all.
    fn renew(&mut self, world: &World, region: &str, part: Part) -> bool {
        let found = world.regions.get(region).zip(self.numbers.get(region));
        let Some((region, numbers)) = found else {
            return false;
        };
        let Compiled { snapshot, names } = &mut self.compiled;
        let renewed = match part {
            Part::SecurityGroup(id) => {
                region::security_group(region, id, numbers, names).map(|(index, group)| {
                    snapshot.replace_security_group(index, group);
                })
            }
            Part::NetworkAcl(id) => {
                region::network_acl(region, id, numbers, names).map(|(index, acl)| {
                    snapshot.replace_network_acl(index, acl);
                })
            }
            Part::RouteTable(id) => {
                region::route_table(region, id, numbers, names).map(|(index, table)| {
                    snapshot.replace_route_table(index, table);
                })
            }
        };
        renewed.is_some()
    }
}
