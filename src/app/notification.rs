//! Which notifications the owner wants.

use serde::{Deserialize, Serialize};

/// What a notification is about. What answers something that the user has just done has no kind, and is
/// always shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotificationKind {
    /// A link works, or has ended.
    Online,
    /// Visitors look at what is shared.
    Visit,
    /// Visitors have downloaded something.
    Download,
    /// Visitors have handed in files.
    Received,
    /// Something that worked doesn't any more.
    Problem,
}

impl NotificationKind {
    pub const ALL: [Self; 5] = [
        Self::Online,
        Self::Visit,
        Self::Download,
        Self::Received,
        Self::Problem,
    ];
}

/// The kinds of notifications that are shown. By default, all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notifications(Vec<NotificationKind>);

impl Default for Notifications {
    fn default() -> Self {
        Self(NotificationKind::ALL.to_vec())
    }
}

impl Notifications {
    /// Only these.
    pub fn of(kinds: impl IntoIterator<Item = NotificationKind>) -> Self {
        Self(kinds.into_iter().collect())
    }

    pub fn have(&self, kind: NotificationKind) -> bool {
        self.0.contains(&kind)
    }

    /// Whether what visitors look at or take is of interest.
    pub fn are_about_visitors(&self) -> bool {
        self.have(NotificationKind::Visit) || self.have(NotificationKind::Download)
    }
}
