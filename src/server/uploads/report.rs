//! What is reported about uploads.

use std::net::IpAddr;

/// What comes in at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Uploads that were written to within the last minute.
    pub files: u32,
    /// How much of them is here, in bytes.
    pub received: u64,
    /// How long they will be together, if every visitor has said so.
    pub expected: Option<u64>,
}

/// What a visitor handed in together, since the owner was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    pub files: u32,
    pub bytes: u64,
    /// The name that the visitor gave. Fit to be shown.
    pub sender: Option<String>,
    pub visitor: Option<IpAddr>,
    /// Whether nothing more is expected. Only then does it count.
    pub is_complete: bool,
}

/// Something that the owner may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadReport {
    /// What comes in has changed. Comes at most twice a second, and once when nothing comes in any
    /// more.
    Incoming(Incoming),
    /// A file is complete.
    Received {
        /// Its path below the folder as it is on disk, with `/` between names. Fit to be shown.
        name: String,
        bytes: u64,
        /// The name that the visitor gave. Fit to be shown.
        sender: Option<String>,
        visitor: Option<IpAddr>,
    },
    /// Everything that a visitor handed in together is complete, or nothing has come for so long that
    /// the owner should know what is there.
    Delivered {
        files: u32,
        bytes: u64,
        sender: Option<String>,
        visitor: Option<IpAddr>,
        /// Whether the limit is reached, so that the share has ended.
        is_last: bool,
    },
}
