//! What a response gives its connection to send after the response's head.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fmt,
    fs::File,
    future::{pending, poll_fn},
    ops::Range,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use actix_web::body::{BodySize, MessageBody};
use bytes::{Bytes, BytesMut};

use super::{
    eviction::Eviction,
    finished::Finished,
    framing::{Announced, Framing},
    request_body::{BodyError, RequestBody},
    seat::Seat,
    visitor::Visitor,
};
use crate::server::{downloads::DownloadProgress, head_end::HeadEnd, live::LiveTransfer, traffic};

/// A part of a response's body.
#[derive(Debug)]
pub enum Piece {
    Bytes(Bytes),
    /// These bytes of a file. If the file is shorter by then, the connection ends early.
    File(Arc<File>, Range<u64>),
}

impl Piece {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, range) => range.end - range.start,
        }
    }
}

/// Where the handler of a request and its connection meet. Clones share one place.
#[derive(Clone, Default)]
pub struct Outbox(Rc<RefCell<OutboxState>>);

#[derive(Default)]
pub(super) struct OutboxState {
    pub pieces: VecDeque<Piece>,
    /// Sent in the place of what actix-web writes.
    pub finished: Option<Finished>,
    /// The response waiting for its pieces to be sent.
    pub waiting: Option<Waker>,
    /// Running handlers, and bodies of responses that are not completely sent.
    pub under_way: usize,
    /// What the answer sends of a download.
    pub download: Option<Box<DownloadProgress>>,
    /// What the owner sees of it.
    pub shown: Option<Box<Shown>>,
    /// The request that is being answered, as the share counts it. It goes after the download, which
    /// may be the last.
    pub counted: Option<traffic::UnderWay>,
    /// Cuts off the answer when it completes.
    pub cut: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// What the head that was handed over last says about its body.
    pub announced: Announced,
    /// The same about the request that is being answered.
    pub framing: Framing,
    /// The body of that request, if it has one.
    pub body: Option<RequestBody>,
    /// The seat of the connection, if it has one.
    pub seat: Option<Arc<Seat>>,
    /// Whose request is being answered, if known.
    pub visitor: Option<Visitor>,
    /// All connections of the share.
    pub eviction: Option<Arc<Eviction>>,
    /// Requests that have reached their handler.
    pub begun: u64,
    /// What was handed over may be a request, and actix-web has not looked at it yet.
    pub is_undecided: bool,
    /// Whether what is being written comes from a handler, and not from actix-web itself.
    pub is_answer: bool,
    /// Whether the visitor has closed the connection, or at least sends nothing more.
    pub has_left: bool,
    /// Bytes read since a request last reached its handler.
    pub unanswered_bytes: usize,
    /// When the first of these arrived.
    pub unanswered_since: Option<Instant>,
}

/// A transfer as the owner sees it.
#[derive(Debug)]
pub(super) struct Shown {
    transfer: LiveTransfer,
    head: HeadEnd,
}

impl Shown {
    /// These bytes of the response, its head included, were given to the system.
    pub fn wrote(&mut self, bytes: &[u8]) {
        let body = self.head.skip(bytes).len() as u64;
        self.sent(body);
    }

    /// So many bytes of the body were given to the system.
    pub fn sent(&self, bytes: u64) {
        self.transfer.add(bytes);
    }
}

impl Outbox {
    /// Tells the connection that what it has read so far was a request. A handler keeps what this
    /// returns until it has its response.
    pub fn request_began(&self, is_http10: bool) -> UnderWay {
        let mut state = self.0.borrow_mut();
        state.unanswered_bytes = 0;
        state.unanswered_since = None;
        state.begun += 1;
        state.is_undecided = false;
        state.is_answer = true;
        // Usually there are none left.
        state.cut = None;
        state.finished = None;
        state.visitor = None;
        let announced = std::mem::take(&mut state.announced).of_version(is_http10);
        state.framing = announced.framing;
        state.body = RequestBody::of(announced);
        let earlier = (
            state.download.take(),
            state.shown.take(),
            state.counted.take(),
        );
        drop(state);
        drop(earlier);
        self.under_way()
    }

    /// Forgets what was left for an answer that is made anew.
    pub fn start_over(&self) {
        let mut state = self.0.borrow_mut();
        state.pieces.clear();
        state.finished = None;
        let abandoned = (
            state.download.take(),
            state.shown.take(),
            state.counted.take(),
        );
        drop(state);
        drop(abandoned);
    }

    /// Cuts off the answer when `cut` completes before its last byte was handed to the system.
    pub fn ends_with(&self, cut: impl Future<Output = ()> + 'static) {
        self.0.borrow_mut().cut = Some(Box::pin(cut));
    }

    /// What the head of the request says about its body.
    pub fn framing(&self) -> Framing {
        self.0.borrow().framing
    }

    /// Whether a part of the body has not arrived. What follows can't be told from the next request,
    /// so the connection has to end after the answer.
    pub fn has_unread_body(&self) -> bool {
        let state = self.0.borrow();
        let is_complete = state.body.as_ref().is_none_or(RequestBody::is_complete);
        !is_complete || state.framing == Framing::Unclear
    }

    /// Whether the handler has begun to read the body, so the request can't be answered anew.
    pub fn has_begun_body(&self) -> bool {
        let state = self.0.borrow();
        state.body.as_ref().is_some_and(RequestBody::is_wanted)
    }

    /// The next chunk of the body; empty at its end. Must be awaited in the task of the connection.
    ///
    /// # Errors
    /// Why the rest doesn't come.
    pub async fn next_chunk(&self) -> Result<Bytes, BodyError> {
        let chunk = self.find_in_body(RequestBody::take).await;
        chunk.unwrap_or_else(|| Ok(Bytes::new()))
    }

    /// Whether the body has any bytes. Waits for the first of them, and takes none.
    ///
    /// # Errors
    /// Why none comes.
    pub async fn has_content(&self) -> Result<bool, BodyError> {
        let has_content = self.find_in_body(|body| body.has_content()).await;
        has_content.unwrap_or(Ok(false))
    }

    /// What `find` finds in the body as soon as it does; `None` without a body.
    async fn find_in_body<T>(&self, find: impl Fn(&mut RequestBody) -> Option<T>) -> Option<T> {
        poll_fn(|context| {
            let mut state = self.0.borrow_mut();
            let Some(body) = &mut state.body else {
                return Poll::Ready(None);
            };
            let was_read = !body.want() && body.has_room();
            let found = find(body);
            if !was_read && !body.is_over() {
                // The connection doesn't read at the moment.
                context.waker().wake_by_ref();
            }
            found.map_or(Poll::Pending, |found| Poll::Ready(Some(found)))
        })
        .await
    }

    /// All of the body, which must be short.
    ///
    /// # Errors
    /// Why the rest doesn't come.
    pub async fn whole_body(&self) -> Result<Bytes, BodyError> {
        let mut whole = BytesMut::new();
        loop {
            match self.next_chunk().await? {
                chunk if chunk.is_empty() => return Ok(whole.freeze()),
                chunk => whole.extend_from_slice(&chunk),
            }
        }
    }

    /// Keeps what counts the request until the last byte of its answer was handed to the system.
    pub fn count(&self, request: traffic::UnderWay) {
        self.0.borrow_mut().counted = Some(request);
    }

    /// Sends this instead of the response that the handler returns, which says nothing but its status.
    pub fn send(&self, finished: Finished) {
        self.0.borrow_mut().finished = Some(finished);
    }

    /// Whether the response was given to [`Outbox::send`].
    pub fn has_finished(&self) -> bool {
        self.0.borrow().finished.is_some()
    }

    /// Follows what is sent of a download until then.
    pub fn follow(&self, download: DownloadProgress) {
        self.0.borrow_mut().download = Some(Box::new(download));
    }

    /// Shows the owner what is sent until then.
    pub fn show(&self, transfer: LiveTransfer) {
        self.0.borrow_mut().shown = Some(Box::new(Shown {
            transfer,
            head: HeadEnd::default(),
        }));
    }

    /// Waits until the owner ends what is shown, if anything is.
    pub fn ended_by_owner(&self) -> impl Future<Output = ()> + use<> {
        let state = self.0.borrow();
        let ended = state.shown.as_ref().map(|shown| shown.transfer.ended());
        async move {
            match ended {
                Some(ended) => ended.await,
                None => pending().await,
            }
        }
    }

    /// Records whose request it is.
    pub fn asked_by(&self, visitor: Visitor) {
        let mut state = self.0.borrow_mut();
        state.visitor = Some(visitor);
        if let Some(seat) = &state.seat {
            seat.set_visitor(visitor);
        }
    }

    /// Ends a request of somebody else that came through the tunnel, if it keeps this visitor out.
    /// Returns whether one ends.
    pub fn make_room_in_tunnel(&self, visitor: Option<Visitor>) -> bool {
        let eviction = self.0.borrow().eviction.clone();
        eviction.is_some_and(|eviction| eviction.make_room_in_tunnel(visitor))
    }

    /// Keeps the connection from being treated as idle.
    pub fn under_way(&self) -> UnderWay {
        self.0.borrow_mut().under_way += 1;
        UnderWay(self.clone())
    }

    /// Records that the visitor has closed the connection, or at least sends nothing more.
    pub fn visitor_has_left(&self) {
        self.0.borrow_mut().has_left = true;
    }

    /// Waits until the visitor has left. Must be awaited in the task of the connection, which is
    /// woken when that happens. A visitor who has only finished sending looks the same, so anything
    /// that costs little is sent all the same.
    pub async fn left(&self) {
        poll_fn(|_| {
            if self.0.borrow().has_left {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Serves the connection of this outbox.
    ///
    /// Bytes that turn out not to be a request are followed by another turn, which nothing else
    /// would wake for. The usual request costs one turn.
    pub async fn drive<T>(&self, serving: impl Future<Output = T>) -> T {
        let mut serving = pin!(serving);
        poll_fn(|context| {
            let poll = serving.as_mut().poll(context);
            if std::mem::take(&mut self.state().is_undecided) {
                context.waker().wake_by_ref();
            }
            poll
        })
        .await
    }

    /// The last byte of the answer was handed to the system.
    pub(super) fn answer_was_sent(&self) {
        let mut state = self.state();
        let (download, counted) = (state.download.take(), state.counted.take());
        let shown = state.shown.take();
        state.cut = None;
        if state.body.as_ref().is_some_and(RequestBody::is_complete) {
            state.body = None;
        }
        drop(state);
        drop(shown);
        // The last download ends the share's traffic, while this request still counts.
        if let Some(download) = download {
            download.finish();
        }
        drop(counted);
    }

    pub(super) fn state(&self) -> std::cell::RefMut<'_, OutboxState> {
        self.0.borrow_mut()
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

/// While this exists, something is being done for a request.
#[derive(Debug)]
pub struct UnderWay(Outbox);

impl UnderWay {
    /// Whether the visitor has left, as for [`Outbox::left`].
    pub fn has_left(&self) -> bool {
        self.0.0.borrow().has_left
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.borrow_mut().under_way -= 1;
    }
}

/// A body that is sent by its connection.
///
/// It must be in a response with a Content-Length header and without chunked encoding: to actix-web
/// it looks like a stream of unknown length that never yields a byte.
#[derive(Debug)]
pub struct PiecesBody {
    outbox: Outbox,
    _under_way: UnderWay,
    /// `None` once they are handed over.
    pieces: Option<VecDeque<Piece>>,
}

impl PiecesBody {
    /// A body of these pieces, in this order.
    pub fn new(outbox: Outbox, pieces: impl IntoIterator<Item = Piece>) -> Self {
        let pieces = pieces.into_iter().filter(|piece| piece.len() > 0).collect();
        Self {
            _under_way: outbox.under_way(),
            outbox,
            pieces: Some(pieces),
        }
    }
}

impl MessageBody for PiecesBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(pieces) = self.pieces.take() {
            self.outbox.state().pieces = pieces;
        }
        let mut state = self.outbox.state();
        if state.pieces.is_empty() {
            state.waiting = None;
            return Poll::Ready(None);
        }
        state.waiting = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for PiecesBody {
    fn drop(&mut self) {
        // An abandoned response must not leave pieces for the next one.
        if self.pieces.is_none() {
            let mut state = self.outbox.state();
            state.pieces.clear();
            state.waiting = None;
        }
    }
}
