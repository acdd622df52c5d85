//! A map that many snapshots share: copying it costs one reference per shard, changing an entry copies the one shard that
//! it lies in. What [`Shared`](crate::Shared) is to tables, this is to maps.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Parts that are copied separately. A region of 10,000 interfaces has some forty addresses in each.
const SHARDS: usize = 256;

/// A persistent map.
#[derive(Clone)]
pub(crate) struct SharedMap<K, V> {
    hasher: DefaultHashBuilder,
    shards: Vec<Arc<HashTable<(K, V)>>>,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> SharedMap<K, V> {
        SharedMap {
            hasher: DefaultHashBuilder::default(),
            shards: vec![Arc::default(); SHARDS],
        }
    }
}

/// The shard of a hash: by bits that a shard's own table does not go by.
fn shard_of(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}

impl<K: Eq + Hash, V> SharedMap<K, V> {
    /// What a key leads to.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[shard_of(hash)];
        shard
            .find(hash, |(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// Whether another map says the same.
    pub fn is_same(&self, other: &SharedMap<K, V>) -> bool
    where
        V: PartialEq,
    {
        let mut entries = self.iter();
        self.iter().count() == other.iter().count()
            && entries.all(|(key, value)| other.get(key) == Some(value))
    }

    /// All entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }
}

impl<K: Eq + Hash + Clone, V: Clone> SharedMap<K, V> {
    /// Makes a key lead to a value; what it led to before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        let shard = Arc::make_mut(&mut self.shards[shard_of(hash)]);
        match shard.find_mut(hash, |(known, _)| *known == key) {
            Some((_, known)) => Some(std::mem::replace(known, value)),
            None => {
                let hasher = &self.hasher;
                shard.insert_unique(hash, (key, value), |(key, _)| hasher.hash_one(key));
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let shard = Arc::make_mut(&mut self.shards[shard_of(hash)]);
        let entry = shard.find_entry(hash, |(known, _)| known == key).ok()?;
        Some(entry.remove().0.1)
    }
}

impl<K: fmt::Debug + Eq + Hash, V: fmt::Debug> fmt::Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.iter().map(|(key, value)| (key, value));
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had_when_the_other_changes() {
        let mut map: SharedMap<u32, u32> = SharedMap::default();
        for n in 0..5_000 {
            assert_eq!(map.insert(n, n), None);
        }
        let copy = map.clone();
        assert_eq!(map.insert(7, 70), Some(7));
        assert_eq!(map.remove(&8), Some(8));
        assert_eq!(map.remove(&8), None);
        assert_eq!((map.get(&7), copy.get(&7)), (Some(&70), Some(&7)));
        assert_eq!((map.get(&8), copy.get(&8)), (None, Some(&8)));
        assert_eq!((map.iter().count(), copy.iter().count()), (4_999, 5_000));
        let shards = map.shards.iter().zip(&copy.shards);
        let copied = shards.filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
        assert!(
            copied <= 2,
            "{copied} shards are copied, the others are shared"
        );
    }
}
