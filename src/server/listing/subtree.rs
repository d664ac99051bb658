//! What lies in the folders of a folder, as far as a short look tells.

use std::time::{Duration, Instant};

use super::source::ListingSource;
use crate::server::{
    folder::{Folder, Found},
    path::RequestPath,
    share::ItemTarget,
};

/// Entries that a short look takes in.
const MAX_ENTRIES: usize = 2000;

/// How long it may take, as there are disks at the other end of a network.
const MAX_TIME: Duration = Duration::from_millis(40);

/// Folders in which a picture is looked for.
const MAX_FOLDERS: usize = 8;

impl ListingSource {
    /// Bytes of all files below the folders of these names, which are folders of this content;
    /// `None` where that takes more than a short look. May wait for the disk.
    pub fn subtree_size<'a>(&self, folders: impl Iterator<Item = &'a [u8]>) -> Option<u64> {
        let end = Instant::now() + MAX_TIME;
        self.size_until(|| Instant::now() > end, folders)
    }

    fn size_until<'a>(
        &self,
        is_over: impl Fn() -> bool,
        folders: impl Iterator<Item = &'a [u8]>,
    ) -> Option<u64> {
        let mut unread = Vec::new();
        for name in folders {
            if unread.len() >= MAX_ENTRIES || is_over() {
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
            let goes_on = |count| seen + count <= MAX_ENTRIES && !is_over();
            let names = folder.names_while(&path, &dir, goes_on).ok()?;
            seen += names.len();
            if seen > MAX_ENTRIES || is_over() {
                return None;
            }
            for listed in names {
                if is_over() {
                    return None;
                }
                let Some(entry) = folder.look(&dir, listed) else {
                    continue;
                };
                // Behind links it can go round in circles.
                if entry.is_folder && entry.is_link {
                    return None;
                }
                if entry.is_folder {
                    let path = path.join(entry.name.as_encoded_bytes());
                    unread.push((folder.clone(), path));
                } else {
                    size = size.saturating_add(entry.stamp.size);
                }
            }
        }
        Some(size)
    }

    /// The path, from this content on, of the first file right in one of the first folders of
    /// these names whose name `is_wanted`. May wait for the disk.
    pub fn subtree_file<'a>(
        &self,
        folders: impl Iterator<Item = &'a [u8]>,
        is_wanted: impl Fn(&[u8]) -> bool,
    ) -> Option<RequestPath> {
        for name in folders.take(MAX_FOLDERS) {
            let (folder, path) = self.subfolder(name)?;
            let Ok(Found::Folder { path, dir }) = folder.find(&path) else {
                continue;
            };
            let names = folder.names_while(&path, &dir, |count| count < MAX_ENTRIES);
            let names = names.unwrap_or_default();
            let files = names
                .iter()
                .filter(|listed| !listed.is_folder)
                .map(|listed| listed.name.as_encoded_bytes());
            if let Some(first) = files.filter(|name| is_wanted(name)).min() {
                return Some(RequestPath::default().join(name).join(first));
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
    use crate::server::share::FolderResource;

    /// A folder with two: `sub` has a file of 5 bytes and many hidden ones, `empty` has nothing.
    fn content() -> (tempfile::TempDir, ListingSource) {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("sub");
        std::fs::create_dir(&sub).unwrap();
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        std::fs::write(sub.join("file"), "12345").unwrap();
        for number in 0..200 {
            std::fs::write(sub.join(format!(".hidden {number}")), "").unwrap();
        }
        let folder = Folder::open_ambient(dir.path(), false).unwrap();
        let Found::Folder { path, dir: opened } = folder.find(&RequestPath::default()).unwrap()
        else {
            panic!("it is a folder");
        };
        let place = FolderResource {
            folder,
            path,
            dir: opened,
        };
        (dir, ListingSource::Folder(place))
    }

    #[test]
    fn a_look_ends_when_its_time_is_over() {
        let (_dir, content) = content();
        let asked = Cell::new(0);
        let is_over = || {
            asked.set(asked.get() + 1);
            asked.get() > 10
        };
        let begun = Cell::new(0);
        let folders = std::iter::repeat_n(&b"sub"[..], 100);
        let folders = folders.inspect(|_| begun.set(begun.get() + 1));
        assert_eq!(content.size_until(is_over, folders), None);
        assert!(begun.get() <= 11, "{} folders were looked up", begun.get());
        asked.set(0);
        assert_eq!(content.size_until(is_over, [&b"sub"[..]].into_iter()), None);
        assert!(asked.get() <= 12, "{} names were read", asked.get());
    }

    #[test]
    fn a_look_takes_in_so_many_folders_only() {
        let (_dir, content) = content();
        let size = |name: &'static [u8], folders| {
            content.size_until(|| false, std::iter::repeat_n(name, folders))
        };
        assert_eq!(size(b"sub", 3), Some(15));
        assert_eq!(size(b"sub", MAX_ENTRIES + 1), None);
        assert_eq!(size(b"empty", MAX_ENTRIES), Some(0));
        assert_eq!(size(b"empty", MAX_ENTRIES + 1), None);
    }
}
