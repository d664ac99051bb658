//! Getting bytes onto the disk.

use std::{fs::File, io, thread};

use cap_std::fs::Dir;

/// How many files are written at the same time. One write to the disk's journal serves them all.
const AT_ONCE: usize = 8;

/// Waits until the files are on the disk. One result each.
pub fn sync_files(files: &[&File]) -> Vec<io::Result<()>> {
    if files.len() < 2 {
        return files.iter().map(|file| sync_file(file)).collect();
    }
    let share = files.len().div_ceil(AT_ONCE);
    thread::scope(|scope| {
        let threads: Vec<_> = files
            .chunks(share)
            .map(|files| {
                let work = move || files.iter().map(|file| sync_file(file)).collect::<Vec<_>>();
                thread::Builder::new()
                    .spawn_scoped(scope, work)
                    .map_err(|error| (error, files))
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| match thread {
                Ok(thread) => thread.join().unwrap_or_default(),
                // No more threads are allowed.
                Err((_, files)) => files.iter().map(|file| sync_file(file)).collect(),
            })
            .collect()
    })
}

/// Waits until a file is on the disk.
///
/// # Errors
/// If it can't be written.
pub fn sync_file(file: &File) -> io::Result<()> {
    match file.sync_data() {
        // Some drives that programs provide don't know the request.
        Err(error) if is_unknown(&error) => Ok(()),
        synced => synced,
    }
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// If they can't be written.
pub fn sync_dir(dir: &Dir) -> io::Result<()> {
    #[cfg(unix)]
    match rustix::fs::fsync(dir).map_err(io::Error::from) {
        Err(error) if is_unknown(&error) => Ok(()),
        synced => synced,
    }
    // Windows writes names by itself.
    #[cfg(not(unix))]
    {
        let _ = dir;
        Ok(())
    }
}

fn is_unknown(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}
