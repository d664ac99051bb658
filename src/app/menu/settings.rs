//! The rows with the settings of a share.

use std::time::Duration;

use super::item::MenuItem;
use crate::app::{
    action::{Action, Group},
    duration,
    limits::TIMES,
    network::NetworkReport,
    share::Share,
    target::Target,
};

/// The labels of the times that the menu offers.
const LABELS: [&str; TIMES.len()] = ["1 Hour", "8 Hours", "1 Day", "1 Week"];

/// The rows, top to bottom.
pub fn rows(share: &Share) -> Vec<MenuItem> {
    let id = share.id;
    let mut rows = vec![MenuItem::Check {
        label: "Require a Password".into(),
        checked: share.wants_password,
        action: Action::RequirePassword(id, !share.wants_password),
    }];
    let button = |label: &str, action| MenuItem::Button {
        label: label.into(),
        action,
    };
    if share.known_password().is_some() {
        rows.push(button("Copy Password", Action::CopyPassword(id)));
        if share.offered_link().is_some() {
            rows.push(button(
                "Copy Link with Password",
                Action::CopyLinkWithPassword(id),
            ));
        }
    }
    let is_folder = matches!(share.target, Target::Folder(_));
    if is_folder && (share.uploads || share.no_uploads.is_none()) {
        rows.push(MenuItem::Check {
            label: "Visitors May Add Files".into(),
            checked: share.uploads,
            action: Action::AllowUploads(id, !share.uploads),
        });
    }
    if share.can_be_on_network() {
        rows.push(MenuItem::Check {
            label: "Also on This Network".into(),
            checked: share.lan,
            action: Action::OpenToNetwork(id, !share.lan),
        });
        rows.extend(network_note(share).map(|label| MenuItem::Note { label }));
        if share.asks_about_network() {
            rows.push(button(
                "Open on This Network Anyway",
                Action::OpenToNetwork(id, true),
            ));
        }
    }
    rows.push(MenuItem::Submenu {
        label: "Stop After".into(),
        group: Group::StopAfter(id),
        items: stop_after(share),
    });
    rows
}

/// What to know about a share in the local network.
fn network_note(share: &Share) -> Option<String> {
    match &share.network {
        Some(NetworkReport::Closed(why)) => Some(format!("Not on your network: {}", why.short())),
        Some(NetworkReport::Open(_)) if share.wants_password => {
            Some("Not encrypted: others on your network could listen".into())
        }
        _ => None,
    }
}

fn stop_after(share: &Share) -> Vec<MenuItem> {
    let id = share.id;
    let chosen = share.limits.stop_after();
    let row = |label: &str, time: Option<Duration>| MenuItem::Choice {
        label: label.into(),
        chosen: chosen == time,
        action: Action::StopAfter(id, time),
    };
    let mut rows = Vec::new();
    if let Some(other) = chosen.filter(|time| !TIMES.contains(time)) {
        rows.push(row(&duration::in_words(other), Some(other)));
    }
    let offered = LABELS.iter().zip(TIMES);
    rows.extend(offered.map(|(label, time)| row(label, Some(time))));
    rows.push(row("Never", None));
    if matches!(share.target, Target::Site(_)) {
        // A site has no downloads to count.
        return rows;
    }
    rows.push(MenuItem::Separator);
    let has_counted = share.limits.has_counted();
    rows.extend(if share.is_inbox() {
        let left = share.limits.deliveries_left();
        number(left, has_counted, ["Delivery", "Deliveries"], |count| {
            Action::StopAfterDeliveries(id, count)
        })
    } else {
        let left = share.limits.downloads_left();
        number(left, has_counted, ["Download", "Downloads"], |count| {
            Action::StopAfterDownloads(id, count)
        })
    });
    rows
}

/// The rows that end a share after a number of downloads or deliveries, of which so many are left.
fn number(
    left: Option<u32>,
    has_counted: bool,
    [one, several]: [&str; 2],
    action: impl Fn(Option<u32>) -> Action,
) -> Vec<MenuItem> {
    let mut rows = Vec::new();
    if let Some(more) = left.filter(|left| *left != 1) {
        rows.push(MenuItem::Check {
            label: format!("{more} More Complete {several}"),
            checked: true,
            action: action(None),
        });
    }
    let is_next = left == Some(1);
    let which = if has_counted { "Next" } else { "First" };
    rows.push(MenuItem::Check {
        label: format!("{which} Complete {one}"),
        checked: is_next,
        action: action((!is_next).then_some(1)),
    });
    rows
}
