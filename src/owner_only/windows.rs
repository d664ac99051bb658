//! Windows: the directories of a user profile are private already, by the rights they inherit.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::windows::fs::OpenOptionsExt,
    path::Path,
};

use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_DELETE_ON_CLOSE;

/// Creates `dir` and its parents if missing.
///
/// # Errors
/// It can't be created.
pub fn create_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// Creates `dir`, which must not exist.
///
/// # Errors
/// It can't be created.
pub fn create_new_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir(dir)
}

/// Whether `dir` is a directory. Its rights determine the owner.
pub fn is_own_dir(dir: &Path) -> bool {
    dir.is_dir()
}

/// Options that create files with the rights of their directory.
pub fn open_options() -> OpenOptions {
    OpenOptions::new()
}

/// Creates a file at `path`, where there is none. Nobody else can open it, and it is gone when it is closed.
///
/// # Errors
/// It can't be created.
pub fn unnamed_file(path: &Path) -> io::Result<File> {
    let mut options = open_options();
    options
        .read(true)
        .write(true)
        .create_new(true)
        .share_mode(0)
        .custom_flags(FILE_FLAG_DELETE_ON_CLOSE)
        .open(path)
}

/// Does nothing: on Windows the name makes a file executable.
pub fn make_executable(_file: &Path) -> io::Result<()> {
    Ok(())
}
