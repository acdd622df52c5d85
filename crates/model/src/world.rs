//! All regions together: what the journal replays into.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Entry, Event, Iam, Region};

/// The whole state of the control plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// Revision of the last entry applied; 0 for the empty world.
    pub revision: u64,
    /// By region name, such as `us-east-1`; made at first use.
    pub regions: BTreeMap<String, Region>,
    /// The next [`crate::NetworkInterface::serial`]. Counts up only.
    pub next_interface_serial: u32,
    /// Identities, which belong to no region.
    #[serde(default)]
    pub iam: Iam,
}

impl World {
    /// A copy for whoever judges packets only: identities have no say about those, and nobody is to see their secrets.
    pub fn without_identities(&self) -> World {
        World {
            revision: self.revision,
            regions: self.regions.clone(),
            next_interface_serial: self.next_interface_serial,
            iam: Iam::default(),
        }
    }

    /// Applies the next entry.
    ///
    /// # Panics
    /// If the entry is not the next one: a gap in the journal would silently make another world.
    pub fn apply(&mut self, entry: Entry) {
        assert_eq!(
            entry.revision,
            self.revision + 1,
            "journal entries apply in order"
        );
        self.revision = entry.revision;
        let elsewhere = self.elsewhere(&entry);
        for event in entry.events {
            let event = match event {
                Event::Iam(event) => {
                    self.iam.apply(&entry.account, event);
                    continue;
                }
                event => event,
            };
            if let Event::NetworkInterfacePut(eni) = &event {
                self.next_interface_serial = self.next_interface_serial.max(eni.serial + 1);
            }
            let region = self.regions.entry(entry.region.clone()).or_default();
            region.apply(event);
        }
        for (region, event) in elsewhere {
            self.regions.entry(region).or_default().apply(event);
        }
    }

    /// What an entry does to other regions than its own: a peering connection stands in the tables of both its ends.
    fn elsewhere(&self, entry: &Entry) -> Vec<(String, Event)> {
        let of = |event: &Event| {
            let regions: Vec<&String> = match event {
                Event::VpcPeeringConnectionPut(peering) => {
                    vec![&peering.requester.region, &peering.accepter.region]
                }
                Event::VpcPeeringConnectionDeleted(id) => {
                    let holds = |region: &&String| {
                        self.regions[*region]
                            .vpc_peering_connections
                            .contains_key(id)
                    };
                    self.regions.keys().filter(holds).collect()
                }
                _ => Vec::new(),
            };
            let mut others: Vec<String> = regions.into_iter().cloned().collect();
            others.retain(|region| *region != entry.region);
            others.dedup();
            others
        };
        let events = entry.events.iter();
        let copies = events.flat_map(|event| {
            let others = of(event).into_iter();
            others.map(move |region| (region, event.clone()))
        });
        copies.collect()
    }
}
