//! The servers of the shares, from their start to their end.

use std::{collections::HashMap, path::PathBuf};

use super::Events;
use crate::{
    app::{Event, ShareId, Target},
    config,
    server::{Content, Server, Settings, StartError},
};

/// What came of starting a server.
pub type Started = Result<Server, StartError>;

/// One server a share.
pub struct Servers {
    settings: Settings,
    by_share: HashMap<ShareId, Slot>,
}

enum Slot {
    Starting { stop_wanted: bool },
    Running(Server),
}

impl Servers {
    pub fn new(settings: config::Server, thumbnails: PathBuf) -> Self {
        Self {
            settings: Settings {
                hidden: settings.hidden,
                port: settings.port,
                thumbnails: Some(thumbnails),
            },
            by_share: HashMap::new(),
        }
    }

    /// Starts a server; [`Servers::take`] gets what came of it.
    pub fn start(&mut self, share: ShareId, target: Target, events: &Events) {
        self.by_share
            .insert(share, Slot::Starting { stop_wanted: false });
        let settings = self.settings.clone();
        let events = events.clone();
        tokio::spawn(async move {
            let started = Server::start(&content(target), &settings).await;
            events.server(share, started);
        });
    }

    /// Keeps a server that has started, and gives the event to tell.
    pub fn take(&mut self, share: ShareId, started: Started, events: &Events) -> Option<Event> {
        let slot = self.by_share.remove(&share);
        let server = match started {
            Ok(server) => server,
            Err(error) => return Some(Event::ServerFailed(share, error.to_string())),
        };
        if let Some(Slot::Starting { stop_wanted: true }) = slot {
            stop(share, server, events);
            return None;
        }
        let address = server.address();
        self.by_share.insert(share, Slot::Running(server));
        Some(Event::ServerStarted(share, address))
    }

    /// Stops a server, also one that is only about to start.
    pub fn stop(&mut self, share: ShareId, events: &Events) {
        match self.by_share.get_mut(&share) {
            Some(Slot::Starting { stop_wanted }) => *stop_wanted = true,
            Some(Slot::Running(_)) => {
                if let Some(Slot::Running(server)) = self.by_share.remove(&share) {
                    stop(share, server, events);
                }
            }
            None => {}
        }
    }

    /// The server shall answer to this host name as well.
    pub fn set_public_name(&self, share: ShareId, name: Option<String>) {
        if let Some(Slot::Running(server)) = self.by_share.get(&share) {
            server.names().set(name);
        }
    }
}

fn stop(share: ShareId, server: Server, events: &Events) {
    let events = events.clone();
    tokio::spawn(async move {
        server.stop().await;
        events.send(Event::ServerStopped(share));
    });
}

fn content(target: Target) -> Content {
    match target {
        Target::Folder(folder) => Content::Folder(folder),
        Target::Files { first, others } => {
            Content::Files(std::iter::once(first).chain(others).collect())
        }
    }
}
