//! What the owner sees, as data.

use serde::{Deserialize, Serialize};

/// Identifies a visitor for the life of a share. A number that JavaScript keeps exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitorId(pub(super) u64);

/// Identifies a transfer for the life of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransferId(pub(super) u64);

/// Who is looking, and what is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LiveView {
    /// Those with something on their way, the blocked ones, and then the most recent first.
    pub visitors: Vec<VisitorView>,
    /// How many more there were since somebody watches. They are not listed.
    pub more_visitors: u64,
    /// In the order in which they have begun.
    pub transfers: Vec<TransferView>,
}

/// A visitor. Everything is fit to be shown, and short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitorView {
    pub id: VisitorId,
    /// Two words that stay the same for the life of the share, such as `violin harbor`.
    pub name: String,
    /// The country's code of two letters, such as `DE`; `T1` is the Tor network.
    pub country: Option<String>,
    /// Such as `Windows`, `iPhone`.
    pub device: Option<String>,
    /// Such as `Firefox`, `curl`.
    pub browser: Option<String>,
    /// Both in words: `Firefox on Windows`.
    pub agent: String,
    /// The address of the last request, if known.
    pub address: Option<String>,
    /// When it was first seen since somebody watches, in milliseconds since 1970.
    pub since: u64,
    /// When it last asked for something, in milliseconds since 1970.
    pub last: u64,
    /// Whether it has asked for something in the last minute, or something is on its way.
    pub is_here: bool,
    pub is_blocked: bool,
    /// How many others, who are not blocked, share its address. If there are none, blocking it keeps
    /// everybody with this address out.
    pub neighbours: usize,
}

/// Where the bytes of a transfer go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the visitor.
    Down,
    /// To the owner.
    Up,
}

/// A file or zip archive on its way. Parts that a visitor takes at the same time are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransferView {
    pub id: TransferId,
    pub visitor: VisitorId,
    pub visitor_name: String,
    pub direction: Direction,
    /// Its name, fit to be shown.
    pub file: String,
    /// So many bytes were given to the system to send, or have come in; what had been sent before it
    /// was resumed included.
    pub bytes: u64,
    /// Of so many, if known.
    pub size: Option<u64>,
    /// When it began, in milliseconds since 1970.
    pub started: u64,
    /// Bytes in a second, over the last few seconds.
    pub speed: u64,
}
