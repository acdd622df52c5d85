//! A table with holes that many snapshots share: copying it costs one reference per [`CHUNK`] entries, changing an entry
//! copies the one chunk that it lies in. So what a snapshot costs grows with what it changes.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::ids::Index;

/// Entries that are copied together. Larger ones make whole tables cheaper to copy and single changes dearer.
const CHUNK: usize = 128;

/// A persistent table keyed by an [`Index`].
#[derive(Clone)]
pub struct Shared<I, T> {
    chunks: Vec<Arc<Vec<Option<T>>>>,
    index: PhantomData<I>,
}

impl<I, T> Default for Shared<I, T> {
    fn default() -> Shared<I, T> {
        Shared {
            chunks: Vec::new(),
            index: PhantomData,
        }
    }
}

impl<I: Index, T: Clone> Shared<I, T> {
    /// Puts `value` at `index`, growing the table as needed, and returns what was there.
    pub fn insert(&mut self, index: I, value: T) -> Option<T> {
        let (chunk, place) = (index.slot() / CHUNK, index.slot() % CHUNK);
        if chunk >= self.chunks.len() {
            self.chunks.resize_with(chunk + 1, Arc::default);
        }
        let chunk = Arc::make_mut(&mut self.chunks[chunk]);
        if place >= chunk.len() {
            chunk.resize_with(place + 1, || None);
        }
        chunk[place].replace(value)
    }

    /// Adds `value` at the end and returns its place.
    pub fn push(&mut self, value: T) -> I {
        let index = I::from_slot(self.slots());
        self.insert(index, value);
        index
    }

    /// Takes out what is at `index`.
    pub fn remove(&mut self, index: I) -> Option<T> {
        self.get(index)?;
        Arc::make_mut(self.chunks.get_mut(index.slot() / CHUNK)?)
            .get_mut(index.slot() % CHUNK)?
            .take()
    }
}

impl<I: Index, T> Shared<I, T> {
    /// What is at `index`, if anything.
    #[inline]
    pub fn get(&self, index: I) -> Option<&T> {
        let chunk = self.chunks.get(index.slot() / CHUNK)?;
        chunk.get(index.slot() % CHUNK)?.as_ref()
    }

    /// All entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.chunks.iter().enumerate().flat_map(|(chunk, entries)| {
            let numbered = entries.iter().enumerate();
            numbered.filter_map(move |(place, entry)| {
                Some((I::from_slot(chunk * CHUNK + place), entry.as_ref()?))
            })
        })
    }

    /// The number of places up to the last one that was ever taken.
    pub fn slots(&self) -> usize {
        let whole = self.chunks.len().saturating_sub(1) * CHUNK;
        whole + self.chunks.last().map_or(0, |last| last.len())
    }
}

impl<I: Index, T: Clone> FromIterator<(I, T)> for Shared<I, T> {
    fn from_iter<S: IntoIterator<Item = (I, T)>>(items: S) -> Shared<I, T> {
        let mut table = Shared::default();
        for (index, value) in items {
            table.insert(index, value);
        }
        table
    }
}

impl<I: Index + fmt::Debug, T: fmt::Debug> fmt::Debug for Shared<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EniIndex;

    #[test]
    fn a_copy_keeps_what_it_had_when_the_other_changes() {
        let mut table: Shared<EniIndex, u32> = (0..1_000).map(|n| (EniIndex(n), n)).collect();
        let copy = table.clone();
        table.insert(EniIndex(500), 7);
        table.remove(EniIndex(501));
        table.insert(EniIndex(2_000), 8);
        let read = |table: &Shared<EniIndex, u32>, n| table.get(EniIndex(n)).copied();
        assert_eq!((read(&table, 500), read(&copy, 500)), (Some(7), Some(500)));
        assert_eq!((read(&table, 501), read(&copy, 501)), (None, Some(501)));
        assert_eq!((read(&table, 2_000), read(&copy, 2_000)), (Some(8), None));
        assert_eq!((copy.iter().count(), table.iter().count()), (1_000, 1_000));
        let unchanged = |chunk: usize| Arc::ptr_eq(&table.chunks[chunk], &copy.chunks[chunk]);
        let copied: Vec<usize> = (0..copy.chunks.len()).filter(|n| !unchanged(*n)).collect();
        assert_eq!(
            copied,
            [500 / CHUNK],
            "one chunk is copied, the others are shared"
        );
    }

    #[test]
    fn places_are_given_in_order() {
        let mut table: Shared<EniIndex, u32> = Shared::default();
        assert_eq!(table.push(1), EniIndex(0));
        table.insert(EniIndex(CHUNK as u32 + 1), 2);
        assert_eq!(table.push(3), EniIndex(CHUNK as u32 + 2));
        let all: Vec<u32> = table.iter().map(|(_, value)| *value).collect();
        assert_eq!(all, [1, 2, 3]);
    }
}
