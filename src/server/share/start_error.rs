//! Why a share can't be served, in words for the owner.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::open_files;

/// Why a server can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{} does not exist. It may have been moved, renamed or deleted.", .0.display())]
    Missing(PathBuf),
    #[error("{} can't be read: you don't have permission. Ask its owner, or share something else.", .0.display())]
    Forbidden(PathBuf),
    #[error("{} can't be read: {source}. Check that its disk is connected, and try again.", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} can't be read: {source}. {} Then try again.", path.display(), open_files::ADVICE)]
    TooManyOpenFiles { path: PathBuf, source: io::Error },
    #[error("{} is a file, not a folder. Choose the folder it is in, or share the file itself.", .0.display())]
    NotAFolder(PathBuf),
    #[error("{} is neither a file nor a folder, so there is nothing to share.", .0.display())]
    NotAFile(PathBuf),
    #[error("Nothing was chosen to share.")]
    Nothing,
    #[error(
        "Port {port} is in use by another program or share. Choose another port in the settings, or 0 for any free port."
    )]
    PortTaken { port: u16 },
    #[error(
        "Couldn't listen on {address}: {source}. Set [server] port to 0 in the settings to use any free port."
    )]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("Couldn't start the file server: {0}. Close some programs, and try again.")]
    Threads(io::Error),
}

impl StartError {
    /// The meaning of an error when opening `path`.
    pub fn opening(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing(path),
            io::ErrorKind::PermissionDenied => Self::Forbidden(path),
            io::ErrorKind::NotADirectory => Self::NotAFolder(path),
            _ if open_files::are_used_up(&source) => Self::TooManyOpenFiles { path, source },
            _ => Self::Unreadable { path, source },
        }
    }
}
