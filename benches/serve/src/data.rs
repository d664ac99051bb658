//! The test files.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

pub const SMALL_FILES: usize = 10_000;
/// Those that are asked for again and again: 4 MB.
pub const HOT_FILES: usize = 500;
pub const LARGE_BYTES: u64 = 2 << 30;

pub struct Data {
    /// `large.bin`, and `small/` with files of 1 to 16 KiB.
    pub root: PathBuf,
    /// 100,000 empty files.
    pub many: PathBuf,
    /// 50,000 files of 1 to 16 KiB.
    pub archive: PathBuf,
    /// 500 files of 4 MB.
    pub photos: PathBuf,
}

impl Data {
    /// Creates the test files, or reuses those of an earlier run.
    pub fn create(at: &Path) -> Data {
        let data = Data {
            root: at.join("root"),
            many: at.join("many"),
            archive: at.join("archive"),
            photos: at.join("photos"),
        };
        let done = at.join("complete");
        if done.exists() {
            return data;
        }
        eprintln!("creating test data in {}", at.display());
        let mut dice = Dice(1);
        fs::create_dir_all(data.root.join("small")).expect("a folder");
        let mut large = File::create(data.root.join("large.bin")).expect("a file");
        let mut block = vec![0; 1 << 20];
        for _ in 0..LARGE_BYTES >> 20 {
            dice.fill(&mut block);
            large.write_all(&block).expect("room on the disk");
        }
        for number in 0..SMALL_FILES {
            small(&data.root.join(format!("small/{number}.bin")), &mut dice);
        }
        fs::create_dir_all(&data.many).expect("a folder");
        for number in 0..100_000 {
            fs::write(data.many.join(format!("some file number {number}.txt")), "")
                .expect("a file");
        }
        for number in 0..50_000 {
            let folder = data.archive.join(format!("{}", number / 500));
            if number % 500 == 0 {
                fs::create_dir_all(&folder).expect("a folder");
            }
            small(&folder.join(format!("{number}.bin")), &mut dice);
        }
        fs::create_dir_all(&data.photos).expect("a folder");
        let mut photo = vec![0; 4_000_000];
        for number in 0..500 {
            dice.fill(&mut photo);
            fs::write(data.photos.join(format!("{number}.jpg")), &photo).expect("room on the disk");
        }
        fs::write(done, "").expect("a file");
        data
    }
}

fn small(path: &Path, dice: &mut Dice) {
    let mut content = vec![0; 1024 + dice.below(15 * 1024)];
    dice.fill(&mut content);
    fs::write(path, content).expect("room on the disk");
}

/// Pseudo-random numbers, the same in every run.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}
