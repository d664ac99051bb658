//! The file server of one share, which strangers reach through the public link.
//!
//! Each layer uses those below it, never those above:
//!
//! ```text
//! worker      threads that accept connections and run actix-web on them
//! answer      from a request to a response: the gate, the router, one handler per file
//! page        the listing and the error pages as a visitor sees them
//! dav         what programs see that mount a share as a drive
//! listing     what is in a folder, as data
//! archive     a folder as one zip or tar
//! contents    what is in zip, tar and 7z files that are shared
//! thumbnail   small versions of pictures
//! sums        SHA-256 sums of files
//! receive     files that visitors hand in
//! http        one concern of HTTP per file
//! access      who may see the share, and how long: its password, its traffic, its downloads
//!             and its uploads
//! share       what is shared, and whether it is still where it was
//! folder      one folder as a capability that nothing can get out of
//! transport   how bytes get from a file to a connection
//! path        the path of a request as names, and names as they are shown
//! platform    what differs between Unix and Windows
//!
//! downloads   which visitors were sent all of a file or zip archive
//! live        who is looking, and what is on its way
//! uploads     what visitors may hand in, and what has come in
//! countdown   the end of a share after a number of downloads or deliveries
//! traffic     the requests that are under way, and the end of a share
//! copies      what was compressed, for those who ask again
//! offer       who shares it, and until when, as visitors read it
//! origin      where a request came from
//! head_end    where the head of a response ends
//! kind        the kind of a file, from its name
//! activity    whether bytes flow to or from visitors
//! utc         file times as dates, and the time now
//! blocking    one question to the disk, which may take a while
//! work        long work: its limits, and one result for everyone who asks
//! interner    values that several visitors need at the same time, in memory once
//! ```

mod about;
mod access;
mod activity;
mod answer;
mod archive;
mod blocking;
mod contents;
mod copies;
mod countdown;
mod dav;
mod downloads;
mod folder;
#[doc(hidden)]
pub mod fuzzing;
mod head_end;
mod http;
mod interner;
mod kind;
mod listing;
mod live;
mod offer;
mod origin;
mod page;
mod path;
mod platform;
mod receive;
mod share;
mod sums;
mod thumbnail;
mod traffic;
mod transport;
mod uploads;
mod utc;
mod work;
mod worker;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

pub use access::{
    Access, Closed, Decision, Knock, Lock, LockChanges, MAX_FORM_BYTES, MAX_PASSWORD_BYTES,
    PasswordHash, Session, Submitted, UnusablePassword,
};
pub use activity::Activity;
pub use answer::{Reply, blocked, closed, site_unavailable, submitted, turned_away};
pub use downloads::{Download, DownloadKind, DownloadReport, Downloads, Interrupted};
pub use http::host::PublicNames;
pub use live::{
    Caller, Direction, Live, LiveGuard, LiveTransfer, LiveView, LiveVisitor, Subject, TransferId,
    TransferView, VisitorId, VisitorView,
};
pub use origin::RequestOrigin;
pub use receive::{
    Begun, Checksum, DeliveryId, DeliveryStatus, Inbox, NewUpload, OpenUploads, PartWriter,
    ReceiveError, ReceivedFile, UploadId, UploadStatus, Written,
};
pub use share::{Content, HiddenFiles, Look, Presence, StartError};
pub use traffic::{Traffic, TurnedAway, UnderWay};
pub use transport::{Chunks, Lane, PROTECTION, Pace};
pub use uploads::{Incoming, UploadReport, UploadRules, Uploads};
pub use utc::now;

/// What all pages of the program have in common.
pub mod common {
    pub use super::page::{Asset, hash, loaded, preferred_language, script_json};
    pub(crate) use super::page::{asset, built};
}

use answer::{Answerer, Gate};
use thumbnail::Thumbnails;
pub use transport::Visitor;
use worker::{Limits, Workers};
pub use worker::{NetworkListener, NetworkOpener};

/// How to serve it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether to serve hidden files too.
    pub hidden: HiddenFiles,
    /// The port on 127.0.0.1; 0 for any free port.
    pub port: u16,
    /// The directory in which thumbnails are cached. Without one, they are made each time.
    pub thumbnails: Option<PathBuf>,
    /// Counts the bytes to and from visitors.
    pub activity: Activity,
    /// Who may see it.
    pub access: Access,
    /// The only file is a text, which is shown on a page of its own.
    pub is_text: bool,
}

/// A running file server. Dropping it stops it without waiting for the end.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    names: PublicNames,
    presence: Presence,
    inbox: Inbox,
    workers: Workers,
}

impl Server {
    /// Opens the content and starts serving it on 127.0.0.1. May wait for the disk. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`], in words for the owner.
    pub fn start(content: &Content, settings: &Settings) -> Result<Self, StartError> {
        let presence = Presence::open(content, settings.hidden.clone())?;
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
        let listener = worker::listen(wanted).map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => StartError::PortTaken {
                port: settings.port,
            },
            _ => StartError::Listen {
                address: wanted,
                source,
            },
        })?;
        let address = listener.local_addr().map_err(StartError::Threads)?;
        let names = PublicNames::default();
        let thumbnails = Thumbnails::new(settings.thumbnails.as_deref());
        let gate = Gate::new(
            presence.clone(),
            names.clone(),
            address.port(),
            settings.access.clone(),
        );
        // Next to the thumbnails.
        let copies = settings.thumbnails.as_deref();
        let copies = copies.map(|thumbnails| thumbnails.with_file_name("copies"));
        let answerer = Answerer::new(gate, thumbnails)
            .showing_text(settings.is_text)
            .keeping_copies(copies);
        let inbox = answerer.inbox();
        let workers = Workers::start(
            listener,
            answerer,
            Limits::default(),
            settings.activity.clone(),
        )
        .map_err(StartError::Threads)?;
        Ok(Self {
            address,
            names,
            presence,
            inbox,
            workers,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The names that requests may use besides loopback names and addresses.
    pub fn names(&self) -> PublicNames {
        self.names.clone()
    }

    /// Opens it to the local network.
    pub fn network_opener(&self) -> NetworkOpener {
        self.workers.network_opener()
    }

    /// Whether what it serves exists.
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }

    /// The addresses of the visitors who are being answered, as far as they are known. They keep its
    /// disk busy.
    pub fn visitors(&self) -> Vec<IpAddr> {
        let visitors = self.workers.visitors().into_iter();
        visitors.map(Visitor::address).collect()
    }

    /// Waits until it has ended, or no longer works as it should. If it was not stopped or dropped
    /// before, something is wrong and it should be stopped.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        self.workers.one_ended()
    }

    /// Stops it and closes all connections, including running downloads, within a second. If files are
    /// complete that were not written to a slow disk yet, waits somewhat longer.
    pub async fn stop(self, open: OpenUploads) {
        self.workers.stop().await;
        self.inbox.close(open).await;
    }
}
