//! A visitor's connection: one request after the other. cloudflared uses a connection for many
//! visitors, so each request is looked at by itself.

use std::{future::pending, io, sync::Arc, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    answer::{Answer, Answered, Unanswered},
    both_ways::{PATIENCE, pass_both_ways},
    incoming::{HeadLimits, Incoming, VisitorReads},
    message::{Refusal, RequestHead},
    outgoing::Outgoing,
    reach::{KEEP, Reached, SiteConnection, Unreached, reach},
    reply,
    seats::Seat,
    site::LocalSite,
    unavailable,
    upload::{Upload, UploadError},
};
use crate::{
    app::SiteState,
    server::{Access, Activity, Reply, RequestOrigin, turned_away},
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
pub async fn serve(
    mut stream: TcpStream,
    site: &LocalSite,
    seat: &Arc<Seat>,
    activity: &Activity,
    access: &Access,
) {
    // A failure only costs speed.
    let _ = stream.set_nodelay(true);
    match answer_all(&mut stream, site, seat, activity, access).await {
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

async fn answer_all(
    stream: &mut TcpStream,
    site: &LocalSite,
    seat: &Arc<Seat>,
    activity: &Activity,
    access: &Access,
) -> Next {
    let (reads, writes) = stream.split();
    let mut connection = Connection {
        incoming: Incoming::new(reads, activity.clone()),
        outgoing: Outgoing::new(writes, Arc::clone(seat), activity.clone()),
        site,
        access,
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
    access: &'a Access,
}

impl<R: VisitorReads, W: AsyncWrite + Unpin> Connection<'_, R, W> {
    /// Answers a request, as long as the visitor may see the answer.
    async fn answer(&mut self, head: &RequestHead, kept: Option<SiteConnection>) -> Next {
        // Before anything is decided, so that no change is missed.
        let mut changes = self.access.lock().changes();
        let _under_way = match self.access.traffic().begin(RequestOrigin::Tunnel) {
            Ok(under_way) => under_way,
            Err(why) => {
                let language = head.values("accept-language").next();
                return self.reply(head, &turned_away(why, language), kept).await;
            }
        };
        tokio::select! {
            biased;
            () = changes.next() => {
                if self.outgoing.has_begun() {
                    return Next::Cut;
                }
                self.show_unavailable(SiteState::Silent).await
            }
            next = self.answer_meanwhile(head, kept) => next,
        }
    }

    async fn answer_meanwhile(&mut self, head: &RequestHead, kept: Option<SiteConnection>) -> Next {
        let is_locked = self.access.lock().is_locked();
        if is_locked {
            return self.show_unavailable(SiteState::Silent).await;
        }
        self.pass_on(head, kept, is_locked).await
    }

    /// Lets the site answer.
    async fn pass_on(
        &mut self,
        head: &RequestHead,
        kept: Option<SiteConnection>,
        is_locked: bool,
    ) -> Next {
        let for_site = head.for_site(|field| Some(field.value.into()));
        let mut upload = Upload::new(for_site, head.framing(), &self.site.copies);
        let reached = reach(self.site, head, &mut upload, &mut self.incoming, kept).await;
        let (mut site, begun) = match reached {
            Ok(Reached { site, exchange }) => (site, exchange.answer),
            Err(Unreached::Site(state)) => return self.show_unavailable(state).await,
            Err(Unreached::Upload(error)) => return self.give_up(&error).await,
        };
        upload.arrived();
        let passed = self.pass(head, is_locked, &mut upload, (&mut site, begun));
        match passed.await {
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
                    _ = pass_both_ways(visitor, site, PATIENCE) => Next::End,
                    // It would hardly end by itself.
                    () = self.access.traffic().ended() => Next::Cut,
                }
            }
            Err(Failure::Answer(Unanswered::Unreadable)) if !self.outgoing.has_begun() => {
                self.show_unavailable(SiteState::Silent).await
            }
            Err(Failure::Answer(_)) => Next::End,
            Err(Failure::Upload(error)) => self.give_up(&error).await,
        }
    }

    /// Passes the answer on, and what is left of the request.
    async fn pass(
        &mut self,
        head: &RequestHead,
        is_secret: bool,
        upload: &mut Upload,
        (site, begun): (&mut SiteConnection, BytesMut),
    ) -> Result<Answered, Failure> {
        let (reads, mut writes) = split(&mut site.stream);
        let (ends, visitor_ended) = watch::channel(false);
        let answer = Answer {
            request: head,
            is_secret,
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

    async fn give_up(&mut self, error: &UploadError) -> Next {
        match error {
            UploadError::NoVisitor => Next::Gone,
            UploadError::Malformed => {
                let refusal = Refusal::Malformed("The body of the request is invalid.");
                self.refuse(refusal).await
            }
            UploadError::Standstill => self.show_unavailable(SiteState::Silent).await,
        }
    }

    async fn refuse(&mut self, refusal: Refusal) -> Next {
        self.end_with(&refusal.response()).await
    }

    async fn show_unavailable(&mut self, state: SiteState) -> Next {
        self.end_with(&unavailable::response(state)).await
    }

    /// Sends a response in place of the site's. Nobody has read the request's body.
    async fn reply(
        &mut self,
        head: &RequestHead,
        reply: &Reply,
        kept: Option<SiteConnection>,
    ) -> Next {
        let closes = head.wants_close() || head.has_body();
        let response = reply::bytes(reply, head.method() == "HEAD", closes);
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
