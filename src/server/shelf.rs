//! What several visitors need at the same time, kept once.
//!
//! Many who fetch the same folder, slowly, must not cost many times the memory of one.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Things that are in use.
#[derive(Debug)]
pub struct Shelf<T>(Mutex<Vec<Weak<T>>>);

impl<T> Default for Shelf<T> {
    fn default() -> Shelf<T> {
        Shelf(Mutex::default())
    }
}

impl<T: PartialEq> Shelf<T> {
    /// The thing that is the same and in use already, or else this one.
    pub fn keep(&self, thing: T) -> Arc<T> {
        let mut things = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        things.retain(|other| other.strong_count() > 0);
        let mut others = things.iter().filter_map(Weak::upgrade);
        if let Some(same) = others.find(|other| **other == thing) {
            return same;
        }
        let thing = Arc::new(thing);
        things.push(Arc::downgrade(&thing));
        thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_is_there_once_as_long_as_it_is_in_use() {
        let shelf = Shelf::default();
        let one = shelf.keep("one".to_owned());
        let other = shelf.keep("other".to_owned());
        assert!(Arc::ptr_eq(&one, &shelf.keep("one".to_owned())));
        assert!(!Arc::ptr_eq(&one, &other));
        drop(one);
        shelf.keep("another".to_owned());
        assert_eq!(shelf.0.lock().unwrap().len(), 2);
    }
}
