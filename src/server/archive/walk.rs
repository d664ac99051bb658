//! The files and folders of an archive, in order.
//!
//! Each real folder is in an archive once. A link to a file stands for the file. A link to a folder
//! is followed only if its target is outside what is archived, and only once per target: otherwise
//! a few links to a large folder would make an archive of any size.

use std::{collections::HashSet, io};

use super::{dos_time::DosTime, format::Record, name::ArchiveNames, root::Root};
use crate::server::{
    folder::{FileStamp, Found},
    path::RequestPath,
    platform::may_read,
    work::Budget,
};

/// A zip stores the length of a name in two bytes. Anything deeper is left out.
const MAX_NAME_BYTES: usize = u16::MAX as usize;

/// A file or folder of an archive.
#[derive(Debug)]
pub struct Visited<'a> {
    /// The index of its root.
    pub root: u32,
    /// Its name in the archive; a folder's ends with `/`.
    pub name: &'a [u8],
    /// Its path below the root's folder.
    pub path: &'a [u8],
    pub stamp: FileStamp,
    pub is_folder: bool,
}

impl Visited<'_> {
    /// Bytes that it takes in the archive.
    pub fn size(&self) -> u64 {
        if self.is_folder { 0 } else { self.stamp.size }
    }

    /// What its records contain, except for the time in the zip's own fields, which takes longer to
    /// find out.
    pub fn record(&self) -> Record<'_> {
        Record {
            dos_time: DosTime::default(),
            name: self.name,
            is_folder: self.is_folder,
            size: self.size(),
            modified_s: self.stamp.modified_s,
        }
    }
}

/// A folder still to be read.
struct Unread {
    root: u32,
    path: RequestPath,
    name: Vec<u8>,
    stamp: FileStamp,
    is_behind_link: bool,
}

struct Walk<'a, V> {
    roots: &'a [Root],
    unread: Vec<Unread>,
    /// Folders reached through links, with their roots.
    followed: HashSet<(u32, Vec<u8>)>,
    budget: &'a Budget,
    visit: V,
}

/// Passes everything below the roots to `visit`, always in the same order. Slow; waits for the
/// disk. Anything that can't be read is left out.
///
/// # Errors
/// If the budget is used up, and the errors of `visit`, which end the walk.
pub fn walk(
    roots: &[Root],
    budget: &Budget,
    visit: impl FnMut(&Visited<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut walk = Walk {
        roots,
        unread: Vec::new(),
        followed: HashSet::new(),
        budget,
        visit,
    };
    let mut names = ArchiveNames::of(roots.iter().map(|root| root.name.as_slice()));
    for (index, root) in roots.iter().enumerate() {
        let index = u32::try_from(index).map_err(io::Error::other)?;
        let name = names.name(&root.name);
        match root.folder.find(&root.path) {
            // A chosen item that no longer exists is missing on the page as well.
            Err(_) => {}
            Ok(Found::File { path, stamp }) => {
                walk.visit(index, &name, path.as_bytes(), stamp, false)?;
            }
            Ok(Found::Folder { path, dir }) => walk.unread.push(Unread {
                root: index,
                path,
                name,
                stamp: FileStamp::of(&dir.dir_metadata()?),
                is_behind_link: false,
            }),
        }
    }
    walk.unread.reverse();
    while let Some(folder) = walk.unread.pop() {
        walk.read(folder)?;
    }
    Ok(())
}

impl<V: FnMut(&Visited<'_>) -> io::Result<()>> Walk<'_, V> {
    /// Visits a folder and its files, and queues its subfolders.
    fn read(&mut self, folder: Unread) -> io::Result<()> {
        let Some(root) = self.roots.get(folder.root as usize) else {
            return Ok(());
        };
        // A folder that can't be read is shown as empty.
        let (path, entries) = match root.folder.find(&folder.path) {
            Ok(Found::Folder { path, dir }) => {
                let entries = root.folder.entries(&path, &dir, self.budget);
                self.budget.check()?;
                (path, Some((entries.unwrap_or_default(), dir)))
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                (folder.path.clone(), None)
            }
            _ => return Ok(()),
        };
        let place = (folder.root, path.as_bytes().to_vec());
        if folder.is_behind_link && !self.followed.insert(place) {
            return Ok(());
        }
        let mut name = folder.name.clone();
        name.push(b'/');
        self.visit(folder.root, &name, path.as_bytes(), folder.stamp, true)?;
        let Some((mut entries, dir)) = entries else {
            return Ok(());
        };
        // In a stable order, because the layout depends on it.
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let first = self.unread.len();
        let mut names = ArchiveNames::of(entries.iter().map(|entry| entry.name.as_encoded_bytes()));
        for entry in &entries {
            let bytes = entry.name.as_encoded_bytes();
            let mut name = name.clone();
            name.extend_from_slice(&names.name(bytes));
            let entry_path = path.join(bytes);
            if !entry.is_folder {
                if may_read(&dir, &entry.name) {
                    self.visit(
                        folder.root,
                        &name,
                        entry_path.as_bytes(),
                        entry.stamp,
                        false,
                    )?;
                }
                continue;
            }
            let is_followed = |target: &RequestPath| {
                !folder.is_behind_link && !is_archived(root, &folder, target)
            };
            let path = match &entry.link {
                None => entry_path,
                Some(target) if is_followed(target) => target.clone(),
                Some(_) => continue,
            };
            self.budget
                .spend_bytes(size_of::<Unread>() + path.as_bytes().len() + name.len())?;
            self.unread.push(Unread {
                root: folder.root,
                path,
                name,
                stamp: entry.stamp,
                is_behind_link: folder.is_behind_link || entry.link.is_some(),
            });
        }
        self.unread[first..].reverse();
        Ok(())
    }

    fn visit(
        &mut self,
        root: u32,
        name: &[u8],
        path: &[u8],
        stamp: FileStamp,
        is_folder: bool,
    ) -> io::Result<()> {
        if name.len() > MAX_NAME_BYTES {
            return Ok(());
        }
        (self.visit)(&Visited {
            root,
            name,
            path,
            stamp,
            is_folder,
        })
    }
}

/// Whether the target of a link is in the archive anyway, or contains the link.
fn is_archived(root: &Root, stands_in: &Unread, target: &RequestPath) -> bool {
    is_below(target, &root.path) || is_below(&stands_in.path, target)
}

/// Whether `path` is `above` or below it.
fn is_below(path: &RequestPath, above: &RequestPath) -> bool {
    let rest = path.as_bytes().strip_prefix(above.as_bytes());
    rest.is_some_and(|rest| above.is_root() || rest.is_empty() || rest.starts_with(b"/"))
}
