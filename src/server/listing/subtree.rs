//! What the subfolders of a folder contain, as far as a quick look can tell.

use std::{io, time::Duration};

use super::source::ListingSource;
use crate::server::{
    folder::{Folder, Found},
    path::RequestPath,
    share::ItemTarget,
    work::Budget,
};

/// How many entries a quick look covers.
const MAX_ENTRIES: usize = 2000;

/// How long it may take: the disk may be on a network.
const MAX_TIME: Duration = Duration::from_millis(40);

/// In how many folders a picture is looked for.
const MAX_FOLDERS: usize = 8;

impl ListingSource {
    /// Total bytes of the files below the folders with these names, which must be in this content;
    /// `None` if that takes more than a quick look. May wait for the disk.
    pub fn subtree_size<'a>(
        &self,
        folders: impl Iterator<Item = &'a [u8]>,
        budget: &Budget,
    ) -> Option<u64> {
        let budget = budget.within(MAX_TIME);
        let mut unread = Vec::new();
        for name in folders {
            budget.check().ok()?;
            if unread.len() >= MAX_ENTRIES {
                return None;
            }
            unread.push(self.subfolder(name)?);
        }
        let mut seen = 0;
        let mut size = 0_u64;
        while let Some((folder, path)) = unread.pop() {
            let Found::Folder { path, dir } = folder.find(&path).ok()? else {
                return None;
            };
            let read = folder.names(&path, &dir, &budget, |listed| {
                seen += 1;
                // Links can lead round in circles.
                if seen > MAX_ENTRIES || listed.is_folder && listed.link.is_some() {
                    return Err(io::ErrorKind::QuotaExceeded.into());
                }
                let looked = match listed.link {
                    Some(link) => Some((false, link.stamp)),
                    None => folder.look(&dir, listed.name),
                };
                match looked {
                    Some((true, _)) => {
                        let path = path.join(listed.name.as_encoded_bytes());
                        unread.push((folder.clone(), path));
                    }
                    Some((false, stamp)) => size = size.saturating_add(stamp.size),
                    None => {}
                }
                Ok(())
            });
            read.ok()?;
        }
        Some(size)
    }

    /// The path, relative to this content, of the first file whose name `is_wanted` directly in one
    /// of the first of these folders. May wait for the disk.
    pub fn subtree_file<'a>(
        &self,
        folders: impl Iterator<Item = &'a [u8]>,
        is_wanted: impl Fn(&[u8]) -> bool,
        budget: &Budget,
    ) -> Option<RequestPath> {
        let budget = budget.within(MAX_TIME);
        for name in folders.take(MAX_FOLDERS) {
            budget.check().ok()?;
            let (folder, path) = self.subfolder(name)?;
            let Ok(Found::Folder { path, dir }) = folder.find(&path) else {
                continue;
            };
            let mut first: Option<Vec<u8>> = None;
            let mut seen = 0;
            // It ends early if the folder is too large. What was seen so far is good enough then.
            let _ = folder.names(&path, &dir, &budget, |listed| {
                seen += 1;
                if seen > MAX_ENTRIES {
                    return Err(io::ErrorKind::QuotaExceeded.into());
                }
                let name = listed.name.as_encoded_bytes();
                let is_first = first.as_deref().is_none_or(|first| name < first);
                if !listed.is_folder && is_first && is_wanted(name) {
                    first = Some(name.to_owned());
                }
                Ok(())
            });
            if let Some(first) = first {
                return Some(RequestPath::default().join(name).join(&first));
            }
        }
        None
    }

    /// Where a folder of this content is; `None` for a link.
    fn subfolder(&self, name: &[u8]) -> Option<(Folder, RequestPath)> {
        match self {
            Self::Folder(place) => {
                let path = place.path.join(name);
                let Ok(Found::Folder { path: real, .. }) = place.folder.find(&path) else {
                    return None;
                };
                (real == path).then(|| (place.folder.clone(), path))
            }
            Self::Chosen(chosen) => {
                let found = chosen
                    .iter()
                    .find(|chosen| chosen.name.as_encoded_bytes() == name)?;
                match &found.target {
                    ItemTarget::Folder(folder) => Some((folder.clone(), RequestPath::default())),
                    ItemTarget::File { .. } => None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A folder with two subfolders: `sub` has a file of 5 bytes and many hidden ones, `empty` has
    /// nothing.
    fn content() -> (tempfile::TempDir, ListingSource) {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("sub");
        std::fs::create_dir(&sub).unwrap();
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        std::fs::write(sub.join("file"), "12345").unwrap();
        for number in 0..200 {
            std::fs::write(sub.join(format!(".hidden {number}")), "").unwrap();
        }
        let content = ListingSource::of_dir(dir.path());
        (dir, content)
    }

    #[test]
    fn a_look_ends_when_its_time_is_over() {
        let (_dir, content) = content();
        let budget = Budget::of_checks(10);
        let begun = Cell::new(0);
        let folders = std::iter::repeat_n(&b"sub"[..], 100);
        let folders = folders.inspect(|_| begun.set(begun.get() + 1));
        assert_eq!(content.subtree_size(folders, &budget), None);
        assert!(begun.get() <= 11, "{} folders were looked up", begun.get());
        // Each name that is read costs a check.
        let sub = || [&b"sub"[..]].into_iter();
        assert_eq!(content.subtree_size(sub(), &Budget::of_checks(150)), None);
        assert_eq!(
            content.subtree_size(sub(), &Budget::of_checks(250)),
            Some(5)
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_quick_look_ends_in_the_middle_of_a_slow_link() {
        use std::os::unix::fs::symlink;

        let (dir, content) = content();
        let sub = dir.path().join("sub");
        std::fs::create_dir(sub.join("x")).unwrap();
        symlink(format!("{}file", "x/../".repeat(500)), sub.join("long")).unwrap();
        let sub = || [&b"sub"[..]].into_iter();
        assert_eq!(content.subtree_size(sub(), &Budget::of_checks(1000)), None);
        let budget = Budget::of_checks(2000);
        assert_eq!(content.subtree_size(sub(), &budget), Some(10));
    }

    #[test]
    fn a_quick_look_covers_a_limited_number_of_folders() {
        let (_dir, content) = content();
        let size = |name: &'static [u8], folders| {
            let folders = std::iter::repeat_n(name, folders);
            content.subtree_size(folders, &Budget::ample())
        };
        assert_eq!(size(b"sub", MAX_ENTRIES + 1), None);
        assert_eq!(size(b"empty", MAX_ENTRIES + 1), None);
    }
}
