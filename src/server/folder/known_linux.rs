//! Whether a file is still the one whose content is known, on Linux.
//!
//! The folders on the way to it stay open. Each name is looked up in the folder around it and nowhere
//! else, so no link is followed and nothing is opened: a folder that was moved away or replaced, also by
//! a link or by another disk, is seen at its own name.

use std::{
    ffi::CString,
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Arc, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use cap_std::fs::Dir;
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags, openat2, statx,
};

use super::file_stamp::FileStamp;
use crate::server::path::RequestPath;

/// Files with more folders on the way are not worth so many lookups.
const MAX_FOLDERS: usize = 4;

/// A folder, and how it was reached from the top.
#[derive(Debug)]
pub struct Way {
    /// Keeps nothing open: as long as it is open, there are visitors.
    top: Weak<Dir>,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: CString,
    dir: OwnedFd,
    sight: Sight,
}

/// A file whose content is known.
#[derive(Debug)]
pub struct Known {
    way: Arc<Way>,
    name: CString,
    sight: Sight,
}

/// What a look at a name shows. Two that are equal are of the same file with the same content, if it
/// had rested at the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    is_folder: bool,
    device: (u32, u32),
    mount: u64,
    inode: u64,
    size: u64,
    modified: (i64, u32),
    changed: (i64, u32),
}

impl Way {
    /// Opens the folders on the way to a file, if that needs no disk and no link.
    pub fn open(top: &Arc<Dir>, folder: &[u8]) -> Option<Self> {
        let names: Vec<&[u8]> = folder
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty())
            .collect();
        if names.len() > MAX_FOLDERS {
            return None;
        }
        let within = ResolveFlags::BENEATH
            | ResolveFlags::NO_SYMLINKS
            | ResolveFlags::NO_MAGICLINKS
            | ResolveFlags::NO_XDEV
            | ResolveFlags::CACHED;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut steps: Vec<Step> = Vec::with_capacity(names.len());
        for name in names {
            let name = CString::new(name).ok()?;
            let above = steps.last().map_or(top.as_fd(), |step| step.dir.as_fd());
            let dir = openat2(above, &name, flags, Mode::empty(), within).ok()?;
            let sight = Sight::of_open(dir.as_fd())?;
            steps.push(Step { name, dir, sight });
        }
        Some(Self {
            top: Arc::downgrade(top),
            steps,
        })
    }

    /// What a name in the folder is, if the folder is still where it was.
    fn look(&self, name: &CString) -> Option<Sight> {
        self.at_end(|folder| Sight::of(folder, name))
    }

    /// Whether the folder is still where it was.
    pub fn leads_there(&self) -> bool {
        self.at_end(|_| Some(())).is_some()
    }

    fn at_end<T>(&self, look: impl FnOnce(BorrowedFd<'_>) -> Option<T>) -> Option<T> {
        let top = self.top.upgrade()?;
        let mut here = top.as_fd();
        for step in &self.steps {
            if !Sight::of(here, &step.name)?.is_same_folder(&step.sight) {
                return None;
            }
            here = step.dir.as_fd();
        }
        look(here)
    }
}

impl Known {
    /// The file at `path`, which lies in the folder that the way leads to. Its content is what was read
    /// of `file` after `stamp` was taken; nothing if it was not opened.
    ///
    /// `None` unless it had rested for so long at `then`, which was before it was read, and is still
    /// the same. Changes within one tick of the clock have the same time, a program may take a moment
    /// between the time of a change and the change itself, and what it writes through a mapping of
    /// the file gets a time only when that begins, and again after the system has written it to the
    /// disk, which it does within half a minute.
    pub fn new(
        way: Arc<Way>,
        path: &RequestPath,
        file: Option<&File>,
        stamp: &FileStamp,
        (then, rest): (SystemTime, Duration),
    ) -> Option<Self> {
        let name = CString::new(path.last()?).ok()?;
        let sight = way.look(&name)?;
        let is_opened = match file {
            Some(file) => Sight::of_open(file.as_fd())? == sight,
            None => true,
        };
        let is_it = is_opened && sight.is_of(stamp) && sight.has_rested(then, rest);
        is_it.then_some(Self { way, name, sight })
    }

    /// Whether the file is still there, and the same.
    pub fn is_current(&self) -> bool {
        self.way.look(&self.name).as_ref() == Some(&self.sight)
    }
}

impl Sight {
    fn of(dir: BorrowedFd<'_>, name: &CString) -> Option<Self> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        Self::from(&statx(dir, name.as_c_str(), flags, wanted()).ok()?)
    }

    fn of_open(file: BorrowedFd<'_>) -> Option<Self> {
        Self::from(&statx(file, c"", AtFlags::EMPTY_PATH, wanted()).ok()?)
    }

    fn from(statx: &Statx) -> Option<Self> {
        let needed = StatxFlags::BASIC_STATS.difference(StatxFlags::BLOCKS);
        if !StatxFlags::from_bits_retain(statx.stx_mask).contains(needed) {
            return None;
        }
        let is_folder = match FileType::from_raw_mode(statx.stx_mode.into()) {
            FileType::RegularFile => false,
            FileType::Directory => true,
            _ => return None,
        };
        Some(Self {
            is_folder,
            device: (statx.stx_dev_major, statx.stx_dev_minor),
            mount: statx.stx_mnt_id,
            inode: statx.stx_ino,
            size: statx.stx_size,
            modified: (statx.stx_mtime.tv_sec, statx.stx_mtime.tv_nsec),
            changed: (statx.stx_ctime.tv_sec, statx.stx_ctime.tv_nsec),
        })
    }

    /// Whether it is the folder that is open, whatever has changed in it. Its number belongs to no
    /// other as long as it is open.
    fn is_same_folder(&self, other: &Self) -> bool {
        self.is_folder
            && (self.device, self.mount, self.inode) == (other.device, other.mount, other.inode)
    }

    fn is_of(&self, stamp: &FileStamp) -> bool {
        !self.is_folder
            && self.inode == stamp.file_id.0
            && self.size == stamp.size
            && self.modified == (stamp.modified_s, stamp.modified_ns)
            && self.changed == stamp.changed
    }

    /// Whether it had not been changed for so long at this time.
    fn has_rested(&self, then: SystemTime, rest: Duration) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let Ok(seconds) = u64::try_from(seconds) else {
            return false;
        };
        let changed = UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds));
        let age = changed.and_then(|changed| then.duration_since(changed).ok());
        age.is_some_and(|age| age >= rest)
    }
}

fn wanted() -> StatxFlags {
    StatxFlags::BASIC_STATS | StatxFlags::MNT_ID
}
