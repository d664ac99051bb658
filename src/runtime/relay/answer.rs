//! An answer on its way to the visitor.

use std::{future::pending, io, pin::pin, time::Duration};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::watch,
};

use super::{
    both_ways::passes_after,
    message::{Body, Changes, Framing, RequestHead, ResponseHead, head_end},
    outgoing::Outgoing,
    record,
    site::LocalSite,
};
use crate::{
    inspector::Recording,
    server::{Direction, LiveTransfer, LiveVisitor, Lock, Subject, Traffic},
};

/// A longer head is no head.
const HEAD_MAX: usize = 1024 * 1024;
const PIECE: usize = 16 * 1024;

/// What the visitor got.
#[derive(Debug)]
pub enum Answered {
    /// All of it.
    Whole {
        /// The site can be asked again on the same connection.
        site_stays: bool,
        /// So can we.
        visitor_stays: bool,
    },
    /// The connection belongs to a web socket from now on, of which this came already.
    WebSocket(BytesMut),
}

/// Why the visitor didn't get all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing was sent, because no program could read it.
    Unreadable,
    /// It ended too early, or the visitor did.
    Cut,
}

impl From<io::Error> for Unanswered {
    fn from(_: io::Error) -> Self {
        Self::Cut
    }
}

/// What an answer depends on.
pub struct Answer<'a, S> {
    pub request: &'a RequestHead,
    /// The lock of the share, if it has a password. No cache may keep the answer then, and it may not
    /// end the visitor's session.
    pub lock: Option<&'a Lock>,
    /// Ends streams of events with the share.
    pub traffic: &'a Traffic,
    /// Learns what kind of answers there are.
    pub from: &'a LocalSite,
    /// Who gets it; nobody if it is only recorded.
    pub visitor: Option<LiveVisitor<'a>>,
    pub recording: Option<&'a Recording>,
    /// What came from the site already.
    pub begun: BytesMut,
    pub site: S,
    /// Turns true when the visitor sends no more. The site may be silent for `patience` then.
    pub visitor_ended: watch::Receiver<bool>,
    pub patience: Duration,
}

impl<S: AsyncRead + Unpin> Answer<'_, S> {
    /// Passes it on to the visitor.
    ///
    /// # Errors
    /// The visitor didn't get all of it.
    pub async fn pass(
        mut self,
        visitor: &mut Outgoing<impl AsyncWrite + Unpin>,
    ) -> Result<Answered, Unanswered> {
        let head = loop {
            let head = self.head().await?;
            if !head.is_interim() {
                break head;
            }
            // An old program would take it for the answer.
            if !self.request.is_http_1_0() {
                visitor.send(&head.interim()).await?;
            }
        };
        let to_head = self.request.method() == "HEAD";
        let framing = head.framing(to_head).ok_or(Unanswered::Unreadable)?;
        if head.status == 101 {
            if !self.request.wants_web_socket() {
                return Err(Unanswered::Unreadable);
            }
            let changes = Changes::default();
            let for_visitor = head.for_visitor(framing, changes);
            self.record(&head, &for_visitor, framing);
            visitor.send(&for_visitor).await?;
            return Ok(Answered::WebSocket(self.begun));
        }
        let mut body = Body::of_response(framing);
        let ends_with_connection = matches!(body, Body::UntilClose);
        let closes = ends_with_connection || self.request.wants_close();
        let changes = Changes {
            closes,
            is_secret: self.lock.is_some(),
        };
        let is_endless = head.is_event_stream();
        if is_endless && self.request.method() == "GET" {
            self.from.set_streams_events();
        }
        let mut piece = head.for_visitor(framing, changes);
        self.record(&head, &piece, framing);
        let shown = self.show(framing);
        // In one packet, if they came like that.
        let begun = body.take(&self.begun).ok_or(Unanswered::Unreadable)?;
        piece.extend_from_slice(&self.begun[..begun]);
        self.passed(&shown, begun);
        until_ended(&shown, visitor.send(&piece)).await?;
        drop(piece);
        self.begun.advance(begun);
        let mut ended = pin!(ended_by_owner(&shown));
        while !body.is_done() {
            let read = tokio::select! {
                biased;
                () = &mut ended => return Err(Unanswered::Cut),
                () = self.traffic.ended(), if is_endless => return Err(Unanswered::Cut),
                read = self.read() => read?,
            };
            if read == 0 {
                if ends_with_connection {
                    break;
                }
                return Err(Unanswered::Cut);
            }
            let more = body.take(&self.begun).ok_or(Unanswered::Cut)?;
            until_ended(&shown, visitor.send(&self.begun[..more])).await?;
            self.passed(&shown, more);
            self.begun.advance(more);
        }
        Ok(Answered::Whole {
            site_stays: !ends_with_connection && head.keeps_open() && self.begun.is_empty(),
            visitor_stays: !closes,
        })
    }

    fn record(&self, head: &ResponseHead, for_visitor: &[u8], framing: Framing) {
        if let Some(recording) = self.recording {
            let is_https = self.from.seen().speaks_tls;
            recording.answered(record::answer(head, for_visitor, framing, is_https));
        }
    }

    /// Shows the owner a long answer.
    fn show(&self, framing: Framing) -> Option<LiveTransfer> {
        let Framing::Length(length) = framing else {
            return None;
        };
        let (visitor, target) = (self.visitor?, self.request.target());
        visitor.begin(Some(length), || Subject {
            direction: Direction::Down,
            file: String::from_utf8_lossy(target).into_owned(),
            item: visitor.item(target),
            start: 0,
            size: Some(length),
        })
    }

    /// So many bytes of what has begun belong to the body.
    fn passed(&self, shown: &Option<LiveTransfer>, length: usize) {
        if let Some(shown) = shown {
            shown.add(length as u64);
        }
        if let Some(recording) = self.recording {
            recording.received(&self.begun[..length]);
        }
    }

    /// The next head.
    async fn head(&mut self) -> Result<ResponseHead, Unanswered> {
        let mut looked = 0;
        loop {
            if let Some(end) = head_end(&self.begun, looked) {
                let head = ResponseHead::parse(&self.begun[..end]);
                self.begun.advance(end);
                let mut head = head.ok_or(Unanswered::Unreadable)?;
                if let Some(lock) = self.lock {
                    head.retain(|field| {
                        !field.is("set-cookie") || !lock.replaces_session(field.value)
                    });
                }
                return Ok(head);
            }
            looked = self.begun.len();
            if looked > HEAD_MAX || self.read().await? == 0 {
                return Err(Unanswered::Unreadable);
            }
        }
    }

    /// Reads more from the site, into what has begun.
    async fn read(&mut self) -> io::Result<usize> {
        self.begun.reserve(PIECE);
        tokio::select! {
            biased;
            read = self.site.read_buf(&mut self.begun) => read,
            () = passes_after(self.visitor_ended.clone(), self.patience) => {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

/// Waits until the owner ends what is shown, if anything is.
async fn ended_by_owner(shown: &Option<LiveTransfer>) {
    match shown {
        Some(shown) => shown.ended().await,
        None => pending().await,
    }
}

/// Sends, unless the owner ends it before.
async fn until_ended(
    shown: &Option<LiveTransfer>,
    sending: impl Future<Output = io::Result<()>>,
) -> Result<(), Unanswered> {
    tokio::select! {
        biased;
        () = ended_by_owner(shown) => Err(Unanswered::Cut),
        sent = sending => Ok(sent?),
    }
}
