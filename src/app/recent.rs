//! The folders that were shared last, newest first.

use std::path::{Path, PathBuf};

/// How many recent folders are kept.
pub const RECENT_MAX: usize = 12;

/// A recent folder, and whether it was there when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    pub path: PathBuf,
    pub exists: bool,
}

/// At most [`RECENT_MAX`] folders without repetition, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentFolders(Vec<Recent>);

impl RecentFolders {
    /// Takes the list as it was saved; what is too much is dropped.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut list = Self::default();
        for path in paths {
            if list.0.len() < RECENT_MAX && !list.contains(&path) {
                list.0.push(Recent { path, exists: true });
            }
        }
        list
    }

    pub fn iter(&self) -> impl Iterator<Item = &Recent> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|recent| recent.path.clone()).collect()
    }

    /// Puts `path` first.
    pub fn put_first(&mut self, path: &Path) {
        self.0.retain(|recent| recent.path != path);
        self.0.insert(
            0,
            Recent {
                path: path.to_owned(),
                exists: true,
            },
        );
        self.0.truncate(RECENT_MAX);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes what a look at the disk has found.
    pub fn set_existing(&mut self, seen: &[(PathBuf, bool)]) {
        for recent in &mut self.0 {
            if let Some((_, exists)) = seen.iter().find(|(path, _)| *path == recent.path) {
                recent.exists = *exists;
            }
        }
    }

    fn contains(&self, path: &Path) -> bool {
        self.0.iter().any(|recent| recent.path == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_are_kept_newest_first_and_none_twice() {
        let mut list = RecentFolders::default();
        for n in 0..20 {
            list.put_first(Path::new(&format!("/f{n}")));
        }
        list.put_first(Path::new("/f15"));
        assert_eq!(list.paths().len(), RECENT_MAX);
        assert_eq!(
            list.paths()[..3],
            ["/f15", "/f19", "/f18"].map(PathBuf::from)
        );
    }
}
