//! A log file of bounded size that several processes can write to without losing lines.
//!
//! A full file is renamed to `NAME.1` and a new one begun. Writers hold a shared lock on
//! `NAME.lock`, and whoever renames holds it exclusively. The lock file contains the number of
//! renames so far, by which the other writers notice that they have to open the new file.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::owner_only;

/// Size at which the file is renamed. Together with the renamed file, the log has at most 4 MiB.
const MAX_BYTES: u64 = 2 * 1024 * 1024;
/// How many renamed files are kept.
const GENERATIONS: u32 = 1;

/// How often to try the lock, and the pause between attempts. A process that is suspended during
/// the moment of renaming must not hang the others.
const ATTEMPTS: u32 = 20;
const RETRY_INTERVAL: Duration = Duration::from_millis(1);

pub struct RotatingFile {
    path: PathBuf,
    file: File,
    lock: File,
    /// The number of renames when `file` was opened.
    renames: u64,
    max_bytes: u64,
    generations: u32,
}

impl RotatingFile {
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::open_with(path, MAX_BYTES, GENERATIONS)
    }

    fn open_with(path: &Path, max_bytes: u64, generations: u32) -> io::Result<Self> {
        let mut lock = owner_only::open_options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(with_suffix(path, "lock"))?;
        Ok(Self {
            renames: read_renames(&mut lock).unwrap_or(0),
            file: open_file(path)?,
            path: path.to_owned(),
            lock,
            max_bytes,
            generations,
        })
    }

    /// Appends under a shared lock, after a switch to the new file if another process has renamed
    /// this one.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let locked = try_often(ATTEMPTS, || self.lock.try_lock_shared());
        self.follow_renames();
        let written = self.file.write_all(line);
        if locked == Locked::Yes {
            self.lock.unlock()?;
        }
        written
    }

    /// Opens the new file if this one was renamed or deleted. If that fails, the old one has to do.
    fn follow_renames(&mut self) {
        let renames = read_renames(&mut self.lock).unwrap_or(self.renames);
        if (renames != self.renames || !self.path.exists())
            && let Ok(file) = open_file(&self.path)
        {
            self.file = file;
            self.renames = renames;
        }
    }

    fn has_room_for(&self, line: &[u8]) -> bool {
        self.file
            .metadata()
            .is_ok_and(|file| file.len() + line.len() as u64 <= self.max_bytes)
    }

    /// Renames the full file, unless another process is writing or renaming it right now. Then the
    /// next line tries again, and waits for its turn once the file is much too large.
    fn rotate(&mut self, line: &[u8]) -> io::Result<()> {
        let is_overdue = self
            .file
            .metadata()
            .is_ok_and(|file| file.len() > self.max_bytes + self.max_bytes / 4);
        let attempts = if is_overdue { ATTEMPTS } else { 1 };
        let locked = try_often(attempts, || self.lock.try_lock());
        if locked == Locked::Busy {
            return Ok(());
        }
        let rotated = self.rotate_locked(line);
        if locked == Locked::Yes {
            self.lock.unlock()?;
        }
        rotated
    }

    fn rotate_locked(&mut self, line: &[u8]) -> io::Result<()> {
        self.follow_renames();
        if self.has_room_for(line) {
            return Ok(());
        }
        // Before the rename, so that a process that is killed in between does no harm.
        write_renames(&mut self.lock, self.renames.wrapping_add(1))?;
        for generation in (1..self.generations).rev() {
            // A generation may not exist yet.
            let _ = fs::rename(
                with_suffix(&self.path, &generation.to_string()),
                with_suffix(&self.path, &(generation + 1).to_string()),
            );
        }
        fs::rename(&self.path, with_suffix(&self.path, "1"))?;
        self.follow_renames();
        Ok(())
    }
}

impl Write for RotatingFile {
    /// Writes all of `line`, which is one or more whole lines.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !self.has_room_for(line) {
            // If it can't be renamed, the line still belongs in the file.
            let _ = self.rotate(line);
        }
        self.append(line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// How an attempt to lock came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locked {
    Yes,
    /// Another process holds the lock.
    Busy,
    /// The file system has no locks. Then one process at a time has to do.
    Unsupported,
}

fn try_often(attempts: u32, attempt: impl Fn() -> Result<(), TryLockError>) -> Locked {
    for number in 1..=attempts {
        match attempt() {
            Ok(()) => return Locked::Yes,
            Err(TryLockError::Error(_)) => return Locked::Unsupported,
            Err(TryLockError::WouldBlock) if number < attempts => thread::sleep(RETRY_INTERVAL),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    Locked::Busy
}

fn open_file(path: &Path) -> io::Result<File> {
    owner_only::open_options()
        .create(true)
        .append(true)
        .open(path)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn read_renames(lock: &mut File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    lock.rewind()?;
    match lock.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        read => read.map(|()| u64::from_le_bytes(bytes)),
    }
}

fn write_renames(lock: &mut File, renames: u64) -> io::Result<()> {
    lock.rewind()?;
    lock.write_all(&renames.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, env, process::Command};

    use super::*;

    const WRITERS: usize = 4;
    const LINES: usize = 3000;
    /// Set in the processes that `processes_that_share_a_log_lose_no_lines` starts.
    const WRITER: &str = "SPOT_SERVE_TEST_LOG_WRITER";

    /// All lines in the log, the oldest generation first.
    fn lines(path: &Path) -> Vec<String> {
        let older = (1..1000).map(|generation| with_suffix(path, &generation.to_string()));
        let mut files: Vec<_> = older.take_while(|file| file.exists()).collect();
        files.reverse();
        files.push(path.to_owned());
        let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
        texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn a_log_stays_bounded_however_much_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let mut log = RotatingFile::open(&path).unwrap();
        for _ in 0..12_000 {
            log.write_all(&[b'x'; 1000]).unwrap();
        }
        let size = |file: &Path| fs::metadata(file).unwrap().len();
        let total = size(&path) + size(&with_suffix(&path, "1"));
        assert!(total <= 2 * MAX_BYTES, "{total}");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    }

    /// Starts this test in other processes, which write instead.
    #[test]
    fn processes_that_share_a_log_lose_no_lines() {
        // Some ten renames, and more generations than that are kept.
        let open = |path: &Path| RotatingFile::open_with(path, 40_000, 999).unwrap();
        if let Some(writer) = env::var_os(WRITER) {
            let (number, path) = writer.to_str().unwrap().split_once(' ').unwrap();
            let mut log = open(Path::new(path));
            for line in 0..LINES {
                let line = format!("{number} {line:050}\n");
                log.write_all(line.as_bytes()).unwrap();
            }
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let name = thread::current().name().unwrap().to_owned();
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                Command::new(env::current_exe().unwrap())
                    .args(["--exact", &name])
                    .env(WRITER, format!("{number} {}", path.display()))
                    .stdout(std::process::Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut writer in writers {
            assert!(writer.wait().unwrap().success());
        }
        let lines = lines(&path);
        assert!(with_suffix(&path, "5").exists(), "it was renamed often");
        let expected: HashSet<String> = (0..WRITERS)
            .flat_map(|number| (0..LINES).map(move |line| format!("{number} {line:050}")))
            .collect();
        assert_eq!(lines.len(), expected.len());
        assert_eq!(lines.into_iter().collect::<HashSet<_>>(), expected);
    }

    #[test]
    fn a_file_that_can_not_be_renamed_is_still_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        // A folder that is not empty can't be replaced.
        fs::create_dir_all(with_suffix(&path, "1").join("full")).unwrap();
        let mut log = RotatingFile::open_with(&path, 100, 1).unwrap();
        let mut other = RotatingFile::open_with(&path, 100, 1).unwrap();
        for line in 0..50 {
            log.write_all(format!("one {line}\n").as_bytes()).unwrap();
            other.write_all(format!("two {line}\n").as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 100);
        fs::remove_dir_all(with_suffix(&path, "1")).unwrap();
        writeln!(log, "the last").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "the last\n");
    }

    #[test]
    fn a_file_system_without_locks_is_distinguished_from_a_busy_one() {
        let error = || TryLockError::Error(io::ErrorKind::Unsupported.into());
        assert_eq!(try_often(ATTEMPTS, || Err(error())), Locked::Unsupported);
        assert_eq!(try_often(2, || Err(TryLockError::WouldBlock)), Locked::Busy);
        assert_eq!(try_often(1, || Ok(())), Locked::Yes);
    }

    #[test]
    fn a_deleted_log_is_begun_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let mut log = RotatingFile::open(&path).unwrap();
        writeln!(log, "first").unwrap();
        fs::remove_file(&path).unwrap();
        writeln!(log, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second\n");
    }

    #[test]
    fn a_writer_that_is_suspended_does_not_hang_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let suspended = RotatingFile::open(&path).unwrap();
        suspended.lock.lock().unwrap();
        let mut log = RotatingFile::open(&path).unwrap();
        writeln!(log, "written").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "written\n");
    }
}
