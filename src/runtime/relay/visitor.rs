//! A visitor's connection: one request after the other. cloudflared uses a connection for many
//! visitors, so each request is looked at by itself.

use std::{future::pending, io, sync::Arc, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, sink, split},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    answer::{Answer, Answered, Unanswered},
    both_ways::{PATIENCE, pass_both_ways},
    door::{self, Pass, Verdict},
    form::{self, Unread},
    incoming::{HeadLimits, Incoming, VisitorReads},
    message::{Refusal, RequestHead, head_end},
    outgoing::Outgoing,
    reach::{KEEP, Reached, SiteConnection, Unreached, reach},
    record, reply,
    seats::Seat,
    share::SiteShare,
    site::LocalSite,
    upload::{Upload, UploadError},
};
use crate::{
    app::SiteState,
    inspector::{Recording, Replay},
    server::{
        Access, Activity, LiveVisitor, Lock, Reply, RequestOrigin, Visitor, blocked,
        site_unavailable, turned_away,
    },
};

/// For the first request of a connection.
const FIRST: HeadLimits = HeadLimits {
    idle: Duration::from_secs(10),
    head: Duration::from_secs(10),
};
/// For all others. cloudflared closes a connection that was idle for 90 seconds; it should not send a
/// request at the moment when we do.
const NEXT: HeadLimits = HeadLimits {
    idle: Duration::from_secs(100),
    head: Duration::from_secs(10),
};
/// A visitor has this long to take the rest of an answer.
const LINGER: Duration = Duration::from_secs(5);

/// What comes after a request.
enum Next {
    /// Another request. The site's connection may be used for it.
    Request(Option<SiteConnection>),
    /// The end, once the visitor has taken everything.
    End,
    /// Nothing; the visitor is gone.
    Gone,
    /// A sudden end, which can't be taken for that of the answer.
    Cut,
}

/// Passes requests and answers between a visitor and the site until the visitor leaves, or answers
/// in place of the site.
pub async fn serve(mut stream: TcpStream, site: &LocalSite, seat: &Arc<Seat>, share: &SiteShare) {
    // A failure only costs speed.
    let _ = stream.set_nodelay(true);
    match answer_all(stream.split(), site, seat, share).await {
        Next::End => {
            seat.set_idle();
            tokio::select! {
                // A visitor who doesn't take it gets none.
                _ = timeout(LINGER, linger(&mut stream)) => {}
                () = seat.told() => {}
            }
        }
        Next::Cut => {
            // The system resets the connection. If that fails, it ends as usual.
            let _ = stream.set_zero_linger();
        }
        Next::Request(_) | Next::Gone => {}
    }
}

/// The same for a visitor whose bytes are known. Returns the answers.
pub async fn answer_bytes(bytes: &[u8], site: &LocalSite, access: &Access) -> Vec<u8> {
    let seat = Arc::new(Seat::new());
    let mut answers = Vec::new();
    let ends = (bytes, &mut answers);
    let share = SiteShare {
        access: access.clone(),
        ..SiteShare::default()
    };
    answer_all(ends, site, &seat, &share).await;
    answers
}

/// Sends a request again, and records what the site answers.
pub async fn send_again(head: &RequestHead, replay: Replay, site: &LocalSite, share: &SiteShare) {
    let (mut far, near) = duplex(16 * 1024);
    let mut connection = Connection {
        incoming: Incoming::new(near, Activity::default()),
        outgoing: Outgoing::new(sink(), Arc::new(Seat::new()), Activity::default()),
        site,
        share,
        recording: None,
    };
    let pass = Pass::again();
    let for_site = pass.for_site(share.access.lock(), head);
    let asked = record::asked_again(head, &for_site, replay.of);
    connection.recording = Some(Arc::new(share.inspector.record_replay(asked)));
    let sending = async {
        // The site may not want all of it.
        let _ = far.write_all(&replay.body).await;
        // This end stays open.
        pending::<()>().await;
    };
    tokio::select! {
        _ = connection.pass_on(head, None, pass, None) => {}
        () = sending => {}
    }
}

async fn answer_all(
    (reads, writes): (impl VisitorReads, impl AsyncWrite + Unpin),
    site: &LocalSite,
    seat: &Arc<Seat>,
    share: &SiteShare,
) -> Next {
    let activity = &share.activity;
    let mut connection = Connection {
        incoming: Incoming::new(reads, activity.clone()),
        outgoing: Outgoing::new(writes, Arc::clone(seat), activity.clone())
            .at_pace(share.access.pace().clone()),
        site,
        share,
        recording: None,
    };
    let mut limits = FIRST;
    let mut kept = None;
    loop {
        let head = tokio::select! {
            biased;
            head = connection.incoming.head(limits) => head,
            () = forget(&mut kept) => continue,
            () = seat.told() => return Next::Gone,
        };
        let head = match head {
            Ok(Some(head)) => head,
            Ok(None) => return Next::Gone,
            Err(refusal) => return connection.refuse(refusal).await,
        };
        seat.set_busy();
        connection.outgoing.begin();
        let visitor = door::address(&head).map(Visitor::new);
        connection.outgoing.is_for(visitor);
        match connection.answer(&head, kept).await {
            Next::Request(connection) => kept = connection,
            end => return end,
        }
        seat.set_idle();
        limits = NEXT;
    }
}

/// Completes when a connection that was kept has been closed, because it is of no use any more.
async fn forget(kept: &mut Option<SiteConnection>) {
    if kept.is_none() {
        return pending().await;
    }
    sleep(KEEP).await;
    *kept = None;
}

/// Sends everything, and reads what comes until the visitor closes the connection: the answer could
/// be lost otherwise.
async fn linger(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut piece = [0; 4096];
    while stream.read(&mut piece).await? > 0 {}
    Ok(())
}

struct Connection<'a, R, W> {
    incoming: Incoming<R>,
    outgoing: Outgoing<W>,
    site: &'a LocalSite,
    share: &'a SiteShare,
    /// Records the request that is being answered.
    recording: Option<Arc<Recording>>,
}

impl<R: VisitorReads, W: AsyncWrite + Unpin> Connection<'_, R, W> {
    /// Answers a request, as long as the visitor may see the answer.
    async fn answer(&mut self, head: &RequestHead, kept: Option<SiteConnection>) -> Next {
        self.recording = None;
        let share = self.share;
        let (lock, live) = (share.access.lock(), share.access.live());
        // Before anything is decided, so that no change is missed.
        let mut changes = lock.changes();
        if live.is_blocked(|| door::caller(head, None)) {
            return self.turn_away(head, kept).await;
        }
        let traffic = share.access.traffic();
        let _under_way = if door::is_form(lock, head) && !traffic.has_ended() {
            // It has a place of its own until it has arrived.
            None
        } else {
            match traffic.begin(RequestOrigin::Tunnel) {
                Ok(under_way) => Some(under_way),
                Err(why) => {
                    let reply = turned_away(why, door::language(head));
                    return self.reply(head, &reply, head.has_body(), kept).await;
                }
            }
        };
        let pass = match door::decide(lock, head).await {
            Verdict::Pass(pass) => pass,
            Verdict::Form => return self.take_form(head, kept).await,
            Verdict::Closed(reply) => {
                return self.reply(head, &reply, head.has_body(), kept).await;
            }
        };
        let session = pass.session;
        let caller = door::caller(head, session.as_ref());
        if session.is_some() && live.is_blocked(|| caller) {
            return self.turn_away(head, kept).await;
        }
        // What checks the link is no visitor.
        if head.method() != "HEAD" {
            share.access.visits().seen(caller.address, || true);
            live.saw(|| caller);
        }
        let visitor = LiveVisitor { live, caller };
        tokio::select! {
            biased;
            () = changes.next() => self.end(head).await,
            () = live.blocked(&caller) => {
                if self.outgoing.has_begun() {
                    return Next::Cut;
                }
                self.reply(head, &blocked(door::language(head)), true, None).await
            }
            next = self.pass_on(head, kept, pass, Some(visitor)) => next,
        }
    }

    /// Answers a visitor whom the owner has blocked.
    async fn turn_away(&mut self, head: &RequestHead, kept: Option<SiteConnection>) -> Next {
        let reply = blocked(door::language(head));
        self.reply(head, &reply, head.has_body(), kept).await
    }

    /// Ends what the visitor was allowed before the password changed.
    async fn end(&mut self, head: &RequestHead) -> Next {
        if self.outgoing.has_begun() {
            return Next::Cut;
        }
        if self.share.access.lock().is_locked() {
            return self.reply(head, &door::ask_again(head), true, None).await;
        }
        self.show_unavailable(head, SiteState::Silent).await
    }

    /// Answers a form with the password.
    async fn take_form(&mut self, head: &RequestHead, kept: Option<SiteConnection>) -> Next {
        let form = form::read(head, &mut self.incoming, &mut self.outgoing);
        let forms = self.share.access.forms();
        let form = match forms.wait_for(door::address(head), form).await {
            Some(Ok(form)) => form,
            None => return self.refuse(Refusal::TooSlow).await,
            Some(Err(Unread::Refused(refusal))) => return self.refuse(refusal).await,
            Some(Err(Unread::NoVisitor)) => return Next::Gone,
        };
        let reply = door::take_form(self.share.access.lock(), head, &form).await;
        self.reply(head, &reply, false, kept).await
    }

    /// Lets the site answer.
    async fn pass_on(
        &mut self,
        head: &RequestHead,
        kept: Option<SiteConnection>,
        pass: Pass,
        visitor: Option<LiveVisitor<'_>>,
    ) -> Next {
        let lock = self.share.access.lock();
        let for_site = pass.for_site(lock, head);
        if let Some(visitor) = &visitor {
            let recording = (self.share.inspector)
                .record(|| record::asked(head, &for_site, Some(visitor.name())));
            self.recording = recording.map(Arc::new);
        }
        let recording = self.recording.clone();
        let mut upload =
            Upload::new(for_site, head.framing(), &self.site.copies).recorded(recording.clone());
        let reached = reach(self.site, head, &mut upload, &mut self.incoming, kept).await;
        let (mut site, begun) = match reached {
            Ok(Reached { site, exchange }) => (site, exchange.answer),
            Err(Unreached::Site(state)) => return self.show_unavailable(head, state).await,
            Err(Unreached::Upload(error)) => return self.give_up(head, &error).await,
        };
        upload.arrived();
        let lock = Some(lock).filter(|_| pass.is_locked);
        let passed = self.pass(head, (lock, visitor), &mut upload, (&mut site, begun));
        let passed = passed.await;
        if let (Ok(Answered::Whole { .. }), Some(recording)) = (&passed, &recording) {
            recording.is_whole();
        }
        match passed {
            Ok(Answered::Whole {
                site_stays,
                visitor_stays,
            }) => {
                if !visitor_stays || !upload.is_complete() {
                    return Next::End;
                }
                site.set_idle();
                // A site might read a body as the next request.
                Next::Request(Some(site).filter(|_| site_stays && !head.has_body()))
            }
            Ok(Answered::WebSocket(begun)) => {
                let visitor = (&mut self.incoming, &mut self.outgoing);
                let site = (begun, split(site.stream));
                tokio::select! {
                    // How it ends doesn't concern the relay.
                    _ = pass_both_ways(visitor, site, PATIENCE) => {
                        if let Some(recording) = &recording {
                            recording.is_whole();
                        }
                        Next::End
                    }
                    // It would hardly end by itself.
                    () = self.share.access.traffic().ended() => Next::Cut,
                }
            }
            Err(Failure::Answer(Unanswered::Unreadable)) if !self.outgoing.has_begun() => {
                self.show_unavailable(head, SiteState::Silent).await
            }
            Err(Failure::Answer(_)) => Next::End,
            Err(Failure::Upload(error)) => self.give_up(head, &error).await,
        }
    }

    /// Passes the answer on, and what is left of the request.
    async fn pass(
        &mut self,
        head: &RequestHead,
        (lock, visitor): (Option<&Lock>, Option<LiveVisitor<'_>>),
        upload: &mut Upload,
        (site, begun): (&mut SiteConnection, BytesMut),
    ) -> Result<Answered, Failure> {
        let (reads, mut writes) = split(&mut site.stream);
        let (ends, visitor_ended) = watch::channel(false);
        let answer = Answer {
            request: head,
            lock,
            traffic: self.share.access.traffic(),
            from: self.site,
            visitor,
            recording: self.recording.as_deref(),
            begun,
            site: reads,
            visitor_ended,
            patience: PATIENCE,
        };
        let sending = async {
            upload.send(&mut self.incoming, &mut writes).await?;
            ends.send_replace(true);
            // The site may still answer.
            pending().await
        };
        tokio::select! {
            biased;
            answered = answer.pass(&mut self.outgoing) => answered.map_err(Failure::Answer),
            failed = sending => match failed {
                Ok(()) => pending().await,
                Err(error) => Err(Failure::Upload(error)),
            },
        }
    }

    async fn give_up(&mut self, head: &RequestHead, error: &UploadError) -> Next {
        match error {
            UploadError::NoVisitor => Next::Gone,
            UploadError::Malformed => {
                let refusal = Refusal::Malformed("The body of the request is invalid.");
                self.refuse(refusal).await
            }
            UploadError::Standstill => self.show_unavailable(head, SiteState::Silent).await,
        }
    }

    async fn refuse(&mut self, refusal: Refusal) -> Next {
        self.end_with(&refusal.response()).await
    }

    /// Shows a page in place of the site, unless an answer has begun.
    async fn show_unavailable(&mut self, head: &RequestHead, state: SiteState) -> Next {
        if self.outgoing.has_begun() {
            return Next::End;
        }
        let reply = site_unavailable(state, door::language(head));
        self.reply(head, &reply, true, None).await
    }

    /// Sends a response in place of the site's. If nobody has read the request's body, the connection
    /// has to end.
    async fn reply(
        &mut self,
        head: &RequestHead,
        reply: &Reply,
        has_to_end: bool,
        kept: Option<SiteConnection>,
    ) -> Next {
        let closes = has_to_end || head.wants_close();
        let response = reply::bytes(reply, head.method() == "HEAD", closes);
        if let Some(recording) = &self.recording {
            let end = head_end(&response, 0).unwrap_or(response.len());
            recording.answered(record::answer_in_place(reply.status, &response[..end]));
            recording.received(&response[end..]);
            recording.is_whole();
        }
        match self.outgoing.send(&response).await {
            Ok(()) if closes => Next::End,
            Ok(()) => Next::Request(kept),
            Err(_) => Next::Gone,
        }
    }

    /// Sends a response, unless another has begun. The connection ends in either case.
    async fn end_with(&mut self, response: &str) -> Next {
        if self.outgoing.has_begun() {
            return Next::End;
        }
        match self.outgoing.send(response.as_bytes()).await {
            Ok(()) => Next::End,
            Err(_) => Next::Gone,
        }
    }
}

/// Why a request was not answered to its end.
enum Failure {
    Answer(Unanswered),
    Upload(UploadError),
}
