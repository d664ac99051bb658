//! The state of the program, and the views of it that the tray icon shows.

use std::{path::PathBuf, time::Duration};

use super::{
    download::Download,
    duration,
    effect::Purpose,
    moment::Moment,
    name,
    notification::Notifications,
    recent::RecentFolders,
    settings::{Changes, Defaults},
    share::{Phase, Share, ShareId},
    target::Target,
    updates::Updates,
};

/// The four pictures of the tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    Idle,
    Busy,
    Online,
    Problem,
}

/// A server that listens on a port of this computer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    pub port: u16,
    /// The name of the program.
    pub program: String,
}

/// How long a share that has ended can be shared again by its notification and the menu.
const SHARE_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// More ended shares than these are not remembered.
const ENDED_MAX: usize = 20;

/// A share that has ended by itself, and can be shared again with the same settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedShare {
    pub id: ShareId,
    pub target: Target,
    /// For a menu row.
    pub name: String,
    pub settings: Changes,
    /// Until when it can be shared again.
    pub until: Moment,
}

/// Everything the program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In the order they were started.
    pub shares: Vec<Share>,
    /// Shares that have ended by themselves within the last day, the newest first.
    pub ended: Vec<EndedShare>,
    /// The settings of new shares.
    pub defaults: Defaults,
    /// The name that visitors read; empty for none.
    pub sender: String,
    /// The notifications that the user wants.
    pub notifications: Notifications,
    /// The time of the last event.
    pub now: Moment,
    pub recent: RecentFolders,
    /// The links whose QR codes are saved as pictures, and their shares.
    pub qr_codes: Vec<(ShareId, String)>,
    /// Local sites that could be shared, by port.
    pub sites: Vec<Site>,
    /// The user's home folder, shown as `~`.
    pub home: Option<PathBuf>,
    /// Where files that visitors hand in go, unless the user chooses another folder. It may not exist.
    pub inbox: Option<PathBuf>,
    /// The program starts at login.
    pub autostart: bool,
    /// The download of cloudflared; `None` if there is no release for this platform.
    pub download: Option<Download>,
    /// The folder dialog is open, for this.
    pub picking: Option<Purpose>,
    /// The program is ending.
    pub quitting: bool,
    /// The program exits when its only share ends: `share --foreground`.
    pub ends_with_share: bool,
    /// The owner has agreed to open shares to any network in which this computer is.
    pub agrees_to_networks: bool,
    /// The desktop doesn't show the tray icon.
    pub lacks_tray: bool,
    /// What is known about newer versions.
    pub updates: Updates,
    /// The ID of the newest share.
    pub last_id: u64,
}

impl State {
    pub fn share(&self, id: ShareId) -> Option<&Share> {
        self.shares.iter().find(|share| share.id == id)
    }

    pub(super) fn share_mut(&mut self, id: ShareId) -> Option<&mut Share> {
        self.shares.iter_mut().find(|share| share.id == id)
    }

    pub(super) fn share_of(&mut self, target: &Target) -> Option<&mut Share> {
        self.shares.iter_mut().find(|share| share.target == *target)
    }

    /// Adds a share of `target`, and returns its ID.
    pub(super) fn add_share(&mut self, target: Target) -> ShareId {
        self.last_id += 1;
        let id = ShareId(self.last_id);
        self.shares.push(Share::new(id, target));
        self.name_shares();
        id
    }

    pub(super) fn remove_share(&mut self, id: ShareId) {
        self.shares.retain(|share| share.id != id);
        self.name_shares();
    }

    /// Keeps the names of the shares distinct.
    fn name_shares(&mut self) {
        let targets: Vec<&Target> = self.shares.iter().map(|share| &share.target).collect();
        let names = name::distinct(&targets, self.home.as_deref());
        for (share, name) in self.shares.iter_mut().zip(names) {
            share.name = name;
        }
    }

    /// Remembers a share that has ended by itself, so that it can be shared again.
    pub(super) fn remember_ended(&mut self, share: &Share) {
        self.ended.retain(|ended| ended.target != share.target);
        self.ended.insert(
            0,
            EndedShare {
                id: share.id,
                target: share.target.clone(),
                name: share.short_name(),
                settings: share.settings_for_again(self.now),
                until: self.now.after(SHARE_AGAIN),
            },
        );
        self.ended.truncate(ENDED_MAX);
    }

    /// When something in the views changes with time alone; `None` if nothing does.
    pub fn next_look(&self) -> Option<Moment> {
        let limits = self.shares.iter().filter(|share| share.counts_down());
        let limits = limits.filter_map(|share| share.limits.next_look(self.now));
        let shares = self.shares.iter();
        let arrivals = shares.filter_map(|share| share.arrivals.due(self.now));
        let shares = self.shares.iter().filter(|_| !self.ends_with_share);
        let visitors = shares.filter_map(|share| share.visitors_due(self.now, &self.notifications));
        limits.chain(arrivals).chain(visitors).min()
    }

    /// When to ask for newer versions by itself; `None` if never.
    pub fn asks_for_updates_at(&self) -> Option<Moment> {
        self.updates.due().filter(|_| !self.quitting)
    }

    /// Whether there is a menu that a message can mention.
    pub(super) fn has_menu(&self) -> bool {
        !self.ends_with_share && !self.lacks_tray
    }

    /// The download that a notification can offer. A terminal has no buttons.
    pub(super) fn offered_download(&self) -> Option<Download> {
        self.download.filter(|_| !self.ends_with_share)
    }

    /// The picture for the share that is worst off.
    pub fn icon(&self) -> Icon {
        let any = |is: fn(&Phase) -> bool| self.shares.iter().any(|share| is(&share.phase));
        // Nothing happens until the user answers the question.
        let is_asking = |share: &Share| matches!(share.phase, Phase::Asking(_));
        let is_troubled =
            |share: &Share| share.reason().is_some() || share.is_unavailable() || is_asking(share);
        if self.shares.iter().any(is_troubled) {
            Icon::Problem
        } else if any(|phase| !matches!(phase, Phase::Online)) {
            Icon::Busy
        } else if self.shares.is_empty() {
            Icon::Idle
        } else {
            Icon::Online
        }
    }

    /// `Spot Serve: 2 folders online`.
    pub fn tooltip(&self) -> String {
        let online = self
            .shares
            .iter()
            .filter(|share| share.phase == Phase::Online && !share.is_unavailable())
            .count();
        let are_folders = self
            .shares
            .iter()
            .all(|share| matches!(share.target, Target::Folder(_)));
        let what = match (are_folders, online) {
            (true, 1) => "folder",
            (true, _) => "folders",
            (false, 1) => "link",
            (false, _) => "links",
        };
        match (self.shares.len(), online) {
            (0, _) => "Spot Serve: nothing shared".into(),
            (_, 0) => "Spot Serve: no links online".into(),
            (_, count) => match self.first_end() {
                Some(left) if self.shares.len() == 1 => {
                    format!("Spot Serve: {count} {what} online, {left} left")
                }
                Some(left) => {
                    format!("Spot Serve: {count} {what} online, the next one ends in {left}")
                }
                None => format!("Spot Serve: {count} {what} online"),
            },
        }
    }

    /// The time until the first share ends, in words.
    fn first_end(&self) -> Option<String> {
        let shares = self.shares.iter().filter(|share| share.counts_down());
        let left = shares.filter_map(|share| share.limits.time_left(self.now));
        left.min().map(duration::in_words)
    }
}
