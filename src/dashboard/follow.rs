//! Keeps a page up to date for as long as it is open.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_web::web::{self, Bytes};
use serde::Serialize;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, sleep, sleep_until},
};

use super::{
    events::{Parts, Pulse},
    shared::Shared,
    watching::Watching,
};

/// The page is told of changes at most so often.
pub const PACE: Duration = Duration::from_millis(250);

/// How often to look at the file of the history.
const HISTORY_INTERVAL: Duration = Duration::from_secs(1);

/// Whether there is something new in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct History {
    is_on: bool,
    bytes: u64,
    changed: Option<u128>,
}

/// Sends what changes, until the page is closed.
pub async fn follow(shared: web::Data<Shared>, sender: mpsc::Sender<Bytes>) {
    let _look = shared.looks.begin();
    let mut view = shared.view.clone();
    let mut watching = Watching::default();
    let mut notices = shared.notices.subscribe();
    let mut sent = Parts::default();
    let mut pulse = Pulse::default();
    let mut next = Instant::now();
    loop {
        let shown = Arc::clone(&view.borrow_and_update());
        let mut parts = Parts::of(&shown.overview);
        let is_busy = watching.add_to(&mut parts, &shown.handles);
        parts.set("history".to_owned(), &history(&shared).await);
        let now = (shared.start.clock)().since_start().as_secs();
        let event = parts.since(&sent, now).or_else(|| pulse.due());
        if let Some(event) = event
            && sender.send(event).await.is_err()
        {
            return;
        }
        sent = parts;
        next = after(next, Instant::now());
        tokio::select! {
            changed = view.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            notice = notices.recv() => match notice {
                Ok(notice) => {
                    if sender.send(notice).await.is_err() {
                        return;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            () = watching.changed() => {}
            () = sleep_until(next), if is_busy => {}
            () = sleep(HISTORY_INTERVAL) => {}
            () = sender.closed() => return,
        }
        sleep_until(next).await;
    }
}

/// When to tell the page next, after it was told at about `last`. A little lateness is made up for, so
/// that the pace holds.
fn after(last: Instant, now: Instant) -> Instant {
    let next = last + PACE;
    if next > now { next } else { now + PACE }
}

async fn history(shared: &Shared) -> History {
    let path = shared.start.history.path().to_owned();
    let metadata = web::block(move || path.metadata()).await;
    let metadata = metadata.ok().and_then(Result::ok);
    let changed = metadata.as_ref().and_then(|file| file.modified().ok());
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
    History {
        is_on: shared.start.recorder.is_on(),
        bytes: metadata.map_or(0, |file| file.len()),
        changed: changed.and_then(since).map(|time| time.as_millis()),
    }
}
