//! What is to be done about an event; the runtime carries it out.

use std::{net::SocketAddr, path::PathBuf};

use super::{ShareId, Target};

/// A message for the person, shown as a desktop notification or a line on the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// The share it is about: a later notice about the same share replaces it.
    pub share: Option<ShareId>,
    pub title: String,
    pub body: String,
    /// What a click on it opens.
    pub link: Option<String>,
    /// It asks whether the share may start all the same.
    pub asks: bool,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Find out where the path of a folder that was clicked or chosen leads, and share that: by an
    /// event. A link to a folder is the same share as the folder.
    ShareReal(PathBuf),
    StartServer {
        share: ShareId,
        target: Target,
        /// Nothing private may be served: ask the person first.
        unless_private: bool,
    },
    StopServer(ShareId),
    /// The share's server shall answer to this public host name as well.
    SetPublicName(ShareId, Option<String>),
    StartTunnel(ShareId, SocketAddr),
    StopTunnel(ShareId),
    /// The next attempt of the share's tunnel is to be made at once.
    RetryTunnel(ShareId),
    /// Download the sidecar and put it in its place.
    DownloadSidecar,
    /// A share is online with a link that was not told before: put it on the clipboard and tell.
    Announce {
        share: ShareId,
        name: String,
        link: String,
        /// It was seen to be routed; else it may take a minute to open.
        is_checked: bool,
    },
    /// The share's link changed: tell, and replace the clipboard if it still holds the old one.
    AnnounceNew {
        share: ShareId,
        name: String,
        link: String,
        old: String,
    },
    /// Put the text on the clipboard, and tell so once it is there.
    Copy {
        text: String,
        then: Option<Notice>,
    },
    Notify(Notice),
    /// Nothing that was told of the share is true any more: take its notice away.
    Withdraw(ShareId),
    OpenUrl(String),
    OpenPath(PathBuf),
    OpenLog,
    /// Check everything that a share needs, and show what was found.
    Diagnose,
    /// Let the person choose a folder; the dialog opens here.
    PickFolder {
        beside: Option<PathBuf>,
    },
    SaveRecent(Vec<PathBuf>),
    CheckRecent(Vec<PathBuf>),
    SetAutostart(bool),
    CheckAutostart,
    /// Look up what answers on ports of this computer.
    FindSites,
    /// Everything was asked to end: be gone within 3 s whatever happens.
    GiveUpAfterGrace,
    /// Nothing is left: end the program.
    Exit,
}
