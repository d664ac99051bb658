//! The tunnels that the edge knows, with the links that serve them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde::Serialize;
use uuid::Uuid;

use crate::{hostnames, link::Link, lock::lock, protocol::Protocol};

/// What a tunnel's owner receives, and must present to register.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) id: Uuid,
    pub(crate) hostname: String,
    pub(crate) account_tag: String,
    pub(crate) secret: Vec<u8>,
}

/// Where a visitor's request goes.
pub(crate) enum Route {
    /// Unknown hostname, not published yet, or no link that accepts requests.
    Nowhere,
    /// Ordered by registration, newest first.
    Links(Vec<Arc<Link>>),
}

#[derive(Clone, Debug, Serialize)]
pub struct TunnelStats {
    pub hostname: String,
    /// Accepted registrations since the start.
    pub registrations: u64,
    /// Visitors' requests that reached the tunnel and got a response.
    pub requests: u64,
    /// The registered links, oldest first.
    pub links: Vec<LinkStats>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LinkStats {
    pub link: u64,
    pub protocol: Protocol,
    /// Whether it is shutting down and accepts no new requests.
    pub unregistered: bool,
    pub in_flight: usize,
    /// How often cloudflared had more to send than fits into the flow window of the link. Known for
    /// QUIC only.
    pub times_full: u64,
}

struct Tunnel {
    credentials: Credentials,
    links: Vec<Arc<Link>>,
    first_registered: Option<Instant>,
    registrations: u64,
    requests: u64,
    forgotten: bool,
}

#[derive(Default)]
pub(crate) struct Tunnels {
    by_host: Mutex<HashMap<String, Tunnel>>,
}

impl Tunnels {
    /// Creates a tunnel with this hostname, or with the next generated one.
    pub(crate) fn create(&self, hostname: Option<&str>) -> Credentials {
        let mut tunnels = lock(&self.by_host);
        let hostname = match hostname {
            Some(name) => name.to_ascii_lowercase(),
            None => (0..)
                .map(hostnames::hostname)
                .find(|name| !tunnels.contains_key(name))
                .unwrap_or_default(),
        };
        let credentials = Credentials {
            id: Uuid::new_v4(),
            hostname: hostname.clone(),
            account_tag: Uuid::new_v4().simple().to_string(),
            secret: [Uuid::new_v4(), Uuid::new_v4()]
                .iter()
                .flat_map(|half| *half.as_bytes())
                .collect(),
        };
        let tunnel = Tunnel {
            credentials: credentials.clone(),
            links: Vec::new(),
            first_registered: None,
            registrations: 0,
            requests: 0,
            forgotten: false,
        };
        tunnels.insert(hostname, tunnel);
        credentials
    }

    /// The hostname of the tunnel with these credentials.
    ///
    /// # Errors
    /// Why the credentials were refused, in the real edge's words.
    pub(crate) fn authorize(
        &self,
        id: &[u8],
        account_tag: &str,
        secret: &[u8],
    ) -> Result<String, &'static str> {
        let tunnels = lock(&self.by_host);
        let known = tunnels.values().find(|t| {
            !t.forgotten
                && t.credentials.id.as_bytes() == id
                && t.credentials.account_tag == account_tag
        });
        match known {
            None => Err("Unauthorized: Tunnel not found"),
            Some(t) if t.credentials.secret != secret => Err("Unauthorized: Invalid tunnel secret"),
            Some(t) => Ok(t.credentials.hostname.clone()),
        }
    }

    /// The hostname of the tunnel with this id.
    pub(crate) fn hostname_of(&self, id: &[u8]) -> Option<String> {
        lock(&self.by_host)
            .values()
            .find(|t| t.credentials.id.as_bytes() == id)
            .map(|t| t.credentials.hostname.clone())
    }

    /// The hostname that this link serves.
    pub(crate) fn hostname_of_link(&self, link: u64) -> Option<String> {
        lock(&self.by_host)
            .values()
            .find(|t| t.links.iter().any(|l| l.id == link))
            .map(|t| t.credentials.hostname.clone())
    }

    pub(crate) fn add_link(&self, hostname: &str, link: Arc<Link>) {
        if let Some(tunnel) = lock(&self.by_host).get_mut(hostname) {
            tunnel.first_registered.get_or_insert_with(Instant::now);
            tunnel.registrations += 1;
            tunnel.links.push(link);
        }
    }

    /// Removes a link that has ended, and returns the hostname it served.
    pub(crate) fn remove_link(&self, id: u64) -> Option<String> {
        let mut tunnels = lock(&self.by_host);
        let (name, tunnel) = tunnels
            .iter_mut()
            .find(|(_, t)| t.links.iter().any(|l| l.id == id))?;
        tunnel.links.retain(|l| l.id != id);
        Some(name.clone())
    }

    pub(crate) fn route(&self, hostname: &str, publish_after: Duration) -> Route {
        let tunnels = lock(&self.by_host);
        let Some(tunnel) = tunnels.get(&hostname.to_ascii_lowercase()) else {
            return Route::Nowhere;
        };
        let is_published = tunnel
            .first_registered
            .is_some_and(|at| at.elapsed() >= publish_after);
        let links: Vec<_> = tunnel
            .links
            .iter()
            .rev()
            .filter(|l| !l.is_unregistered())
            .cloned()
            .collect();
        if !is_published || links.is_empty() {
            return Route::Nowhere;
        }
        Route::Links(links)
    }

    pub(crate) fn count_request(&self, hostname: &str) {
        if let Some(tunnel) = lock(&self.by_host).get_mut(&hostname.to_ascii_lowercase()) {
            tunnel.requests += 1;
        }
    }

    /// Refuses this tunnel's credentials from now on, and returns its links.
    pub(crate) fn forget(&self, hostname: &str) -> Option<Vec<Arc<Link>>> {
        let mut tunnels = lock(&self.by_host);
        let tunnel = tunnels.get_mut(&hostname.to_ascii_lowercase())?;
        tunnel.forgotten = true;
        Some(tunnel.links.clone())
    }

    /// Ordered by hostname.
    pub(crate) fn stats(&self) -> Vec<TunnelStats> {
        let mut stats: Vec<_> = lock(&self.by_host)
            .values()
            .map(|t| TunnelStats {
                hostname: t.credentials.hostname.clone(),
                registrations: t.registrations,
                requests: t.requests,
                links: t
                    .links
                    .iter()
                    .map(|l| LinkStats {
                        link: l.id,
                        protocol: l.protocol(),
                        unregistered: l.is_unregistered(),
                        in_flight: l.in_flight(),
                        times_full: l.times_full(),
                    })
                    .collect(),
            })
            .collect();
        stats.sort_by(|a, b| a.hostname.cmp(&b.hostname));
        stats
    }
}
