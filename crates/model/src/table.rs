//! A region's tables: maps that are copied by reference, so that a change can be tried on a copy of a large world.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::ops::{Deref, DerefMut, Index, RangeBounds};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ordered map as [`BTreeMap`] is one. A copy costs one reference; the first change of a table that has copies costs a
/// reference for each of its entries, which stay shared.
pub struct Table<K, V>(Arc<BTreeMap<K, Arc<V>>>);

impl<K: Ord + Clone, V> Table<K, V> {
    /// Puts a value in, in the place of what was there.
    pub fn insert(&mut self, key: K, value: V) {
        Arc::make_mut(&mut self.0).insert(key, Arc::new(value));
    }

    /// Takes a value out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        // Nothing is copied where nothing changes.
        self.0.contains_key(key) && Arc::make_mut(&mut self.0).remove(key).is_some()
    }

    /// A value that is about to change.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        V: Clone,
    {
        Arc::make_mut(&mut self.0).get_mut(key).map(Arc::make_mut)
    }

    /// All values, about to change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V>
    where
        V: Clone,
    {
        Arc::make_mut(&mut self.0).values_mut().map(Arc::make_mut)
    }
}

impl<K: Ord, V> Table<K, V> {
    /// A value.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(|value| &**value)
    }

    /// Whether there is a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The entries of a range of keys, ascending.
    pub fn range<Q: Ord + ?Sized>(
        &self,
        range: impl RangeBounds<Q>,
    ) -> impl Iterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.0.range(range).map(|(key, value)| (key, &**value))
    }
}

impl<K, V> Table<K, V> {
    /// All entries, ascending.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.0.iter())
    }

    /// All keys, ascending.
    pub fn keys(&self) -> btree_map::Keys<'_, K, Arc<V>> {
        self.0.keys()
    }

    /// All values, by key.
    pub fn values(&self) -> Values<'_, K, V> {
        Values(self.0.values())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The entries of a [`Table`].
pub struct Iter<'t, K, V>(btree_map::Iter<'t, K, Arc<V>>);

/// The values of a [`Table`].
pub struct Values<'t, K, V>(btree_map::Values<'t, K, Arc<V>>);

impl<'t, K, V> Iterator for Iter<'t, K, V> {
    type Item = (&'t K, &'t V);

    fn next(&mut self) -> Option<(&'t K, &'t V)> {
        self.0.next().map(|(key, value)| (key, &**value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key, &**value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<'t, K, V> Iterator for Values<'t, K, V> {
    type Item = &'t V;

    fn next(&mut self) -> Option<&'t V> {
        self.0.next().map(|value| &**value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Values<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|value| &**value)
    }
}

impl<K, V> ExactSizeIterator for Values<'_, K, V> {}

impl<K, V> Clone for Values<'_, K, V> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

impl<'t, K, V> IntoIterator for &'t Table<K, V> {
    type Item = (&'t K, &'t V);
    type IntoIter = Iter<'t, K, V>;

    fn into_iter(self) -> Iter<'t, K, V> {
        self.iter()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Table<K, V> {
        let entries = entries.into_iter();
        Table(Arc::new(
            entries.map(|(key, value)| (key, Arc::new(value))).collect(),
        ))
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Table<K, V> {
        Table(self.0.clone())
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table(Arc::default())
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Table<K, V>) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<K: Eq, V: Eq> Eq for Table<K, V> {}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for Table<K, V> {
    type Output = V;

    /// # Panics
    /// If there is no such entry.
    fn index(&self, key: &Q) -> &V {
        &self.0[key]
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Written as any other map.
impl<K: Serialize, V: Serialize> Serialize for Table<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Table<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Table<K, V>, D::Error> {
        Ok(BTreeMap::<K, V>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

/// One value that is copied by reference, and copied for good by the first change of one that has copies.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept<T>(Arc<T>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        Kept(self.0.clone())
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

/// Written as the value.
impl<T: Serialize> Serialize for Kept<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Kept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kept<T>, D::Error> {
        Ok(Kept(Arc::new(T::deserialize(deserializer)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut table: Table<u32, String> = (0..100).map(|n| (n, n.to_string())).collect();
        let copy = table.clone();
        table.insert(7, "seven".to_owned());
        assert!(table.remove(&8) && !table.remove(&8));
        table.get_mut(&9).unwrap().push('!');
        assert_eq!((&*copy[&7], &*copy[&8], &*copy[&9]), ("7", "8", "9"));
        assert_eq!(
            (&*table[&7], table.get(&8), &*table[&9]),
            ("seven", None, "9!")
        );
        let shared = |n: u32| Arc::ptr_eq(&table.0[&n], &copy.0[&n]);
        assert!(shared(10) && !shared(7) && !shared(9));
    }

    #[test]
    fn it_is_written_as_any_map() {
        let table: Table<String, u32> = [("b".to_owned(), 2), ("a".to_owned(), 1)]
            .into_iter()
            .collect();
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(text, r#"{"a":1,"b":2}"#);
        assert_eq!(
            serde_json::from_str::<Table<String, u32>>(&text).unwrap(),
            table
        );
    }
}
