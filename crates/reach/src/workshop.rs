//! What every question may use beside the world that it is about.

use openvpc_compile::Compiler;
use openvpc_control::Settings;
use openvpc_model::{UnixMillis, World};

use crate::scene::Host;
use crate::trial::Trial;

/// Where questions are answered and changes are tried.
pub struct Workshop<'a> {
    /// Zones, pools and quotas.
    pub settings: &'a Settings,
    /// Hosts outside, without the imagined ones.
    pub hosts: &'a [Host],
    /// The time at which calls are tried.
    pub now: UnixMillis,
    /// What was compiled last, of the world that is asked about if that is so; of nothing is right too, and slower.
    pub compiler: Compiler,
}

impl Workshop<'_> {
    /// A compiler that goes on from a world.
    pub(crate) fn compiler_of(&self, world: &World) -> Compiler {
        match self.compiler.revision() == Some(world.revision) {
            true => self.compiler.clone(),
            false => Compiler::default(),
        }
    }

    /// A copy of a world to try changes on.
    pub(crate) fn trial_of(&self, world: &World) -> Trial {
        Trial::compiled(world, self.compiler_of(world), self.now)
    }
}
