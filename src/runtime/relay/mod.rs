//! The relay between a tunnel and a local site. It passes bytes on, over TLS if the site wants that,
//! and shows visitors a page while they can't see the site. So the tunnel survives restarts of the
//! site, and its change from HTTP to HTTPS.
//!
//! - `visitor`: a visitor's connection
//! - `check`: what the site does, for the user
//! - `reach`: gets an answer from the site, with TLS or without
//! - `site`: the site as it was last seen, and connections to it
//! - `both_ways`: bytes in both directions
//! - `exchange`: a request up to the first words of its answer
//! - `first_words`: what these words say about the site
//! - `tls`: TLS with the site
//! - `unavailable`: the pages in place of a site

mod both_ways;
mod check;
mod exchange;
mod first_words;
mod reach;
mod site;
#[cfg(test)]
mod tests;
mod tls;
mod unavailable;
mod visitor;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
};

use self::site::LocalSite;
use crate::{app::SiteState, server::Activity};

/// The most connections at a time.
const MAX_CONNECTIONS: usize = 512;

/// A running relay. It stops when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    task: AbortHandle,
}

impl Relay {
    /// Starts a relay from a new loopback port to `port`. Calls `report` with what visitors of the
    /// site get, at the start and whenever that changes. Counts what it passes on in `activity`.
    ///
    /// # Errors
    /// There is no free port, or TLS can't be set up.
    pub async fn start(
        port: u16,
        activity: Activity,
        report: impl Fn(SiteState) + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = LocalSite::on(port)?;
        let task = tokio::spawn(relay(listener, site, activity, report)).abort_handle();
        Ok(Self { address, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(
    listener: TcpListener,
    site: LocalSite,
    activity: Activity,
    report: impl Fn(SiteState),
) {
    let site = Arc::new(site);
    // None of them ends. They run side by side, so that a site that hangs doesn't block visitors.
    tokio::join!(
        accept_visitors(listener, Arc::clone(&site), activity),
        check::follow_listeners(&site),
        check::follow_protocol(&site),
        check::report_changes(&site, report),
    );
}

async fn accept_visitors(listener: TcpListener, site: Arc<LocalSite>, activity: Activity) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Dropping the set ends all its connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((visitor, _)) => {
                    let permits = Arc::clone(&permits);
                    let site = Arc::clone(&site);
                    let activity = activity.clone();
                    connections.spawn(async move {
                        // Without a permit, the connection is closed.
                        if let Ok(_permit) = permits.try_acquire() {
                            visitor::pass_on(visitor, &site, activity).await;
                        }
                    });
                }
                // A passing problem, such as too many open files.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}
