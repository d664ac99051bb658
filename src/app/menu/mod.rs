//! The menu as a view of the state. Its labels are a contract: users learn them, and tests click
//! them.

mod item;
mod settings;

use super::{
    action::{Action, Group},
    label,
    name::{self, Name},
    recent::RecentFolder,
    share::{EVENTS_HELD_BACK, Phase, Share},
    state::{Site, State},
    target::Target,
};
pub use item::MenuItem;

/// How many shares that have ended the menu offers to share again.
const ENDED_ROWS: usize = 3;

/// The rows of the menu, top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menu(pub Vec<MenuItem>);

/// The menu for this state.
pub fn menu(state: &State) -> Menu {
    if state.quitting {
        return Menu(vec![note("Quitting…")]);
    }
    let mut rows = vec![
        button("Share a Folder…", Action::PickFolder),
        button("Share Files…", Action::PickFiles),
        button("Share the Clipboard", Action::ShareClipboard),
        button("Receive Files…", Action::PickInbox),
    ];
    rows.extend(local_sites(state));
    rows.extend(recent_folders(state));
    rows.extend(state.ended.iter().take(ENDED_ROWS).map(|ended| {
        let label = format!("Share {} Again", ended.name);
        button(&label, Action::ShareAgain(ended.id))
    }));
    if !state.shares.is_empty() {
        rows.push(MenuItem::Separator);
        rows.extend(state.shares.iter().map(|share| share_row(state, share)));
    }
    rows.push(MenuItem::Separator);
    if state.shares.len() > 1 {
        rows.push(button("Stop All Sharing", Action::StopAll));
    }
    rows.push(button("Dashboard…", Action::OpenDashboard));
    rows.push(MenuItem::Check {
        label: "Launch at Login".into(),
        checked: state.autostart,
        action: Action::ToggleAutostart,
    });
    rows.push(MenuItem::Submenu {
        label: "Help".into(),
        group: Group::Help,
        items: vec![
            button("Diagnose…", Action::Diagnose),
            button("Open Log", Action::OpenLog),
            button("Check for Updates…", Action::CheckForUpdates),
            button(
                &format!("About Spot Serve {}", env!("CARGO_PKG_VERSION")),
                Action::About,
            ),
        ],
    });
    rows.push(button("Quit Spot Serve", Action::Quit));
    Menu(rows)
}

fn local_sites(state: &State) -> Option<MenuItem> {
    if state.sites.is_empty() {
        return None;
    }
    let row = |site: &Site| {
        let program = label::shortened(&label::visible(&site.program));
        button(
            &format!("{} – {program}", site.port),
            Action::ShareSite(site.port),
        )
    };
    Some(MenuItem::Submenu {
        label: "Share a Local Site".into(),
        group: Group::Sites,
        items: state.sites.iter().map(row).collect(),
    })
}

fn recent_folders(state: &State) -> Option<MenuItem> {
    if state.recent.is_empty() {
        return None;
    }
    let folders: Vec<Target> = state
        .recent
        .iter()
        .map(|recent| Target::Folder(recent.path.clone()))
        .collect();
    let names = name::distinct(&folders.iter().collect::<Vec<_>>(), state.home.as_deref());
    let mut items: Vec<MenuItem> = state
        .recent
        .iter()
        .zip(&names)
        .map(|(recent, name)| recent_row(recent, name))
        .collect();
    items.push(MenuItem::Separator);
    items.push(button("Clear Recent Folders", Action::ClearRecent));
    Some(MenuItem::Submenu {
        label: "Recent Folders".into(),
        group: Group::Recent,
        items,
    })
}

fn recent_row(recent: &RecentFolder, name: &Name) -> MenuItem {
    let label = name.short();
    if recent.exists {
        MenuItem::Button {
            label,
            action: Action::ShareRecent(recent.path.clone()),
        }
    } else {
        MenuItem::Note {
            label: format!("{label} (missing)"),
        }
    }
}

fn share_row(state: &State, share: &Share) -> MenuItem {
    let id = share.id;
    let name = share.short_name();
    let status = match (&share.phase, share.incoming.in_words()) {
        (Phase::Online, Some(incoming)) if !share.is_unavailable() => incoming,
        _ => share.status_text(),
    };
    let mut label = format!("{name} – {status}");
    if share.counts_down()
        && let Some(left) = share.limits.words(state.now)
    {
        label = format!("{label} ({left})");
    }
    if share.phase == Phase::Online && share.holds_back_events() {
        label = format!("{label}, event streams are held back");
    }
    if share.phase == Phase::Stopping {
        return MenuItem::Note { label };
    }
    let mut items = Vec::new();
    if let Phase::Asking(private) = &share.phase {
        items.extend(private.all().map(|thing| note(thing)));
        items.push(button("Share Anyway", Action::ConfirmShare(id)));
        items.push(button("Don't Share", Action::Stop(id)));
        return MenuItem::Submenu {
            label,
            group: Group::Share(id),
            items,
        };
    }
    items.extend(share.ending_because().map(|end| note(&end.sentence())));
    items.extend(share.reason().map(|why| note(&why)));
    if share.holds_back_events() {
        items.push(note(EVENTS_HELD_BACK));
    }
    items.extend(share.incoming.in_detail().map(|incoming| note(&incoming)));
    let received = share.received.in_words();
    items.extend(received.map(|received| note(&format!("{received} received"))));
    items.extend(share.under_way.in_words().map(|busy| note(&busy)));
    items.extend(download_row(state, share));
    if share.can_retry() {
        items.push(button("Retry Now", Action::RetryNow(id)));
    } else if share.is_retrying() {
        // In the same place, so that the rows below don't move with each attempt.
        items.push(note("Trying again…"));
    }
    if share.offered_link().is_some() {
        items.push(button("Copy Link", Action::CopyLink(id)));
        items.push(button("Show QR Code", Action::ShowQrCode(id)));
    } else if share.local_link().is_some() && share.network_link().is_none() {
        items.push(button("Copy Local Address", Action::CopyLocalAddress(id)));
    }
    if share.network_link().is_some() {
        items.push(button("Copy Network Link", Action::CopyNetworkLink(id)));
        items.push(button(
            "Show Network QR Code",
            Action::ShowNetworkQrCode(id),
        ));
    }
    if share.local_link().is_some() {
        items.push(button("Open in Browser", Action::OpenInBrowser(id)));
    }
    let is_folder = matches!(share.target, Target::Folder(_) | Target::Inbox(_));
    let is_folder_gone = share.is_missing && is_folder;
    if share.target.folder().is_some() && !is_folder_gone {
        items.push(button("Open Folder", Action::OpenFolder(id)));
    }
    if share.ending_because().is_none() {
        items.push(MenuItem::Separator);
        items.extend(settings::rows(share));
        items.push(MenuItem::Separator);
    }
    items.push(button("Stop Sharing", Action::Stop(id)));
    MenuItem::Submenu {
        label,
        group: Group::Share(id),
        items,
    }
}

/// Offers to download cloudflared if the share needs it, or shows the progress.
fn download_row(state: &State, share: &Share) -> Option<MenuItem> {
    let download = state.download.filter(|_| share.needs_download())?;
    Some(match download.received {
        None => button(&download.label(), Action::DownloadSidecar(share.id)),
        Some(_) => note(&download.label()),
    })
}

fn button(label: &str, action: Action) -> MenuItem {
    MenuItem::Button {
        label: label.to_owned(),
        action,
    }
}

fn note(label: &str) -> MenuItem {
    MenuItem::Note {
        label: label.to_owned(),
    }
}
