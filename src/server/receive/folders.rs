//! Which folder on the disk stands for a visitor's folder.
//!
//! The folders of one delivery keep their structure, and no two of them become one, whatever their names
//! become. A folder of a delivery is never mixed with one that was there before.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::{
    id::DeliveryId,
    names::{folded, numbered_folder},
};

/// A path, in a few bytes.
type Key = [u8; 16];

/// How many folders are remembered. Beyond that, those of other deliveries are forgotten, which then get
/// new ones for what still comes.
const MAX: usize = 50_000;

/// The folders of the deliveries of one share.
#[derive(Debug, Default)]
pub struct Folders {
    deliveries: HashMap<DeliveryId, Taken>,
    /// The first folders of all deliveries, folded.
    tops: HashSet<Key>,
    count: usize,
}

#[derive(Debug, Default)]
struct Taken {
    /// The name that was chosen for each of the visitor's folders.
    names: HashMap<Key, Box<str>>,
    /// What was chosen, folded, so that it is different on every system.
    folded: HashSet<Key>,
}

impl Folders {
    /// The names that stand for a visitor's folders, below the folder `into` of the share. `asked` are
    /// the visitor's names, and `harmless` what they became. `is_there` says whether there is something
    /// of that name in `into`. `None` if there are too many folders.
    pub fn place(
        &mut self,
        delivery: DeliveryId,
        into: &str,
        asked: &[Vec<u8>],
        harmless: &[String],
        mut is_there: impl FnMut(&str) -> bool,
    ) -> Option<Vec<String>> {
        if self.count + asked.len() > MAX {
            self.deliveries.retain(|other, _| *other == delivery);
            self.tops.clear();
            self.count = self
                .deliveries
                .values()
                .map(|taken| taken.names.len())
                .sum();
            if self.count + asked.len() > MAX {
                return None;
            }
        }
        let taken = self.deliveries.entry(delivery).or_default();
        let mut path: Vec<String> = Vec::with_capacity(asked.len());
        for (depth, name) in harmless.iter().enumerate().take(asked.len()) {
            let key = key(into, &asked[..=depth]);
            if let Some(known) = taken.names.get(&key) {
                path.push(known.to_string());
                continue;
            }
            path.push(name.clone());
            for number in 2.. {
                let folded = folded_key(into, &path);
                let is_taken = taken.folded.contains(&folded)
                    || depth == 0 && (self.tops.contains(&folded) || is_there(&path[0]));
                if !is_taken {
                    break;
                }
                path[depth] = numbered_folder(name, number);
            }
            let folded = folded_key(into, &path);
            if depth == 0 {
                self.tops.insert(folded);
            }
            taken.folded.insert(folded);
            taken.names.insert(key, path[depth].as_str().into());
            self.count += 1;
        }
        Some(path)
    }

    /// Whether it is known what stands for the first of a visitor's folders.
    pub fn knows(&self, delivery: DeliveryId, into: &str, asked: &[Vec<u8>]) -> bool {
        let Some(first) = asked.get(..1) else {
            return true;
        };
        let taken = self.deliveries.get(&delivery);
        taken.is_some_and(|taken| taken.names.contains_key(&key(into, first)))
    }

    /// Takes over what was chosen before a restart.
    pub fn restore(
        &mut self,
        delivery: DeliveryId,
        into: &str,
        asked: &[Vec<u8>],
        chosen: &[String],
    ) {
        if self.count + asked.len() > MAX {
            return;
        }
        let taken = self.deliveries.entry(delivery).or_default();
        for depth in 0..asked.len().min(chosen.len()) {
            let folded = folded_key(into, &chosen[..=depth]);
            if depth == 0 {
                self.tops.insert(folded);
            }
            taken.folded.insert(folded);
            let key = key(into, &asked[..=depth]);
            if taken
                .names
                .insert(key, chosen[depth].as_str().into())
                .is_none()
            {
                self.count += 1;
            }
        }
    }
}

fn folded_key(into: &str, path: &[String]) -> Key {
    let folded: Vec<_> = path.iter().map(|name| folded(name).into_bytes()).collect();
    key(into, &folded)
}

fn key(into: &str, names: &[Vec<u8>]) -> Key {
    let mut hash = Sha256::new();
    hash.update(into);
    for name in names {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::server::receive::names::{harmless_path, leading_down};

    fn id() -> DeliveryId {
        DeliveryId::random().unwrap()
    }

    fn raw(path: &str) -> Vec<Vec<u8>> {
        path.split('/')
            .map(|name| name.as_bytes().to_vec())
            .collect()
    }

    fn place(folders: &mut Folders, delivery: DeliveryId, path: &str, there: &[&str]) -> String {
        let mut asked = raw(path);
        asked.push(b"file".to_vec());
        let mut harmless = harmless_path(&asked).unwrap();
        asked.pop();
        harmless.pop();
        let is_there = |name: &str| there.contains(&name);
        let placed = folders.place(delivery, "/", &asked, &harmless, is_there);
        placed.unwrap().join("/")
    }

    #[test]
    fn two_folders_of_a_delivery_never_become_one() {
        let (mut folders, delivery) = (Folders::default(), id());
        for (path, expected) in [
            ("a:/x", "a_/x"),
            ("a?/x", "a_ (2)/x"),
            ("A?/x", "A_ (3)/x"),
            ("a:/X", "a_/X (2)"),
            ("a:", "a_"),
            ("a_ (2)", "a_ (2) (2)"),
            ("a?/y", "a_ (2)/y"),
        ] {
            assert_eq!(place(&mut folders, delivery, path, &[]), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_is_not_mixed_with_what_was_there_or_with_that_of_another_visitor() {
        let mut folders = Folders::default();
        let (first, second) = (id(), id());
        assert_eq!(
            place(&mut folders, first, "homework/a", &["homework"]),
            "homework (2)/a"
        );
        let there = ["homework", "homework (2)"];
        assert_eq!(
            place(&mut folders, first, "homework/b", &there),
            "homework (2)/b"
        );
        assert_eq!(
            place(&mut folders, second, "homework/a", &["homework"]),
            "homework (3)/a"
        );
    }

    #[test]
    fn the_choice_survives_a_restart() {
        let mut folders = Folders::default();
        let delivery = id();
        let chosen = ["homework (2)".to_owned(), "a".to_owned()];
        folders.restore(delivery, "/", &raw("homework/a"), &chosen);
        assert!(folders.knows(delivery, "/", &raw("homework/b")));
        assert!(!folders.knows(delivery, "/sub/", &raw("homework/b")));
        let there = ["homework", "homework (2)"];
        assert_eq!(
            place(&mut folders, delivery, "homework/a", &there),
            "homework (2)/a"
        );
        assert_eq!(place(&mut folders, id(), "homework", &[]), "homework");
    }

    #[test]
    fn few_folders_are_remembered() {
        let (mut folders, first, greedy) = (Folders::default(), id(), id());
        assert_eq!(place(&mut folders, first, "a", &[]), "a");
        let names = |number: usize| [vec![b'x'], number.to_string().into_bytes()];
        let chosen = |number: usize| ["x".to_owned(), number.to_string()];
        for number in 0..MAX - 3 {
            folders
                .place(greedy, "/", &names(number), &chosen(number), |_| false)
                .unwrap();
        }
        assert!(folders.knows(first, "/", &raw("a")));
        folders
            .place(greedy, "/", &names(MAX), &chosen(MAX), |_| false)
            .unwrap();
        assert!(!folders.knows(first, "/", &raw("a")));
        let more = folders.place(greedy, "/", &names(MAX + 1), &chosen(MAX + 1), |_| false);
        assert_eq!(more, None);
        assert_eq!(place(&mut folders, first, "a", &["a"]), "a (2)");
    }

    proptest! {
        #[test]
        fn different_folders_stay_different(paths in proptest::collection::vec(
            proptest::collection::vec("[aA:?_]{1,2}|a \\(2\\)|[\\x80-\\xff]", 1..4), 1..20)
        ) {
            let (mut folders, delivery) = (Folders::default(), id());
            let mut seen: HashMap<Vec<String>, Vec<Vec<u8>>> = HashMap::new();
            for path in paths {
                let mut asked: Vec<_> = path.iter().map(|name| name.as_bytes().to_vec()).collect();
                asked.push(b"f".to_vec());
                let asked = leading_down(&asked);
                let mut harmless = harmless_path(&asked).unwrap();
                harmless.pop();
                let asked = &asked[..asked.len() - 1];
                let chosen = folders.place(delivery, "/", asked, &harmless, |_| false).unwrap();
                prop_assert_eq!(chosen.len(), asked.len());
                let folded_path = chosen.iter().map(|name| folded(name)).collect();
                if let Some(other) = seen.insert(folded_path, asked.to_vec()) {
                    prop_assert_eq!(other, asked.to_vec());
                }
            }
        }
    }
}
