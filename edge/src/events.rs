//! What happened at the edge, in order, and waiting for it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;

use crate::link::Protocol;
use crate::lock;

/// How long `wait_for` waits before it gives up: generous, since it only bounds a failing test.
pub const LIMIT: Duration = Duration::from_secs(90);

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Position in the log, from 0.
    pub n: usize,
    /// Milliseconds since the edge started.
    pub at_ms: u64,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// `link` numbers a connection to one cloudflared from 1, over both protocols.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody asked for a quick tunnel.
    ApiAsked {
        /// HTTP status of the answer; none where no answer is given.
        status: Option<u16>,
        user_agent: String,
        /// The name given out, when one was.
        hostname: Option<String>,
    },
    /// A TLS handshake went through; nothing is registered yet.
    LinkOpened {
        link: u64,
        protocol: Protocol,
        peer: SocketAddr,
    },
    /// A connection ended before its TLS handshake was done.
    HandshakeFailed { protocol: Protocol, why: String },
    /// cloudflared asked to register a connection of its tunnel.
    RegistrationAttempt {
        link: u64,
        protocol: Protocol,
        /// None when the edge doesn't know the tunnel.
        hostname: Option<String>,
        /// cloudflared's index of this connection.
        conn: u8,
        version: String,
    },
    RegistrationRefused {
        link: u64,
        protocol: Protocol,
        hostname: Option<String>,
        cause: String,
    },
    /// The edge accepted the connection; cloudflared is about to hear it.
    Registered {
        link: u64,
        protocol: Protocol,
        hostname: String,
        conn: u8,
    },
    /// cloudflared said that it is going: no new request goes there.
    Unregistered {
        link: u64,
        protocol: Protocol,
        hostname: String,
    },
    /// A link ended that had not unregistered.
    ConnectionLost {
        link: u64,
        protocol: Protocol,
        hostname: Option<String>,
        why: String,
    },
    /// A link ended after it had unregistered.
    LinkClosed { link: u64, protocol: Protocol },
    /// A link takes and gives no bytes any more.
    LinkFrozen { link: u64, protocol: Protocol },
    /// A visitor got an answer's head.
    Visited {
        hostname: String,
        method: String,
        path: String,
        status: u16,
        /// The link that carried it, when one did.
        link: Option<u64>,
    },
    /// A fault was switched.
    FaultSet { fault: serde_json::Value },
}

/// The wait ended without the event.
#[derive(Debug, thiserror::Error)]
#[error("no such event within {limit:?}; these were seen:\n{seen}")]
pub struct NotSeen {
    limit: Duration,
    seen: String,
}

/// All events since the start. Grows for as long as the edge runs.
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

    /// Events from position `n` on.
    pub(crate) fn since(&self, n: usize) -> Vec<Event> {
        lock(&self.events).get(n..).unwrap_or_default().to_vec()
    }

    pub(crate) fn len(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until there are more than `n` events.
    pub(crate) async fn more_than(&self, n: usize) {
        // The sender is in self, so it can't be gone while this waits.
        let _ = self.count.subscribe().wait_for(|count| *count > n).await;
    }
}

/// Reads the log from one point on; an event it has waited for is behind it afterwards.
pub struct Follower {
    log: Arc<EventLog>,
    next: usize,
}

impl Follower {
    pub(crate) fn new(log: Arc<EventLog>, next: usize) -> Self {
        Self { log, next }
    }

    /// The next event that `fits`, waiting for it up to [`LIMIT`].
    ///
    /// # Errors
    /// [`NotSeen`], which shows all events since the start.
    pub async fn wait_for(
        &mut self,
        fits: impl FnMut(&EventKind) -> bool,
    ) -> Result<Event, NotSeen> {
        self.wait_at_most(LIMIT, fits).await
    }

    /// As [`Follower::wait_for`] with a limit of the caller's own.
    ///
    /// # Errors
    /// [`NotSeen`], which shows all events since the start.
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
    async fn a_wait_that_fails_shows_what_was_seen() {
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
