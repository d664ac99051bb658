//! What all answers need.

use std::sync::Arc;

use actix_web::web::Bytes;
use tokio::sync::{broadcast, watch};

use super::{looks::Looks, session::Sessions};
use crate::{
    app::{Event, Moment, Overview},
    history::{HistoryFile, Recorder},
};

/// What the dashboard needs from the program.
#[derive(Clone)]
pub struct Start {
    pub sessions: Sessions,
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
    pub port: u16,
    pub overview: watch::Receiver<Arc<Overview>>,
    pub notices: broadcast::Sender<Bytes>,
    pub looks: Looks,
}
