//! One folder as a capability: a handle that nothing can get out of.
//!
//! Everything a visitor gets comes from [`Folder::find`] and [`Folder::open`]. They take names,
//! never paths of the file system, and resolve them below one directory handle. A link is first
//! resolved to the path it stands for, below the same handle. That path is then opened with links
//! refused at every step, so swapping a link meanwhile gains nothing.

mod file_stamp;
#[cfg_attr(target_os = "linux", path = "file_system_linux.rs")]
mod file_system;
#[cfg_attr(target_os = "linux", path = "known_linux.rs")]
mod known;
mod links;
mod probe;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod system;
mod walk;

use std::{
    ffi::OsStr,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use cap_std::{
    ambient_authority,
    fs::{Dir, Metadata},
};

#[cfg(test)]
pub use file_stamp::FileId;
pub use file_stamp::{FileStamp, mix};
pub use file_system::answers;
pub use known::{Known, Way};
pub use probe::{Entry, Found, Linked, Listed};

use super::{
    path::{RequestPath, can_be_asked_for},
    platform::{self, FolderId, has_hidden_flag, is_hidden},
    work::Budget,
};
use crate::hidden_name::Visibility;
use probe::{EntryKind, PathProbe, found, not_found};

/// How often a link that changes while it is resolved is resolved again.
const LINK_ATTEMPTS: usize = 4;

/// A folder whose content may be served. Clones share one handle.
#[derive(Clone, Debug)]
pub struct Folder {
    dir: Arc<Dir>,
    /// Its path without links. An absolute link in it may start with this.
    root: Option<Arc<PathBuf>>,
    visibility: Visibility,
    follows_links: bool,
    /// Whether it is the top of a share.
    is_top: bool,
    /// Whether its file system answers without ever waiting.
    is_local: bool,
    /// Whether each change of a file changes its times.
    notes_changes: bool,
}

/// Tells an open folder from all others. It doesn't keep the folder open.
#[derive(Clone, Debug)]
pub struct OpenFolderId(Weak<Dir>);

impl PartialEq for OpenFolderId {
    fn eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl Folder {
    /// Opens the folder at `path` of the file system, as given by the person who shares it.
    ///
    /// # Errors
    /// If the folder does not exist, is not a folder, or can't be opened.
    pub fn open_ambient(path: &Path, serves_hidden: bool) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        let root = std::fs::canonicalize(path).ok();
        Ok(Self::of(dir, root, serves_hidden))
    }

    /// Like [`Folder::open_ambient`], but refuses a path that contains a link.
    ///
    /// # Errors
    /// The errors of [`Folder::open_ambient`], and one if there is a link.
    pub fn open_without_links(path: &Path, serves_hidden: bool) -> io::Result<Self> {
        let dir = system::open_without_links(path)?;
        Ok(Self::of(dir, Some(path.to_owned()), serves_hidden))
    }

    fn of(dir: Dir, root: Option<PathBuf>, serves_hidden: bool) -> Self {
        Self {
            is_local: file_system::is_local(&dir),
            notes_changes: file_system::notes_changes(&dir),
            dir: Arc::new(dir),
            root: root.map(Arc::new),
            visibility: Visibility::of(serves_hidden),
            follows_links: true,
            is_top: false,
        }
    }

    /// The same folder as the top of a share, of which visitors also see `.well-known`.
    #[must_use]
    pub fn as_top(self) -> Self {
        Self {
            is_top: true,
            ..self
        }
    }

    /// The same folder, for a file in it that was chosen by name: it is served even if it is hidden,
    /// but every link is treated as missing.
    #[must_use]
    pub fn for_chosen_file(self) -> Self {
        Self {
            visibility: Visibility::Everything,
            follows_links: false,
            ..self
        }
    }

    /// Distinguishes it from another folder at the same path; `None` where the system can't.
    pub fn id(&self) -> Option<FolderId> {
        platform::folder_id(&self.dir.dir_metadata().ok()?)
    }

    /// Its handle, for those who write to it.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Its path without links, as of when it was opened.
    #[cfg(windows)]
    pub fn path(&self) -> Option<&Path> {
        self.root.as_deref().map(PathBuf::as_path)
    }

    /// Whether both are clones of the same folder.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dir, &other.dir)
    }

    /// What tells it from all other open folders, for those who remember something about it.
    pub fn open_id(&self) -> OpenFolderId {
        OpenFolderId(Arc::downgrade(&self.dir))
    }

    /// Whether there are other clones of it.
    pub fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.dir) > 1
    }

    /// Whether its drive may fail without any event: a network drive, or one that a program provides.
    pub fn is_remote(&self) -> bool {
        let root = self.root.as_deref();
        root.is_some_and(|root| file_system::is_remote(&self.dir, root))
    }

    /// Whether its file system writes everything at once about as fast as one file.
    pub fn has_journal(&self) -> bool {
        file_system::has_journal(&self.dir)
    }

    /// Whether the folder itself can be read.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn check_readable(&self) -> io::Result<()> {
        // Some network drives can be opened even when nobody answers.
        self.dir.entries()?.next().transpose().map(drop)
    }

    /// The stamp of the folder itself.
    ///
    /// # Errors
    /// If the system can't tell.
    pub fn stamp(&self) -> io::Result<FileStamp> {
        Ok(FileStamp::of(&self.dir.dir_metadata()?))
    }

    /// Looks up a path. May wait for the disk.
    ///
    /// # Errors
    /// `NotFound` for everything that a visitor may not see: hidden names, links that lead out,
    /// FIFOs, sockets and devices. Other errors come from the system.
    pub fn find(&self, path: &RequestPath) -> io::Result<Found> {
        self.find_within(path, &Budget::lookup())
    }

    fn find_within(&self, path: &RequestPath, budget: &Budget) -> io::Result<Found> {
        if self.hides(path) {
            return Err(not_found());
        }
        match self.probe(path)? {
            PathProbe::Link => self.find_through_links(path, budget),
            probe => found(probe, path.clone()),
        }
    }

    /// Opens a file that [`Folder::find`] returned. May wait for the disk.
    ///
    /// # Errors
    /// The errors of [`Folder::find`]; `NotFound` also if it is no longer a file.
    pub fn open(&self, path: &RequestPath) -> io::Result<(File, FileStamp)> {
        if self.hides(path) {
            return Err(not_found());
        }
        if self.has_to_walk(path) {
            return walk::open(&self.dir, path, self.visibility);
        }
        system::open(&self.dir, path, self.visibility)
    }

    /// Like [`Folder::find`], but never waits: `None` if the answer is not in memory.
    pub fn find_now(&self, path: &RequestPath) -> Option<io::Result<Found>> {
        if self.hides(path) {
            return Some(Err(not_found()));
        }
        if !self.is_local || self.has_to_walk(path) {
            return None;
        }
        match system::probe_now(&self.dir, path)? {
            Ok(PathProbe::Link) => None,
            probe => Some(probe.and_then(|probe| found(probe, path.clone()))),
        }
    }

    /// Like [`Folder::open`], but never waits: `None` if that needs the disk.
    pub fn open_now(&self, path: &RequestPath) -> Option<(File, FileStamp)> {
        if self.hides(path) || !self.is_local || self.has_to_walk(path) {
            return None;
        }
        system::open_now(&self.dir, path)
    }

    /// The way to a folder below it, for those who know the content of files there. It must be named as
    /// [`Folder::find`] names it. `None` if one can't be sure to see each change of such a file.
    pub fn way_to(&self, folder: &[u8]) -> Option<Way> {
        if !self.notes_changes {
            return None;
        }
        Way::open(&self.dir, folder)
    }

    /// What a visitor may see of a folder that [`Folder::find`] returned, in no particular order.
    ///
    /// Links stand for their targets. Anything that `find` would refuse is left out.
    ///
    /// # Errors
    /// If the folder can't be read, and those of the budget.
    pub fn entries(
        &self,
        path: &RequestPath,
        dir: &Dir,
        budget: &Budget,
    ) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.names(path, dir, budget, |listed| {
            let (is_folder, link, stamp) = match listed.link {
                Some(link) => (listed.is_folder, Some(link.path), link.stamp),
                None => match self.look(dir, listed.name) {
                    Some((is_folder, stamp)) => (is_folder, None, stamp),
                    None => return Ok(()),
                },
            };
            budget.spend_entry()?;
            entries.push(Entry {
                name: listed.name.to_owned(),
                is_folder,
                link,
                stamp,
            });
            Ok(())
        })?;
        Ok(entries)
    }

    /// Passes the names of [`Folder::entries`] to `each`, one by one. A folder tells no more
    /// without a look at each entry: [`Folder::look`] may still find one hidden, or gone.
    ///
    /// # Errors
    /// If the folder can't be read; those of the budget; and those of `each`, which end it.
    pub fn names(
        &self,
        path: &RequestPath,
        dir: &Dir,
        budget: &Budget,
        mut each: impl FnMut(Listed<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if path.is_deepest() {
            return Ok(());
        }
        let mut result = Ok(());
        system::names(dir, |name, kind| {
            result = budget
                .check()
                .and_then(|()| match self.listed(path, name, kind, budget)? {
                    Some(listed) => each(listed),
                    None => Ok(()),
                });
            result.is_ok()
        })?;
        result
    }

    /// A name read from a folder, unless visitors may not see it.
    fn listed<'a>(
        &self,
        path: &RequestPath,
        name: &'a OsStr,
        kind: EntryKind,
        budget: &Budget,
    ) -> io::Result<Option<Listed<'a>>> {
        let bytes = name.as_encoded_bytes();
        if self.visibility.hides(bytes) || !can_be_asked_for(bytes) {
            return Ok(None);
        }
        let (is_folder, link) = match kind {
            EntryKind::File | EntryKind::Folder => (kind == EntryKind::Folder, None),
            EntryKind::Link => {
                budget.meet_link();
                match self.find_linked(&path.join(bytes), budget) {
                    Some((is_folder, linked)) => (is_folder, Some(linked)),
                    None => return budget.check().map(|()| None),
                }
            }
            EntryKind::Special => return Ok(None),
        };
        Ok(Some(Listed {
            name,
            is_folder,
            link,
        }))
    }

    /// Looks up an entry of `dir` that [`Folder::names`] returned and that is not a link: whether
    /// it is a folder, and its stamp. `None` if a visitor may not see it or it is gone. May wait
    /// for the disk.
    pub fn look(&self, dir: &Dir, name: &OsStr) -> Option<(bool, FileStamp)> {
        let metadata = self.metadata(dir, name)?;
        Some((metadata.is_dir(), FileStamp::of(&metadata)))
    }

    /// Like [`Folder::look`], with everything that the system says.
    pub fn metadata(&self, dir: &Dir, name: &OsStr) -> Option<Metadata> {
        let metadata = dir.symlink_metadata(name).ok()?;
        // It may be something else by now.
        let is_plain = metadata.is_file() || metadata.is_dir();
        let is_hidden = || is_hidden(&metadata) || has_hidden_flag(dir, name);
        if !is_plain || (self.visibility.hides_flagged() && is_hidden()) {
            return None;
        }
        Some(metadata)
    }

    /// The stamp of a folder that [`Folder::find`] returned, if that never waits.
    pub fn stamp_now(&self, dir: &Dir) -> Option<FileStamp> {
        let metadata = self.is_local.then(|| dir.dir_metadata().ok());
        Some(FileStamp::of(&metadata??))
    }

    fn find_linked(&self, path: &RequestPath, budget: &Budget) -> Option<(bool, Linked)> {
        match self.find_within(path, budget).ok()? {
            Found::File { path, stamp } => Some((false, Linked { path, stamp })),
            Found::Folder { path, dir } => {
                let stamp = FileStamp::of(&dir.dir_metadata().ok()?);
                Some((true, Linked { path, stamp }))
            }
        }
    }

    /// Whether a path below one of its folders is in no list, although visitors may open it.
    pub fn is_unlisted(&self, path: &RequestPath) -> bool {
        path.is_hidden(self.visibility)
    }

    fn hides(&self, path: &RequestPath) -> bool {
        if self.is_top {
            path.is_hidden_at_top(self.visibility)
        } else {
            path.is_hidden(self.visibility)
        }
    }

    /// Whether each name must be looked up separately, because a short name might stand for a
    /// hidden one.
    fn has_to_walk(&self, path: &RequestPath) -> bool {
        self.visibility.hides_aliases() && path.has_short_name()
    }

    fn probe(&self, path: &RequestPath) -> io::Result<PathProbe> {
        if self.has_to_walk(path) {
            return walk::probe(&self.dir, path, self.visibility);
        }
        system::probe(&self.dir, path, self.visibility)
    }

    fn find_through_links(&self, path: &RequestPath, budget: &Budget) -> io::Result<Found> {
        if !self.follows_links {
            return Err(not_found());
        }
        let root = self.root.as_ref().map(|root| root.as_path());
        for _ in 0..LINK_ATTEMPTS {
            let real = links::real_path(&self.dir, root, path, budget).map_err(|_| not_found())?;
            if self.hides(&real) {
                return Err(not_found());
            }
            match self.probe(&real)? {
                PathProbe::Link => {}
                probe => return found(probe, real),
            }
        }
        Err(not_found())
    }
}

#[cfg(test)]
mod tests;
