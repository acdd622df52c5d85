//! What a handler works with: the region as it is, with the call's own changes laid over it.
//!
//! The world is never cloned and never changed here. [`Cx::emit`] keeps an event for the journal
//! and applies it to a small draft region that holds only what this call has touched; [`Cx::get`],
//! [`Cx::all`], [`Cx::own`] and [`Cx::tags`] look into the draft first. So what a call has made is
//! visible to the rest of the same call (a second instance picks another address than the first),
//! at a cost in proportion to what it touches, not to the region.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use openvpc_ec2::Error;
use openvpc_model::*;

use crate::Caller;
use crate::entity::{self, Entity};
use crate::ids::{Id, Key, not_found, parse_id};
use crate::settings::{Quotas, RegionInfo, Settings};

static EMPTY_REGION: LazyLock<Region> = LazyLock::new(Region::default);
static NO_TAGS: Tags = Tags::new();
static UNKNOWN_HEALTH: LazyLock<TargetHealth> = LazyLock::new(TargetHealth::default);

/// One call: who, where, when, the region to read and the events so far.
pub struct Cx<'a> {
    world: &'a World,
    settings: &'a Settings,
    region_info: &'a RegionInfo,
    account: AccountId,
    identity: Option<String>,
    now: UnixMillis,
    bucket: Option<crate::Bucket>,
    rng: &'a mut dyn rand::RngCore,
    base: &'a Region,
    draft: Region,
    deleted: BTreeSet<String>,
    draft_tags: BTreeMap<String, Tags>,
    next_interface_serial: u32,
    interfaces: OnceCell<InterfaceIndex>,
    target_health: &'a TargetHealth,
    events: Vec<Event>,
}

impl<'a> Cx<'a> {
    /// # Errors
    /// `InvalidParameterValue` when the signature names a region that is not served.
    pub fn new<'c: 'a>(
        world: &'a World,
        settings: &'a Settings,
        caller: &'a mut Caller<'c>,
    ) -> Result<Cx<'a>, Error> {
        let region_info = settings
            .region(caller.region)
            .ok_or_else(|| Error::invalid_value("region", caller.region))?;
        Ok(Cx {
            world,
            settings,
            region_info,
            account: caller.account.clone(),
            identity: caller.identity.map(str::to_owned),
            now: caller.now,
            bucket: caller.bucket,
            rng: &mut *caller.rng,
            base: world.regions.get(caller.region).unwrap_or(&EMPTY_REGION),
            draft: Region::default(),
            deleted: BTreeSet::new(),
            draft_tags: BTreeMap::new(),
            next_interface_serial: world.next_interface_serial,
            interfaces: OnceCell::new(),
            target_health: &UNKNOWN_HEALTH,
            events: Vec::new(),
        })
    }

    /// Lets the call know how targets are.
    pub fn with_target_health(self, target_health: &'a TargetHealth) -> Cx<'a> {
        Cx {
            target_health,
            ..self
        }
    }

    /// How targets of load balancers are, as far as the caller of [`crate::handle_elb`] told.
    pub fn target_health(&self) -> &'a TargetHealth {
        self.target_health
    }

    /// What is to be written down, in order.
    pub fn into_events(self) -> Vec<Event> {
        self.events
    }

    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub fn quotas(&self) -> &'a Quotas {
        &self.settings.quotas
    }

    /// The region that is called, with its zones.
    pub fn region_info(&self) -> &'a RegionInfo {
        self.region_info
    }

    /// Name of the region that is called.
    pub fn region_name(&self) -> &'a str {
        &self.region_info.name
    }

    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// ARN of the user or role that calls; none for the account's root.
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    pub fn now(&self) -> UnixMillis {
        self.now
    }

    /// What S3 says of the bucket that the request names.
    pub fn bucket(&self) -> Option<crate::Bucket> {
        self.bucket
    }

    /// Identities of all accounts.
    pub fn iam(&self) -> &'a Iam {
        &self.world.iam
    }

    /// The region without this call's own changes; for what has no table, such as client tokens.
    pub fn stored_region(&self) -> &'a Region {
        self.base
    }
}

/// Reading.
impl Cx<'_> {
    /// A resource of any owner.
    pub fn get<T: Entity>(&self, id: T::Id) -> Option<&T> {
        T::table(&self.draft).get(&id).or_else(|| {
            T::table(self.base)
                .get(&id)
                .filter(|_| !self.is_deleted(id))
        })
    }

    /// The caller's own resource named by an id in the request.
    ///
    /// # Errors
    /// `Invalid…ID.Malformed`, or the resource's not-found code, also for another account's.
    pub fn find<T: Entity<Id: Id>>(&self, id: &str) -> Result<&T, Error> {
        let parsed = parse_id::<T::Id>(id)?;
        self.get::<T>(parsed)
            .filter(|r| r.is_visible_to(&self.account))
            .ok_or_else(|| not_found::<T::Id>(id))
    }

    /// Every resource of a kind in the region, of all accounts.
    pub fn all<T: Entity>(&self) -> impl Iterator<Item = &T> {
        let drafts = T::table(&self.draft);
        T::table(self.base)
            .iter()
            .filter(move |(id, _)| !drafts.contains_key(id) && !self.is_deleted(**id))
            .map(|(_, resource)| resource)
            .chain(drafts.values())
    }

    /// The caller's resources of a kind, in the region.
    pub fn own<T: Entity>(&self) -> impl Iterator<Item = &T> {
        self.all::<T>().filter(|r| r.is_visible_to(&self.account))
    }

    /// A resource of any owner in a region, which need not be the one that is called.
    pub fn get_in<T: Entity>(&self, region: &str, id: T::Id) -> Option<&T> {
        match region == self.region_name() {
            true => self.get(id),
            false => T::table(self.world.regions.get(region)?).get(&id),
        }
    }

    /// Every resource of a kind in a region, of all accounts; it need not be the one that is called.
    pub fn all_in<'s, T: Entity>(&'s self, region: &str) -> Box<dyn Iterator<Item = &'s T> + 's> {
        match region == self.region_name() {
            true => Box::new(self.all()),
            false => {
                let region = self.world.regions.get(region).into_iter();
                Box::new(region.flat_map(|region| T::table(region).values()))
            }
        }
    }

    /// Every resource of a kind in the world: all regions, all accounts.
    pub fn everywhere<T: Entity>(&self) -> impl Iterator<Item = &T> {
        self.world
            .regions
            .iter()
            .filter(|(name, _)| *name != self.region_name())
            .flat_map(|(_, region)| T::table(region).values())
            .chain(self.all::<T>())
    }

    /// The tags that the caller sees of a resource.
    pub fn tags(&self, id: impl ToString) -> &Tags {
        let id = self.tag_holder(id.to_string());
        self.draft_tags
            .get(&id)
            .or_else(|| {
                self.base
                    .tags
                    .get(&id)
                    .filter(|_| !self.deleted.contains(&id))
            })
            .unwrap_or(&NO_TAGS)
    }

    /// All tags of the region that the caller may see, by resource id, and perhaps more.
    pub fn all_tags(&self) -> BTreeMap<&str, &Tags> {
        let stored = self.base.tags.iter();
        let stored = stored.filter(|(id, _)| !self.deleted.contains(*id));
        let mut tags = BTreeMap::new();
        for (holder, theirs) in stored.chain(&self.draft_tags) {
            let resource = holder.split('/').next().unwrap_or(holder);
            if self.tag_holder(resource.to_owned()) == *holder {
                tags.insert(resource, theirs);
            }
        }
        tags.retain(|_, tags| !tags.is_empty());
        tags
    }

    /// What the caller's tags of a resource are kept by (`PCX-13`).
    fn tag_holder(&self, resource: String) -> String {
        let peering = resource.parse::<VpcPeeringConnectionId>().ok();
        let peering = peering.and_then(|id| self.get::<VpcPeeringConnection>(id));
        match peering {
            Some(peering) if peering.owner != self.account => {
                openvpc_model::tag_holder(&resource, &self.account)
            }
            Some(_) | None => resource,
        }
    }

    fn is_deleted<I: Key>(&self, id: I) -> bool {
        !self.deleted.is_empty() && self.deleted.contains(&id.to_string())
    }
}

/// Changing.
impl Cx<'_> {
    /// Writes a change down; every later read of this call sees it.
    pub fn emit(&mut self, event: Event) {
        if let Some(id) = entity::deleted_id(&event) {
            self.draft_tags.remove(&id);
            self.deleted.insert(id);
        } else if let Some(id) = entity::put_id(&event) {
            self.deleted.remove(&id);
        }
        match &event {
            Event::TagsPut { resource, tags } => {
                self.draft_tags.insert(resource.clone(), tags.clone());
            }
            Event::NetworkInterfacePut(_) | Event::NetworkInterfaceDeleted(_) => {
                self.interfaces = OnceCell::new();
                self.draft.apply(event.clone());
            }
            _ => self.draft.apply(event.clone()),
        }
        self.events.push(event);
    }

    /// Makes or changes a resource.
    pub fn put<T: Entity>(&mut self, resource: T) {
        self.emit(resource.put());
    }

    /// Removes a resource, and its tags with it.
    pub fn delete<T: Entity>(&mut self, id: T::Id) {
        self.emit(T::deleted(id));
    }

    /// Removes every resource of a kind for which `doomed` holds.
    pub fn delete_where<T: Entity>(&mut self, doomed: impl Fn(&T) -> bool) {
        let ids: Vec<T::Id> = self.all::<T>().filter(|r| doomed(r)).map(T::id).collect();
        for id in ids {
            self.delete::<T>(id);
        }
    }

    /// Gives a resource exactly these tags, in the caller's eyes.
    pub fn set_tags(&mut self, id: impl ToString, tags: Tags) {
        let resource = id.to_string();
        if *self.tags(&resource) != tags {
            let resource = self.tag_holder(resource);
            self.emit(Event::TagsPut { resource, tags });
        }
    }

    /// A new id.
    pub fn new_id<I: Key>(&mut self) -> I {
        let high = u128::from(self.random()) << 64;
        I::from_random(high | u128::from(self.random()))
    }

    /// A random number.
    pub fn random(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A serial for a new network interface: unique in the world, never reused.
    pub fn new_interface_serial(&mut self) -> u32 {
        let serial = self.next_interface_serial;
        self.next_interface_serial += 1;
        serial
    }
}

/// Interfaces by what is asked of them often; built in one pass at first use.
#[derive(Default)]
struct InterfaceIndex {
    addresses_in_subnet: HashMap<SubnetId, usize>,
    of_instance: HashMap<InstanceId, Vec<NetworkInterfaceId>>,
}

impl Cx<'_> {
    /// How many IPv4 addresses of a subnet interfaces hold (`SUB-3`).
    pub fn addresses_used_in(&self, subnet: SubnetId) -> usize {
        let counts = &self.interface_index().addresses_in_subnet;
        counts.get(&subnet).copied().unwrap_or(0)
    }

    /// The interfaces attached to an instance, by device index.
    pub fn interfaces_of(&self, instance: InstanceId) -> Vec<&NetworkInterface> {
        let ids = self.interface_index().of_instance.get(&instance);
        let ids = ids.into_iter().flatten();
        let mut interfaces: Vec<_> = ids.filter_map(|id| self.get(*id)).collect();
        interfaces
            .sort_by_key(|eni: &&NetworkInterface| eni.attachment.as_ref().map(|a| a.device_index));
        interfaces
    }

    fn interface_index(&self) -> &InterfaceIndex {
        self.interfaces.get_or_init(|| {
            let mut index = InterfaceIndex::default();
            for eni in self.all::<NetworkInterface>() {
                *index.addresses_in_subnet.entry(eni.subnet).or_default() += eni.private_ips.len();
                if let Some(attachment) = &eni.attachment {
                    let attached = index.of_instance.entry(attachment.instance).or_default();
                    attached.push(eni.id);
                }
            }
            index
        })
    }
}
