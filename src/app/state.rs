//! The state of the program, and the plain views of it that an icon shows.

use std::path::PathBuf;

use super::{Download, Phase, RecentFolders, Share, ShareId, Target};

/// The four pictures of the tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    Idle,
    Busy,
    Online,
    Problem,
}

/// Something that answers on a port of this computer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    pub port: u16,
    /// The name of the program that listens.
    pub program: String,
}

/// Everything the program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In the order in which they were started.
    pub shares: Vec<Share>,
    pub recent: RecentFolders,
    /// What could be shared besides, by port.
    pub sites: Vec<Site>,
    /// The person's home folder, shown as `~`.
    pub home: Option<PathBuf>,
    /// The program is started at login.
    pub autostart: bool,
    /// The sidecar's download; `None` where there is no release for this kind of computer.
    pub download: Option<Download>,
    /// The folder picker is open.
    pub picking: bool,
    /// The program is ending.
    pub quitting: bool,
    /// The program ends with its only share: `share --foreground`.
    pub ends_with_share: bool,
    /// The number of the newest share.
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

    /// The worst that is true of any share decides.
    pub fn icon(&self) -> Icon {
        let any = |is: fn(&Phase) -> bool| self.shares.iter().any(|share| is(&share.phase));
        // A question that nobody answers is no progress either.
        let is_asking = |share: &Share| matches!(share.phase, Phase::Asking(_));
        let is_troubled =
            |share: &Share| share.reason().is_some() || share.is_empty_handed() || is_asking(share);
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
            .filter(|share| share.phase == Phase::Online && !share.is_empty_handed())
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
            (0, _) => "Spot Serve: nothing is shared".into(),
            (_, 0) => "Spot Serve: no link is online".into(),
            (_, n) => format!("Spot Serve: {n} {what} online"),
        }
    }
}
