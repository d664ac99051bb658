//! What all parts of the running edge share.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::events::{EventKind, EventLog};
use crate::faults::{Switches, Which};
use crate::link::{Carrier, Link};
use crate::lock;
use crate::tunnels::Tunnels;

pub(crate) struct State {
    pub(crate) events: Arc<EventLog>,
    pub(crate) switches: watch::Sender<Switches>,
    pub(crate) tunnels: Tunnels,
    pub(crate) api_requests: AtomicU64,
    links: Mutex<HashMap<u64, Arc<Link>>>,
    links_so_far: AtomicU64,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            events: Arc::new(EventLog::new()),
            switches: watch::Sender::new(Switches::default()),
            tunnels: Tunnels::default(),
            api_requests: AtomicU64::new(0),
            links: Mutex::new(HashMap::new()),
            links_so_far: AtomicU64::new(0),
        }
    }

    /// A link whose TLS handshake is done.
    pub(crate) fn open_link(
        &self,
        peer: SocketAddr,
        carrier: Carrier,
        end: CancellationToken,
    ) -> Arc<Link> {
        let id = self.links_so_far.fetch_add(1, Ordering::Relaxed) + 1;
        let link = Arc::new(Link::new(id, carrier, end));
        lock(&self.links).insert(id, link.clone());
        self.events.push(EventKind::LinkOpened {
            link: id,
            protocol: link.protocol(),
            peer,
        });
        link
    }

    /// A link that has ended, for whatever reason.
    pub(crate) fn close_link(&self, link: &Link, why: String) {
        lock(&self.links).remove(&link.id);
        let hostname = self.tunnels.remove_link(link.id);
        let (protocol, is_unregistered) = (link.protocol(), link.is_unregistered());
        let link = link.id;
        self.events.push(if is_unregistered {
            EventKind::LinkClosed { link, protocol }
        } else {
            EventKind::ConnectionLost {
                link,
                protocol,
                hostname,
                why,
            }
        });
    }

    /// The links that are up, in order of their numbers.
    pub(crate) fn links(&self, which: Which) -> Vec<Arc<Link>> {
        let mut links: Vec<_> = lock(&self.links)
            .values()
            .filter(|link| which.has(link.protocol()))
            .cloned()
            .collect();
        links.sort_by_key(|link| link.id);
        links
    }
}
