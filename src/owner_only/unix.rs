//! Unix: mode bits keep others out.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Creates `dir` and its parents if missing, with mode 0700.
///
/// # Errors
/// It can't be created.
pub fn create_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Creates `dir`, which must not exist, with mode 0700.
///
/// # Errors
/// It can't be created.
pub fn create_new_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(dir)
}

/// Whether `dir` is a directory that belongs to this account.
pub fn is_own_dir(dir: &Path) -> bool {
    fs::metadata(dir)
        .is_ok_and(|found| found.is_dir() && found.uid() == rustix::process::geteuid().as_raw())
}

/// Options that create files with mode 0600.
pub fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Creates a file at `path`, where there is none, and takes its name away, so that it is gone when it is closed.
///
/// # Errors
/// It can't be created.
pub fn unnamed_file(path: &Path) -> io::Result<File> {
    let mut options = open_options();
    let file = options.read(true).write(true).create_new(true).open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

/// Makes the file executable.
///
/// # Errors
/// The mode can't be changed.
pub fn make_executable(file: &Path) -> io::Result<()> {
    fs::set_permissions(file, Permissions::from_mode(0o755))
}
