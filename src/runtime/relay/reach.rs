//! Gets an answer from the site, with TLS or without, whichever it speaks now.
//!
//! The first words of the answer decide. A handshake sends no request, so it may be tried. A request
//! that came without TLS is sent again with it if the site can't have acted on it:
//!
//! - The site closed the connection without an answer, or with a word of TLS, and then did a
//!   handshake. Only a server that takes both on one port can have read the request. We know of none
//!   that reads one and doesn't answer.
//! - It answered that it wants TLS, and then did a handshake. A request that may be repeated is sent
//!   again. Any other is only if the answer is one that servers give before they look at a request.

use std::{
    future::poll_fn,
    io::ErrorKind,
    pin::Pin,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    both_ways::PATIENCE as AFTER_VISITOR,
    exchange::Exchange,
    first_words::{FirstWords, refuses_unread},
    incoming::{Incoming, VisitorReads},
    message::RequestHead,
    site::{LocalSite, TlsError},
    tls::LocalTlsStream,
    upload::{Upload, UploadError},
};
use crate::app::SiteState;

/// A site that spoke TLS, and takes longer for a handshake, is asked without.
const PATIENCE: Duration = Duration::from_secs(1);
/// A site that takes longer for a handshake doesn't speak TLS.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);
/// The same if it has given an answer, which the visitor waits for.
const HANDSHAKE_LIMIT_WITH_ANSWER: Duration = Duration::from_secs(1);
/// A connection that was idle for longer is not used again: servers close one after 5 seconds.
pub const KEEP: Duration = Duration::from_secs(4);

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a program that was a site when it was made.
pub struct SiteConnection {
    pub stream: Box<dyn Stream>,
    listener: u64,
    idle_since: Instant,
}

/// A site that has answered.
pub struct Reached {
    pub site: SiteConnection,
    pub exchange: Exchange,
}

/// Why there is no answer for the visitor.
#[derive(Debug)]
pub enum Unreached {
    /// The request is to blame.
    Upload(UploadError),
    /// The site is to blame.
    Site(SiteState),
}

impl SiteConnection {
    fn new(stream: Box<dyn Stream>, listener: u64) -> Self {
        Self {
            stream,
            listener,
            idle_since: Instant::now(),
        }
    }

    /// Nothing happens on it from now on.
    pub fn set_idle(&mut self) {
        self.idle_since = Instant::now();
    }

    /// Whether it is as it was left: open, and without anything unasked.
    async fn is_usable(&mut self, site: &LocalSite) -> bool {
        let mut byte = [0];
        let is_quiet = poll_fn(|context| {
            let mut buffer = ReadBuf::new(&mut byte);
            let read = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
            Poll::Ready(read.is_pending())
        });
        self.idle_since.elapsed() < KEEP && self.listener == site.seen().listener && is_quiet.await
    }
}

/// Sends a request to the site, and returns at its first words. A connection that was `kept` is used
/// only for a request that may be sent again without one.
///
/// # Errors
/// There is no answer that a visitor could be shown.
pub async fn reach(
    site: &LocalSite,
    head: &RequestHead,
    upload: &mut Upload,
    incoming: &mut Incoming<impl VisitorReads>,
    kept: Option<SiteConnection>,
) -> Result<Reached, Unreached> {
    let mut attempt = Attempt {
        site,
        is_repeatable: head.is_idempotent(),
        upload,
        incoming,
    };
    if let Some(mut kept) = kept
        && attempt.is_repeatable
        && !head.has_body()
        && kept.is_usable(site).await
    {
        let exchange = attempt.begin(&mut kept.stream).await?;
        if matches!(exchange.words, FirstWords::Http | FirstWords::HttpAboutTls) {
            return Ok(Reached {
                site: kept,
                exchange,
            });
        }
        // It has closed the connection meanwhile.
        if !attempt.upload.again() {
            return Err(Unreached::Site(SiteState::Silent));
        }
    }
    let seen = site.seen();
    let asked = if seen.speaks_tls {
        match site.connect_tls(PATIENCE).await {
            Ok(tls) => attempt.with_tls(tls).await,
            Err(TlsError::Down) => Err(Unreached::Site(SiteState::Down)),
            // It may have changed to HTTP. If it is only slow, the words that follow show it.
            Err(TlsError::Handshake(_)) => attempt.without().await,
        }
    } else {
        attempt.without().await
    };
    match asked {
        Ok((state, stream, exchange)) => {
            site.set_state(seen.listener, state);
            Ok(Reached {
                site: SiteConnection::new(stream, seen.listener),
                exchange,
            })
        }
        Err(unreached) => {
            // Other trouble may be that of one request.
            if let Unreached::Site(SiteState::Down) = unreached {
                site.doubt();
            }
            Err(unreached)
        }
    }
}

/// A request that is sent until there is an answer.
struct Attempt<'a, R> {
    site: &'a LocalSite,
    /// Sending the request twice does the same as sending it once.
    is_repeatable: bool,
    upload: &'a mut Upload,
    incoming: &'a mut Incoming<R>,
}

/// An answer, and what it says about the site.
type Answer = (SiteState, Box<dyn Stream>, Exchange);

impl<R: VisitorReads> Attempt<'_, R> {
    async fn without(&mut self) -> Result<Answer, Unreached> {
        let Ok(mut tcp) = self.site.connect().await else {
            return Err(Unreached::Site(SiteState::Down));
        };
        let exchange = self.begin(&mut tcp).await?;
        let limit = match exchange.words {
            FirstWords::Other => return Err(Unreached::Site(SiteState::NotHttp)),
            FirstWords::HttpAboutTls if !self.site.lacks_tls() => HANDSHAKE_LIMIT_WITH_ANSWER,
            FirstWords::Http | FirstWords::HttpAboutTls => {
                return Ok((SiteState::Http, Box::new(tcp), exchange));
            }
            FirstWords::Tls | FirstWords::Nothing => HANDSHAKE_LIMIT,
        };
        let listener = self.site.seen().listener;
        let tls = self.site.connect_tls(limit).await;
        if tls.is_ok() {
            self.site.set_speaks_tls();
        }
        match (tls, exchange.words) {
            (Ok(tls), words) => {
                let is_unread = words != FirstWords::HttpAboutTls
                    || self.is_repeatable
                    || refuses_unread(&exchange.answer);
                if is_unread && self.upload.again() {
                    return self.with_tls(tls).await;
                }
                // The visitor has to try again, with TLS from the start.
                self.site.set_state(listener, SiteState::Https);
                if words == FirstWords::HttpAboutTls {
                    return Ok((SiteState::Https, Box::new(tcp), exchange));
                }
                Err(Unreached::Site(SiteState::Silent))
            }
            // It mentions TLS but doesn't speak it, so its plain answer counts.
            (Err(error), FirstWords::HttpAboutTls) => {
                if let TlsError::Handshake(_) = error {
                    self.site.set_lacks_tls(listener);
                }
                Ok((SiteState::Http, Box::new(tcp), exchange))
            }
            (Err(TlsError::Down), _) => Err(Unreached::Site(SiteState::Down)),
            (Err(TlsError::Handshake(error)), FirstWords::Tls) => {
                tracing::warn!(port = self.site.port, %error, "can't use HTTPS with the shared site");
                Err(Unreached::Site(SiteState::TlsFails))
            }
            (Err(TlsError::Handshake(_)), _) => Err(Unreached::Site(SiteState::Silent)),
        }
    }

    async fn with_tls(&mut self, mut tls: LocalTlsStream) -> Result<Answer, Unreached> {
        let exchange = self.begin(&mut tls).await?;
        match (exchange.words, &exchange.error) {
            (FirstWords::Http | FirstWords::HttpAboutTls, _) => {
                Ok((SiteState::Https, Box::new(tls), exchange))
            }
            // With TLS 1.3, it may only now refuse, because it asks for a certificate.
            (FirstWords::Nothing, Some(error)) if error.kind() == ErrorKind::InvalidData => {
                tracing::warn!(port = self.site.port, %error, "can't use HTTPS with the shared site");
                Err(Unreached::Site(SiteState::TlsFails))
            }
            (FirstWords::Nothing, _) => Err(Unreached::Site(SiteState::Silent)),
            (FirstWords::Tls | FirstWords::Other, _) => Err(Unreached::Site(SiteState::NotHttp)),
        }
    }

    async fn begin(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> Result<Exchange, Unreached> {
        let port = self.site.port;
        let exchange = Exchange::begin(self.upload, self.incoming, stream, port, AFTER_VISITOR);
        let exchange = exchange.await.map_err(Unreached::Upload)?;
        // A site may well say nothing to half a request.
        if exchange.words == FirstWords::Nothing && self.upload.is_cut() {
            return Err(Unreached::Upload(UploadError::NoVisitor));
        }
        Ok(exchange)
    }
}
