//! A hash table whose entries have handles: a handle finds its entry without hashing, and finds nothing once the entry
//! is gone, even if its place was taken by another.

use hashbrown::HashTable;
use rapidhash::v3::{RapidSecrets, rapidhash_v3_nano_inline};

/// Keys are hashed as one byte array.
#[inline]
pub(crate) fn hash(secrets: &RapidSecrets, key: &[u8]) -> u64 {
    rapidhash_v3_nano_inline::<true, false>(key, secrets)
}

/// A reference to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handle {
    slot: u32,
    serial: u32,
}

#[derive(Debug)]
struct Slot<const K: usize, V> {
    serial: u32,
    entry: Option<([u8; K], V)>,
}

/// Entries by key and by handle. The caller bounds their number.
pub(crate) struct Table<const K: usize, V> {
    secrets: RapidSecrets,
    index: HashTable<u32>,
    slots: Vec<Slot<K, V>>,
    free: Vec<u32>,
}

impl<const K: usize, V> Table<K, V> {
    pub(crate) fn new(seed: u64) -> Table<K, V> {
        Table {
            secrets: RapidSecrets::seed(seed),
            index: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Number of places, taken or free; slots below it may be given to [`Table::at`].
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Finds the entry of `key`.
    #[inline]
    pub(crate) fn find(&self, key: &[u8; K]) -> Option<Handle> {
        let slots = &self.slots;
        let slot = *self
            .index
            .find(hash(&self.secrets, key), |slot| is_key(slots, *slot, key))?;
        Some(Handle {
            slot,
            serial: slots[slot as usize].serial,
        })
    }

    /// The entry behind a handle, unless it is gone.
    #[inline]
    pub(crate) fn get_mut(&mut self, handle: Handle) -> Option<&mut V> {
        let slot = self
            .slots
            .get_mut(handle.slot as usize)
            .filter(|slot| slot.serial == handle.serial)?;
        slot.entry.as_mut().map(|(_, value)| value)
    }

    /// The entry behind a handle, unless it is gone.
    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Option<&V> {
        let slot = self
            .slots
            .get(handle.slot as usize)
            .filter(|slot| slot.serial == handle.serial)?;
        slot.entry.as_ref().map(|(_, value)| value)
    }

    /// What is at a place, if it is taken.
    pub(crate) fn at(&mut self, place: usize) -> Option<(Handle, &mut V)> {
        let slot = self.slots.get_mut(place)?;
        let handle = Handle {
            slot: place as u32,
            serial: slot.serial,
        };
        slot.entry.as_mut().map(|(_, value)| (handle, value))
    }

    /// Adds an entry; `key` must not be in the table.
    pub(crate) fn insert(&mut self, key: [u8; K], value: V) -> Handle {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                serial: 0,
                entry: None,
            });
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[place as usize];
        slot.entry = Some((key, value));
        let serial = slot.serial;
        let (secrets, slots) = (&self.secrets, &self.slots);
        self.index
            .insert_unique(hash(secrets, &key), place, |place| {
                match &slots[*place as usize].entry {
                    Some((key, _)) => hash(secrets, key),
                    None => 0,
                }
            });
        Handle {
            slot: place,
            serial,
        }
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, handle: Handle) -> Option<V> {
        let slot = self
            .slots
            .get_mut(handle.slot as usize)
            .filter(|slot| slot.serial == handle.serial)?;
        let (key, value) = slot.entry.take()?;
        slot.serial = slot.serial.wrapping_add(1);
        if let Ok(found) = self
            .index
            .find_entry(hash(&self.secrets, &key), |place| *place == handle.slot)
        {
            found.remove();
        }
        self.free.push(handle.slot);
        Some(value)
    }
}

fn is_key<const K: usize, V>(slots: &[Slot<K, V>], place: u32, key: &[u8; K]) -> bool {
    matches!(&slots[place as usize].entry, Some((taken, _)) if taken == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_outlives_neither_its_entry_nor_the_place() {
        let mut table: Table<4, u32> = Table::new(1);
        let first = table.insert(*b"aaaa", 1);
        let second = table.insert(*b"bbbb", 2);
        assert_eq!(table.find(b"aaaa"), Some(first));
        assert_eq!(table.remove(first), Some(1));
        assert_eq!(table.find(b"aaaa"), None);
        let third = table.insert(*b"cccc", 3);
        assert_eq!(table.get(first), None, "its place was taken");
        assert_eq!((table.get(second), table.get(third)), (Some(&2), Some(&3)));
        assert_eq!(table.remove(first), None);
    }

    #[test]
    fn grows_and_still_finds_everything() {
        let mut table: Table<4, u32> = Table::new(2);
        for n in 0..10_000u32 {
            table.insert(n.to_be_bytes(), n);
        }
        for n in 0..10_000u32 {
            let handle = table.find(&n.to_be_bytes()).unwrap();
            assert_eq!(table.get(handle), Some(&n));
        }
    }
}
