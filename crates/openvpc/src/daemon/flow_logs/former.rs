//! Interfaces as they were in a window that was cut off: what was counted of them is still to be told, though they are gone by
//! now.

use std::collections::BTreeMap;

use openvpc_model::{Event, NetworkInterface, NetworkInterfaceId, World};
use openvpc_store::{Journal, Store, StoreError};

/// The world as it is, with interfaces that were deleted or detached since then, in Unix milliseconds, as they were.
///
/// # Errors
/// The journal cannot be read, or does not reach back that far.
pub fn with_former_interfaces(store: &Store, since_ms: i64) -> Result<World, StoreError> {
    let mut revision = store.durable_revision();
    let is_later = |revision: u64| -> Result<bool, StoreError> {
        let entries = store.entries(revision - 1, 1)?;
        Ok(entries.first().is_some_and(|entry| entry.at >= since_ms))
    };
    while revision > 0 && is_later(revision)? {
        revision -= 1;
    }
    let mut world = store.world_at(revision)?;
    let mut former: BTreeMap<NetworkInterfaceId, (String, NetworkInterface)> = BTreeMap::new();
    for entry in store.entries(revision, usize::MAX)? {
        for event in &entry.events {
            let id = match event {
                Event::NetworkInterfacePut(eni) if eni.attachment.is_some() => {
                    former.remove(&eni.id);
                    continue;
                }
                Event::NetworkInterfacePut(eni) => eni.id,
                Event::NetworkInterfaceDeleted(id) => *id,
                _ => continue,
            };
            let region = world.regions.get(&entry.region);
            if let Some(was) = region.and_then(|region| region.network_interfaces.get(&id)) {
                let kept = former.entry(id);
                kept.or_insert_with(|| (entry.region.clone(), was.clone()));
            }
        }
        world.apply(entry);
    }
    for (region, eni) in former.into_values() {
        let region = world.regions.entry(region).or_default();
        region.network_interfaces.insert(eni.id, eni);
    }
    Ok(world)
}
