//! What can happen: clicks, reports from servers and tunnels, signals.

use std::{net::SocketAddr, path::PathBuf};

use super::{
    incoming::{Incoming, Received},
    moment::Moment,
    network::NetworkReport,
    notice::Notice,
    private_content::PrivateContent,
    settings::{Changes, Password},
    share::{Problem, ShareId},
    site::SiteState,
    state::Site,
    target::Target,
    under_way::UnderWay,
    updates::{UpdateAnswer, WeeklyCheck},
    visitors::Visits,
};

/// How the dialog for a folder or files ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickResult {
    Chosen(PathBuf),
    /// At least one file.
    ChosenFiles(Vec<PathBuf>),
    Cancelled,
    /// The dialog can't be shown; the text says what to install.
    Failed(String),
}

/// What a share's tunnel reports about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelReport {
    /// Not there yet; the text says how far it is.
    Connecting(String),
    /// The public name is known, but doesn't work yet.
    Named { link: String },
    /// Connected to the edge, and the link works as far as that could be checked.
    Online {
        link: String,
        /// False if the check didn't finish in time: the link may take a minute to open.
        is_checked: bool,
    },
    /// The tunnel was online and lost its connection to the edge. The name stays the same.
    Reconnecting,
    /// Still reconnecting, for so long that the user should know.
    StillReconnecting(Problem),
    /// There is no link, for this reason.
    Down(Problem),
    /// The tunnel and all of its processes have ended.
    Ended,
}

/// Whether the files of a share are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    Available,
    /// These of them are missing, and visitors see the others.
    PartlyMissing(Vec<String>),
    /// Deleted, moved, or on a disk or network drive that was disconnected.
    Missing,
    /// Whatever is missing has been so for so long that the user should know.
    MissingForLong,
}

/// Progress of the cloudflared download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadReport {
    /// This many bytes have arrived so far.
    Received(u64),
    /// cloudflared is installed.
    Done,
    /// The text says why, and what to do.
    Failed(String),
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user wants to share this.
    Share(Target),
    /// The same, and the user has agreed to share private content.
    ShareConfirmed(Target),
    /// The user wants to share this with these settings, and has agreed to share private content or
    /// not. If it is shared already, its settings change.
    ShareWith {
        target: Target,
        is_confirmed: bool,
        changes: Changes,
    },
    /// An earlier run shared this with these settings.
    Resume {
        target: Target,
        changes: Changes,
    },
    /// The user wants other settings for the share.
    Change(ShareId, Changes),
    /// "Require a Password" was checked, so that one is generated and shown, or unchecked.
    RequirePassword(ShareId, bool),
    /// A change of the password is in effect: visitors need this one, or none.
    PasswordIs {
        share: ShareId,
        password: Option<Password>,
        /// No later change is wanted.
        is_settled: bool,
    },
    /// The last wanted change of the password failed; the text says why. The one before stays.
    PasswordFailed(ShareId, String),
    CopyPassword(ShareId),
    CopyLinkWithPassword(ShareId),
    /// One visitor was sent all of a file or zip archive. With `is_last`, the server serves nothing new
    /// any more.
    Downloaded {
        share: ShareId,
        is_last: bool,
    },
    /// What visitors are handing in now.
    Incoming(ShareId, Incoming),
    /// Whole files have come in.
    Received(ShareId, Received),
    /// A visitor has handed in everything. With `is_last`, the server serves nothing new any more.
    Delivered {
        share: ShareId,
        files: u32,
        bytes: u64,
        /// The name that the visitor gave. It may be anything.
        sender: Option<String>,
        is_last: bool,
    },
    /// What has become of a share in the local network.
    Network(ShareId, NetworkReport),
    /// "Copy Network Link".
    CopyNetworkLink(ShareId),
    /// "Show Network QR Code".
    ShowNetworkQrCode(ShareId),
    /// Files that strangers add to the shared folder could do harm.
    NoUploads(ShareId, PrivateContent),
    /// What the hidden files of the share would make public.
    PrivateHidden(ShareId, Option<PrivateContent>),
    /// Whether photos in the share say where they were taken. Each search for them is answered soon, and
    /// once more if it takes longer.
    PlacesSearched(ShareId, bool),
    /// Nothing is under way any more for a share that is ending.
    Drained(ShareId),
    /// Share what has ended by itself again, with the same settings.
    ShareAgain(ShareId),
    /// What time it is. Sent before each other event, and when the views change with time.
    Now(Moment),
    /// "Share Anyway" for a share that waits for confirmation.
    ConfirmShare(ShareId),
    /// The share would make this public.
    FoundPrivate(ShareId, PrivateContent),
    /// Servers that listen on this computer, by port.
    FoundSites(Vec<Site>),
    /// Visitors came, or took something.
    Visited(ShareId, Visits),
    /// What visitors of the shared site get.
    SiteState(ShareId, SiteState),
    /// Whether the shared site has answered with a stream of events.
    SiteStreamsEvents(ShareId, bool),
    ContentAvailability(ShareId, Availability),
    /// How many requests of visitors are under way for each share, at the moment.
    UnderWay(Vec<(ShareId, UnderWay)>),
    /// A row of "Recent Folders".
    ShareRecent(PathBuf),
    /// "Share a Folder…".
    PickFolder,
    /// "Share Files…".
    PickFiles,
    /// "Share the Clipboard".
    ShareClipboard,
    /// "Receive Files…".
    PickInbox,
    Picked(PickResult),
    CopyLink(ShareId),
    CopyLocalAddress(ShareId),
    ShowQrCode(ShareId),
    OpenInBrowser(ShareId),
    OpenFolder(ShareId),
    Stop(ShareId),
    StopAll,
    /// "Retry Now": don't wait for the next attempt.
    RetryNow(ShareId),
    /// "Download cloudflared…".
    DownloadSidecar,
    Download(DownloadReport),
    ClearRecent,
    /// Which recent folders exist, in the order of the list.
    RecentChecked(Vec<(PathBuf, bool)>),
    ToggleAutostart,
    /// Whether the program really starts at login.
    AutostartIs(bool),
    OpenLog,
    /// "Dashboard…".
    OpenDashboard,
    /// "Diagnose…".
    Diagnose,
    /// "Check for Updates…".
    CheckForUpdates,
    /// Ask for newer versions once a week, or never.
    CheckWeekly(Option<WeeklyCheck>),
    UpdateAnswer(UpdateAnswer),
    /// Open the page of the newest release.
    OpenRelease,
    About,
    /// The menu is about to open: check what may have changed outside the program.
    MenuOpens,
    /// The desktop doesn't show tray icons.
    NoTrayHost,
    /// The program runs for the first time, and its icon is there: in the panel, say.
    Welcome {
        place: &'static str,
    },
    /// A left click on the icon.
    IconClicked,
    ServerStarted(ShareId, SocketAddr),
    /// The server couldn't be started; the text says why.
    ServerFailed(ShareId, String),
    ServerStopped(ShareId),
    Tunnel(ShareId, TunnelReport),
    /// A notice is ready to be shown, unless it is no longer true.
    ShowNotice(Notice),
    /// Something the user asked for failed; the text says what and why.
    ActionFailed(String),
    /// "Quit Spot Serve", or a signal that asks the program to end.
    Quit,
}
