//! The announcement of a link that works in the local network only.

use super::share::ShareId;

/// The link of a share that is in the local network only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAnnouncement {
    pub share: ShareId,
    pub name: String,
    pub link: String,
    /// The link that was announced before, in another network.
    pub old: Option<String>,
    /// Why there is no public link, in a few words.
    pub why: String,
    /// Visitors need a password, which others in the network could read.
    pub is_protected: bool,
    /// What else to know.
    pub note: Option<&'static str>,
}
