//! What the user can do with a notification.

use crate::app::{Event, Notice, Offer, ShareId};

/// What the user did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    Open,
    Copy,
    Stop,
    Confirm,
    ShareAgain,
    /// What the notice offers.
    Take,
}

/// The action of a click on the notification itself. The specification defines the name.
pub const OPEN: &str = "default";
const COPY: &str = "copy";
const STOP: &str = "stop";
const CONFIRM: &str = "confirm";
const SHARE_AGAIN: &str = "share-again";
const TAKE: &str = "take";
/// Does nothing but close the notification.
const LATER: &str = "later";

/// The actions of a notice: name and label.
pub fn actions(notice: &Notice) -> Vec<(&'static str, String)> {
    let fixed: &[(&str, &str)] = if notice.offers_again && notice.opens_folder {
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
    };
    let mut all: Vec<_> = fixed
        .iter()
        .map(|(action, label)| (*action, (*label).to_owned()))
        .collect();
    if let Some(offer) = notice.offer {
        all.push((TAKE, offer.label()));
        if matches!(offer, Offer::Download { .. }) {
            all.push((LATER, "Not Now".to_owned()));
        }
    }
    all
}

/// What a notification is about, as far as responses need it.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub share: Option<ShareId>,
    pub opens_folder: bool,
    pub offer: Option<Offer>,
}

impl About {
    pub fn of(notice: &Notice) -> Self {
        Self {
            share: notice.share,
            opens_folder: notice.opens_folder,
            offer: notice.offer,
        }
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
            TAKE => Some(Self::Take),
            _ => None,
        }
    }

    /// What happens; `None` if the notification has nothing to do it with.
    pub fn event(self, about: About) -> Option<Event> {
        if self == Self::Take {
            return about.offer.map(Event::from);
        }
        let share = about.share?;
        Some(match self {
            Self::Open if about.opens_folder => Event::OpenFolder(share),
            Self::Open => Event::OpenInBrowser(share),
            Self::Copy => Event::CopyLink(share),
            Self::Stop => Event::Stop(share),
            Self::Confirm => Event::ConfirmShare(share),
            Self::ShareAgain => Event::ShareAgain(share),
            Self::Take => return None,
        })
    }
}
