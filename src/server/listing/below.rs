//! What lies in the folders of a folder, as far as a short look tells.

use std::time::{Duration, Instant};

use super::Content;
use crate::server::folder::{Folder, Found};
use crate::server::path::RequestPath;
use crate::server::share::Target;

/// Entries that a short look takes in.
const MAX_ENTRIES: usize = 2000;

/// How long it may take, as there are disks at the other end of a network.
const MAX_TIME: Duration = Duration::from_millis(40);

/// Folders in which a picture is looked for.
const MAX_FOLDERS: usize = 8;

impl Content {
    /// Bytes of all files below the folders of these names, which are folders of this content;
    /// `None` where that takes more than a short look. May wait for the disk.
    pub fn size_below<'a>(&self, folders: impl Iterator<Item = &'a [u8]>) -> Option<u64> {
        let end = Instant::now() + MAX_TIME;
        let mut unread = Vec::new();
        for name in folders {
            unread.push(self.below(name)?);
        }
        let mut seen = 0;
        let mut size = 0_u64;
        while let Some((folder, path)) = unread.pop() {
            let Found::Folder { path, dir } = folder.find(&path).ok()? else {
                return None;
            };
            let names = folder.names(&path, &dir).ok()?;
            seen += names.len();
            if seen > MAX_ENTRIES {
                return None;
            }
            for listed in names {
                let Some(entry) = folder.look(&dir, listed) else {
                    continue;
                };
                // Behind links it can go round in circles.
                if (entry.is_folder && entry.is_link) || Instant::now() > end {
                    return None;
                }
                if entry.is_folder {
                    let path = path.join(entry.name.as_encoded_bytes());
                    unread.push((folder.clone(), path));
                } else {
                    size = size.saturating_add(entry.kept.size);
                }
            }
        }
        Some(size)
    }

    /// The path, from this content on, of the first file right in one of the first folders of
    /// these names whose name `is_wanted`. May wait for the disk.
    pub fn file_below<'a>(
        &self,
        folders: impl Iterator<Item = &'a [u8]>,
        is_wanted: impl Fn(&[u8]) -> bool,
    ) -> Option<RequestPath> {
        for name in folders.take(MAX_FOLDERS) {
            let (folder, path) = self.below(name)?;
            let Ok(Found::Folder { path, dir }) = folder.find(&path) else {
                continue;
            };
            let names = folder.names(&path, &dir).unwrap_or_default();
            let names = names.iter().take(MAX_ENTRIES);
            let files = names
                .filter(|listed| !listed.is_folder)
                .map(|listed| listed.name.as_encoded_bytes());
            if let Some(first) = files.filter(|name| is_wanted(name)).min() {
                return Some(RequestPath::default().join(name).join(first));
            }
        }
        None
    }

    /// Where a folder of this content is; `None` for a link.
    fn below(&self, name: &[u8]) -> Option<(Folder, RequestPath)> {
        match self {
            Content::Folder(place) => {
                let path = place.path.join(name);
                let Ok(Found::Folder { path: real, .. }) = place.folder.find(&path) else {
                    return None;
                };
                (real == path).then(|| (place.folder.clone(), path))
            }
            Content::Chosen(chosen) => {
                let found = chosen
                    .iter()
                    .find(|chosen| chosen.name.as_encoded_bytes() == name)?;
                match &found.target {
                    Target::Folder(folder) => Some((folder.clone(), RequestPath::default())),
                    Target::File { .. } => None,
                }
            }
        }
    }
}
