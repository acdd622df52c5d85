//! A hash table whose entries have handles: a handle finds its entry without hashing, and finds nothing once the entry
//! is gone, even if its place was taken by another.
//!
//! Keys lie apart from values, and the index keeps each key's hash: a look-up by handle touches one value, and growth
//! touches no key.

use hashbrown::HashTable;
use rapidhash::v3::{RapidSecrets, rapidhash_v3_nano_inline};

/// Keys are hashed as one byte array.
#[inline]
pub(crate) fn hash(secrets: &RapidSecrets, key: &[u8]) -> u64 {
    rapidhash_v3_nano_inline::<true, false>(key, secrets)
}

/// A reference to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Handle {
    slot: u32,
    serial: u32,
}

impl Handle {
    /// Finds nothing in any table: serials of entries are odd.
    pub(crate) const NOTHING: Handle = Handle { slot: 0, serial: 0 };

    /// The entry's place, for data kept beside the table; see [`Table::at`].
    pub(crate) fn place(self) -> usize {
        self.slot as usize
    }
}

/// An entry fills a cache line of its own if it can.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Slot<V> {
    /// Odd while the place is taken; a handle's is always odd.
    serial: u32,
    value: V,
}

/// A place, and the hash of the key that has it.
#[derive(Clone, Copy)]
struct Place {
    slot: u32,
    code: u32,
}

impl Place {
    /// The index takes its buckets from the low bits and its tags from the high ones.
    fn spread(code: u32) -> u64 {
        u64::from(code).wrapping_mul(0x9e37_79b9_0000_0001)
    }
}

/// Entries by key and by handle. The caller bounds their number.
pub(crate) struct Table<const K: usize, V> {
    secrets: RapidSecrets,
    index: HashTable<Place>,
    keys: Vec<[u8; K]>,
    slots: Vec<Slot<V>>,
    free: Vec<u32>,
}

impl<const K: usize, V: Copy> Table<K, V> {
    pub(crate) fn new(seed: u64) -> Table<K, V> {
        Table {
            secrets: RapidSecrets::seed(seed),
            index: HashTable::new(),
            keys: Vec::new(),
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
        let code = self.code(key);
        let is_it = |place: &Place| place.code == code && self.keys[place.slot as usize] == *key;
        let slot = self.index.find(Place::spread(code), is_it)?.slot;
        Some(Handle {
            slot,
            serial: self.slots[slot as usize].serial,
        })
    }

    /// The entry behind a handle, unless it is gone.
    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Option<&V> {
        let slot = self.slots.get(handle.slot as usize)?;
        (slot.serial == handle.serial).then_some(&slot.value)
    }

    /// The key of an entry, unless it is gone.
    pub(crate) fn key(&self, handle: Handle) -> Option<&[u8; K]> {
        self.get(handle)?;
        self.keys.get(handle.place())
    }

    /// The entry behind a handle, unless it is gone.
    #[inline]
    pub(crate) fn get_mut(&mut self, handle: Handle) -> Option<&mut V> {
        let slot = self.slots.get_mut(handle.slot as usize)?;
        (slot.serial == handle.serial).then_some(&mut slot.value)
    }

    /// What is at a place, if it is taken.
    pub(crate) fn at(&mut self, place: usize) -> Option<(Handle, &[u8; K], &mut V)> {
        let slot = self
            .slots
            .get_mut(place)
            .filter(|slot| slot.serial & 1 == 1)?;
        let handle = Handle {
            slot: place as u32,
            serial: slot.serial,
        };
        Some((handle, &self.keys[place], &mut slot.value))
    }

    /// Adds an entry; `key` must not be in the table.
    pub(crate) fn insert(&mut self, key: [u8; K], value: V) -> Handle {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.keys[slot as usize] = key;
                let entry = &mut self.slots[slot as usize];
                *entry = Slot {
                    serial: entry.serial.wrapping_add(1),
                    value,
                };
                slot
            }
            None => {
                self.keys.push(key);
                self.slots.push(Slot { serial: 1, value });
                (self.slots.len() - 1) as u32
            }
        };
        let code = self.code(&key);
        self.index
            .insert_unique(Place::spread(code), Place { slot, code }, |place| {
                Place::spread(place.code)
            });
        Handle {
            slot,
            serial: self.slots[slot as usize].serial,
        }
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, handle: Handle) -> Option<V> {
        let slot = self.slots.get_mut(handle.slot as usize)?;
        if slot.serial != handle.serial {
            return None;
        }
        slot.serial = slot.serial.wrapping_add(1);
        let value = slot.value;
        let code = self.code(&self.keys[handle.slot as usize]);
        if let Ok(found) = self
            .index
            .find_entry(Place::spread(code), |place| place.slot == handle.slot)
        {
            found.remove();
        }
        self.free.push(handle.slot);
        Some(value)
    }

    #[inline]
    fn code(&self, key: &[u8; K]) -> u32 {
        hash(&self.secrets, key) as u32
    }
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
