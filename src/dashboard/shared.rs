//! What all answers need.

use std::sync::Arc;

use actix_web::web::Bytes;
use tokio::sync::{broadcast, watch};

use super::{looks::Looks, session::Sessions};
use crate::{
    app::{Event, Moment, Overview},
    history::{HistoryFile, Recorder},
    inspector::Inspector,
    server::Live,
};

/// What the dashboard shows.
#[derive(Clone, Default)]
pub struct View {
    pub overview: Overview,
    /// One for each share that is served.
    pub handles: Vec<Handle>,
}

/// Where to see what happens at a share right now.
#[derive(Clone)]
pub struct Handle {
    /// The ID of the share.
    pub share: u64,
    pub live: Live,
    pub inspector: Inspector,
}

/// What the dashboard needs from the program.
#[derive(Clone)]
pub struct Start {
    /// Takes what the user wants.
    pub send: Arc<dyn Fn(Event) + Send + Sync>,
    /// The clock that limits are measured with.
    pub clock: fn() -> Moment,
    pub history: HistoryFile,
    /// Says whether the history goes on.
    pub recorder: Recorder,
}

/// What the answers share.
pub struct Shared {
    pub start: Start,
    pub sessions: Sessions,
    pub port: u16,
    pub view: watch::Receiver<Arc<View>>,
    pub notices: broadcast::Sender<Bytes>,
    pub looks: Looks,
}

impl Shared {
    /// The handle of a share, if it is served.
    pub fn handle(&self, share: u64) -> Option<Handle> {
        let view = self.view.borrow();
        view.handles.iter().find(|it| it.share == share).cloned()
    }
}
