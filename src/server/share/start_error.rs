//! Why a share can't be served, in words for the person who shares.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What keeps a server from starting.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{} does not exist. It may have been moved, renamed or deleted.", .0.display())]
    Missing(PathBuf),
    #[error("{} can't be read: you don't have permission. Ask its owner, or share something else.", .0.display())]
    Forbidden(PathBuf),
    #[error("{} can't be read: {source}. See that its disk is there and whole, and try again.", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is a file, not a folder. Choose the folder it is in, or the file alone.", .0.display())]
    NotAFolder(PathBuf),
    #[error("{} is neither a file nor a folder, so there is nothing to share.", .0.display())]
    NotAFile(PathBuf),
    #[error("Nothing was chosen to share.")]
    Nothing,
    #[error(
        "Port {port} is taken, by another program or by another share. Choose another port in the settings, or 0 for any free one."
    )]
    PortTaken { port: u16 },
    #[error(
        "Couldn't listen on {address}: {source}. Set [server] port to 0 in the settings, for any free one."
    )]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("Couldn't start the file server: {0}. End some programs, and try again.")]
    Threads(io::Error),
}

impl StartError {
    /// What an error at opening `path` means.
    pub fn opening(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing(path),
            io::ErrorKind::PermissionDenied => Self::Forbidden(path),
            io::ErrorKind::NotADirectory => Self::NotAFolder(path),
            _ => Self::Unreadable { path, source },
        }
    }
}
