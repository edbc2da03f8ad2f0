//! A list of objects that finds each by its id.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::objects::object::Object;

/// All objects of one type, in the order of their creation.
#[derive(Debug)]
pub(crate) struct Table<T> {
    items: VecDeque<T>,
    forgotten: usize,
    positions: HashMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), forgotten: 0, positions: HashMap::new() }
    }
}

impl<T: Object> Table<T> {
    /// Adds a new object.
    pub(crate) fn add(&mut self, item: T) {
        self.positions.insert(item.id().to_owned(), self.forgotten + self.items.len());
        self.items.push_back(item);
    }

    /// The object with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(self.positions.get(id)? - self.forgotten)
    }

    /// The object with this id, to be changed.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(self.positions.get(id)? - self.forgotten)
    }

    /// All objects, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.items.iter().rev()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Forgets the oldest objects until at most `limit` are left.
    pub(crate) fn forget_oldest(&mut self, limit: usize) {
        while self.items.len() > limit {
            if let Some(oldest) = self.items.pop_front() {
                self.positions.remove(oldest.id());
                self.forgotten += 1;
            }
        }
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.items)
    }
}

impl<'de, T: Object + DeserializeOwned> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        for item in Vec::<T>::deserialize(deserializer)? {
            table.add(item);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    struct Thing(String);

    impl Object for Thing {
        fn id(&self) -> &str {
            &self.0
        }
        fn created(&self) -> i64 {
            0
        }
    }

    #[test]
    fn a_table_that_forgot_its_oldest_objects_finds_the_others() {
        let mut table = Table::default();
        for n in 0..10 {
            table.add(Thing(format!("t{n}")));
        }
        table.forget_oldest(4);
        assert_eq!(table.len(), 4);
        assert!(table.get("t5").is_none());
        assert_eq!(table.get("t6"), Some(&Thing("t6".into())));
        assert_eq!(table.newest_first().next(), Some(&Thing("t9".into())));
        table.add(Thing("t10".into()));
        assert_eq!(table.get("t10"), Some(&Thing("t10".into())));
    }
}
