//! What to do about an event. The runtime carries it out.

use std::{net::SocketAddr, path::PathBuf};

use super::{
    incoming::UploadSettings, limits::EndReason, network_announcement::NetworkAnnouncement,
    notice::Notice, settings::PasswordChange, share::ShareId, target::Target,
};

/// What something is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A folder to share.
    Share,
    /// Files to share together.
    ShareFiles,
    /// A folder to receive files in.
    Receive,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Resolve the path of a folder that was clicked or chosen, then share the folder with an
    /// event. A link to a folder and the folder itself are the same share.
    ResolveAndShare(PathBuf),
    /// The same for files that were chosen together.
    ResolveAndShareFiles(Vec<PathBuf>),
    /// The same for a folder that is to receive files.
    ResolveAndReceive(PathBuf),
    StartServer {
        share: ShareId,
        target: Target,
        /// Look for private content first, and report it instead of starting.
        check_private: bool,
        /// Takes effect before the first request.
        password: PasswordChange,
        /// The complete downloads after which nothing new is served.
        downloads: Option<u32>,
        /// The complete deliveries after which nothing new is served.
        deliveries: Option<u32>,
        /// What visitors may hand in, if they may.
        uploads: Option<UploadSettings>,
        /// Visitors see hidden files, too.
        hidden: bool,
    },
    StopServer(ShareId),
    ChangePassword(ShareId, PasswordChange),
    /// Serve nothing new after so many more complete downloads.
    LimitDownloads(ShareId, Option<u32>),
    /// Serve nothing new after so many more complete deliveries.
    LimitDeliveries(ShareId, Option<u32>),
    /// Let visitors hand in this from now on, or nothing.
    SetUploads(ShareId, Option<UploadSettings>),
    /// Show visitors hidden files from now on, or no more.
    SetHidden(ShareId, bool),
    /// Let scripts of other websites read the share from now on, or no more.
    SetCors(ShareId, bool),
    /// Tell visitors where photos were taken from now on, or no more.
    ShowPlaces(ShareId, bool),
    /// Send all visitors together no more than so many bytes in a second.
    LimitSpeed(ShareId, Option<u64>),
    /// Let people in the local network reach the share, at each private address of this computer, and
    /// follow changes of the network. Reported with [`Event::Network`](super::Event::Network).
    OpenToNetwork {
        share: ShareId,
        /// What it is announced as.
        name: String,
        /// The port that it had before.
        port: Option<u16>,
    },
    /// Open the share to the network in which this computer is now, although it isn't known to be private.
    OpenToNetworkAnyway(ShareId),
    /// Let nobody in the local network reach the share any more, and end their connections.
    CloseToNetwork(ShareId),
    /// A share that has no public link is open to the local network: copy that link and show a
    /// notification.
    AnnounceOnNetwork(NetworkAnnouncement),
    /// Record the requests of a local site until the share ends, or only while somebody looks.
    RecordRequests(ShareId, bool),
    /// Serve nothing new from now on, and report when what is under way has arrived.
    EndServing(ShareId),
    /// The share is over before it was resumed: don't resume it again.
    ForgetSettings(Target),
    /// The settings of the share have changed: save them for resuming it.
    SaveSettings(ShareId),
    /// Write down that the share has begun.
    RecordStart(ShareId),
    /// Write down that the share is gone, and why if it has ended by itself.
    RecordEnd(ShareId, Option<EndReason>),
    /// Let the share's server also answer to this public host name.
    SetPublicName(ShareId, Option<String>),
    StartTunnel(ShareId, SocketAddr),
    StopTunnel(ShareId),
    /// Make the next attempt of the share's tunnel now.
    RetryTunnel(ShareId),
    /// Download cloudflared and install it.
    DownloadSidecar,
    /// A share is online with its first link: copy it and show a notification.
    Announce {
        share: ShareId,
        name: String,
        link: String,
        /// What the user should know about it, in whole sentences.
        note: Option<String>,
        /// The link was seen to work; otherwise it may take a minute to open.
        is_checked: bool,
    },
    /// The share's link has changed: show a notification, and replace the link on the clipboard
    /// if the old one is still there.
    AnnounceNewLink {
        share: ShareId,
        name: String,
        link: String,
        old: String,
    },
    /// Copy the text to the clipboard, then show the notice.
    Copy {
        text: String,
        /// It holds a password.
        is_secret: bool,
        then: Option<Notice>,
    },
    Notify(Notice),
    /// Remove the share's notification, because what it says is no longer true.
    WithdrawNotice(ShareId),
    /// Save a picture of the link's QR code, and open it.
    ShowQrCode {
        share: ShareId,
        link: String,
    },
    /// Remove that picture, because the link is no longer valid.
    RemoveQrCode(ShareId),
    OpenUrl(String),
    OpenPath(PathBuf),
    OpenLog,
    /// Start the dashboard if it isn't running, and open it in the browser.
    OpenDashboard,
    /// Run the doctor and show its report.
    Diagnose,
    /// Ask the release feed for newer versions. Reported with
    /// [`Event::UpdateAnswer`](super::Event::UpdateAnswer).
    AskForUpdates,
    /// Remember when to ask next, and the version that the owner was told of.
    SaveWeeklyCheck,
    /// The owner was told where the icon is: don't say it again.
    RememberWelcome,
    /// Let the user choose a folder or files. The dialog opens in the given folder, which is made if it is to
    /// receive files.
    Pick {
        purpose: Purpose,
        start: Option<PathBuf>,
    },
    /// Read the clipboard, keep what is on it, and share it with an event.
    ShareClipboard,
    SaveRecent(Vec<PathBuf>),
    CheckRecent(Vec<PathBuf>),
    SetAutostart(bool),
    CheckAutostart,
    /// Look for servers on ports of this computer.
    FindSites,
    /// Everything was asked to stop: exit within 3 seconds whatever happens.
    ForceExitAfterGrace,
    /// Everything has stopped: exit.
    Exit,
}
