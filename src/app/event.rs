//! What can happen: clicks, answers of servers and tunnels, signals.

use std::{net::SocketAddr, path::PathBuf};

use super::{Notice, Private, Problem, ShareId, Site, Target};

/// How the folder picker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    Chosen(PathBuf),
    Cancelled,
    /// No picker could be shown; the sentence says what to install.
    Failed(String),
}

/// What a share's tunnel says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelReport {
    /// Still on its way; the words say how far.
    Connecting(String),
    /// The public name is known, and does not work yet.
    Named { link: String },
    /// Registered with the edge, and routed by it as far as that could be found out.
    Online {
        link: String,
        /// False: it could not be found out in time, so the link may take a minute to open.
        is_checked: bool,
    },
    /// Was online and lost the edge; the name is kept.
    Reconnecting,
    /// As before, and it takes so long that the person should know.
    StillReconnecting(Problem),
    /// There is no link, for this reason.
    Down(Problem),
    /// The tunnel and every process of it are gone.
    Ended,
}

/// Where the files of a share are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// Where they were, or there again.
    There,
    /// Deleted, moved, or their disk was taken out.
    Missing,
    /// As before, and for so long that the person should know.
    MissingForLong,
}

/// How the download of the sidecar goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadReport {
    /// So many bytes have come.
    Got(u64),
    /// The sidecar is in its place.
    Done,
    /// The sentence says why, and what to do.
    Failed(String),
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The person wants this to be shared.
    Share(Target),
    /// As before, whatever private things it holds.
    ShareAnyway(Target),
    /// The same answer to the question of a share.
    Agree(ShareId),
    /// A share would make these things public.
    FoundPrivate(ShareId, Private),
    /// Sites that answer on this computer, by port.
    FoundSites(Vec<Site>),
    /// Whether something answers on the port of the site.
    SiteAnswers(ShareId, bool),
    /// Whether the files of the share are where they were.
    ContentIs(ShareId, Whereabouts),
    /// A row of "Recent Folders".
    ShareRecent(PathBuf),
    /// "Share a Folder…".
    PickFolder,
    Picked(Pick),
    CopyLink(ShareId),
    CopyLocalAddress(ShareId),
    OpenInBrowser(ShareId),
    OpenFolder(ShareId),
    Stop(ShareId),
    StopAll,
    /// "Retry Now": the person does not want to wait for the next attempt.
    RetryNow(ShareId),
    /// "Download cloudflared…".
    DownloadSidecar,
    Download(DownloadReport),
    ClearRecent,
    /// Which of the recent folders are there, in the order of the state's list.
    RecentChecked(Vec<(PathBuf, bool)>),
    ToggleAutostart,
    /// Whether the program is really started at login.
    AutostartIs(bool),
    OpenLog,
    /// "Diagnose…": the person wants to know what is wrong.
    Diagnose,
    About,
    /// The menu is about to be seen: what may have changed behind our back is looked up.
    MenuOpens,
    /// The desktop shows no tray icons.
    NoTrayHost,
    /// A left click on the icon.
    IconClicked,
    ServerStarted(ShareId, SocketAddr),
    /// The server could not be started; the sentence says why.
    ServerFailed(ShareId, String),
    ServerStopped(ShareId),
    Tunnel(ShareId, TunnelReport),
    /// A notice is ready to be shown, unless it is no longer true.
    Tell(Notice),
    /// Something that was asked for did not work; the sentence says what and why.
    DidNotWork(String),
    /// "Quit Spot Serve", or a signal that asks the program to end.
    Quit,
}
