//! World → snapshot: a pure function from what was asked for to what the engine judges by.
//!
//! It stands between `World::apply` and `engine.install`. AWS ids become dense numbers; [`Names`]
//! leads back. An interface keeps its number (its serial) for ever; the numbers of everything else
//! hold for one snapshot only. Each resource is compiled by itself into an `Arc`, from nothing but
//! itself and the numbers of what it refers to; so [`Compiler`] keeps what [`Changes`] leave alone, and a change of
//! rules or routes costs what it changes.
//!
//! What the world does not say is closed, never open: a subnet without a route table gets an empty
//! one, without a network ACL one that denies everything; a rule whose peer group is gone matches
//! nothing.
//!
//! [`flow_log_plan`] compiles the same world for the recorder: which interfaces each flow log covers.
//!
//! [`probes`] compiles the same world for the health checks of load balancers.
//!
//! [`dns_views`] compiles the same world for the resolver: which names each VPC sees.
//!
//! **Invariant**: no time, no I/O; the same world compiles to the same snapshot, whatever was compiled before.

#![forbid(unsafe_code)]

mod change;
mod compiler;
mod dhcp_options;
mod dns;
mod flow_log;
mod load_balancer;
mod names;
mod network_acl;
mod network_interface;
mod public_zone;
mod region;
mod route_table;
mod security_group;
mod subnet;
mod vpc_endpoint;

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::{OutsideHost, RegionIndex, Snapshot, SnapshotError, SnapshotParts, VpcIndex};
use openvpc_model::{VpcId, World};

use region::Numbers;

pub use change::{Changes, Part};
pub use compiler::Compiler;
pub use dns::{dns_views, dns_views_around};
pub use flow_log::{flow_log_plan, interfaces};
pub use load_balancer::{Probe, probes};
pub use names::{Names, RuleName};
pub use public_zone::{name_public_services, public_service_addresses};

/// A snapshot, and what its numbers mean. A copy costs next to nothing.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub snapshot: Snapshot,
    pub names: Names,
}

/// A world that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("revision {revision} cannot be enforced: {source}")]
pub struct CompileError {
    pub revision: u64,
    pub source: SnapshotError,
}

/// Compiles a world together with the hosts of the simulated internet, whose positions are the
/// numbers of their ports. The snapshot's generation is the world's revision.
///
/// # Errors
/// [`CompileError`] if two owners claim one address: the caller keeps what is installed.
pub fn compile(world: &World, outside: Vec<Arc<OutsideHost>>) -> Result<Compiled, CompileError> {
    from_scratch(world, outside).map(|(compiled, _)| compiled)
}

/// Compiles a world, and tells the numbers of each region's resources.
fn from_scratch(
    world: &World,
    outside: Vec<Arc<OutsideHost>>,
) -> Result<(Compiled, BTreeMap<String, Arc<Numbers>>), CompileError> {
    let mut parts = SnapshotParts {
        generation: world.revision,
        outside,
        public_services: public_zone::public_service_addresses(),
        ..SnapshotParts::default()
    };
    let mut names = Names {
        epoch: world.revision,
        ..Names::default()
    };
    parts
        .network_acls
        .insert(subnet::CLOSED_ACL, Arc::default());
    names.network_acls.push(None);
    parts
        .route_tables
        .insert(subnet::CLOSED_TABLE, Arc::default());
    names.route_tables.push(None);
    let vpcs = world.regions.values().flat_map(|region| region.vpcs.keys());
    let vpcs: HashMap<VpcId, VpcIndex> = vpcs.map(|id| (*id, names.vpcs.push(*id))).collect();
    let regions = world.regions.iter();
    let regions = regions.zip(0..).map(|((name, region), number)| {
        let numbers = region::compile(name, region, &vpcs, &mut parts, &mut names);
        for vpc in numbers.vpcs.values() {
            parts.regions.insert(*vpc, RegionIndex(number));
        }
        (name.clone(), Arc::new(numbers))
    });
    let numbers = regions.collect();
    match Snapshot::new(parts) {
        Ok(snapshot) => Ok((Compiled { snapshot, names }, numbers)),
        Err(source) => Err(CompileError {
            revision: world.revision,
            source,
        }),
    }
}
