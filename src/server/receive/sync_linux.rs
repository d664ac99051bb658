//! Getting everything onto a disk at once, on Linux.

use std::{
    fs::{self, File},
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use cap_std::fs::Dir;
use rustix::fs::syncfs;

/// While more than this waits to be written, of all programs, in kB, a few files don't wait for it.
const MAX_DIRTY: u64 = 256 * 1024;

/// A file system, by a handle that is told of all errors since it was opened.
#[derive(Debug)]
pub struct FileSystem {
    handle: File,
    has_failed: AtomicBool,
}

impl FileSystem {
    /// That of a folder.
    pub fn of(dir: &Dir) -> Option<Self> {
        Some(Self {
            handle: dir.open(".").ok()?.into_std(),
            has_failed: AtomicBool::new(false),
        })
    }

    /// Waits until everything is on the disk. Returns whether it is known that all of it is.
    ///
    /// The journal is written once, and so is the disk's cache, however many files there are.
    pub fn sync(&self) -> bool {
        // Later calls don't repeat what one was told.
        if self.has_failed.load(Ordering::Relaxed) || is_busy() {
            return false;
        }
        let synced = syncfs(&self.handle).map_err(io::Error::from);
        if let Err(error) = &synced {
            tracing::debug!(%error, "a file system can't be written at once");
            self.has_failed.store(true, Ordering::Relaxed);
        }
        synced.is_ok()
    }
}

/// Whether other programs have written so much that it takes long.
fn is_busy() -> bool {
    let Ok(memory) = fs::read_to_string("/proc/meminfo") else {
        return true;
    };
    let waiting = memory.lines().filter_map(|line| {
        let value = line
            .strip_prefix("Dirty:")
            .or(line.strip_prefix("Writeback:"))?;
        value.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    waiting.sum::<u64>() > MAX_DIRTY
}
