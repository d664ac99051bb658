//! Linux: inotify on each folder on the way, only for names that come and go, and the table of
//! what is mounted. (The crate `notify` would also tell of everything that is opened or written
//! beside.)

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::File,
    io,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::io::{Interest, unix::AsyncFd};

/// The kernel marks this file when anything is mounted or unmounted.
const MOUNTS: &str = "/proc/self/mountinfo";

/// Watches the ways to some places.
pub struct Watch {
    inotify: AsyncFd<OwnedFd>,
    mounts: Option<AsyncFd<OwnedFd>>,
    /// The names that matter in each watched folder.
    names: HashMap<i32, HashSet<OsString>>,
}

impl Watch {
    /// Watches as much of the ways as there is.
    pub fn on(places: &[PathBuf]) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut names: HashMap<i32, HashSet<OsString>> = HashMap::new();
        for (folder, name) in places.iter().flat_map(|place| steps(place)) {
            let flags = WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            match inotify::add_watch(&inotify, folder, flags) {
                Ok(watched) => drop(names.entry(watched).or_default().insert(name.to_owned())),
                // It is not there, or not ours to look into: the others tell.
                Err(rustix::io::Errno::NOENT | rustix::io::Errno::ACCESS) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self {
            inotify: awaited(inotify, Interest::READABLE)?,
            mounts: File::open(MOUNTS)
                .and_then(|file| awaited(file.into(), Interest::PRIORITY))
                .inspect_err(|error| tracing::debug!(%error, "unmounts are not noticed"))
                .ok(),
            names,
        })
    }

    /// Returns when something on the way may have changed.
    pub async fn changed(&mut self) {
        let Self {
            inotify,
            mounts,
            names,
        } = self;
        let mount = async {
            match mounts {
                // An error can't be told from a change, and is looked at in the same way.
                Some(mounts) => drop(mounts.ready(Interest::PRIORITY).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = mount => {}
            () = on_the_way(inotify, names) => {}
        }
    }
}

fn awaited(file: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd stays the same open descriptor for as long as it lives.
    Ok(unsafe { AsyncFd::register_with_interest(file, interest) }?)
}

/// Reads until something comes that is about the way.
async fn on_the_way(inotify: &AsyncFd<OwnedFd>, names: &HashMap<i32, HashSet<OsString>>) {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    loop {
        let Ok(mut ready) = inotify.readable().await else {
            return;
        };
        let mut events = inotify::Reader::new(inotify.get_ref(), &mut buffer);
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(rustix::io::Errno::AGAIN) => break,
                Err(_) => return,
            };
            let name = event
                .file_name()
                .map(|name| OsStr::from_bytes(name.to_bytes()));
            let is_beside = name.is_some_and(|name| {
                let watched = names.get(&event.wd());
                watched.is_some_and(|names| !names.contains(name))
            });
            // Without a name it is about the folder itself, or too much has happened.
            if !is_beside && !event.events().contains(ReadFlags::IGNORED) {
                return;
            }
        }
        ready.clear_ready();
    }
}

/// Each folder on the way to a place, with the name that leads on.
fn steps(place: &Path) -> impl Iterator<Item = (&Path, &OsStr)> {
    place
        .ancestors()
        .filter_map(|step| Some((step.parent()?, step.file_name()?)))
}
