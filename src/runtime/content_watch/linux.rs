//! Linux: inotify on each folder of the path, only for entries that appear, disappear or get other
//! rights, and the mount table. (The crate `notify` would also report every file that is opened or
//! written nearby.) Neither keeps a disk from being unmounted.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::File,
    io,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::PathBuf,
};

use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    io::Errno,
};
use tokio::io::{Interest, unix::AsyncFd};

use crate::runtime::async_fd::async_fd;

/// The kernel signals this file when anything is mounted or unmounted.
const MOUNTS: &str = "/proc/self/mountinfo";

/// Watches the paths to some files and folders.
pub struct PathWatcher {
    inotify: AsyncFd<OwnedFd>,
    mounts: Option<AsyncFd<OwnedFd>>,
    /// The names that matter in each watched folder.
    names: HashMap<i32, HashSet<OsString>>,
}

impl PathWatcher {
    /// Watches for changes of these files, folders and links, as far as the folders around them exist.
    ///
    /// # Errors
    /// The system has no watches left.
    pub fn new(steps: &[PathBuf]) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut names: HashMap<i32, HashSet<OsString>> = HashMap::new();
        for step in steps {
            let (Some(folder), Some(name)) = (step.parent(), step.file_name()) else {
                continue;
            };
            let flags = WatchFlags::ATTRIB
                | WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            match inotify::add_watch(&inotify, folder, flags) {
                Ok(watched) => drop(names.entry(watched).or_default().insert(name.to_owned())),
                Err(error @ (Errno::NOSPC | Errno::NOMEM)) => return Err(error.into()),
                // It doesn't exist or can't be read. The watches on the other folders are enough.
                Err(_) => {}
            }
        }
        Ok(Self {
            inotify: async_fd(inotify, Interest::READABLE)?,
            mounts: File::open(MOUNTS)
                .and_then(|file| async_fd(file.into(), Interest::PRIORITY))
                .inspect_err(|error| tracing::debug!(%error, "can't watch for unmounts"))
                .ok(),
            names,
        })
    }

    /// Waits until something on the paths may have changed.
    pub async fn changed(&mut self) {
        let Self {
            inotify,
            mounts,
            names,
        } = self;
        let mount = async {
            match mounts {
                // An error is treated like a change.
                Some(mounts) => drop(mounts.ready(Interest::PRIORITY).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = mount => {}
            () = relevant_event(inotify, names) => {}
        }
    }
}

/// Reads until there is an event about a folder or an entry of the paths.
async fn relevant_event(inotify: &AsyncFd<OwnedFd>, names: &HashMap<i32, HashSet<OsString>>) {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    loop {
        let Ok(mut ready) = inotify.readable().await else {
            return;
        };
        let mut events = inotify::Reader::new(inotify.get_ref(), &mut buffer);
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => break,
                Err(_) => return,
            };
            let name = event
                .file_name()
                .map(|name| OsStr::from_bytes(name.to_bytes()));
            let is_unrelated = name.is_some_and(|name| {
                let watched = names.get(&event.wd());
                watched.is_some_and(|names| !names.contains(name))
            });
            // An event without a name is about the folder itself, or the queue has overflowed.
            if !is_unrelated && !event.events().contains(ReadFlags::IGNORED) {
                return;
            }
        }
        ready.clear_ready();
    }
}
