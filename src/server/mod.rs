//! The file server of one share: what strangers reach through the public link.
//!
//! ```text
//! worker      threads that accept connections and run actix-web on them
//! load        how many connections each of them has
//! transport   how bytes get from a file to a connection
//! host        which Host a request may name
//! answer      from a request to a response: one function that shows the order of things
//! path        the path of a request as names, or nothing
//! windows_name, hidden_name
//!             what a name must not be
//! share       what is shared: a folder, or several files and folders chosen together
//! presence    whether that is still where it was
//! folder      one folder as a capability that can't be left
//! file        the response for a file
//! conditional, range, media_type, disposition, compress, headers
//!             one concern of HTTP each
//! site        a folder with an index.html is a site
//! listing     what is in a folder, as data
//! page        the listing and the error pages as a visitor sees them
//! thumbnail   small pictures of large ones
//! utc         file times as dates
//! archive     a folder as one zip
//! platform    what differs between Unix and Windows
//! shelf       what several visitors need at the same time, kept once
//! visitor     who asked for what, in a form that is safe in a log
//! ```

mod answer;
mod archive;
mod compress;
mod conditional;
mod disposition;
mod file;
mod folder;
#[doc(hidden)]
pub mod fuzzing;
mod headers;
mod hidden_name;
mod host;
mod listing;
mod load;
mod media_type;
mod page;
mod path;
#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;
mod presence;
mod range;
mod share;
mod shelf;
mod site;
mod start_error;
mod thumbnail;
mod transport;
mod utc;
mod visitor;
mod windows_name;
mod worker;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use host::PublicNames;
pub use presence::Presence;
pub use start_error::StartError;

use answer::Answerer;
use thumbnail::Thumbnails;
use worker::Workers;

/// What is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A folder with everything in it.
    Folder(PathBuf),
    /// One file, or several files and folders chosen together.
    Files(Vec<PathBuf>),
}

/// How it is to be served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Serve hidden files too.
    pub hidden: bool,
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// The directory in which small pictures are kept; if none, they are made anew each time.
    pub thumbnails: Option<PathBuf>,
}

/// A running file server. Dropping it ends it as well, only without waiting for the end.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    names: PublicNames,
    presence: Presence,
    workers: Workers,
}

impl Server {
    /// Opens the content and starts to serve it on 127.0.0.1. May wait for the disk. Called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// [`StartError`], in words for the person who shares.
    pub fn start(content: &Content, settings: &Settings) -> Result<Server, StartError> {
        let presence = Presence::open(content, settings.hidden)?;
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
        let answerer = Answerer::new(presence.clone(), thumbnails, names.clone(), address.port());
        let workers = Workers::start(listener, answerer).map_err(StartError::Threads)?;
        Ok(Server {
            address,
            names,
            presence,
            workers,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The public name that requests may ask for besides loopback names.
    pub fn names(&self) -> PublicNames {
        self.names.clone()
    }

    /// Whether what it serves is there.
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }

    /// Waits until it has ended, or serves no longer as it should. Unless it was stopped or dropped
    /// before, something is wrong, and it had better be stopped.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        self.workers.one_ended()
    }

    /// Ends it with all its connections, also those with a download under way, within a second.
    pub async fn stop(self) {
        self.workers.stop().await;
    }
}
