//! What serves a share, and what it reports.

use std::net::SocketAddr;

use super::{content_watch::ContentWatch, inbox_folders::InboxUse, relay::Relay};
use crate::{app::PrivateContent, server::Server};

/// What became of a server.
#[derive(Debug)]
pub enum ServerReport {
    Started(RunningServer),
    /// Not started: the user has to confirm first.
    FoundPrivate(PrivateContent),
    /// Not started; the text says why.
    Failed(String),
    /// It was running, and has ended.
    Ended,
}

/// What serves a share: a file server, or a relay to a local site.
#[derive(Debug)]
pub enum RunningServer {
    /// A file server, and for an inbox the use of its folder.
    Files(Server, ContentWatch, Option<InboxUse>),
    Site(Relay),
}

impl RunningServer {
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Files(server, ..) => server.address(),
            Self::Site(relay) => relay.address(),
        }
    }
}
