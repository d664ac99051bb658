//! Recently shared folders, newest first.

use std::path::{Path, PathBuf};

/// How many recent folders are kept.
pub const RECENT_MAX: usize = 12;

/// A recent folder, and whether it existed when it was last checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentFolder {
    pub path: PathBuf,
    pub exists: bool,
}

/// At most [`RECENT_MAX`] different folders, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentFolders(Vec<RecentFolder>);

impl RecentFolders {
    /// The list as it was saved. Folders beyond the limit are dropped.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut list = Self::default();
        for path in paths {
            if list.0.len() < RECENT_MAX && !list.contains(&path) {
                list.0.push(RecentFolder { path, exists: true });
            }
        }
        list
    }

    pub fn iter(&self) -> impl Iterator<Item = &RecentFolder> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|recent| recent.path.clone()).collect()
    }

    /// Moves `path` to the front, adding it if needed.
    pub fn put_first(&mut self, path: &Path) {
        self.0.retain(|recent| recent.path != path);
        self.0.insert(
            0,
            RecentFolder {
                path: path.to_owned(),
                exists: true,
            },
        );
        self.0.truncate(RECENT_MAX);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Updates which folders exist.
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
    fn twelve_different_folders_are_kept_newest_first() {
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
