//! What the user can do with a notification.

use crate::app::{Event, Notice, ShareId};

/// What the user did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    Open,
    Copy,
    Stop,
    Confirm,
    ShareAgain,
}

/// The action of a click on the notification itself. The specification defines the name.
const OPEN: &str = "default";
const COPY: &str = "copy";
const STOP: &str = "stop";
const CONFIRM: &str = "confirm";
const SHARE_AGAIN: &str = "share-again";

/// The actions of a notice: name and label.
pub fn actions(notice: &Notice) -> &'static [(&'static str, &'static str)] {
    if notice.offers_again && notice.opens_folder {
        &[(OPEN, "Open Folder"), (SHARE_AGAIN, "Share Again")]
    } else if notice.opens_folder {
        &[(OPEN, "Open Folder")]
    } else if notice.asks {
        &[(CONFIRM, "Share Anyway"), (STOP, "Don't Share")]
    } else if notice.offers_again {
        &[(SHARE_AGAIN, "Share Again")]
    } else if notice.link.is_some() {
        &[
            (OPEN, "Open in Browser"),
            (COPY, "Copy Link"),
            (STOP, "Stop Sharing"),
        ]
    } else {
        &[]
    }
}

impl Response {
    pub fn from_action(action: &str) -> Option<Self> {
        match action {
            OPEN => Some(Self::Open),
            COPY => Some(Self::Copy),
            STOP => Some(Self::Stop),
            CONFIRM => Some(Self::Confirm),
            SHARE_AGAIN => Some(Self::ShareAgain),
            _ => None,
        }
    }

    /// What happens, for a notice about this share that opens its folder, or its link.
    pub fn event(self, share: ShareId, opens_folder: bool) -> Event {
        match self {
            Self::Open if opens_folder => Event::OpenFolder(share),
            Self::Open => Event::OpenInBrowser(share),
            Self::Copy => Event::CopyLink(share),
            Self::Stop => Event::Stop(share),
            Self::Confirm => Event::ConfirmShare(share),
            Self::ShareAgain => Event::ShareAgain(share),
        }
    }
}
