//! What a click on a menu row does.

use std::{path::PathBuf, time::Duration};

use super::{
    event::Event,
    offer::Offer,
    settings::{Changes, Limit},
    share::ShareId,
    target::Target,
};

/// What a menu row does when it is clicked. No two rows of a menu have the same action, so an
/// action also identifies its row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    PickFolder,
    PickFiles,
    ShareClipboard,
    PickInbox,
    ShareRecent(PathBuf),
    ShareSite(u16),
    ConfirmShare(ShareId),
    ClearRecent,
    CopyLink(ShareId),
    CopyLocalAddress(ShareId),
    ShowQrCode(ShareId),
    OpenInBrowser(ShareId),
    OpenFolder(ShareId),
    RequirePassword(ShareId, bool),
    CopyPassword(ShareId),
    CopyLinkWithPassword(ShareId),
    AllowUploads(ShareId, bool),
    OpenToNetwork(ShareId, bool),
    CopyNetworkLink(ShareId),
    ShowNetworkQrCode(ShareId),
    StopAfter(ShareId, Option<Duration>),
    StopAfterDownloads(ShareId, Option<u32>),
    StopAfterDeliveries(ShareId, Option<u32>),
    ShareAgain(ShareId),
    Stop(ShareId),
    StopAll,
    RetryNow(ShareId),
    /// The download is the same for every share; the ID only identifies the row.
    DownloadSidecar(ShareId),
    ToggleAutostart,
    OpenDashboard,
    OpenLog,
    Diagnose,
    CheckForUpdates,
    About,
    Quit,
}

/// Identifies a submenu, whatever its label says at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    Sites,
    Recent,
    Share(ShareId),
    StopAfter(ShareId),
    Help,
}

impl From<Offer> for Event {
    fn from(offer: Offer) -> Self {
        match offer {
            Offer::ShareFolder => Self::PickFolder,
            Offer::Download { .. } => Self::DownloadSidecar,
            Offer::OpenRelease => Self::OpenRelease,
        }
    }
}

impl From<Action> for Event {
    fn from(action: Action) -> Self {
        match action {
            Action::PickFolder => Self::PickFolder,
            Action::PickFiles => Self::PickFiles,
            Action::ShareClipboard => Self::ShareClipboard,
            Action::PickInbox => Self::PickInbox,
            Action::ShareRecent(folder) => Self::ShareRecent(folder),
            Action::ShareSite(port) => Self::Share(Target::Site(port)),
            Action::ConfirmShare(id) => Self::ConfirmShare(id),
            Action::ClearRecent => Self::ClearRecent,
            Action::CopyLink(id) => Self::CopyLink(id),
            Action::CopyLocalAddress(id) => Self::CopyLocalAddress(id),
            Action::ShowQrCode(id) => Self::ShowQrCode(id),
            Action::OpenInBrowser(id) => Self::OpenInBrowser(id),
            Action::OpenFolder(id) => Self::OpenFolder(id),
            Action::RequirePassword(id, is_on) => Self::RequirePassword(id, is_on),
            Action::CopyPassword(id) => Self::CopyPassword(id),
            Action::CopyLinkWithPassword(id) => Self::CopyLinkWithPassword(id),
            Action::AllowUploads(id, is_on) => Self::Change(
                id,
                Changes {
                    uploads: Some(is_on),
                    ..Changes::default()
                },
            ),
            Action::OpenToNetwork(id, is_on) => Self::Change(
                id,
                Changes {
                    lan: Some(is_on),
                    ..Changes::default()
                },
            ),
            Action::CopyNetworkLink(id) => Self::CopyNetworkLink(id),
            Action::ShowNetworkQrCode(id) => Self::ShowNetworkQrCode(id),
            Action::StopAfter(id, time) => Self::Change(
                id,
                Changes {
                    stop_after: Some(Limit::of(time)),
                    ..Changes::default()
                },
            ),
            Action::StopAfterDownloads(id, count) => Self::Change(
                id,
                Changes {
                    downloads: Some(Limit::of(count)),
                    ..Changes::default()
                },
            ),
            Action::StopAfterDeliveries(id, count) => Self::Change(
                id,
                Changes {
                    deliveries: Some(Limit::of(count)),
                    ..Changes::default()
                },
            ),
            Action::ShareAgain(id) => Self::ShareAgain(id),
            Action::Stop(id) => Self::Stop(id),
            Action::StopAll => Self::StopAll,
            Action::RetryNow(id) => Self::RetryNow(id),
            Action::DownloadSidecar(_) => Self::DownloadSidecar,
            Action::ToggleAutostart => Self::ToggleAutostart,
            Action::OpenDashboard => Self::OpenDashboard,
            Action::OpenLog => Self::OpenLog,
            Action::Diagnose => Self::Diagnose,
            Action::CheckForUpdates => Self::CheckForUpdates,
            Action::About => Self::About,
            Action::Quit => Self::Quit,
        }
    }
}
