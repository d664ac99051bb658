//! Files and folders that a visitor has selected below a folder.
//!
//! Each is named by its URL relative to the folder, as the rows of the page have it. A selection may be
//! too long for a URL. So it can be handed in, and is then named by its hash: the same selection has the
//! same name, and a download can be resumed with it.

use std::{
    collections::VecDeque,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use crate::server::{
    path::{RequestPath, Rules},
    work::Budget,
};

/// The longest list of names that is read, in bytes.
pub const MAX_LIST_BYTES: usize = 1024 * 1024;

/// How many names one has at most.
const MAX_PATHS: usize = 20_000;

/// How many names all of these paths have together at most.
const MAX_NAMES: usize = 200_000;

/// How much the selections that a share remembers take, in bytes.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

/// How much one counts at least.
const LEAST_BYTES: usize = 1024;

/// Between the paths. No name contains it.
const SEPARATOR: u8 = 0;

/// Names a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectionId([u8; 16]);

impl SelectionId {
    fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u128::from_str_radix(text, 16).ok()?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for SelectionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Paths below a folder, none of which is in another one.
#[derive(Debug)]
pub struct Selection {
    id: SelectionId,
    /// The paths, in order.
    text: Vec<u8>,
}

/// Why a list of names is no selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSelection {
    /// One of the names can't be in a folder, or there is none.
    Malformed,
    TooLarge,
    /// Nothing was handed in under this name, or it was forgotten.
    Unknown,
}

impl Selection {
    /// The selection of a list with one relative URL per line.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_lines(list: &[u8]) -> Result<Self, NoSelection> {
        let lines = list.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        Self::of(lines.map(<[u8]>::to_vec))
    }

    /// The selection of a form, or of a query: each `only` is a relative URL.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_pairs(pairs: &[u8]) -> Result<Self, NoSelection> {
        Self::of(only(pairs).map(|value| {
            let spaced: Vec<u8> = value
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            percent_decode(&spaced).collect()
        }))
    }

    fn of(urls: impl Iterator<Item = Vec<u8>>) -> Result<Self, NoSelection> {
        let mut paths = Vec::new();
        let mut names = 0;
        for url in urls.filter(|url| !url.is_empty()) {
            if paths.len() == MAX_PATHS {
                return Err(NoSelection::TooLarge);
            }
            let url = url.strip_prefix(b"./").unwrap_or(&url);
            let path = RequestPath::parse(&[b"/", url].concat(), Rules::HERE);
            let path = path.filter(|path| !path.is_root());
            let path = path.ok_or(NoSelection::Malformed)?;
            names += path.names().count();
            if names > MAX_NAMES {
                return Err(NoSelection::TooLarge);
            }
            paths.push(path);
        }
        paths.sort_unstable_by(|a, b| a.names().cmp(b.names()));
        let mut text: Vec<u8> = Vec::new();
        let mut last: Option<&RequestPath> = None;
        for path in &paths {
            if last.is_some_and(|last| is_below(path, last)) {
                continue;
            }
            if !text.is_empty() {
                text.push(SEPARATOR);
            }
            text.extend_from_slice(path.as_bytes());
            last = Some(path);
        }
        if text.is_empty() {
            return Err(NoSelection::Malformed);
        }
        text.shrink_to_fit();
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(&text)[..16]);
        Ok(Self {
            id: SelectionId(id),
            text,
        })
    }

    /// What names it.
    pub fn id(&self) -> SelectionId {
        self.id
    }

    /// The paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = RequestPath> {
        let paths = self.text.split(|byte| *byte == SEPARATOR);
        paths.map(RequestPath::from_joined)
    }

    fn cost(&self) -> usize {
        self.text.len().max(LEAST_BYTES)
    }
}

/// Whether a query names what is selected itself.
pub fn names_some(query: &str) -> bool {
    only(query.as_bytes()).next().is_some()
}

fn only(pairs: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pairs = pairs.split(|byte| *byte == b'&');
    pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(b"only="))
}

/// Whether `path` is `above` or in it.
fn is_below(path: &RequestPath, above: &RequestPath) -> bool {
    let rest = path.as_bytes().strip_prefix(above.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// The paths of a selection, and the last folder that all of them are in.
///
/// # Errors
/// If the budget is used up.
pub fn paths_and_common(
    selection: &Selection,
    budget: &Budget,
) -> io::Result<(Vec<RequestPath>, usize)> {
    let mut paths = Vec::new();
    for path in selection.paths() {
        budget.spend_bytes(size_of::<RequestPath>() + path.as_bytes().len())?;
        paths.push(path);
    }
    let common = match paths.first() {
        Some(first) => {
            let parents = first.names().count() - 1;
            paths.iter().fold(parents, |common, path| {
                let alike = first.names().zip(path.names()).take(common);
                let alike = alike.take_while(|(a, b)| a == b).count();
                alike.min(path.names().count() - 1)
            })
        }
        None => 0,
    };
    Ok((paths, common))
}

/// The selections that visitors of a share have handed in.
#[derive(Debug, Default)]
pub struct Selections(Mutex<VecDeque<Arc<Selection>>>);

impl Selections {
    /// Remembers a selection. If there are too many, those that nobody has used for the longest time
    /// are forgotten.
    pub fn keep(&self, selection: Arc<Selection>) {
        let mut kept = self.kept();
        kept.retain(|other| other.id != selection.id);
        kept.push_back(selection);
        let mut bytes: usize = kept.iter().map(|selection| selection.cost()).sum();
        while bytes > KEPT_BYTES
            && let Some(oldest) = kept.pop_front()
        {
            bytes -= oldest.cost();
        }
    }

    /// The selection that a query names; `None` if it names none.
    ///
    /// # Errors
    /// Why there is no such selection.
    pub fn of_query(&self, query: &str) -> Result<Option<Arc<Selection>>, NoSelection> {
        let mut ids = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("selection="));
        if let Some(id) = ids.next() {
            let id = SelectionId::parse(id).ok_or(NoSelection::Unknown)?;
            let mut kept = self.kept();
            let place = kept.iter().position(|selection| selection.id == id);
            let found = place.and_then(|place| kept.remove(place));
            let found = found.ok_or(NoSelection::Unknown)?;
            kept.push_back(Arc::clone(&found));
            return Ok(Some(found));
        }
        if names_some(query) {
            let selection = Selection::of_pairs(query.as_bytes())?;
            return Ok(Some(Arc::new(selection)));
        }
        Ok(None)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Selection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(list: &str) -> Option<Vec<String>> {
        let selection = Selection::of_lines(list.as_bytes()).ok()?;
        let shown = |path: RequestPath| String::from_utf8_lossy(path.as_bytes()).into_owned();
        Some(selection.paths().map(shown).collect())
    }

    #[test]
    fn a_list_is_read_in_any_order_and_what_is_in_another_folder_anyway_is_left_out() {
        let expected = Some(vec!["a".to_owned(), "a b/c".to_owned(), "d%".to_owned()]);
        for list in [
            "./a/\n./a%20b/c\n./d%25",
            "a/b\r\nd%25\r\na%20b/c\r\na\r\n",
            "d%25\na%20b/c/\na\na\na/b/c",
        ] {
            assert_eq!(paths(list), expected, "{list}");
        }
        let of_form = Selection::of_pairs(b"x=1&only=.%2Fa&only=a%2520b%2Fc&only=d%2525").unwrap();
        let of_list = Selection::of_lines(b"a\na%20b/c\nd%25").unwrap();
        assert_eq!(of_form.id(), of_list.id());
        assert_ne!(of_list.id(), Selection::of_lines(b"a").unwrap().id());
    }

    #[test]
    fn what_no_folder_contains_is_refused() {
        for list in [
            "", "\n", ".", "./", "..", "a/../b", "/a", "a//b", "a%00", "%", "a\n..",
        ] {
            assert_eq!(paths(list), None, "{list}");
        }
        let many = "a\n".repeat(MAX_PATHS + 1);
        let deep = format!("{}a\n", "a/".repeat(500)).repeat(MAX_NAMES / 500);
        for list in [many, deep] {
            let refused = Selection::of_lines(list.as_bytes()).map(|_| ());
            assert_eq!(refused, Err(NoSelection::TooLarge));
        }
    }

    #[test]
    fn those_used_last_are_remembered() {
        let selections = Selections::default();
        let first = Arc::new(Selection::of_lines(b"first").unwrap());
        let query = format!("archive=zip&selection={}", first.id());
        assert_eq!(
            selections.of_query(&query).map(|_| ()),
            Err(NoSelection::Unknown)
        );
        selections.keep(first);
        let large = |number: usize| {
            let list = format!("{number}{}\n", "x".repeat(200));
            let list: String = (0..4_000).map(|n| format!("{n}-{list}")).collect();
            Arc::new(Selection::of_lines(list.as_bytes()).unwrap())
        };
        for number in 0..30 {
            selections.keep(large(number));
            assert!(selections.of_query(&query).unwrap().is_some(), "{number}");
        }
        assert!(selections.kept().len() < 25);
        for number in 0..30 {
            selections.keep(large(number));
        }
        assert_eq!(
            selections.of_query(&query).map(|_| ()),
            Err(NoSelection::Unknown)
        );
    }

    proptest! {
        #[test]
        fn no_path_is_in_another_one(list in "([abc]{1,2}(/[ab]{1,2}){0,3}\n){1,12}") {
            let paths = paths(&list).unwrap();
            for line in list.lines() {
                let above = paths.iter().filter(|path| {
                    line == path.as_str() || line.starts_with(&format!("{path}/"))
                });
                prop_assert_eq!(above.count(), 1, "{} in {:?}", line, paths);
            }
        }
    }
}
