//! The rows that the submenu of a share may get by itself, while it is open.

use crate::app::{Action, MenuItem, ShareId};

/// As many notes may come at the top, such as why there is no link, or who is visiting.
const NOTES: usize = 6;

/// The rows, top to bottom, without their labels. A row that is missing here still comes, but GNOME and
/// LXQt close the submenu then.
pub fn expected(share: ShareId) -> Vec<MenuItem> {
    let mut rows: Vec<_> = (0..NOTES).map(|_| note()).collect();
    rows.extend(
        [
            Action::DownloadSidecar(share),
            Action::RetryNow(share),
            Action::CopyLink(share),
            Action::ShowQrCode(share),
            Action::CopyLocalAddress(share),
            Action::CopyNetworkLink(share),
            Action::ShowNetworkQrCode(share),
            Action::OpenInBrowser(share),
            Action::OpenFolder(share),
        ]
        .map(button),
    );
    rows.push(MenuItem::Separator);
    rows.extend([true, false].map(|is_on| check(Action::RequirePassword(share, is_on))));
    rows.push(button(Action::CopyPassword(share)));
    rows.push(button(Action::CopyLinkWithPassword(share)));
    rows.extend([true, false].map(|is_on| check(Action::AllowUploads(share, is_on))));
    rows.extend([true, false].map(|is_on| check(Action::OpenToNetwork(share, is_on))));
    // Why it is not on the network, and that it can be all the same.
    rows.push(note());
    rows.push(button(Action::OpenToNetwork(share, true)));
    rows
}

fn note() -> MenuItem {
    MenuItem::Note {
        label: String::new(),
    }
}

fn button(action: Action) -> MenuItem {
    MenuItem::Button {
        label: String::new(),
        action,
    }
}

fn check(action: Action) -> MenuItem {
    MenuItem::Check {
        label: String::new(),
        checked: false,
        action,
    }
}
