//! A visitor's connection, as actix-web reads from and writes to it.
//!
//! Besides passing bytes on, it does what actix-web doesn't. It limits how much a visitor may send
//! and how long it may take without completing a request, for every request of a connection and not
//! only the first. It hands over one request at a time, gives the body of a request to its handler,
//! makes room when others need its place, and sends the pieces that a response left in its
//! [`Outbox`].

use std::{
    io,
    mem::MaybeUninit,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{
    eviction::Place,
    fallback_headers,
    finished::Sending,
    hand_over::HandOver,
    hang_up::HangUp,
    linger::{LINGER_TIMEOUT, Linger},
    outbox::{Outbox, OutboxState, Piece},
    pace::{Lane, Pace},
    pieces,
    progress::Progress,
    reception::Reception,
    request_body::BodyError,
    timer::{HEAD_TIMEOUT, IDLE_TIMEOUT, TURNED_AWAY_TIMEOUT, Timer},
    transfer::Transfer,
};
use crate::server::{
    activity::{Activity, ActivityMeter},
    origin::NetworkAddress,
};

/// How much may be read without becoming a request: twice the longest head that is answered, so
/// that one that is slightly too long still gets an answer that says so.
const MAX_UNANSWERED_BYTES: usize = 64 * 1024;

/// How much of a head is read at once.
const HEAD_READ_BYTES: usize = 8 * 1024;

/// A TCP connection with its outbox.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    outbox: Outbox,
    transfer: Transfer,
    /// A response that was made before.
    finished: Option<Sending>,
    hand_over: HandOver,
    /// What was written since actix-web last received the end of a request.
    written: Written,
    /// The visitor has closed the connection, or at least sends nothing more.
    has_ended: bool,
    hang_up: HangUp,
    /// As much was read as is allowed, and nobody has looked at it since.
    was_full: bool,
    head_timer: Timer,
    reception: Reception,
    /// The handler waits for more of a body.
    awaits_body: bool,
    /// As its place knows it.
    is_receiving: bool,
    /// Ends a body that stands still.
    stall_timer: Timer,
    linger: Linger,
    /// Its place while it is served; `None` if it is only told that there are too many.
    place: Option<Place>,
    is_idle: bool,
    idle_since: Instant,
    idle_timer: Timer,
    progress: Progress,
    activity: ActivityMeter,
    /// What the share's limit lets it send.
    lane: Lane,
    /// When the last request came.
    asked: Instant,
    /// Whether its answer could not be sent at once.
    was_blocked: bool,
    /// The address of this computer in the local network that it came to, if it came from there.
    network: Option<NetworkAddress>,
}

/// How far the answer to a request has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Nothing,
    Partly,
    /// Everything so far is on its way.
    Flushed,
}

impl Connection {
    /// Takes over a connection that was just accepted, to be served in a place or only to be told
    /// that there are too many.
    ///
    /// # Errors
    /// If the system refuses the socket's options.
    pub fn new(stream: TcpStream, place: Option<Place>, activity: Activity) -> io::Result<Self> {
        // Head and body are two writes; without this the second waits 40 ms for the visitor to
        // acknowledge the first.
        stream.set_nodelay(true)?;
        let outbox = Outbox::default();
        let patience = place.as_ref().map(Place::patience).unwrap_or_default();
        let mut state = outbox.state();
        state.seat = place.as_deref().cloned();
        state.eviction = place.as_ref().map(|place| Arc::clone(place.eviction()));
        if place.is_none() {
            state.unanswered_since = Some(Instant::now());
        }
        drop(state);
        Ok(Self {
            stream,
            outbox,
            transfer: Transfer::default(),
            finished: None,
            hand_over: HandOver::default(),
            written: Written::Nothing,
            has_ended: false,
            hang_up: HangUp::default(),
            was_full: false,
            head_timer: Timer::new(if place.is_some() {
                HEAD_TIMEOUT
            } else {
                TURNED_AWAY_TIMEOUT
            }),
            reception: Reception::default(),
            awaits_body: false,
            is_receiving: false,
            stall_timer: Timer::new(patience.body),
            linger: Linger::new(if place.is_some() {
                LINGER_TIMEOUT
            } else {
                TURNED_AWAY_TIMEOUT
            }),
            place,
            is_idle: false,
            idle_since: Instant::now(),
            idle_timer: Timer::new(IDLE_TIMEOUT),
            progress: Progress::default(),
            activity: ActivityMeter::new(activity),
            lane: Lane::new(Pace::default()),
            asked: Instant::now(),
            was_blocked: false,
            network: None,
        })
    }

    /// Sends no faster than this share may.
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.lane = Lane::new(pace);
        self
    }

    /// Records that it came from the local network, to this address.
    pub fn came_in_at(&mut self, network: Option<NetworkAddress>) {
        self.network = network;
    }

    /// The address in the local network that it came to, if it came from there.
    pub fn network_address(&self) -> Option<NetworkAddress> {
        self.network
    }

    /// Where responses leave what this connection should send.
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// Whether its requests are served.
    pub fn is_served(&self) -> bool {
        self.place.is_some()
    }

    /// Sends what the response left, and records whether the visitor receives it.
    fn poll_send_pieces(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let next = |state: &OutboxState| state.pieces.front().map_or(0, Piece::len);
        let turn = ready!(self.poll_turn(context, next));
        let (stream, transfer) = (&mut self.stream, &mut self.transfer);
        let mut sent = 0;
        let sending = pieces::poll_send(
            context,
            stream,
            transfer,
            &mut self.outbox.state(),
            (turn, &mut sent),
        );
        self.lane.spend(sent);
        self.note(sent, sending.is_pending() || self.awaits_body);
        sending
    }

    /// Sends a response that was made before.
    fn poll_send_finished(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(left) = self.finished.as_ref().map(Sending::left) {
            if left == 0 {
                self.finished = None;
                break;
            }
            let turn = ready!(self.poll_turn(context, |_| left as u64));
            let most = usize::try_from(turn).unwrap_or(usize::MAX);
            let (Some(sending), stream) = (&mut self.finished, &mut self.stream) else {
                break;
            };
            let slices = sending.next_slices(most);
            let writing = Pin::new(stream).poll_write_vectored(context, &slices);
            let sent = match &writing {
                Poll::Ready(Ok(sent)) => *sent,
                _ => 0,
            };
            let mut state = self.outbox.state();
            if let Some(download) = &mut state.download {
                for part in sending.next(sent) {
                    download.wrote(part);
                }
            }
            drop(state);
            sending.advance(sent);
            self.lane.spend(sent as u64);
            self.note(sent as u64, writing.is_pending());
            if ready!(writing)? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// How many of the `wanted` bytes may be sent now. A connection that has to wait for that is not waiting
    /// for its visitor.
    fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
        wanted: impl Fn(&OutboxState) -> u64,
    ) -> Poll<u64> {
        // What says that there are too many is short.
        if !self.lane.is_limited() || self.place.is_none() {
            self.lane.leave();
            return Poll::Ready(u64::MAX);
        }
        let state = self.outbox.state();
        let (visitor, wanted) = (state.visitor, wanted(&state));
        drop(state);
        if wanted == 0 {
            return Poll::Ready(u64::MAX);
        }
        let turn = self.lane.poll_turn(context, visitor, wanted);
        if turn.is_pending() {
            self.note(0, false);
        }
        turn
    }

    /// Records how much the visitor received or sent, and whether there is more that doesn't come.
    fn note(&mut self, bytes: u64, is_blocked: bool) {
        self.progress.add(bytes);
        self.activity.add(bytes);
        self.was_blocked |= is_blocked;
        if self.progress.set_blocked(is_blocked)
            && let Some(place) = &self.place
        {
            place.set_blocked(self.progress.blocked());
        }
    }

    /// Records whether the handler waits for a body.
    fn set_receiving(&mut self, is_receiving: bool) {
        if std::mem::replace(&mut self.is_receiving, is_receiving) != is_receiving
            && let Some(place) = &self.place
        {
            place.set_receiving(is_receiving);
        }
    }

    /// Ends the connection in the middle of an answer if its place is needed for others, or the
    /// visitor may not see the rest.
    fn check_cut_off(&self, context: &mut Context<'_>) -> io::Result<()> {
        let is_evicted = self.place.as_ref().is_some_and(|place| place.is_cut_off());
        let is_cut = match &mut self.outbox.state().cut {
            Some(cut) => cut.as_mut().poll(context).is_ready(),
            None => false,
        };
        if is_evicted || is_cut {
            tracing::debug!(is_evicted, is_cut, "cut off an answer");
            // What has not been received would stay in memory until the visitor receives it.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    /// There is nothing to do until the next request.
    fn set_idle(&mut self, context: &Context<'_>) {
        if self.is_idle {
            return;
        }
        self.is_idle = true;
        self.idle_since = Instant::now();
        if let Some(place) = &self.place {
            // An answer that was received at once took no time that matters here.
            let since = if self.was_blocked {
                self.idle_since
            } else {
                self.asked
            };
            place.set_idle(since, self.outbox.state().begun > 0, context.waker());
        }
    }

    /// What was handed over may be a request.
    fn set_answering(&mut self, context: &Context<'_>, now: Instant) {
        self.asked = now;
        self.was_blocked = false;
        self.activity.tick(now);
        self.written = Written::Nothing;
        self.progress = Progress::default();
        self.lane.begin();
        self.is_receiving = false;
        self.is_idle = false;
        if let Some(place) = &self.place {
            place.set_answering(context.waker());
        }
    }

    /// So much was handed over without becoming a request that the connection has to end. To
    /// actix-web, reaching a limit looks like a visitor who has nothing more to say.
    fn poll_full(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.was_full {
            return Poll::Ready(());
        }
        // It is looked at before the next turn.
        self.was_full = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the handler of the request that is being answered waits for its body.
    fn is_body_wanted(&self) -> bool {
        let state = self.outbox.state();
        let body = state.body.as_ref();
        body.is_some_and(|body| body.is_wanted() && !body.is_over())
    }

    /// Whether something of a body is still expected. Then the handler has to learn that it doesn't
    /// come, and actix-web would never read again after an end.
    fn expects_body(&self) -> bool {
        if self.hand_over.is_undecided() {
            return self.hand_over.announced().framing.has_content();
        }
        let state = self.outbox.state();
        state.body.as_ref().is_some_and(|body| !body.is_over())
    }

    /// Whether the last request is completely answered.
    fn is_answered(&self) -> bool {
        self.written == Written::Flushed && self.outbox.state().under_way == 0
    }

    /// Reads ahead while a request is being answered, to see whether the visitor has left. Ready
    /// only if the connection ends.
    fn poll_read_ahead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.has_ended && self.stream.poll_read_ready(context).is_ready() {
            let Some(held) = self.hand_over.read_ahead() else {
                if self.hang_up.poll(context, &self.stream).is_ready() {
                    self.outbox.visitor_has_left();
                }
                break;
            };
            let Poll::Ready(read) = pin!(self.stream.read_buf(held)).poll(context) else {
                break;
            };
            let read = read?;
            self.activity.add(read as u64);
            if read == 0 {
                self.has_ended = true;
                self.outbox.visitor_has_left();
            }
        }
        if self.has_ended && !self.hand_over.holds_any() && !self.expects_body() {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    /// Receives the body of the request that is being answered.
    fn receive_body(&mut self, context: &mut Context<'_>) {
        let received = self.reception.receive(
            context,
            &mut self.stream,
            &mut self.hand_over,
            &mut self.outbox.state(),
            self.has_ended,
        );
        self.awaits_body = received.is_waited_for;
        self.set_receiving(self.is_body_wanted());
        self.note(received.bytes, received.is_waited_for);
        if received.has_ended {
            self.has_ended = true;
            self.outbox.visitor_has_left();
        }
        if let Some(since) = self.progress.blocked()
            && self.stall_timer.poll(context, since).is_ready()
            && let Some(body) = &mut self.outbox.state().body
        {
            body.fail(BodyError::Stalled);
            context.waker().wake_by_ref();
        }
    }

    /// Hands over what is held back or arrives, or times out. Returns how much that was; nothing at
    /// the end.
    fn poll_hand_over(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        let begun = self.outbox.state().begun;
        if self.hand_over.holds_any() {
            return Poll::Ready(Ok(self.hand_over.hand_over_held(buffer, begun)));
        }
        if self.has_ended {
            return Poll::Ready(Ok(0));
        }
        let mut read = [MaybeUninit::uninit(); HEAD_READ_BYTES];
        let room = HandOver::room(buffer).min(HEAD_READ_BYTES);
        let mut read = ReadBuf::uninit(&mut read[..room]);
        let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(context, &mut read) else {
            self.set_idle(context);
            let makes_room = self.place.as_ref().is_some_and(|place| place.makes_room());
            let since = self.outbox.state().unanswered_since;
            if !makes_room {
                ready!(match since {
                    Some(since) => self.head_timer.poll(context, since),
                    None => self.idle_timer.poll(context, self.idle_since),
                });
            }
            return Poll::Ready(Ok(0));
        };
        result?;
        let read = read.filled();
        self.activity.add(read.len() as u64);
        if read.is_empty() {
            self.outbox.visitor_has_left();
        } else {
            self.hand_over.hand_over_read(read, buffer, begun);
        }
        Poll::Ready(Ok(read.len()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_cut_off(context)?;
        let begun = self.outbox.state().begun;
        let is_answered = self.is_answered();
        if !self.hand_over.may_go_on(begun, is_answered) {
            if self.is_body_wanted() {
                self.receive_body(context);
                return Poll::Pending;
            }
            let ended = self.poll_read_ahead(context);
            if self.hand_over.is_undecided() {
                self.outbox.state().is_undecided = true;
            }
            return ended;
        }
        self.hang_up.stop();
        let before = buffer.filled().len();
        // What announces a body is not handed over, and there may be nothing else.
        while buffer.filled().len() == before {
            if self.outbox.state().unanswered_bytes >= MAX_UNANSWERED_BYTES {
                return self.poll_full(context).map(Ok);
            }
            self.was_full = false;
            let handed_over = ready!(self.poll_hand_over(context, buffer))?;
            if handed_over == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut state = self.outbox.state();
            state.unanswered_bytes += handed_over;
            state.announced = self.hand_over.announced();
            let since = *state.unanswered_since.get_or_insert_with(Instant::now);
            drop(state);
            if self.hand_over.is_answering() {
                self.set_answering(context, since);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_cut_off(context)?;
        let this = &mut *self;
        ready!(this.reception.poll_finish(context, &mut this.stream))?;
        // The answer doesn't wait for the rest of a body.
        this.awaits_body = false;
        this.set_receiving(false);
        self.written = Written::Partly;
        let mut state = self.outbox.state();
        if !state.is_answer
            && let Some(response) = fallback_headers::protected(bytes)
        {
            state.pieces.push_back(Piece::Bytes(response));
            return Poll::Ready(Ok(bytes.len()));
        }
        let finished = state.finished.take();
        let is_head = !state.pieces.is_empty();
        drop(state);
        if let Some(finished) = finished {
            self.finished = Some(Sending::new(finished));
            return Poll::Ready(Ok(bytes.len()));
        }
        let turn = ready!(self.poll_turn(context, |_| bytes.len() as u64));
        let bytes = &bytes[..bytes.len().min(usize::try_from(turn).unwrap_or(usize::MAX))];
        let writing = if is_head {
            // The head of a response, in one packet with the first bytes of its body.
            super::sendfile::send_more(context, &mut self.stream, bytes)
        } else {
            Pin::new(&mut self.stream).poll_write(context, bytes)
        };
        let sent = match &writing {
            Poll::Ready(Ok(sent)) => *sent,
            _ => 0,
        };
        let mut state = self.outbox.state();
        if let Some(download) = &mut state.download {
            download.wrote(&bytes[..sent]);
        }
        if let Some(shown) = &mut state.shown {
            shown.wrote(&bytes[..sent]);
        }
        drop(state);
        self.lane.spend(sent as u64);
        self.note(sent as u64, writing.is_pending());
        writing
    }

    /// actix-web flushes after it has written everything, so what the outbox holds follows the head
    /// that it belongs to.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_cut_off(context)?;
        ready!(self.poll_send_finished(context))?;
        ready!(self.poll_send_pieces(context))?;
        if self.written == Written::Partly {
            self.written = Written::Flushed;
        }
        if self.hand_over.is_answering() && self.is_answered() {
            self.outbox.answer_was_sent();
            if self.hand_over.holds_any() {
                // The next request has already arrived.
                context.waker().wake_by_ref();
            } else {
                self.set_idle(context);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        if this.has_ended || !(this.outbox.has_unread_body() || this.hand_over.holds_any()) {
            return Poll::Ready(Ok(()));
        }
        this.set_idle(context);
        if this.place.as_ref().is_some_and(|place| place.makes_room()) {
            return Poll::Ready(Ok(()));
        }
        this.linger.poll(context, &mut this.stream).map(Ok)
    }
}
