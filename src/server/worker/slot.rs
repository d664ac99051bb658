//! A connection's place among those that a share takes at the same time.

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::server::{
    http::visitor::{Hint, hint},
    transport::{Eviction, Visitor, Waiter},
};

/// How long a waiting connection pauses before it asks for another one's place again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How much of a waiting request is looked at. cloudflared sorts the headers, so the address comes
/// early.
const MAX_HINT_BYTES: usize = 8 * 1024;

/// A connection's place among those that a share takes at the same time.
pub struct Slot {
    /// The permit to be served; if there was none, it is waited for.
    pub served: Option<OwnedSemaphorePermit>,
    pub waiting: Option<OwnedSemaphorePermit>,
    /// The permits of all connections that are served.
    pub all_served: Arc<Semaphore>,
    /// Asks others to leave.
    pub eviction: Arc<Eviction>,
    /// How long it may wait.
    pub patience: Duration,
}

impl Slot {
    /// Waits for a place to be served in, but not forever. Returns what to keep as long as the
    /// connection, and whether it is served. A connection that is `direct` comes from its visitor, whatever
    /// it says.
    pub async fn wait(mut self, stream: &TcpStream, peer: IpAddr, direct: bool) -> (Self, bool) {
        if self.served.is_none() {
            let freed = Arc::clone(&self.all_served).acquire_owned();
            let mut waiter = self.eviction.waiter();
            let freed = tokio::select! {
                biased;
                freed = timeout(self.patience, freed) => freed,
                never = ask(&mut waiter, stream, peer, direct) => match never {},
            };
            if let Ok(Ok(slot)) = freed {
                waiter.take_place();
                self.served = Some(slot);
                self.waiting = None;
            }
        }
        let is_served = self.served.is_some();
        (self, is_served)
    }
}

/// Keeps asking others to leave until this is dropped.
async fn ask(waiter: &mut Waiter, stream: &TcpStream, peer: IpAddr, direct: bool) -> Infallible {
    let mut visitor = direct.then(|| Visitor::new(peer));
    let mut head = vec![0; MAX_HINT_BYTES];
    loop {
        waiter.ask(visitor);
        if visitor.is_some() {
            sleep(ASK_AGAIN).await;
            continue;
        }
        // The request stays in the socket for whoever answers it.
        let Ok(peeked) = timeout(ASK_AGAIN, stream.peek(&mut head)).await else {
            continue;
        };
        let length = peeked.unwrap_or(0);
        match hint(&head[..length]) {
            Hint::From(address) => visitor = Some(Visitor::new(address)),
            Hint::Unnamed => visitor = Some(Visitor::new(peer)),
            Hint::Unknown if length == head.len() => visitor = Some(Visitor::new(peer)),
            Hint::Unknown => sleep(ASK_AGAIN).await,
        }
    }
}
