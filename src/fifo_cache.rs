//! The last values of many, by their keys.

use std::collections::VecDeque;
use std::hash::Hash;

use hashbrown::HashMap;

/// Keeps what was put in last, up to a number of values.
#[derive(Debug)]
pub(crate) struct FifoCache<K, V> {
    values: HashMap<K, V>,
    /// Keys in the order they came.
    order: VecDeque<K>,
    most: usize,
}

impl<K: Clone + Eq + Hash, V> FifoCache<K, V> {
    /// Keeps at most `most` values.
    pub(crate) fn new(most: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), most }
    }

    /// The value of a key, if it is still there.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Puts in a value, in the place of one that its key had or of the oldest.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let mut recent = FifoCache::new(2);
        for (key, value) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            recent.put(key, value);
        }
        assert_eq!(["a", "b", "c"].map(|key| recent.get(&key).copied()), [None, Some(2), Some(4)]);
        recent.put("b", 5);
        assert_eq!(recent.get(&"b"), Some(&5));
        assert_eq!((recent.values.len(), recent.order.len()), (2, 2));
    }
}
