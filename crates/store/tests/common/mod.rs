//! Entries to write.

use openvpc_model::{Address, AllocationId, Entry, Event, World};

/// The next entry: puts, deletes or tags one of a few addresses, chosen by `seed`.
pub fn entry(revision: u64, seed: u64) -> Entry {
    let id = AllocationId::from_random(u128::from(seed % 7));
    let owner: openvpc_model::AccountId = "123456789012".parse().unwrap();
    let event = match seed % 5 {
        0 => Event::AddressDeleted(id),
        1 => Event::TagsPut {
            resource: id.to_string(),
            tags: [("Name".to_owned(), format!("é {seed}"))].into(),
        },
        _ => Event::AddressPut(Address {
            id,
            owner: owner.clone(),
            public_ip: (seed as u32).into(),
            association: None,
        }),
    };
    Entry {
        revision,
        at: 1_700_000_000_000 + revision as i64,
        region: ["us-east-1", "eu-west-1"][seed as usize % 2].to_owned(),
        account: owner,
        action: "Test".to_owned(),
        events: vec![event],
    }
}

/// What the entries of these seeds make, applied directly.
#[allow(dead_code)]
pub fn world(seeds: &[u64]) -> World {
    let mut world = World::default();
    for (at, seed) in seeds.iter().enumerate() {
        world.apply(entry(at as u64 + 1, *seed));
    }
    world
}
