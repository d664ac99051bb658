//! The tray icon: shows a view of the state, turns clicks into events.

#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "native/mod.rs")]
mod platform;

pub use platform::{Tray, run, tell};

use crate::app::{self, Action, Event, Icon, Menu, State, Target};

/// Everything that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub menu: Menu,
    pub icon: Icon,
    pub tooltip: String,
}

impl View {
    pub fn of(state: &State) -> Self {
        Self {
            menu: app::menu(state),
            icon: state.icon(),
            tooltip: state.tooltip(),
        }
    }
}

/// The tray can't be shown; the program goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("No tray icon can be shown: {0}")]
pub struct TrayError(String);

fn event_of(action: Action) -> Event {
    match action {
        Action::ShareSite(port) => Event::Share(Target::Site(port)),
        Action::Agree(id) => Event::Agree(id),
        Action::PickFolder => Event::PickFolder,
        Action::ShareRecent(folder) => Event::ShareRecent(folder),
        Action::ClearRecent => Event::ClearRecent,
        Action::CopyLink(share) => Event::CopyLink(share),
        Action::CopyLocalAddress(share) => Event::CopyLocalAddress(share),
        Action::OpenInBrowser(share) => Event::OpenInBrowser(share),
        Action::OpenFolder(share) => Event::OpenFolder(share),
        Action::Stop(share) => Event::Stop(share),
        Action::StopAll => Event::StopAll,
        Action::RetryNow(id) => Event::RetryNow(id),
        Action::DownloadSidecar(_) => Event::DownloadSidecar,
        Action::ToggleAutostart => Event::ToggleAutostart,
        Action::OpenLog => Event::OpenLog,
        Action::Diagnose => Event::Diagnose,
        Action::About => Event::About,
        Action::Quit => Event::Quit,
    }
}
