//! Revision after revision: what an earlier snapshot had is kept, what has changed is compiled by the same functions that
//! compile it from scratch.
//!
//! **Invariant**: after any changes the snapshot is the one that [`compile`](crate::compile) makes of the same world, but
//! for the numbers of rules, which mean the same rules by its own names.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::{EniIndex, EniKind, OutsideHost, RegionIndex};
use openvpc_model::World;

use crate::change::{Changes, Part};
use crate::network_interface::{self, PublicAddresses};
use crate::region::{self, Numbers};
use crate::{CompileError, Compiled, from_scratch, vpc_endpoint};

/// Rules get new numbers with every change of their part, and what is gone leaves its own behind; numbers that mean nothing
/// any longer are cleared away, by compiling from scratch, once there are more of them than this and than living ones.
const DEAD_NUMBERS_MAX: usize = 100_000;

/// Compiles a world again and again. A copy costs next to nothing, and goes its own way.
#[derive(Clone, Default)]
pub struct Compiler {
    latest: Option<Latest>,
}

/// What the next revision starts from.
#[derive(Clone)]
struct Latest {
    compiled: Compiled,
    numbers: BTreeMap<String, Arc<Numbers>>,
    /// How many numbers there were when it was compiled from scratch.
    living: usize,
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
        let latest = match (self.latest.take(), changes.parts()) {
            (Some(mut latest), Some(parts)) if latest.has_room() => {
                // Addresses that go from one interface to another are nobody's in between.
                for (region, part) in parts {
                    latest.clear(world, region, *part);
                }
                // What is new may be named by parts that come before it.
                let known = parts
                    .iter()
                    .all(|(region, part)| latest.number(world, region, *part).is_some());
                let whole = known
                    && parts
                        .iter()
                        .all(|(region, part)| latest.renew(world, region, *part).is_some());
                whole.then_some(latest)
            }
            _ => None,
        };
        let mut latest = match latest {
            Some(latest) => latest,
            None => {
                let (compiled, numbers) = from_scratch(world, outside.to_vec())?;
                Latest {
                    living: compiled.names.numbers(),
                    compiled,
                    numbers,
                }
            }
        };
        latest.compiled.snapshot.set_generation(world.revision);
        Ok(&self.latest.insert(latest).compiled)
    }

    /// The revision of what was compiled last; `None` before the first time, and after an error.
    pub fn revision(&self) -> Option<u64> {
        Some(self.latest.as_ref()?.compiled.snapshot.generation())
    }
}

impl Latest {
    fn has_room(&self) -> bool {
        self.compiled.names.numbers() <= 2 * self.living + DEAD_NUMBERS_MAX
    }

    /// Takes out what is gone, and what is about to be compiled again where it would stand in the way.
    fn clear(&mut self, world: &World, name: &str, part: Part) {
        let Some(numbers) = self.numbers.get_mut(name) else {
            return;
        };
        let snapshot = &mut self.compiled.snapshot;
        if let Part::NetworkInterface(id) = part {
            if let Some(index) = numbers.network_interfaces.get(&id) {
                snapshot.remove_eni(*index);
            }
            return;
        }
        let region = world.regions.get(name);
        if !region.is_some_and(|region| part.is_gone(region)) {
            return;
        }
        let numbers = Arc::make_mut(numbers);
        match part {
            Part::Vpc(id) => {
                numbers.edge_tables.remove(&id);
                if let Some(index) = numbers.vpcs.remove(&id) {
                    snapshot.remove_vpc(index);
                }
            }
            Part::SecurityGroup(id) => {
                if let Some(index) = numbers.security_groups.remove(&id) {
                    snapshot.remove_security_group(index);
                }
            }
            Part::NetworkAcl(id) => {
                if let Some(index) = numbers.network_acls.remove(&id) {
                    snapshot.remove_network_acl(index);
                }
            }
            Part::RouteTable(id) => {
                numbers.main_tables.retain(|_, of| *of != id);
                numbers.explicit_tables.retain(|_, of| *of != id);
                if let Some(index) = numbers.route_tables.remove(&id) {
                    snapshot.remove_route_table(index);
                }
            }
            Part::Subnet(id) => {
                numbers.explicit_tables.remove(&id);
                if let Some(index) = numbers.subnets.remove(&id) {
                    snapshot.remove_subnet(index);
                }
            }
            Part::Peering(id) => numbers.peerings.retain(|(_, of), _| *of != id),
            // They are only numbers, or are gone with their table.
            Part::InternetGateway(_)
            | Part::NatGateway(_)
            | Part::EgressOnlyGateway(_)
            | Part::GatewayEndpoint(_)
            | Part::Associations(_)
            | Part::NetworkInterface(_) => {}
        }
    }

    /// Gives a part that is new its number, and takes it from one that is gone; `None` if its region is not known.
    fn number(&mut self, world: &World, name: &str, part: Part) -> Option<()> {
        let region = world.regions.get(name)?;
        let numbers = self.numbers.get_mut(name)?;
        let names = &mut self.compiled.names;
        if part.is_gone(region) {
            return Some(());
        }
        match part {
            Part::InternetGateway(id) => {
                let vpc = region.internet_gateways.get(&id).and_then(|it| it.vpc);
                set(&mut Arc::make_mut(numbers).internet_gateways, id, vpc);
            }
            Part::NatGateway(id) => {
                let at = region.nat_gateways.get(&id).and_then(region::nat_gateway);
                set(&mut Arc::make_mut(numbers).nat_gateways, id, at);
            }
            Part::EgressOnlyGateway(id) => {
                let gateway = region.egress_only_internet_gateways.get(&id);
                let number = gateway.map(region::egress_only_gateway);
                set(&mut Arc::make_mut(numbers).egress_only_gateways, id, number);
            }
            Part::GatewayEndpoint(id) => {
                let endpoint = region.vpc_endpoints.get(&id);
                let number = endpoint.and_then(region::gateway_endpoint);
                set(&mut Arc::make_mut(numbers).gateway_endpoints, id, number);
            }
            Part::Vpc(id) if !numbers.vpcs.contains_key(&id) => {
                let index = names.vpcs.push(id);
                Arc::make_mut(numbers).vpcs.insert(id, index);
            }
            Part::SecurityGroup(id) if !numbers.security_groups.contains_key(&id) => {
                let index = names.security_groups.push(id);
                Arc::make_mut(numbers).security_groups.insert(id, index);
            }
            Part::NetworkAcl(id) if !numbers.network_acls.contains_key(&id) => {
                let index = names.network_acls.push(Some(id));
                Arc::make_mut(numbers).network_acls.insert(id, index);
            }
            Part::Subnet(id) if !numbers.subnets.contains_key(&id) => {
                let index = names.subnets.push(id);
                Arc::make_mut(numbers).subnets.insert(id, index);
            }
            Part::Associations(id) => {
                let numbers = Arc::make_mut(numbers);
                let known = numbers.route_tables.get(&id).copied();
                let index = known.unwrap_or_else(|| names.route_tables.push(Some(id)));
                numbers.route_tables.insert(id, index);
                numbers.main_tables.retain(|_, of| *of != id);
                numbers.explicit_tables.retain(|_, of| *of != id);
                numbers.associate(region, region.route_tables.get(&id)?, index);
            }
            Part::NetworkInterface(id) => {
                let known = numbers.network_interfaces.get(&id).copied();
                let now = region.network_interfaces.get(&id);
                let now = now.map(|eni| EniIndex(eni.serial));
                if known != now {
                    set(&mut Arc::make_mut(numbers).network_interfaces, id, now);
                    if let Some(index) = known {
                        names.network_interfaces.remove(index);
                    }
                    if let Some(index) = now {
                        names.network_interfaces.insert(index, id);
                    }
                }
            }
            Part::Vpc(_)
            | Part::SecurityGroup(_)
            | Part::NetworkAcl(_)
            | Part::Subnet(_)
            | Part::RouteTable(_)
            // Its ends have to have their numbers first.
            | Part::Peering(_) => {}
        }
        Some(())
    }

    /// Compiles one part again; `None` if it is not there after all, or does not fit.
    fn renew(&mut self, world: &World, name: &str, part: Part) -> Option<()> {
        let region = world.regions.get(name)?;
        let numbers = self.numbers.get_mut(name)?;
        let Compiled { snapshot, names } = &mut self.compiled;
        // It was cleared.
        if part.is_gone(region) {
            return Some(());
        }
        match part {
            Part::InternetGateway(_)
            | Part::NatGateway(_)
            | Part::EgressOnlyGateway(_)
            | Part::GatewayEndpoint(_)
            | Part::Associations(_) => {}
            Part::Peering(id) => {
                let numbers = Arc::make_mut(numbers);
                numbers.peerings.retain(|(_, of), _| *of != id);
                let connection = region.vpc_peering_connections.get(&id)?;
                let ends = [&connection.requester, &connection.accepter];
                let ends = ends.map(|end| Some((end.vpc, *numbers.vpcs.get(&end.vpc)?)));
                let ends = ends.into_iter().flatten().collect();
                numbers.add_peering(connection, &ends);
            }
            Part::Vpc(id) => {
                let (index, vpc) = region::vpc(region, id, numbers)?;
                let regions = world.regions.keys();
                let place = regions.zip(0..).find(|(known, _)| *known == name);
                snapshot.put_vpc(index, RegionIndex(place?.1), vpc);
            }
            Part::SecurityGroup(id) => {
                let (index, group) = region::security_group(region, id, numbers, names)?;
                snapshot.put_security_group(index, group);
            }
            Part::NetworkAcl(id) => {
                let (index, acl) = region::network_acl(region, id, numbers, names)?;
                snapshot.put_network_acl(index, acl);
            }
            Part::RouteTable(id) => {
                let (index, table) = region::route_table(region, id, numbers, names)?;
                snapshot.put_route_table(index, table);
            }
            Part::Subnet(id) => {
                let (index, subnet) = region::subnet(region, id, numbers)?;
                snapshot.put_subnet(index, subnet).ok()?;
            }
            Part::NetworkInterface(id) => {
                // One that is gone was cleared.
                let Some(eni) = region.network_interfaces.get(&id) else {
                    return Some(());
                };
                let public = PublicAddresses::of_one(region, id);
                let mut compiled = network_interface::compile(region, eni, numbers, &public)?;
                if numbers.is_of_nat_gateway(eni) {
                    compiled.kind = EniKind::NatGateway;
                } else if let Some(kind) = vpc_endpoint::kind_of(name, region, eni) {
                    compiled.kind = kind;
                }
                snapshot.put_eni(EniIndex(eni.serial), compiled).ok()?;
            }
        }
        Some(())
    }
}

/// Puts a value, or takes the one that there was.
fn set<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => drop(map.insert(key, value)),
        None => drop(map.remove(&key)),
    }
}
