//! The files and folders of an archive, in order.
//!
//! Each real folder is in an archive once, also if it is selected under several names. A link to a file stands for the file. A link to a folder
//! is followed only if its target is outside what is archived, and only once per target: otherwise
//! a few links to a large folder would make an archive of any size.

use std::{
    collections::{HashMap, HashSet},
    io,
};

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
    /// The first of the roots that are in the same folder.
    group: u32,
    path: RequestPath,
    name: Vec<u8>,
    stamp: FileStamp,
    is_behind_link: bool,
}

struct Walk<'a, V> {
    roots: &'a [Root],
    unread: Vec<Unread>,
    /// The real paths of the roots that are folders, by group.
    tops: HashMap<u32, HashSet<Vec<u8>>>,
    /// Folders reached through links, and files with a slash at the end, by group.
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
        tops: HashMap::new(),
        followed: HashSet::new(),
        budget,
        visit,
    };
    // What is selected in several folders has been named already.
    let mut names = ArchiveNames::of(roots.iter().map(|root| root.name.as_slice()));
    let are_named = roots.iter().any(|root| root.name.contains(&b'/'));
    let mut group = 0;
    for (index, root) in roots.iter().enumerate() {
        budget.check()?;
        let number = u32::try_from(index).map_err(io::Error::other)?;
        if index > 0 && !root.folder.is_same(&roots[index - 1].folder) {
            group = number;
        }
        let name = if are_named {
            root.name.clone()
        } else {
            names.name(&root.name)
        };
        match root.folder.find(&root.path) {
            // A chosen item that no longer exists is missing on the page as well.
            Err(_) => {}
            // One that can't be read would break the archive off.
            Ok(Found::File { path, .. }) if root.folder.open(&path).is_err() => {}
            Ok(Found::File { path, stamp }) => {
                // It may be selected below several links.
                let own = [root.path.as_bytes(), b"/"].concat();
                if walk.followed.insert((group, own)) {
                    walk.visit(number, &name, path.as_bytes(), stamp, false)?;
                }
            }
            Ok(Found::Folder { path, dir }) => {
                let tops = walk.tops.entry(group).or_default();
                if tops.insert(path.as_bytes().to_vec()) {
                    budget.spend_bytes(size_of::<Unread>() + 2 * path.as_bytes().len())?;
                    walk.unread.push(Unread {
                        root: number,
                        group,
                        path,
                        name,
                        stamp: FileStamp::of(&dir.dir_metadata()?),
                        is_behind_link: false,
                    });
                }
            }
        }
    }
    let tops = std::mem::take(&mut walk.tops);
    let is_in_other = |unread: &Unread| {
        let parent = unread.path.parent();
        parent.is_some_and(|parent| is_in(&tops, unread.group, &parent))
    };
    walk.unread.retain(|unread| !is_in_other(unread));
    walk.tops = tops;
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
        let place = (folder.group, path.as_bytes().to_vec());
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
                !folder.is_behind_link
                    && !is_in(&self.tops, folder.group, target)
                    && !is_below(&folder.path, target)
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
                group: folder.group,
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

/// Whether a path is that of a root of this group, or in it.
fn is_in(tops: &HashMap<u32, HashSet<Vec<u8>>>, group: u32, path: &RequestPath) -> bool {
    let Some(tops) = tops.get(&group) else {
        return false;
    };
    let path = path.as_bytes();
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let mut above = ends.map(|(end, _)| &path[..end]);
    tops.contains(&b""[..]) || tops.contains(path) || above.any(|above| tops.contains(above))
}

/// Whether `path` is `above` or below it.
fn is_below(path: &RequestPath, above: &RequestPath) -> bool {
    let rest = path.as_bytes().strip_prefix(above.as_bytes());
    rest.is_some_and(|rest| above.is_root() || rest.is_empty() || rest.starts_with(b"/"))
}
