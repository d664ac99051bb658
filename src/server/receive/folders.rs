//! Which folder on the disk stands for a visitor's folder.
//!
//! The folders of one delivery keep their structure, and no two of them become one, whatever their names
//! become. A folder of a delivery is never mixed with one that was there before.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use sha2::{Digest, Sha256};

use super::{
    id::DeliveryId,
    names::{folded, numbered_folder},
};

/// A path, in a few bytes.
type Key = [u8; 16];

/// How many folders are remembered. Beyond that, deliveries to which nothing came for longest are
/// forgotten, and get new folders for what still comes.
const MAX: usize = 50_000;

/// How many may be one delivery's.
const MAX_OF_DELIVERY: usize = 20_000;

/// How many names have a hint.
const MAX_HINTS: usize = 1000;

/// The folders of the deliveries of one share.
#[derive(Debug, Default)]
pub struct Folders {
    deliveries: HashMap<DeliveryId, Taken>,
    /// The first folders of all deliveries, folded.
    tops: HashSet<Key>,
    /// The number that is free for a name, most likely.
    hints: HashMap<Key, u32>,
    count: usize,
    /// How often somebody has asked.
    clock: u64,
}

#[derive(Debug, Default)]
struct Taken {
    /// Who hands it in.
    visitor: Option<IpAddr>,
    /// The name that was chosen for each of the visitor's folders.
    names: HashMap<Key, Box<str>>,
    /// What was chosen, folded, so that it is different on every system.
    folded: HashSet<Key>,
    /// The first folders among these.
    tops: Vec<Key>,
    /// When it was asked for last.
    used: u64,
}

/// Whose folders are asked for, and where.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    pub delivery: DeliveryId,
    pub visitor: Option<IpAddr>,
    /// The folder of the share, as in a URL.
    pub into: &'a str,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// These names stand for the visitor's folders.
    Folders(Vec<String>),
    /// It has to be known first whether there is something of this name in the folder of the share.
    Look(String),
    TooMany,
}

impl Folders {
    /// The names that stand for a visitor's folders. `asked` are the visitor's names, and `harmless` what
    /// they became. `is_there` says whether there is something of that name in the folder of the share,
    /// if that is known.
    pub fn place(
        &mut self,
        asker: Asker<'_>,
        asked: &[Vec<u8>],
        harmless: &[String],
        is_there: impl Fn(&str) -> Option<bool>,
    ) -> Chosen {
        let Asker { delivery, into, .. } = asker;
        let known = self.deliveries.get(&delivery);
        let is_new = |depth: &usize| {
            let key = key(into, &asked[..=*depth]);
            known.is_none_or(|taken| !taken.names.contains_key(&key))
        };
        let more = (0..asked.len()).filter(is_new).count();
        if more > 0 && !self.make_room(asker, more) {
            return Chosen::TooMany;
        }
        self.clock += 1;
        let taken = self.deliveries.entry(delivery).or_default();
        (taken.used, taken.visitor) = (self.clock, asker.visitor);
        let mut path: Vec<String> = Vec::with_capacity(asked.len());
        for (depth, name) in harmless.iter().enumerate().take(asked.len()) {
            let key = key(into, &asked[..=depth]);
            if let Some(known) = taken.names.get(&key) {
                path.push(known.to_string());
                continue;
            }
            path.push(name.clone());
            let base = folded_key(into, &path);
            // Many visitors call their folders the same.
            let mut number = 1;
            if depth == 0
                && let Some(hint) = self.hints.get(&base)
            {
                number = *hint;
                path[0] = numbered_folder(name, number);
            }
            loop {
                let folded = folded_key(into, &path);
                let mut is_taken = taken.folded.contains(&folded);
                if depth == 0 && !is_taken {
                    is_taken = self.tops.contains(&folded);
                    if !is_taken {
                        let Some(is_there) = is_there(&path[0]) else {
                            return Chosen::Look(path.swap_remove(0));
                        };
                        is_taken = is_there;
                    }
                }
                if !is_taken {
                    break;
                }
                number += 1;
                path[depth] = numbered_folder(name, number);
                if depth == 0 {
                    if self.hints.len() >= MAX_HINTS {
                        self.hints.clear();
                    }
                    self.hints.insert(base, number);
                }
            }
            let folded = folded_key(into, &path);
            if depth == 0 {
                self.tops.insert(folded);
                taken.tops.push(folded);
            }
            taken.folded.insert(folded);
            taken.names.insert(key, path[depth].as_str().into());
            self.count += 1;
        }
        Chosen::Folders(path)
    }

    /// Whether it is known what stands for the first of a visitor's folders.
    #[cfg(test)]
    pub fn knows(&self, delivery: DeliveryId, into: &str, asked: &[Vec<u8>]) -> bool {
        let Some(first) = asked.get(..1) else {
            return true;
        };
        let taken = self.deliveries.get(&delivery);
        taken.is_some_and(|taken| taken.names.contains_key(&key(into, first)))
    }

    /// Takes over what was chosen before a restart.
    pub fn restore(&mut self, asker: Asker<'_>, asked: &[Vec<u8>], chosen: &[String]) {
        if self.count + asked.len() > MAX {
            return;
        }
        let taken = self.deliveries.entry(asker.delivery).or_default();
        taken.visitor = asker.visitor;
        for depth in 0..asked.len().min(chosen.len()) {
            let folded = folded_key(asker.into, &chosen[..=depth]);
            if depth == 0 && self.tops.insert(folded) {
                taken.tops.push(folded);
            }
            taken.folded.insert(folded);
            let key = key(asker.into, &asked[..=depth]);
            let chosen = chosen[depth].as_str().into();
            if taken.names.insert(key, chosen).is_none() {
                self.count += 1;
            }
        }
    }

    /// Forgets other deliveries if there is no room for so many more folders, those of the same visitor
    /// first. Returns whether there is room then.
    fn make_room(&mut self, asker: Asker<'_>, more: usize) -> bool {
        let own = self.deliveries.get(&asker.delivery);
        if own.map_or(0, |taken| taken.names.len()) + more > MAX_OF_DELIVERY {
            return false;
        }
        if self.count + more <= MAX {
            return true;
        }
        let mut others: Vec<_> = self
            .deliveries
            .iter()
            .filter(|(delivery, _)| **delivery != asker.delivery)
            .map(|(delivery, taken)| (taken.visitor != asker.visitor, taken.used, *delivery))
            .collect();
        others.sort_unstable_by_key(|(is_other, used, _)| (*is_other, *used));
        // Some at once, so that this is rare.
        let wanted = MAX / 4 * 3;
        for (_, _, delivery) in others {
            if self.count + more <= wanted {
                break;
            }
            if let Some(taken) = self.deliveries.remove(&delivery) {
                self.count -= taken.names.len();
                for top in &taken.tops {
                    self.tops.remove(top);
                }
            }
        }
        self.count + more <= MAX
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
        let is_there = |name: &str| Some(there.contains(&name));
        match folders.place(asker(delivery), &asked, &harmless, is_there) {
            Chosen::Folders(path) => path.join("/"),
            other => panic!("{other:?}"),
        }
    }

    fn asker(delivery: DeliveryId) -> Asker<'static> {
        asker_at(delivery, 1)
    }

    fn asker_at(delivery: DeliveryId, last: u8) -> Asker<'static> {
        Asker {
            delivery,
            visitor: Some([192, 0, 2, last].into()),
            into: "/",
        }
    }

    #[test]
    fn the_folder_is_looked_at_before_anything_is_chosen() {
        let (mut folders, delivery) = (Folders::default(), id());
        let (asked, harmless) = (raw("a/b"), ["a".to_owned(), "b".to_owned()]);
        for (known, expected) in [
            (None, Chosen::Look("a".into())),
            (Some(false), Chosen::Folders(harmless.to_vec())),
            // It is known by now.
            (None, Chosen::Folders(harmless.to_vec())),
        ] {
            let chosen = folders.place(asker(delivery), &asked, &harmless, |_| known);
            assert_eq!(chosen, expected);
        }
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
        folders.restore(asker(delivery), &raw("homework/a"), &chosen);
        assert!(folders.knows(delivery, "/", &raw("homework/b")));
        assert!(!folders.knows(delivery, "/sub/", &raw("homework/b")));
        let there = ["homework", "homework (2)"];
        assert_eq!(
            place(&mut folders, delivery, "homework/a", &there),
            "homework (2)/a"
        );
        assert_eq!(place(&mut folders, id(), "homework", &[]), "homework");
    }

    /// As many folders of one delivery as there is room for.
    fn fill(folders: &mut Folders, asker: Asker<'_>, count: usize) {
        for number in 0..count - 1 {
            let asked = [vec![b'x'], number.to_string().into_bytes()];
            let harmless = ["x".to_owned(), number.to_string()];
            let chosen = folders.place(asker, &asked, &harmless, |_| Some(false));
            assert!(matches!(chosen, Chosen::Folders(_)), "{number}: {chosen:?}");
        }
    }

    #[test]
    fn a_delivery_has_so_many_folders_and_no_more() {
        let (mut folders, greedy) = (Folders::default(), id());
        fill(&mut folders, asker(greedy), MAX_OF_DELIVERY);
        let (asked, harmless) = (raw("x/y"), ["x".to_owned(), "y".to_owned()]);
        let more = folders.place(asker(greedy), &asked, &harmless, |_| Some(false));
        assert_eq!(more, Chosen::TooMany);
    }

    #[test]
    fn whoever_has_many_folders_loses_their_own_first() {
        let (mut folders, first) = (Folders::default(), id());
        assert_eq!(place(&mut folders, first, "a", &[]), "a");
        for _ in 0..4 {
            fill(&mut folders, asker_at(id(), 2), MAX / 4);
        }
        for _ in 0..4 {
            fill(&mut folders, asker_at(id(), 2), MAX / 4);
        }
        assert!(folders.knows(first, "/", &raw("a")));
        // With many addresses, the ones that were not used for longest go.
        for last in 3..8 {
            fill(&mut folders, asker_at(id(), last), MAX / 4);
        }
        assert!(!folders.knows(first, "/", &raw("a")));
        assert_eq!(place(&mut folders, first, "a", &["a"]), "a (2)");
        assert!(folders.count <= MAX && folders.tops.len() <= folders.deliveries.len());
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
                let Chosen::Folders(chosen) =
                    folders.place(asker(delivery), asked, &harmless, |_| Some(false))
                else {
                    panic!("there is room");
                };
                prop_assert_eq!(chosen.len(), asked.len());
                let folded_path = chosen.iter().map(|name| folded(name)).collect();
                if let Some(other) = seen.insert(folded_path, asked.to_vec()) {
                    prop_assert_eq!(other, asked.to_vec());
                }
            }
        }
    }
}
