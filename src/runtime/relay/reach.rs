//! Gets an answer from the site, with TLS or without, whichever it speaks now.
//!
//! The first words of the answer decide. A site that speaks TLS does nothing with a request that came
//! without, so the request can be sent again; and a handshake sends no request.

use std::{io::ErrorKind, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    both_ways::PATIENCE as AFTER_VISITOR,
    exchange::Exchange,
    first_words::FirstWords,
    site::{LocalSite, TlsError},
    tls::LocalTlsStream,
};
use crate::app::SiteState;

/// A site that spoke TLS, and takes longer for a handshake, is asked without.
const PATIENCE: Duration = Duration::from_secs(1);
/// A site that takes longer for a handshake doesn't speak TLS.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A site that has answered.
pub struct Reached {
    pub site: Box<dyn Stream>,
    pub exchange: Exchange,
}

/// Why there is no answer for the visitor.
#[derive(Debug)]
pub enum Unreached {
    /// The visitor is gone.
    NoVisitor,
    /// The site is to blame. The visitor has sent these bytes so far.
    Site(SiteState, Vec<u8>),
}

/// Sends `request`, and what else the visitor says, to the site, and returns at its first words.
///
/// # Errors
/// There is no answer that a visitor could be shown.
pub async fn reach(
    site: &LocalSite,
    request: Vec<u8>,
    visitor: &mut (impl AsyncRead + Unpin),
) -> Result<Reached, Unreached> {
    let seen = site.seen();
    let asked = if seen.speaks_tls {
        match site.connect_tls(PATIENCE).await {
            Ok(tls) => ask_with_tls(site, request, visitor, tls).await,
            Err(TlsError::Down) => Err(Unreached::Site(SiteState::Down, request)),
            // It may have changed to HTTP. If it is only slow, the words that follow show it.
            Err(TlsError::Handshake(_)) => ask_without(site, request, visitor).await,
        }
    } else {
        ask_without(site, request, visitor).await
    };
    match asked {
        Ok((state, reached)) => {
            site.set_state(seen.listener, state);
            Ok(reached)
        }
        Err(unreached) => {
            // Other trouble may be that of one request.
            if let Unreached::Site(SiteState::Down, _) = unreached {
                site.doubt();
            }
            Err(unreached)
        }
    }
}

async fn ask_without(
    site: &LocalSite,
    request: Vec<u8>,
    visitor: &mut (impl AsyncRead + Unpin),
) -> Result<(SiteState, Reached), Unreached> {
    let Ok(mut tcp) = site.connect().await else {
        return Err(Unreached::Site(SiteState::Down, request));
    };
    let exchange = begin(site, request, visitor, &mut tcp).await?;
    let tls = match exchange.words {
        FirstWords::Http => {
            let site = Box::new(tcp);
            return Ok((SiteState::Http, Reached { site, exchange }));
        }
        FirstWords::Other => return Err(exchange.failed(SiteState::NotHttp)),
        FirstWords::HttpAboutTls | FirstWords::Tls | FirstWords::Nothing => {
            site.connect_tls(HANDSHAKE_LIMIT).await
        }
    };
    if tls.is_ok() {
        site.set_speaks_tls();
    }
    match (tls, exchange.words) {
        (Ok(tls), _) => match exchange.request {
            Some(request) => ask_with_tls(site, request, visitor, tls).await,
            // The visitor has to try again, with TLS from the start.
            None => {
                site.set_state(site.seen().listener, SiteState::Https);
                Err(exchange.failed(SiteState::Silent))
            }
        },
        // It mentions TLS but doesn't speak it, so its plain answer counts.
        (Err(_), FirstWords::HttpAboutTls) => {
            let site = Box::new(tcp);
            Ok((SiteState::Http, Reached { site, exchange }))
        }
        (Err(TlsError::Down), _) => Err(exchange.failed(SiteState::Down)),
        (Err(TlsError::Handshake(error)), FirstWords::Tls) => {
            tracing::warn!(port = site.port, %error, "can't use HTTPS with the shared site");
            Err(exchange.failed(SiteState::TlsFails))
        }
        (Err(TlsError::Handshake(_)), _) => Err(exchange.failed(SiteState::Silent)),
    }
}

async fn ask_with_tls(
    site: &LocalSite,
    request: Vec<u8>,
    visitor: &mut (impl AsyncRead + Unpin),
    mut tls: LocalTlsStream,
) -> Result<(SiteState, Reached), Unreached> {
    let exchange = begin(site, request, visitor, &mut tls).await?;
    match (exchange.words, &exchange.error) {
        (FirstWords::Http | FirstWords::HttpAboutTls, _) => {
            let site = Box::new(tls);
            Ok((SiteState::Https, Reached { site, exchange }))
        }
        // With TLS 1.3, it may only now refuse, because it asks for a certificate.
        (FirstWords::Nothing, Some(error)) if error.kind() == ErrorKind::InvalidData => {
            tracing::warn!(port = site.port, %error, "can't use HTTPS with the shared site");
            Err(exchange.failed(SiteState::TlsFails))
        }
        (FirstWords::Nothing, _) => Err(exchange.failed(SiteState::Silent)),
        (FirstWords::Tls | FirstWords::Other, _) => Err(exchange.failed(SiteState::NotHttp)),
    }
}

async fn begin(
    site: &LocalSite,
    request: Vec<u8>,
    visitor: &mut (impl AsyncRead + Unpin),
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Exchange, Unreached> {
    let exchange = Exchange::begin(request, visitor, stream, site.port, AFTER_VISITOR).await;
    let exchange = exchange.map_err(|_| Unreached::NoVisitor)?;
    let nobody_asked = exchange.request.as_ref().is_some_and(Vec::is_empty);
    if exchange.words == FirstWords::Nothing && nobody_asked {
        return Err(Unreached::NoVisitor);
    }
    Ok(exchange)
}

impl Exchange {
    fn failed(self, state: SiteState) -> Unreached {
        Unreached::Site(state, self.request.unwrap_or_default())
    }
}
