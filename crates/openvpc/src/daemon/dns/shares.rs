//! A bound on how much of something all askers hold together, and each of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// So many for all, so many for one: nobody can take everything.
pub struct Shares<K: Hash + Eq> {
    max: (usize, usize),
    held: Mutex<HashMap<K, usize>>,
}

/// One share, given back when dropped.
pub struct Share<K: Hash + Eq> {
    shares: Arc<Shares<K>>,
    asker: K,
}

impl<K: Hash + Eq + Clone> Shares<K> {
    pub fn new(max: (usize, usize)) -> Arc<Shares<K>> {
        Arc::new(Shares {
            max,
            held: Mutex::default(),
        })
    }

    /// One more for an asker; `None` if there is none left.
    pub fn take(self: &Arc<Self>, asker: K) -> Option<Share<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = held.values().sum();
        let own = held.get(&asker).copied().unwrap_or(0);
        if all >= self.max.0 || own >= self.max.1 {
            return None;
        }
        held.insert(asker.clone(), own + 1);
        Some(Share {
            shares: self.clone(),
            asker,
        })
    }
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let shares = &self.shares;
        let mut held = shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = held.get_mut(&self.asker) {
            *own -= 1;
            if *own == 0 {
                held.remove(&self.asker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_everything_and_what_is_dropped_comes_back() {
        let shares = Shares::new((3, 2));
        let first = (shares.take(1), shares.take(1));
        assert!(first.0.is_some() && first.1.is_some());
        assert!(shares.take(1).is_none(), "its own are used up");
        let other = shares.take(2);
        assert!(other.is_some());
        assert!(shares.take(3).is_none(), "all are used up");
        drop(first);
        assert!(shares.take(3).is_some() && shares.take(1).is_some());
        drop(other);
        assert!(
            shares
                .held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_empty()
        );
    }
}
