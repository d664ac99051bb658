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
    {
        use rustix::fs::{Mode, OFlags, fsync, openat};
        // A handle may be one that can't be written through, only walked through.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let synced = match openat(dir, ".", flags, Mode::empty()) {
            Ok(readable) => fsync(readable),
            // Names can be added to some folders that can't be read.
            Err(_) => fsync(dir),
        };
        match synced.map_err(io::Error::from) {
            Err(error) if is_unknown(&error) => Ok(()),
            synced => synced,
        }
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

#[cfg(all(test, unix))]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    #[test]
    fn the_names_in_any_folder_get_onto_the_disk() {
        let place = tempfile::tempdir().unwrap();
        let top = Dir::open_ambient_dir(place.path(), ambient_authority()).unwrap();
        top.create_dir("sub").unwrap();
        let below = top.open_dir("sub").unwrap();
        for dir in [&top, &below] {
            sync_dir(dir).unwrap();
        }
    }
}
