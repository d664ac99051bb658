//! The log: one file with a bounded size.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{fmt, layer::SubscriberExt, registry, util::SubscriberInitExt};

use crate::owner_only;

/// Size at which the file is set aside and a new one begun. Two are kept, so 4 MiB at most.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// Starts logging to `path`; what can't be logged is dropped, never the program stopped.
///
/// # Errors
/// The log file can't be opened.
pub fn start(path: &Path) -> io::Result<()> {
    subscriber(RotatingFile::open(path)?).init();
    Ok(())
}

fn subscriber(file: RotatingFile) -> impl SubscriberInitExt {
    // actix-web calls it an error when a visitor closes the browser.
    let heard = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("actix_http", LevelFilter::OFF);
    let lines = fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    registry().with(lines).with(heard)
}

/// A file that is renamed to `NAME.1` when it is full.
struct RotatingFile {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl RotatingFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = owner_only::open_options()
            .create(true)
            .append(true)
            .open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
        })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut older = self.path.clone().into_os_string();
        older.push(".1");
        fs::rename(&self.path, older)?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes + line.len() as u64 > MAX_BYTES {
            self.rotate()?;
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Dispatch;

    #[test]
    fn that_a_visitor_left_is_not_written_down() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let dispatch: Dispatch = subscriber(RotatingFile::open(&path).unwrap()).into();
        tracing::dispatcher::with_default(&dispatch, || {
            tracing::error!(target: "actix_http::h1::dispatcher", "stream error: broken pipe");
            tracing::debug!("too much");
            tracing::info!("a folder is shared");
        });
        let log = fs::read_to_string(&path).unwrap();
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.contains("a folder is shared"));
    }

    #[test]
    fn a_log_that_is_written_to_for_ever_stays_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let mut log = RotatingFile::open(&path).unwrap();
        let line = [b'x'; 1000];
        for _ in 0..12_000 {
            log.write_all(&line).unwrap();
        }
        let total: u64 = fs::read_dir(&dir)
            .unwrap()
            .map(|e| e.unwrap().metadata().unwrap().len())
            .sum();
        assert!(total <= 2 * MAX_BYTES, "{total}");
        assert!(fs::metadata(&path).unwrap().len() > 0);
    }
}
