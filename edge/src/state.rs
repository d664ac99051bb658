//! The state that all parts of a running edge share.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    carrier::Carrier,
    events::{EventKind, EventLog},
    faults::{Switches, Which},
    link::Link,
    lock::lock,
    tunnels::Tunnels,
    window::FlowWindows,
};

pub(crate) struct State {
    pub(crate) events: Arc<EventLog>,
    pub(crate) switches: watch::Sender<Switches>,
    pub(crate) tunnels: Tunnels,
    pub(crate) api_requests: AtomicU64,
    pub(crate) windows: FlowWindows,
    links: Mutex<HashMap<u64, Arc<Link>>>,
    links_so_far: AtomicU64,
}

impl State {
    pub(crate) fn new(windows: FlowWindows) -> Self {
        Self {
            events: Arc::new(EventLog::new()),
            switches: watch::Sender::new(Switches::default()),
            tunnels: Tunnels::default(),
            api_requests: AtomicU64::new(0),
            windows,
            links: Mutex::new(HashMap::new()),
            links_so_far: AtomicU64::new(0),
        }
    }

    /// Adds a link whose TLS handshake is complete.
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

    /// Removes a link that has ended.
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

    /// The open links, ordered by number.
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
