//! Shares values that several visitors use at the same time.
//!
//! Many slow downloads of the same folder must not take many times the memory of one.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Values in use.
#[derive(Debug)]
pub struct Interner<T>(Mutex<Vec<Weak<T>>>);

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: PartialEq> Interner<T> {
    /// Returns an equal value that is already in use, or otherwise this one.
    pub fn intern(&self, thing: impl Into<Arc<T>>) -> Arc<T> {
        let thing = thing.into();
        let mut things = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        things.retain(|other| other.strong_count() > 0);
        let mut others = things.iter().filter_map(Weak::upgrade);
        if let Some(same) = others.find(|other| Arc::ptr_eq(other, &thing) || **other == *thing) {
            return same;
        }
        things.push(Arc::downgrade(&thing));
        thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_kept_once_while_they_are_in_use() {
        let interner = Interner::<String>::default();
        let one = interner.intern("one".to_owned());
        let other = interner.intern("other".to_owned());
        assert!(Arc::ptr_eq(&one, &interner.intern("one".to_owned())));
        assert!(!Arc::ptr_eq(&one, &other));
        drop(one);
        interner.intern("another".to_owned());
        assert_eq!(interner.0.lock().unwrap().len(), 2);
    }
}
