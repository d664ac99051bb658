//! What all answers need.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::web::Bytes;
use tokio::{
    sync::{broadcast, watch},
    task::AbortHandle,
};

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
    pub streams: Streams,
}

/// More streams than these are not kept open; the oldest ends. A page has two at most.
const STREAMS: usize = 32;

/// The tasks that keep pages up to date, the oldest first.
#[derive(Default)]
pub struct Streams(Mutex<VecDeque<AbortHandle>>);

impl Streams {
    pub fn add(&self, stream: AbortHandle) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|stream| !stream.is_finished());
        if all.len() >= STREAMS
            && let Some(oldest) = all.pop_front()
        {
            oldest.abort();
        }
        all.push_back(stream);
    }
}

impl Shared {
    /// The handle of a share, if it is served.
    pub fn handle(&self, share: u64) -> Option<Handle> {
        let view = self.view.borrow();
        view.handles.iter().find(|it| it.share == share).cloned()
    }
}
