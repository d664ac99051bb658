//! The file: one entry a line, as JSON. Several processes may write it: the tray app, and shares in
//! terminals.
//!
//! Whoever writes holds the lock `history.lock`, which also says how far the file was cleared. Readers
//! need none: they skip what is no entry, such as a line that was torn by a crash. Now and then, a writer
//! replaces the file by one with the entries that are kept.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use chrono::Utc;

use super::{bounds, entry::Entry};
use crate::{owner_only, store};

/// After so many more bytes, the file is looked through for what is not kept.
const TIDY_BYTES: u64 = 256 * 1024;
/// And after this time, for what is too old.
const TIDY_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// How much is read at first to find the last entries, in bytes.
const TAIL_BYTES: u64 = 64 * 1024;
/// More is not read: no Spot Serve has written that.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// In fewer bytes, there are never too many entries.
const FULL_BYTES: u64 = bounds::MAX_ENTRIES as u64 * 100;

/// How often to try the lock, and the pause between attempts. A process that is suspended while it
/// holds the lock must not hang the others.
const ATTEMPTS: u32 = 200;
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// The history on disk.
#[derive(Debug, Clone)]
pub struct HistoryFile {
    path: PathBuf,
    tidied: Option<Tidied>,
}

/// When the file was last looked through, and how long it was then.
#[derive(Debug, Clone, Copy)]
struct Tidied {
    at: Instant,
    bytes: u64,
}

impl HistoryFile {
    pub fn at(path: PathBuf) -> Self {
        Self { path, tidied: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The entries, the oldest first. None if there is no file.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(&self) -> io::Result<Vec<Entry>> {
        self.read_after(0)
    }

    /// The entries with higher numbers than this. Reads little of the file if they are few.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read_after(&self, id: u64) -> io::Result<Vec<Entry>> {
        let Some(mut file) = open_if_there(&self.path)? else {
            return Ok(Vec::new());
        };
        let mut wanted = if id == 0 { MAX_BYTES } else { TAIL_BYTES };
        loop {
            let (bytes, is_all) = tail(&mut file, wanted)?;
            let mut entries: Vec<Entry> = lines(&bytes).map(|(_, entry)| entry).collect();
            let reaches_it = entries.first().is_some_and(|first| first.id <= id);
            if !is_all && !reaches_it && wanted < MAX_BYTES {
                wanted *= 8;
                continue;
            }
            let kept = bounds::kept(&entries, Utc::now());
            let mut kept = kept.into_iter();
            entries.retain(|entry| kept.next() == Some(true) && (entry.id > id || id == 0));
            return Ok(entries);
        }
    }

    /// Adds entries at the end. When this returns, they are on the disk.
    ///
    /// # Errors
    /// None of them was written.
    pub fn append(&mut self, entries: &mut [Entry]) -> io::Result<()> {
        let mut lock = self.lock()?;
        let mut file = owner_only::open_options()
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)?;
        let (end, _) = tail(&mut file, TAIL_BYTES)?;
        let mut bytes = Vec::new();
        let before = file.metadata()?.len();
        if before > 0 && end.last() != Some(&b'\n') {
            // A crash has torn the last line.
            bytes.push(b'\n');
        }
        let mut last = match lines(&end).last() {
            Some((_, entry)) => entry.id,
            None => cleared_up_to(&mut lock),
        };
        for entry in entries {
            let now = u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0);
            last = now.max(last.saturating_add(1));
            entry.id = last;
            serde_json::to_writer(&mut bytes, entry)?;
            bytes.push(b'\n');
        }
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        drop(file);
        if let Err(error) = written {
            // On a full disk, a part may have been written. It is tried again as a whole.
            if let Err(error) = self.cut_to(before) {
                let path = self.path.display();
                tracing::warn!(%error, %path, "can't undo a write; entries may be there twice");
            }
            return Err(error);
        }
        if let Err(error) = self.tidy_if_due() {
            tracing::info!(%error, "can't shorten the history");
        }
        Ok(())
    }

    /// Removes everything from this length on.
    fn cut_to(&self, length: u64) -> io::Result<()> {
        // On Windows, a handle that may only append can't do this.
        let file = OpenOptions::new().write(true).open(&self.path)?;
        file.set_len(length)
    }

    /// Removes what is not kept any more.
    ///
    /// # Errors
    /// The file can't be read or replaced.
    pub fn tidy(&mut self) -> io::Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        self.tidy_if_due()
    }

    /// Looks through the file if there may be something that is not kept. Must hold the lock.
    fn tidy_if_due(&mut self) -> io::Result<()> {
        let Some(file) = open_if_there(&self.path)? else {
            return Ok(());
        };
        let length = file.metadata()?.len();
        let tidied = self
            .tidied
            .filter(|tidied| tidied.at.elapsed() < TIDY_INTERVAL);
        let is_due = match tidied {
            Some(tidied) => {
                length >= FULL_BYTES && length.saturating_sub(tidied.bytes) >= TIDY_BYTES
            }
            None => length >= FULL_BYTES || begins_too_early(file)?,
        };
        if is_due {
            self.tidy_locked()
        } else {
            let at = tidied.map_or_else(Instant::now, |tidied| tidied.at);
            let bytes = tidied.map_or(length, |tidied| tidied.bytes);
            self.tidied = Some(Tidied { at, bytes });
            Ok(())
        }
    }

    fn tidy_locked(&mut self) -> io::Result<()> {
        let Some(mut file) = open_if_there(&self.path)? else {
            return Ok(());
        };
        let (bytes, is_all) = tail(&mut file, MAX_BYTES)?;
        drop(file);
        let (found, entries): (Vec<&[u8]>, Vec<Entry>) = lines(&bytes).unzip();
        let kept = bounds::kept(&entries, Utc::now());
        let count = bytes.iter().filter(|byte| **byte == b'\n').count();
        let mut length = bytes.len();
        if !is_all || found.len() < count || kept.contains(&false) {
            let found = found.iter().zip(kept).filter(|(_, kept)| *kept);
            let rest = found.fold(Vec::new(), |mut rest, (line, _)| {
                rest.extend_from_slice(line);
                rest.push(b'\n');
                rest
            });
            store::replace(&self.path, &rest)?;
            length = rest.len();
        }
        self.tidied = Some(Tidied {
            at: Instant::now(),
            bytes: length as u64,
        });
        Ok(())
    }

    /// Removes all entries.
    ///
    /// # Errors
    /// The file can't be replaced.
    pub fn clear(&self) -> io::Result<()> {
        let mut lock = self.lock()?;
        // Numbers go on from the last one, so that whoever follows the file sees what comes.
        if let Some(newest) = self.read()?.last() {
            lock.set_len(0)?;
            lock.rewind()?;
            write!(lock, "{}", newest.id)?;
        }
        store::ensure_empty(&self.path)
    }

    /// Waits for other processes that write, for a while.
    fn lock(&self) -> io::Result<File> {
        // Somebody may have removed the folder while the program is running.
        if let Some(dir) = self.path.parent() {
            owner_only::create_dir(dir)?;
        }
        let file = owner_only::open_options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.path.with_extension("lock"))?;
        for _ in 0..ATTEMPTS {
            match file.try_lock() {
                // A file system without locks: then one process at a time has to do.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
                Err(TryLockError::WouldBlock) => thread::sleep(RETRY_INTERVAL),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            "another Spot Serve is writing it",
        ))
    }
}

fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The number of the last entry that was cleared, as the lock file says; 0 if there is none.
fn cleared_up_to(lock: &mut File) -> u64 {
    let mut text = String::new();
    let read = lock.take(32).read_to_string(&mut text);
    read.ok().and_then(|_| text.parse().ok()).unwrap_or(0)
}

/// Whether the first entry is too old.
fn begins_too_early(file: File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut head)?;
    let first = lines(&head).next().map(|(_, entry)| entry);
    let kept = bounds::kept(first.as_slice(), Utc::now());
    Ok(kept.contains(&false))
}

/// The last lines, in at most so many bytes, and whether they are all there are.
fn tail(file: &mut File, max: u64) -> io::Result<(Vec<u8>, bool)> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(max);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(length - start).read_to_end(&mut bytes)?;
    if start > 0 {
        let first = bytes.iter().position(|byte| *byte == b'\n');
        bytes.drain(..first.map_or(bytes.len(), |first| first + 1));
    }
    Ok((bytes, start == 0))
}

/// The whole lines that are entries.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Entry)> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.filter_map(|line| {
        let line = line.strip_suffix(b"\n")?;
        Some((line, serde_json::from_slice(line).ok()?))
    })
}

#[cfg(test)]
mod tests;
