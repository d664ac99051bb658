//! What the owner chose to share.

use std::path::PathBuf;

/// What to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A folder with everything in it.
    Folder(PathBuf),
    /// One file, or several files and folders chosen together.
    Files(Vec<PathBuf>),
    /// A folder that visitors hand files in to, and see nothing of.
    Inbox(PathBuf),
}
