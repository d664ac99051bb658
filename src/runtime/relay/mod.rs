//! The relay between a tunnel and a local site. It passes requests on, over TLS if the site wants
//! that, and shows visitors a page while they can't see the site. So the tunnel survives restarts of
//! the site, and its change from HTTP to HTTPS.
//!
//! - `visitor`: a visitor's connection, one request after the other
//! - `door`: whether a request may reach the site
//! - `form`: reads a form with the password
//! - `seats`: the places for connections
//! - `share`: what belongs to the share
//! - `check`: what the site does, for the user
//! - `reach`: gets an answer from the site, with TLS or without
//! - `exchange`: a request up to the first words of its answer
//! - `first_words`: what these words say about the site
//! - `upload`, `answer`: a request on its way to the site, and an answer on its way to the visitor
//! - `both_ways`: a web socket
//! - `incoming`, `outgoing`: what comes from a visitor and goes to one
//! - `standstill`: how long a site may take nothing
//! - `message`: HTTP/1 messages, as far as the relay has to understand them
//! - `site`: the site as it was last seen, and connections to it
//! - `tls`: TLS with the site
//! - `record`: what is recorded of a request
//! - `replay`: requests that are sent again
//! - `reply`: other responses in place of a site's

mod answer;
mod both_ways;
mod check;
mod door;
mod exchange;
mod first_words;
mod form;
#[doc(hidden)]
pub mod fuzzing;
mod incoming;
pub mod message;
mod outgoing;
mod reach;
mod record;
mod replay;
mod reply;
mod seats;
mod share;
mod site;
mod standstill;
#[cfg(test)]
mod tests;
mod tls;
mod upload;
mod visitor;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};

pub use self::{check::SiteReport, share::SiteShare};
use self::{seats::Seats, site::LocalSite};

/// The most connections at a time.
const MAX_CONNECTIONS: usize = 512;
/// So many more may wait for a place.
const MAX_WAITING: usize = 32;

/// A running relay. It stops when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    task: AbortHandle,
}

impl Relay {
    /// Starts a relay from a new loopback port to `port`. Calls `report` with what is known of the site, at
    /// the start and whenever that changes.
    ///
    /// # Errors
    /// There is no free port, or TLS can't be set up.
    pub async fn start(
        port: u16,
        share: SiteShare,
        report: impl Fn(SiteReport) + Send + 'static,
    ) -> io::Result<Self> {
        Self::start_with(port, share, report, MAX_CONNECTIONS).await
    }

    async fn start_with(
        port: u16,
        share: SiteShare,
        report: impl Fn(SiteReport) + Send + 'static,
        places: usize,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = LocalSite::on(port)?;
        let task = tokio::spawn(relay(listener, site, share, report, places)).abort_handle();
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
    share: SiteShare,
    report: impl Fn(SiteReport),
    places: usize,
) {
    let site = Arc::new(site);
    // None of them ends. They run side by side, so that a site that hangs doesn't block visitors.
    tokio::join!(
        accept_visitors(listener, Arc::clone(&site), share.clone(), places),
        replay::send_again(Arc::clone(&site), share),
        check::follow_listeners(&site),
        check::follow_protocol(&site),
        check::report_changes(&site, report),
    );
}

async fn accept_visitors(
    listener: TcpListener,
    site: Arc<LocalSite>,
    share: SiteShare,
    places: usize,
) {
    let seats = Seats::new(places, MAX_WAITING);
    // Dropping the set ends all its connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((visitor, _)) => {
                    let seats = Arc::clone(&seats);
                    let site = Arc::clone(&site);
                    let share = share.clone();
                    connections.spawn(async move {
                        // Without a place, the connection is closed.
                        if let Some(place) = seats.place().await {
                            visitor::serve(visitor, &site, &place.seat, &share).await;
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
