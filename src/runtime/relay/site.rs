//! The site as it was last seen, and connections to it.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::{Notify, watch},
    time::timeout,
};

use super::{
    tls::{LocalTls, LocalTlsStream},
    upload::Copies,
};
use crate::app::SiteState;

/// A site that takes longer to accept a connection counts as down.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// What is known about a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Whether anything listens; `None` until that was looked up.
    pub is_up: Option<bool>,
    /// Counts the programs that have listened on the port.
    pub listener: u64,
    /// What it does when it is up, as far as is known.
    pub state: Option<SiteState>,
    /// The last one that answered spoke TLS.
    pub speaks_tls: bool,
    /// This one was asked for TLS and didn't do it.
    lacks_tls: bool,
    /// This one has answered with a stream of events.
    pub streams_events: bool,
}

impl Seen {
    /// What visitors get; `None` until that is known.
    pub fn state(&self) -> Option<SiteState> {
        if self.is_up? {
            self.state
        } else {
            Some(SiteState::Down)
        }
    }
}

/// Why there is no TLS with a site.
#[derive(Debug)]
pub enum TlsError {
    /// Nothing listens.
    Down,
    Handshake(io::Error),
}

/// A site on a port of this computer.
pub struct LocalSite {
    pub port: u16,
    seen: watch::Sender<Seen>,
    /// It listens on ::1, and not on 127.0.0.1.
    is_ipv6_only: AtomicBool,
    /// A visitor could not connect.
    doubts: Notify,
    tls: LocalTls,
    /// Requests that may have to be sent again.
    pub copies: Copies,
}

impl LocalSite {
    /// # Errors
    /// TLS can't be set up.
    pub fn on(port: u16) -> io::Result<Self> {
        Ok(Self {
            port,
            seen: watch::Sender::default(),
            is_ipv6_only: AtomicBool::new(false),
            doubts: Notify::new(),
            tls: LocalTls::new()?,
            copies: Copies::default(),
        })
    }

    pub fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Tells when something new is known.
    pub fn news(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    /// Another program listens, or none.
    pub fn set_listener(&self, is_up: bool) {
        self.seen.send_modify(|seen| {
            // The first look finds the program that answers already.
            if seen.is_up.replace(is_up).is_some() {
                seen.listener += 1;
            }
            // A site that restarts is likely to do the same, and trouble is likely to be over.
            seen.state = seen.state.filter(|state| state.answers());
            seen.lacks_tls = false;
            seen.streams_events = false;
        });
    }

    /// What the program with the number `listener` does. Too late if another has taken its place.
    pub fn set_state(&self, listener: u64, state: SiteState) {
        self.seen.send_if_modified(|seen| {
            let before = *seen;
            if seen.listener == listener {
                seen.state = Some(state);
                seen.speaks_tls = match state {
                    SiteState::Http => false,
                    SiteState::Https => true,
                    _ => seen.speaks_tls,
                };
            }
            *seen != before
        });
    }

    /// It speaks TLS, whatever it says with it.
    pub fn set_speaks_tls(&self) {
        self.seen
            .send_if_modified(|seen| !std::mem::replace(&mut seen.speaks_tls, true));
    }

    /// The program with the number `listener` doesn't do TLS.
    pub fn set_lacks_tls(&self, listener: u64) {
        self.seen.send_if_modified(|seen| {
            seen.listener == listener && !std::mem::replace(&mut seen.lacks_tls, true)
        });
    }

    /// It has answered with a stream of events.
    pub fn set_streams_events(&self) {
        self.seen
            .send_if_modified(|seen| !std::mem::replace(&mut seen.streams_events, true));
    }

    pub fn lacks_tls(&self) -> bool {
        self.seen().lacks_tls
    }

    /// It listens and takes its time to say something.
    pub fn assume_state(&self, listener: u64) {
        let seen = self.seen();
        if seen.state.is_none() {
            self.set_state(listener, seen.likely_state());
        }
    }

    /// Which addresses the system says it listens on.
    pub fn set_addresses(&self, mut addresses: impl Iterator<Item = IpAddr>) {
        let is_ipv6 = addresses.all(|address| address.to_canonical().is_ipv6());
        self.is_ipv6_only.store(is_ipv6, Ordering::Relaxed);
    }

    /// Connects to it without TLS.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        timeout(CONNECT_LIMIT, self.connect_to_either()).await?
    }

    /// Tries both address families, because development servers often listen on only one. The right
    /// one comes first: Windows takes two seconds to find out that nothing listens.
    async fn connect_to_either(&self) -> io::Result<TcpStream> {
        let mut addresses = [
            SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, self.port)),
        ];
        if self.is_ipv6_only.load(Ordering::Relaxed) {
            addresses.reverse();
        }
        let stream = TcpStream::connect(&addresses[..]).await?;
        // A failure only costs speed.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Connects to it with TLS. Waits for `limit` for its part of the handshake.
    pub async fn connect_tls(&self, limit: Duration) -> Result<LocalTlsStream, TlsError> {
        let tcp = self.connect().await.map_err(|_| TlsError::Down)?;
        match timeout(limit, self.tls.handshake(tcp)).await {
            Ok(Ok(tls)) => Ok(tls),
            Ok(Err(error)) => Err(TlsError::Handshake(error)),
            Err(late) => Err(TlsError::Handshake(late.into())),
        }
    }

    /// A visitor could not connect.
    pub fn doubt(&self) {
        self.doubts.notify_one();
    }

    /// Waits until a visitor could not connect.
    pub async fn doubted(&self) {
        self.doubts.notified().await;
    }
}

impl Seen {
    fn likely_state(&self) -> SiteState {
        if self.speaks_tls {
            SiteState::Https
        } else {
            SiteState::Http
        }
    }
}
