//! What was made of files, for those who ask for the same again.
//!
//! It is in a file that has no name, so nothing of it is left when the share ends, however it ends. When
//! the file is full, another one begins, and the one before the last is gone.

use std::{
    collections::HashMap,
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use super::platform::write_at;
use crate::owner_only;

/// The most bytes that a file may have. There are two.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// How many copies are in a file at most.
const MAX_COPIES: usize = 8192;

/// Distinguishes a copy from all others: a part of a SHA-256 of what it is made of, and how.
pub type CopyKey = [u8; 16];

/// Copies of what is shared.
#[derive(Debug)]
pub struct Copies {
    /// Without one, nothing is kept.
    dir: Option<PathBuf>,
    volumes: Mutex<Volumes>,
    max_bytes: u64,
}

#[derive(Debug, Default)]
struct Volumes {
    new: Volume,
    old: Volume,
}

/// A file with copies.
#[derive(Debug, Default)]
struct Volume {
    file: Option<Arc<File>>,
    end: u64,
    copies: HashMap<CopyKey, KeptCopy>,
}

/// A copy that is kept.
#[derive(Clone, Debug)]
pub struct KeptCopy {
    pub file: Arc<File>,
    /// Where it is in the file.
    pub parts: Arc<[Range<u64>]>,
    /// Whether it is as small as it gets.
    pub is_smallest: bool,
}

impl Default for Copies {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Copies {
    /// Copies in a file in this directory, which is made when it is needed, or none.
    pub fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            volumes: Mutex::default(),
            max_bytes: MAX_BYTES,
        }
    }

    /// The copy with this key.
    pub fn get(&self, key: &CopyKey) -> Option<KeptCopy> {
        let volumes = self.volumes();
        let copy = volumes.new.copies.get(key);
        copy.or_else(|| volumes.old.copies.get(key)).cloned()
    }

    /// Begins to keep a copy.
    pub fn begin(self: &Arc<Self>, key: CopyKey) -> Recording {
        Recording {
            copies: Arc::clone(self),
            key,
            file: None,
            parts: Vec::new(),
            has_failed: self.dir.is_none(),
        }
    }

    /// Room for so many bytes.
    fn reserve(&self, length: u64) -> io::Result<(Arc<File>, Range<u64>)> {
        let mut volumes = self.volumes();
        let new = &volumes.new;
        if new.end + length > self.max_bytes || new.copies.len() >= MAX_COPIES {
            volumes.old = std::mem::take(&mut volumes.new);
        }
        let new = &mut volumes.new;
        let file = match &new.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(new.file.insert(Arc::new(unnamed(self.dir.as_deref())?))),
        };
        let start = new.end;
        new.end += length;
        Ok((file, start..new.end))
    }

    fn volumes(&self) -> MutexGuard<'_, Volumes> {
        self.volumes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unnamed(dir: Option<&Path>) -> io::Result<File> {
    static FILES: AtomicU32 = AtomicU32::new(0);
    let dir = dir.ok_or(io::ErrorKind::NotFound)?;
    owner_only::create_dir(dir)?;
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    owner_only::unnamed_file(&dir.join(format!("{}-{number}", process::id())))
}

/// A copy that is being made. If it can't be kept, it is made again for the next visitor.
#[derive(Debug)]
pub struct Recording {
    copies: Arc<Copies>,
    key: CopyKey,
    file: Option<Arc<File>>,
    parts: Vec<Range<u64>>,
    has_failed: bool,
}

impl Recording {
    /// Adds the next bytes of it. May wait for the disk.
    pub fn add(&mut self, bytes: &[u8]) {
        self.has_failed = self.has_failed || self.write(bytes).is_err();
    }

    /// Whether the share has ended, so that nobody will ask for it.
    pub fn is_unwanted(&self) -> bool {
        Arc::strong_count(&self.copies) == 1
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (file, part) = self.copies.reserve(bytes.len() as u64)?;
        // A copy is in one file.
        if !Arc::ptr_eq(self.file.get_or_insert_with(|| Arc::clone(&file)), &file) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        write_at(&file, part.start, bytes)?;
        match self.parts.last_mut() {
            Some(last) if last.end == part.start => last.end = part.end,
            _ => self.parts.push(part),
        }
        Ok(())
    }

    /// Keeps it. Nothing follows.
    pub fn keep(self, is_smallest: bool) {
        let Some(file) = self.file.filter(|_| !self.has_failed) else {
            return;
        };
        let mut volumes = self.copies.volumes();
        let volumes = &mut *volumes;
        let is_in = |volume: &Volume| {
            let other = volume.file.as_ref();
            other.is_some_and(|other| Arc::ptr_eq(other, &file))
        };
        // A smaller one replaces the first.
        volumes.old.copies.remove(&self.key);
        let volume = [&mut volumes.new, &mut volumes.old];
        if let Some(volume) = volume.into_iter().find(|volume| is_in(volume)) {
            let copy = KeptCopy {
                file,
                parts: self.parts.into(),
                is_smallest,
            };
            volume.copies.insert(self.key, copy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::platform::read_once;

    fn key(number: u8) -> CopyKey {
        [number; 16]
    }

    fn content(copies: &Copies, number: u8) -> Option<Vec<u8>> {
        let copy = copies.get(&key(number))?;
        let mut content = Vec::new();
        for part in copy.parts.iter() {
            let mut bytes = vec![0; (part.end - part.start) as usize];
            let read = read_once(&copy.file, part.start, &mut bytes).unwrap();
            assert_eq!(read, bytes.len());
            content.extend(bytes);
        }
        Some(content)
    }

    fn small(dir: &Path) -> Arc<Copies> {
        Arc::new(Copies {
            max_bytes: 1000,
            ..Copies::new(Some(dir.join("copies")))
        })
    }

    #[test]
    fn copies_that_are_made_at_the_same_time_are_not_mixed() {
        let dir = tempfile::tempdir().unwrap();
        let copies = small(dir.path());
        let (mut one, mut other) = (copies.begin(key(1)), copies.begin(key(2)));
        for _ in 0..3 {
            one.add(b"one ");
            one.add(b"");
            other.add(b"other ");
            other.add(b"other ");
        }
        assert_eq!(content(&copies, 1), None);
        one.keep(false);
        other.keep(true);
        assert_eq!(content(&copies, 1).unwrap(), b"one one one ");
        assert_eq!(content(&copies, 2).unwrap(), b"other ".repeat(6));
        assert!(copies.get(&key(2)).unwrap().is_smallest);
        // Nobody else finds them, and nothing is left of them.
        let names = || std::fs::read_dir(dir.path().join("copies")).unwrap();
        if cfg!(unix) {
            assert_eq!(names().count(), 0);
        }
        drop(copies);
        assert_eq!(names().count(), 0);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let copies = small(dir.path());
        let keep = |number: u8, length: usize| {
            let mut recording = copies.begin(key(number));
            recording.add(&vec![number; length]);
            recording.keep(false);
        };
        let mut late = copies.begin(key(9));
        late.add(&[9; 10]);
        for number in 0..6 {
            keep(number, 400);
        }
        for number in 0..6 {
            let expected = (number >= 2).then(|| vec![number; 400]);
            assert_eq!(content(&copies, number), expected, "{number}");
        }
        // It began in a file that is gone.
        late.add(&[9; 10]);
        late.keep(false);
        assert_eq!(content(&copies, 9), None);
        // The last one counts.
        keep(2, 300);
        assert_eq!(content(&copies, 2), Some(vec![2; 300]));
        keep(7, 1001);
        assert_eq!(content(&copies, 7).map(|content| content.len()), Some(1001));
    }

    #[test]
    fn without_a_place_for_them_nothing_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        for place in [None, Some(file.join("copies"))] {
            let copies = Arc::new(Copies::new(place));
            let mut recording = copies.begin(key(1));
            recording.add(b"one");
            recording.keep(true);
            assert!(copies.get(&key(1)).is_none());
        }
    }
}
