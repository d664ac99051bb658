//! Getting everything onto a disk at once, where no system call does that.

use cap_std::fs::Dir;

/// There is none.
#[derive(Debug)]
pub enum FileSystem {}

impl FileSystem {
    pub fn of(_dir: &Dir) -> Option<Self> {
        None
    }

    pub fn sync(&self) -> bool {
        match *self {}
    }
}
