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

/// Older versions of Linux don't report what a disk refused (the manual of syncfs).
const REPORTS_ERRORS: (u32, u32) = (5, 8);

/// A file system, by a handle that is told of all errors since it was opened.
#[derive(Debug)]
pub struct FileSystem {
    handle: File,
    has_failed: AtomicBool,
}

impl FileSystem {
    /// That of a folder, unless the system says too little of it.
    pub fn of(dir: &Dir) -> Option<Self> {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
        if version(&release)? < REPORTS_ERRORS {
            return None;
        }
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

/// The first two numbers of the name of a release.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_systems_are_known_by_their_releases() {
        for (release, expected) in [
            ("6.1.0-26-amd64\n", Some((6, 1))),
            ("5.4.0-200-generic", Some((5, 4))),
            ("5.15", Some((5, 15))),
            ("4.4.302+", Some((4, 4))),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(version(release), expected, "{release}");
        }
        assert!(version("5.10.1").unwrap() > REPORTS_ERRORS);
        assert!(version("5.4.0").unwrap() < REPORTS_ERRORS);
    }
}
