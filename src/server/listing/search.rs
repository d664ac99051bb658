//! Files and folders below a folder whose names contain a text, as they are found.
//!
//! It goes through one folder after the other, keeps nothing of what it has seen, and remembers only
//! which folders are left. A link to a folder is followed only if its target is not searched anyway, and
//! once.

use std::{
    collections::HashSet,
    io,
    time::{Duration, Instant},
};

use super::{folding::Sought, row::ListingRow, source::ListingSource};
use crate::server::{
    folder::{FileStamp, Folder, Found, Linked},
    path::RequestPath,
    share::ItemTarget,
    work::{Budget, Limits},
};

/// What one search may cost.
const TIME: Duration = Duration::from_secs(60);
const ENTRIES: usize = 4_000_000;
const LEFT_BYTES: usize = 8 * 1024 * 1024;

/// How much is done before others have their turn, and what was found so far is sent.
const STEP_TIME: Duration = Duration::from_millis(50);

/// How long reading one folder may take.
const FOLDER_TIME: Duration = Duration::from_secs(5);

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The folder that it is in, relative to the one that is searched.
    pub folder: RequestPath,
    pub row: ListingRow,
}

/// Why a search ended before everything was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There was more than anybody reads.
    Hits,
    /// It took too long.
    Time,
    /// There were too many files and folders.
    Size,
    /// The visitor has begun other searches.
    Replaced,
}

/// A search that goes on step by step.
#[derive(Debug)]
pub struct Search {
    sought: Sought,
    places: Vec<Place>,
    left: Vec<Left>,
    left_bytes: usize,
    /// Folders behind links, by place.
    followed: HashSet<(usize, Vec<u8>)>,
    followed_bytes: usize,
    /// Items of what was chosen together, which are looked at first.
    first: Vec<Hit>,
    /// The items, until they were looked at. That may wait for the disk.
    chosen: Option<ListingSource>,
    looked_at: usize,
    hits: usize,
    most: usize,
    spent: Duration,
    cut: Option<Cut>,
}

/// A folder that is searched, with all below it.
#[derive(Debug)]
struct Place {
    folder: Folder,
    top: RequestPath,
}

/// A folder that is still to be read.
#[derive(Debug)]
struct Left {
    place: usize,
    /// Its real path.
    path: RequestPath,
    /// What visitors call it.
    shown: RequestPath,
    is_behind_link: bool,
}

impl Search {
    /// Looks for a text in the names of everything below `source`, until `most` were found.
    pub fn new(source: ListingSource, sought: Sought, most: usize) -> Self {
        let mut search = Self {
            sought,
            places: Vec::new(),
            left: Vec::new(),
            left_bytes: 0,
            followed: HashSet::new(),
            followed_bytes: 0,
            first: Vec::new(),
            chosen: None,
            looked_at: 0,
            hits: 0,
            most,
            spent: Duration::ZERO,
            cut: None,
        };
        match &source {
            ListingSource::Folder(place) => {
                search.begin(&place.folder, &place.path, RequestPath::default());
            }
            ListingSource::Chosen(chosen) => {
                for item in chosen {
                    let name = item.name.as_encoded_bytes();
                    if let ItemTarget::Folder(folder) = &item.target {
                        let shown = RequestPath::default().join(name);
                        search.begin(folder, &RequestPath::default(), shown);
                    }
                }
                // The first one first.
                search.left.reverse();
                search.chosen = Some(source);
            }
        }
        search
    }

    fn begin(&mut self, folder: &Folder, path: &RequestPath, shown: RequestPath) {
        let place = self.places.len();
        self.places.push(Place {
            folder: folder.clone(),
            top: path.clone(),
        });
        let first = Left {
            place,
            path: path.clone(),
            shown,
            is_behind_link: false,
        };
        self.left_bytes += first.bytes();
        self.left.push(first);
    }

    fn look_at_items(&mut self, source: &ListingSource) {
        let budget = Budget::slice(&slice());
        let Ok(names) = source.read(&budget) else {
            return;
        };
        for index in 0..names.len() {
            self.looked_at += 1;
            if self.sought.is_in(names.name(index))
                && let Some(row) = source.row(&names, index)
            {
                let folder = RequestPath::default();
                self.first.push(Hit { folder, row });
            }
        }
    }

    /// How many files and folders it has looked at.
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// Why it ended early; `None` if it did not.
    pub fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// Ends it.
    pub fn end(&mut self, why: Cut) {
        self.cut = Some(why);
        self.left.clear();
        self.left_bytes = 0;
        self.first.clear();
        self.chosen = None;
    }

    /// Goes on for a moment, and returns what was found; `None` when there is nothing more to look at.
    /// May wait for the disk.
    pub fn step(&mut self) -> Option<Vec<Hit>> {
        if let Some(chosen) = self.chosen.take() {
            self.look_at_items(&chosen);
        } else if self.left.is_empty() && self.first.is_empty() {
            return None;
        }
        let begun = Instant::now();
        let mut hits = std::mem::take(&mut self.first);
        self.hits += hits.len();
        while begun.elapsed() < STEP_TIME
            && let Some(next) = self.left.pop()
        {
            self.left_bytes -= next.bytes();
            if let Err(cut) = self.read(&next, &mut hits) {
                self.end(cut);
            }
        }
        self.spent += begun.elapsed();
        if self.spent > TIME && !self.left.is_empty() {
            self.end(Cut::Time);
        }
        Some(hits)
    }

    fn read(&mut self, next: &Left, hits: &mut Vec<Hit>) -> Result<(), Cut> {
        let place = &self.places[next.place];
        let Ok(Found::Folder { path, dir }) = place.folder.find(&next.path) else {
            return Ok(());
        };
        let key = (next.place, path.as_bytes().to_vec());
        if next.is_behind_link {
            self.followed_bytes += size_of_val(&key) + key.1.len();
            if !self.followed.insert(key) {
                return Ok(());
            }
            if self.followed_bytes > LEFT_BYTES {
                return Err(Cut::Size);
            }
        }
        let budget = Budget::slice(&slice());
        let mut below = Vec::new();
        let (mut cut, mut below_bytes) = (None, self.left_bytes);
        let read = place.folder.names(&path, &dir, &budget, |listed| {
            self.looked_at += 1;
            let name = listed.name.as_encoded_bytes();
            if self.sought.is_in(name) {
                let looked = match &listed.link {
                    Some(link) => Some((listed.is_folder, link.stamp)),
                    None => place.folder.look(&dir, listed.name),
                };
                if let Some((is_folder, stamp)) = looked {
                    let row = row(name, is_folder, &stamp);
                    let folder = next.shown.clone();
                    hits.push(Hit { folder, row });
                    self.hits += 1;
                }
            }
            if listed.is_folder
                && let Some(folder) = next.below(name, listed.link.as_ref(), place, &path)
            {
                below_bytes += folder.bytes();
                below.push(folder);
            }
            cut = if self.hits >= self.most {
                Some(Cut::Hits)
            } else if self.looked_at >= ENTRIES || below_bytes > LEFT_BYTES {
                Some(Cut::Size)
            } else {
                None
            };
            match cut {
                Some(_) => Err(io::ErrorKind::QuotaExceeded.into()),
                None => Ok(()),
            }
        });
        // In a stable order; the last one is next.
        below.sort_unstable_by(|a, b| b.path.as_bytes().cmp(a.path.as_bytes()));
        self.left_bytes = below_bytes;
        self.left.extend(below);
        match (cut, read) {
            (Some(cut), _) => Err(cut),
            (None, Err(error)) if error.kind() == io::ErrorKind::TimedOut => Err(Cut::Time),
            // A folder that can't be read is empty.
            _ => Ok(()),
        }
    }
}

impl Left {
    /// A folder in this one that is to be read as well.
    fn below(
        &self,
        name: &[u8],
        link: Option<&Linked>,
        place: &Place,
        here: &RequestPath,
    ) -> Option<Self> {
        let path = match link {
            None => here.join(name),
            Some(_) if self.is_behind_link => return None,
            Some(link) => {
                let target = &link.path;
                if is_below(target, &place.top) || is_below(here, target) {
                    return None;
                }
                target.clone()
            }
        };
        Some(Self {
            place: self.place,
            path,
            shown: self.shown.join(name),
            is_behind_link: self.is_behind_link || link.is_some(),
        })
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.path.as_bytes().len() + self.shown.as_bytes().len()
    }
}

fn slice() -> Limits {
    Limits {
        time: FOLDER_TIME,
        entries: ENTRIES,
        bytes: LEFT_BYTES,
    }
}

fn row(name: &[u8], is_folder: bool, stamp: &FileStamp) -> ListingRow {
    ListingRow {
        name: name.to_vec(),
        is_folder,
        size: if is_folder { 0 } else { stamp.size },
        modified_s: stamp.modified_s,
    }
}

/// Whether `path` is `above` or below it.
fn is_below(path: &RequestPath, above: &RequestPath) -> bool {
    let rest = path.as_bytes().strip_prefix(above.as_bytes());
    rest.is_some_and(|rest| above.is_root() || rest.is_empty() || rest.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: ListingSource, text: &str, most: usize) -> (Vec<String>, Option<Cut>) {
        let mut search = Search::new(source, Sought::new(text).unwrap(), most);
        let mut all = Vec::new();
        while let Some(hits) = search.step() {
            all.extend(hits.iter().map(|hit| {
                let path = hit.folder.join(&hit.row.name);
                String::from_utf8(path.as_bytes().to_vec()).unwrap()
            }));
        }
        all.sort();
        (all, search.cut())
    }

    #[test]
    fn what_is_below_is_found_once_and_what_is_hidden_is_not() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["a/b/Überall.txt", "a/x", ".git/uber", "uber", "c/uber/file"] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        #[cfg(unix)]
        for (target, link) in [("..", "a/b/up"), ("a", "alias"), ("/etc", "out")] {
            std::os::unix::fs::symlink(target, dir.path().join(link)).unwrap();
        }
        let source = || ListingSource::of_dir(dir.path());
        let (all, cut) = found(source(), "UBER", 100);
        assert_eq!(all, ["a/b/Überall.txt", "c/uber", "uber"]);
        assert_eq!(cut, None);
        let (two, cut) = found(source(), "uber", 2);
        assert_eq!((two.len(), cut), (2, Some(Cut::Hits)));
    }

    #[test]
    fn many_folders_take_little_memory() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..3_000 {
            std::fs::create_dir(dir.path().join(format!("folder {number}"))).unwrap();
        }
        let source = ListingSource::of_dir(dir.path());
        let mut search = Search::new(source, Sought::new("nothing").unwrap(), 10);
        let mut most = 0;
        while search.step().is_some() {
            most = most.max(search.left_bytes);
        }
        assert_eq!((search.looked_at(), search.left_bytes), (3_000, 0));
        assert!(most < 3_000 * 200, "{most}");
    }
}
