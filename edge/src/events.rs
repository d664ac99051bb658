//! The log of everything that happens at the edge.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::sync::watch;

use crate::{lock::lock, protocol::Protocol};

/// How long `wait_for` waits. Generous, because it matters only when a test fails.
pub const LIMIT: Duration = Duration::from_secs(90);

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Position in the log, starting at 0.
    pub n: usize,
    /// Milliseconds since the edge started.
    pub at_ms: u64,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// `link` is the number of a connection to a cloudflared, starting at 1. Both protocols share the
/// numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A client requested a quick tunnel.
    ApiAsked {
        /// HTTP status of the response; `None` if there was no response.
        status: Option<u16>,
        user_agent: String,
        /// The hostname of the new tunnel, if one was created.
        hostname: Option<String>,
    },
    /// A TLS handshake succeeded. Nothing is registered yet.
    LinkOpened {
        link: u64,
        protocol: Protocol,
        peer: SocketAddr,
    },
    /// A connection ended before its TLS handshake was complete.
    HandshakeFailed { protocol: Protocol, why: String },
    /// cloudflared requested to register a connection of its tunnel.
    RegistrationAttempt {
        link: u64,
        protocol: Protocol,
        /// `None` if the edge doesn't know the tunnel.
        hostname: Option<String>,
        /// cloudflared's index for this connection.
        conn: u8,
        version: String,
    },
    RegistrationRefused {
        link: u64,
        protocol: Protocol,
        hostname: Option<String>,
        cause: String,
    },
    /// The edge accepted the registration and is about to tell cloudflared.
    Registered {
        link: u64,
        protocol: Protocol,
        hostname: String,
        conn: u8,
    },
    /// cloudflared is shutting down. It gets no new requests.
    Unregistered {
        link: u64,
        protocol: Protocol,
        hostname: String,
    },
    /// A link ended without unregistering first.
    ConnectionLost {
        link: u64,
        protocol: Protocol,
        hostname: Option<String>,
        why: String,
    },
    /// A link ended after unregistering.
    LinkClosed { link: u64, protocol: Protocol },
    /// A link stopped transferring bytes.
    LinkFrozen { link: u64, protocol: Protocol },
    /// A visitor received the head of a response.
    Visited {
        hostname: String,
        method: String,
        path: String,
        status: u16,
        /// The link that carried the request, if any.
        link: Option<u64>,
    },
    /// A fault was injected.
    FaultSet { fault: serde_json::Value },
}

/// A wait timed out.
#[derive(Debug, thiserror::Error)]
#[error("no such event within {limit:?}; these were seen:\n{seen}")]
pub struct NotSeen {
    limit: Duration,
    seen: String,
}

/// All events since the start. It grows as long as the edge runs.
pub(crate) struct EventLog {
    started: Instant,
    events: Mutex<Vec<Event>>,
    count: watch::Sender<usize>,
}

impl EventLog {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            events: Mutex::new(Vec::new()),
            count: watch::Sender::new(0),
        }
    }

    pub(crate) fn push(&self, kind: EventKind) {
        let mut events = lock(&self.events);
        let n = events.len();
        let at_ms = self.started.elapsed().as_millis() as u64;
        events.push(Event { n, at_ms, kind });
        self.count.send_replace(n + 1);
    }

    /// The events from position `n`.
    pub(crate) fn since(&self, n: usize) -> Vec<Event> {
        lock(&self.events).get(n..).unwrap_or_default().to_vec()
    }

    pub(crate) fn len(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until there are more than `n` events.
    pub(crate) async fn more_than(&self, n: usize) {
        // This can't fail: `self` holds the sender.
        let _ = self.count.subscribe().wait_for(|count| *count > n).await;
    }
}

/// Reads the log from a given position. Each event is seen only once.
pub struct Follower {
    log: Arc<EventLog>,
    next: usize,
}

impl Follower {
    pub(crate) fn new(log: Arc<EventLog>, next: usize) -> Self {
        Self { log, next }
    }

    /// Waits up to [`LIMIT`] for the next event that `fits`.
    ///
    /// # Errors
    /// [`NotSeen`], which lists all events since the start.
    pub async fn wait_for(
        &mut self,
        fits: impl FnMut(&EventKind) -> bool,
    ) -> Result<Event, NotSeen> {
        self.wait_at_most(LIMIT, fits).await
    }

    /// Like [`Follower::wait_for`], with another time limit.
    ///
    /// # Errors
    /// [`NotSeen`], which lists all events since the start.
    pub async fn wait_at_most(
        &mut self,
        limit: Duration,
        mut fits: impl FnMut(&EventKind) -> bool,
    ) -> Result<Event, NotSeen> {
        let found = tokio::time::timeout(limit, async {
            loop {
                for event in self.log.since(self.next) {
                    self.next = event.n + 1;
                    if fits(&event.kind) {
                        return event;
                    }
                }
                self.log.more_than(self.next).await;
            }
        });
        found.await.map_err(|_| NotSeen {
            limit,
            seen: self
                .log
                .since(0)
                .iter()
                .map(|e| format!("{:>6} ms {:?}\n", e.at_ms, e.kind))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(link: u64) -> EventKind {
        EventKind::LinkClosed {
            link,
            protocol: Protocol::Quic,
        }
    }

    #[tokio::test]
    async fn a_follower_does_not_see_the_same_event_twice() {
        let log = Arc::new(EventLog::new());
        log.push(opened(1));
        let mut follower = Follower::new(log.clone(), 0);
        let any = |e: &EventKind| matches!(e, EventKind::LinkClosed { .. });
        assert_eq!(follower.wait_for(any).await.unwrap().n, 0);
        let second = tokio::spawn(async move { follower.wait_for(any).await.unwrap().n });
        log.push(opened(2));
        assert_eq!(second.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_failed_wait_lists_all_events() {
        let log = Arc::new(EventLog::new());
        log.push(opened(7));
        let error = Follower::new(log, 0)
            .wait_at_most(Duration::ZERO, |_| false)
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("LinkClosed { link: 7"),
            "{error}"
        );
    }
}
