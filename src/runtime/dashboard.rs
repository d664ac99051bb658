//! Runs the dashboard while somebody looks at it.

use std::{io, sync::Arc};

use super::{accesses::Accesses, clock, events::Events};
use crate::{
    app::{self, Event, Notice, State},
    dashboard::{Handle, Server, Start, View},
    desktop::browser,
    history::{HistoryFile, Recorder},
    paths::Paths,
};

/// The dashboard, running or not.
pub struct Dashboard {
    start: Start,
    server: Option<Server>,
    events: Events,
}

impl Dashboard {
    pub fn new(paths: &Paths, recorder: Recorder, events: Events) -> Self {
        let send = events.clone();
        Self {
            start: Start {
                send: Arc::new(move |event| send.send(event)),
                clock: clock::now,
                history: HistoryFile::at(paths.history_file()),
                recorder,
            },
            server: None,
            events,
        }
    }

    /// Opens it in the browser, and starts it first if it isn't running.
    pub fn open(&mut self, state: &State, accesses: &Accesses) {
        match self.address(state, accesses) {
            Ok(address) => {
                let events = self.events.clone();
                tokio::spawn(async move {
                    if browser::open(address.into()).await.is_err() {
                        events.send(Event::ActionFailed(NO_BROWSER.to_owned()));
                    }
                });
            }
            Err(sentence) => self.events.send(Event::ActionFailed(sentence)),
        }
    }

    /// The address at which a browser can open it, once. Starts it if it isn't running.
    ///
    /// # Errors
    /// It can't be started; the text says why.
    pub fn address(&mut self, state: &State, accesses: &Accesses) -> Result<String, String> {
        let failed = |reason: io::Error| format!("Couldn't start the dashboard: {reason}.");
        let running = self.server.take().filter(Server::is_running);
        // One that nobody has looked at may be about to end.
        let running = running.and_then(|server| Some((server.ticket()?, server)));
        let (ticket, server) = match running {
            Some(running) => running,
            None => {
                let server = Server::start(self.start.clone(), view(state, accesses));
                let server = server.map_err(failed)?;
                let ticket = server.ticket();
                let ticket = ticket.ok_or_else(|| failed(io::ErrorKind::Unsupported.into()))?;
                (ticket, server)
            }
        };
        let address = format!("http://127.0.0.1:{}/#{ticket}", server.port());
        self.server = Some(server);
        Ok(address)
    }

    /// Shows the state to whoever looks.
    pub fn show(&mut self, state: &State, accesses: &Accesses) {
        self.server = self.server.take().filter(Server::is_running);
        if let Some(server) = &self.server {
            server.show(view(state, accesses));
        }
    }

    /// Shows a notice to whoever looks.
    pub fn tell(&self, notice: &Notice) {
        if let Some(server) = &self.server {
            server.tell(notice);
        }
    }

    /// Ends it.
    pub async fn close(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

fn view(state: &State, accesses: &Accesses) -> View {
    let shares = state.shares.iter();
    let handles = shares.filter_map(|share| {
        let access = accesses.of(share.id)?;
        Some(Handle {
            share: share.id.0,
            live: access.access.live().clone(),
            inspector: access.inspector.clone(),
        })
    });
    View {
        overview: app::overview(state),
        handles: handles.collect(),
    }
}

/// The address is a secret, so it is not told.
const NO_BROWSER: &str = "Couldn't open the dashboard in a browser. Run `spot-serve dashboard --print` in a terminal to see its address.";
