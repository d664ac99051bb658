//! Small pictures that were made before, on disk.
//!
//! A directory with a file a picture, named after what it was made of. The oldest go when it
//! grows too large. Whatever goes wrong here only makes it slower, so it is not told.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use super::purpose::Purpose;
use crate::{owner_only, server::folder::FileStamp};

/// All files together may have so many bytes.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// When there are more, so many bytes are left.
const LEFT_BYTES: u64 = MAX_BYTES / 4 * 3;

/// After so many new files the directory is looked at.
const LOOK_EVERY: u32 = 64;

/// A file that is used is marked as used when that was so long ago.
const MARK_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The directory.
#[derive(Debug)]
pub struct Cache {
    dir: PathBuf,
    puts: AtomicU32,
    max_bytes: u64,
}

/// What a picture is kept under: another content has another one.
pub fn key(stamp: &FileStamp, name: &[u8], purpose: Purpose) -> String {
    let mut hash = Sha256::new();
    hash.update(stamp.identity().to_be_bytes());
    hash.update(stamp.size.to_be_bytes());
    hash.update(purpose.id());
    hash.update(name);
    let digest = hash.finalize();
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Cache {
    /// A cache in `dir`, which is made when it is needed and holds nothing else.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            puts: AtomicU32::new(0),
            max_bytes: MAX_BYTES,
        }
    }

    /// What is kept under a key; empty for what is known to be no picture.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut file = File::open(self.dir.join(key)).ok()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > MARK_AFTER)) {
            // Not marked it goes a little earlier.
            let _ = File::options()
                .append(true)
                .open(self.dir.join(key))
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
        Some(content)
    }

    /// Keeps something.
    pub fn put(&self, key: &str, content: &[u8]) {
        // Not kept it is made again.
        let _ = self.write(key, content);
        if self
            .puts
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(LOOK_EVERY)
        {
            // Tried again after the next ones.
            let _ = self.shrink();
        }
    }

    /// How often something was kept.
    #[cfg(test)]
    pub fn puts(&self) -> u32 {
        self.puts.load(Ordering::Relaxed)
    }

    fn write(&self, key: &str, content: &[u8]) -> io::Result<()> {
        if !self.dir.is_dir() {
            owner_only::create_dir(&self.dir)?;
        }
        // Two that make the same at the same time write the same.
        let number = self.puts.load(Ordering::Relaxed);
        let new = self
            .dir
            .join(format!("{key}.{}.{number}", std::process::id()));
        fs::write(&new, content)?;
        fs::rename(&new, self.dir.join(key))
    }

    fn shrink(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            files.push((metadata.modified()?, metadata.len(), entry.path()));
        }
        let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
        if bytes <= self.max_bytes {
            return Ok(());
        }
        let left = LEFT_BYTES.min(self.max_bytes / 4 * 3);
        files.sort();
        for (_, length, path) in files {
            if bytes <= left {
                break;
            }
            fs::remove_file(path)?;
            bytes -= length;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache {
            max_bytes: 10_000,
            ..Cache::new(&dir.path().join("thumbnails"))
        };
        assert_eq!(cache.get("a"), None);
        cache.put("a", b"");
        assert_eq!(cache.get("a"), Some(Vec::new()));
        for number in 0..20 {
            cache.put(&number.to_string(), &[0; 1000]);
            let file = File::options()
                .append(true)
                .open(cache.dir.join(number.to_string()));
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + number);
            file.unwrap().set_modified(time).unwrap();
        }
        cache.shrink().unwrap();
        assert_eq!(cache.get("0"), None);
        assert_eq!(cache.get("19").unwrap().len(), 1000);
        let files = fs::read_dir(&cache.dir).unwrap();
        let bytes: u64 = files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum();
        assert_eq!(bytes, 7000);
    }

    #[test]
    fn a_changed_picture_has_another_key() {
        let stamp = |modified_ns| {
            FileStamp::new(
                crate::server::folder::FileId(1),
                2,
                (3, modified_ns),
                (0, 0),
            )
        };
        let tile = key(&stamp(4), b"a", Purpose::Tile);
        assert_eq!(tile.len(), 32);
        assert_eq!(tile, key(&stamp(4), b"a", Purpose::Tile));
        assert_ne!(tile, key(&stamp(5), b"a", Purpose::Tile));
        assert_ne!(tile, key(&stamp(4), b"b", Purpose::Tile));
        assert_ne!(tile, key(&stamp(4), b"a", Purpose::Preview));
        assert_ne!(tile, key(&stamp(4), b"a", Purpose::Sharp));
    }
}
