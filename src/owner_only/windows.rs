//! Owner-only files: a profile's own directories already are, by the rights they inherit.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
};

/// Makes sure that `dir` is there.
pub fn create_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// Whether `dir` is a directory; whose it is its own rights say.
pub fn is_own_dir(dir: &Path) -> bool {
    dir.is_dir()
}

/// Options for files that inherit the rights of their directory.
pub fn open_options() -> OpenOptions {
    OpenOptions::new()
}

/// Nothing is to be done: the name decides.
pub fn make_executable(_file: &Path) -> io::Result<()> {
    Ok(())
}
