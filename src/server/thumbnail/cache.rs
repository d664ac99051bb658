//! Small pictures made earlier, on disk.
//!
//! A directory with one file for each picture, named after what it was made from. When it grows too
//! large, the oldest files are deleted. Errors are ignored, because they only make it slower.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use super::purpose::Wish;
use crate::{owner_only, server::folder::FileStamp};

/// The most bytes that all files together may have.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// How many bytes are left after the oldest files are deleted.
const LEFT_BYTES: u64 = MAX_BYTES / 4 * 3;

/// The size of the directory is checked after this many new files.
const LOOK_EVERY: u32 = 64;

/// The use of a file is recorded if it was last recorded this long ago.
const MARK_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A directory of small pictures.
#[derive(Debug)]
pub struct Cache {
    dir: PathBuf,
    puts: AtomicU32,
    max_bytes: u64,
}

/// The key of a picture. Other content has another key.
pub fn key(stamp: &FileStamp, name: &[u8], wish: Wish) -> String {
    let mut hash = Sha256::new();
    hash.update(stamp.identity().to_be_bytes());
    hash.update(stamp.size.to_be_bytes());
    hash.update(wish.id());
    hash.update(name);
    let digest = hash.finalize();
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Cache {
    /// A cache in `dir`, which is created when needed and contains nothing else.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            puts: AtomicU32::new(0),
            max_bytes: MAX_BYTES,
        }
    }

    /// What is stored under a key; empty if it is known not to be a picture.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut file = File::open(self.dir.join(key)).ok()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > MARK_AFTER)) {
            // If this fails, the file is deleted a little earlier.
            let _ = File::options()
                .append(true)
                .open(self.dir.join(key))
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
        Some(content)
    }

    /// Stores content under a key.
    pub fn put(&self, key: &str, content: &[u8]) {
        // If this fails, the picture is made again.
        let _ = self.write(key, content);
        if self
            .puts
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(LOOK_EVERY)
        {
            // If this fails, it is tried again after more files.
            let _ = self.shrink();
        }
    }

    /// How many times something was stored.
    #[cfg(test)]
    pub fn puts(&self) -> u32 {
        self.puts.load(Ordering::Relaxed)
    }

    fn write(&self, key: &str, content: &[u8]) -> io::Result<()> {
        if !self.dir.is_dir() {
            owner_only::create_dir(&self.dir)?;
        }
        // Two that make the same picture at the same time write the same content.
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
    use crate::server::thumbnail::Purpose;

    #[test]
    fn stored_pictures_are_found_and_the_oldest_are_deleted() {
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
        let wish = |purpose| Wish::new(purpose, false);
        let tile = key(&stamp(4), b"a", wish(Purpose::Tile));
        assert_eq!(tile.len(), 32);
        assert_eq!(tile, key(&stamp(4), b"a", wish(Purpose::Tile)));
        assert_ne!(tile, key(&stamp(5), b"a", wish(Purpose::Tile)));
        assert_ne!(tile, key(&stamp(4), b"b", wish(Purpose::Tile)));
        assert_ne!(tile, key(&stamp(4), b"a", wish(Purpose::Card)));
        assert_ne!(tile, key(&stamp(4), b"a", wish(Purpose::Sharp)));
        let webp = Wish::new(Purpose::Tile, true);
        assert_ne!(tile, key(&stamp(4), b"a", webp));
    }
}
