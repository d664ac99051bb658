//! Why something is not taken.

use std::io;

use thiserror::Error;

/// Why an upload is refused, or has ended. The text is for whoever sends it.
#[derive(Debug, Error)]
pub enum ReceiveError {
    #[error("Nothing can be handed in here at the moment. Ask the owner of the link.")]
    Off,
    #[error("This link has ended, and takes no more files. Ask its owner for a new one.")]
    Ended,
    #[error("There is no such upload. Start it again.")]
    Unknown,
    #[error("This upload was removed, or has expired. Start it again.")]
    Removed,
    #[error("This upload continues at byte {0}.")]
    Offset(u64),
    #[error("This file is on its way already. Try again in a few seconds.")]
    Busy,
    #[error(
        "Something with this name is here, and nothing is ever replaced. Send it under a new name."
    )]
    Taken,
    #[error("More bytes came than were announced. Start the upload again.")]
    Length,
    #[error("The file is too large: at most {0} bytes are accepted. Send a smaller one.")]
    TooLarge(u64),
    #[error("No more is accepted from you, or by this link. Ask its owner.")]
    Quota,
    #[error("The owner's disk is full. Ask the owner to make room, then try again.")]
    DiskFull,
    #[error("Too many uploads are not finished. Finish some, or try again later.")]
    TooMany,
    #[error("The owner's folder can't be reached at the moment. Try again in a minute.")]
    Away(#[source] Option<io::Error>),
    #[error("The bytes were changed on their way. Send them again.")]
    Checksum,
    #[error("The owner's disk could not keep the file. Send it again, or tell the owner.")]
    Lost,
    #[error("The file can't have this name: {0}. Rename it.")]
    Name(&'static str),
    #[error("The file can't be stored: {0}. Try again, or tell the owner.")]
    Failed(#[source] io::Error),
}

impl ReceiveError {
    /// What an error of the disk means.
    pub(super) fn from_disk(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => Self::DiskFull,
            Kind::WouldBlock => Self::Busy,
            Kind::NotFound
            | Kind::NotADirectory
            | Kind::PermissionDenied
            | Kind::ReadOnlyFilesystem
            | Kind::StaleNetworkFileHandle
            | Kind::NotConnected
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::TimedOut => Self::Away(Some(error)),
            _ => Self::Failed(error),
        }
    }
}
