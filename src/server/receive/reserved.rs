//! Names of complete files that are not in their places yet, so that each gets its own.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use super::names::{folded, numbered};

/// How many names have a hint.
const MAX_HINTS: usize = 1000;

/// The names that are spoken for.
#[derive(Debug, Default)]
pub struct Reserved(Mutex<Names>);

#[derive(Debug, Default)]
struct Names {
    taken: HashSet<String>,
    /// The number that is free for a name, most likely: a phone calls all its pictures the same.
    hints: HashMap<String, u32>,
}

impl Reserved {
    /// Finds a free name for a file in a folder, which nobody else gets until it is released.
    pub fn reserve(&self, folder: &str, name: &str, is_there: impl Fn(&str) -> bool) -> String {
        let wanted = format!("{folder}/{name}");
        let mut names = self.names();
        let first = names.hints.get(&wanted).copied().unwrap_or(1);
        for number in first.. {
            let candidate = match number {
                1 => name.to_owned(),
                number => numbered(name, number),
            };
            let key = key(folder, &candidate);
            if names.taken.contains(&key) || is_there(&candidate) {
                continue;
            }
            names.taken.insert(key);
            if names.hints.len() >= MAX_HINTS {
                names.hints.clear();
            }
            if number > 1 {
                names.hints.insert(wanted, number);
            }
            return candidate;
        }
        // There are not so many files.
        name.to_owned()
    }

    /// A name is on the disk, or no longer needed.
    pub fn release(&self, folder: &str, name: &str) {
        self.names().taken.remove(&key(folder, name));
    }

    fn names(&self) -> std::sync::MutexGuard<'_, Names> {
        // No panic under this lock can leave it inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(folder: &str, name: &str) -> String {
    folded(&format!("{folder}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        let reserved = Reserved::default();
        let is_there = |name: &str| name == "a.txt";
        assert_eq!(reserved.reserve("/", "a.txt", is_there), "a (2).txt");
        assert_eq!(reserved.reserve("/", "A.txt", is_there), "A.txt");
        assert_eq!(reserved.reserve("/", "a.txt", is_there), "a (3).txt");
        assert_eq!(reserved.reserve("/x", "a.txt", |_| false), "a.txt");
        reserved.release("/", "a (3).txt");
        assert_eq!(reserved.reserve("/", "a.txt", is_there), "a (3).txt");
    }

    #[test]
    fn a_thousand_pictures_of_one_name_are_numbered_quickly() {
        let reserved = Reserved::default();
        let looks = std::cell::Cell::new(0);
        let there = std::cell::RefCell::new(HashSet::new());
        for _ in 0..1000 {
            let name = reserved.reserve("/", "image.jpg", |name| {
                looks.set(looks.get() + 1);
                there.borrow().contains(name)
            });
            assert!(there.borrow_mut().insert(name.clone()));
            reserved.release("/", &name);
        }
        assert!(looks.get() < 3000, "{}", looks.get());
        assert!(there.borrow().contains("image (1000).jpg"));
    }
}
