//! From a request to a response.
//!
//! [`Answerer::answer`] is the only way in and out: a request passes the gate in `access`, the router
//! finds its handler, and `leave` completes every response.
//!
//! ```text
//! access     the gate: whether a request is answered at all
//! operation  what a request wants to do
//! router     which handler answers for a path
//! failure    the status of a request for what can't be read
//! file, listing, archive, thumbnail, rendered, sum, part, selection, search, contents
//!            one handler each
//! encoded    answers with a file that is compressed on its way out
//! beside     answers with what was compressed before it was shared
//! one_part   which part of it an answer sends
//! derived    how answers begin that are made of a file
//! dav        answers programs that mount the share as a drive
//! receive    takes what visitors hand in
//! site       serves a folder with an index.html as a site
//! cors       lets scripts of other websites read
//! kept       answers that were just sent, sent again
//! isolation  limits what the files of a share can do in a browser
//! unlock     the answers for visitors who have not entered the password
//! site_unavailable
//!              the answer for visitors of a local site that can't answer itself
//! blocked      the answer for visitors of a local site whom the owner has blocked
//! turned_away  the answer for visitors of a local site who are turned away
//! reply      a response for what speaks HTTP without actix-web
//! log        logs who requested what
//! ```

mod about;
mod access;
mod archive;
mod beside;
mod blocked;
mod contents;
mod cors;
mod dav;
mod derived;
mod encoded;
mod failure;
mod file;
mod isolation;
mod kept;
mod listing;
mod log;
mod one_part;
mod operation;
mod part;
mod receive;
mod rendered;
mod reply;
mod router;
mod search;
mod selection;
mod site;
mod site_unavailable;
mod sum;
mod text;
mod thumbnail;
mod turned_away;
mod unlock;
mod version;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_http::Request as HttpRequest;
use actix_web::{
    HttpMessage, HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        Method, StatusCode, Version,
        header::{HeaderValue, USER_AGENT},
    },
};

use super::{
    access::Session,
    copies::Copies,
    downloads::Visit,
    http::{Request, error::error, headers, host::RequestOrigin, purpose},
    live::LiveVisitor,
    page,
    path::{RequestPath, Rules},
    receive::Inbox,
    share::Circumstances,
    thumbnail::Thumbnails,
    transport::{Delivery, Outbox, Pace, Visitor},
};
use access::Granted;
pub use access::{Admission, Gate};
pub use blocked::blocked;
use dav::Programs;
use failure::{has_left, status_of};
use kept::Asked;
use operation::{Operation, query_of};
pub use reply::Reply;
use router::Router;
pub use site_unavailable::site_unavailable;
pub use turned_away::turned_away;
pub use unlock::{closed, submitted};

/// How often a request is answered anew because the password changes meanwhile, or files are hidden.
const MAX_CHANGES: u32 = 4;

/// A response that is no longer was sent as soon as it was made.
const SHORT_BYTES: u64 = 64 * 1024;

/// Answers the requests of one worker.
#[derive(Clone)]
pub struct Answerer {
    gate: Gate,
    router: Router,
    inbox: Inbox,
    /// Whether the share has sent the script of a service worker, which only a website does.
    has_workers: Arc<AtomicBool>,
    /// Whether a visitor may have handed something in.
    has_taken: Arc<AtomicBool>,
    /// Who has looked at it as a drive.
    programs: Programs,
    /// What was compressed.
    copies: Arc<Copies>,
}

impl Answerer {
    /// Answers requests that pass this gate.
    pub fn new(gate: Gate, thumbnails: Thumbnails) -> Self {
        Self {
            inbox: gate.inbox(),
            gate,
            router: Router::new(thumbnails),
            copies: Arc::default(),
            has_workers: Arc::default(),
            has_taken: Arc::default(),
            programs: Programs::default(),
        }
    }

    /// Shows the only file of the share as a text, on a page of its own.
    pub fn showing_text(mut self, is_text: bool) -> Self {
        self.router.is_text = is_text;
        self
    }

    /// Keeps compressed copies in this directory while the share runs.
    pub fn keeping_copies(mut self, dir: Option<PathBuf>) -> Self {
        self.copies = Arc::new(Copies::new(dir));
        self
    }

    /// What comes in to the share.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// How fast the share may send.
    pub fn pace(&self) -> Pace {
        self.gate.access().pace().clone()
    }

    /// Where the share listens.
    pub fn port(&self) -> u16 {
        self.gate.port()
    }

    /// The response for a request.
    pub async fn answer(&self, request: &HttpRequest, admission: Admission) -> HttpResponse {
        let outbox = request.conn_data::<Outbox>().cloned().unwrap_or_default();
        let _under_way = outbox.request_began(request.version() < Version::HTTP_11);
        let mut attempts = 0;
        let mut keep = None;
        let (origin, response) = loop {
            // Before anything is decided, so that no change is missed.
            let mut changes = self.gate.access().lock().changes();
            let mut hiding = self.gate.hiding();
            let mut granted = match self.gate.decide(request, admission, &outbox).await {
                Ok(granted) => granted,
                Err(refused) => {
                    break (
                        refused.origin,
                        refused.response(request, &self.gate.access().offers().get()),
                    );
                }
            };
            if attempts > 0 && outbox.has_begun_body() {
                // What was read of it is lost.
                let status = StatusCode::SERVICE_UNAVAILABLE;
                break (Some(granted.origin), error(status));
            }
            if let Some(request) = granted.under_way.take() {
                outbox.count(request);
            }
            granted.visit = self.visit(request, &granted);
            let asked = Asked::of(request, &granted, &outbox, self.circumstances(&granted));
            // Most responses are there at once, and then nobody waits for a change. What was handed in
            // is in its place already.
            let response = tokio::select! {
                biased;
                response = self.answer_granted(request, &granted, outbox.clone(), asked.as_ref()) => {
                    let is_shown = granted.operation.is_reading();
                    let has_changed = changes.have_come() || hiding.has_happened();
                    (!is_shown || !has_changed).then_some(response)
                }
                () = changes.next() => None,
                () = hiding.next() => None,
            };
            let Some(response) = response else {
                outbox.start_over();
                attempts += 1;
                if attempts < MAX_CHANGES {
                    continue;
                }
                let status = StatusCode::SERVICE_UNAVAILABLE;
                break (Some(granted.origin), error(status));
            };
            if !is_short(&response) {
                let ended = outbox.ended_by_owner();
                outbox.ends_with(async move {
                    tokio::select! {
                        () = changes.next() => {}
                        () = hiding.next() => {}
                        () = ended => {}
                    }
                });
            }
            if is_visit(granted.operation, response.status()) {
                let is_wanted = || purpose::is_wanted(request.headers());
                self.gate.access().visits().seen(granted.address, is_wanted);
                self.gate.access().live().saw(|| granted.caller(request));
            }
            if outbox.has_finished() {
                // It was complete when it was kept.
                log::log(request, Some(granted.origin), response.status());
                return response;
            }
            keep = asked.map(|asked| (asked, granted.share));
            break (Some(granted.origin), response);
        };
        let response = if outbox.has_unread_body() {
            access::closed(response)
        } else {
            response
        };
        let has_workers = self.remember_worker(request, response.status());
        let mut response = leave(request, origin, response, has_workers);
        let is_locked = self.gate.access().lock().is_locked();
        if is_locked {
            headers::keep_secret(response.headers_mut());
        }
        if let Some((asked, share)) = keep {
            asked.keep(&share, &response, is_locked);
        }
        response
    }

    /// What the answer to a request depends on besides the request and what it is for.
    fn circumstances(&self, granted: &Granted) -> Circumstances {
        Circumstances {
            origin: granted.origin,
            is_locked: self.gate.access().lock().is_locked(),
            is_open_to_scripts: self.is_open_to_scripts_of(granted),
            is_open_to_files: self.is_open_to_files(granted),
        }
    }

    /// Whether some of the files may come from visitors.
    fn is_open_to_files(&self, granted: &Granted) -> bool {
        granted.rules.is_some() || self.has_taken.load(Ordering::Relaxed)
    }

    /// Whether the share has sent the script of a service worker before, or does so now.
    fn remember_worker(&self, request: &HttpRequest, status: StatusCode) -> bool {
        let is_sent = status.is_success() || status == StatusCode::NOT_MODIFIED;
        // Others have no script.
        let is_get = *request.method() == Method::GET;
        if is_get && is_sent && isolation::is_for_service_worker(request) {
            self.has_workers.store(true, Ordering::Relaxed);
        }
        self.has_workers.load(Ordering::Relaxed)
    }

    /// The visit of a request that may be a part of a download, if anybody wants to know.
    fn visit(&self, request: &HttpRequest, granted: &Granted) -> Option<Visit> {
        let downloads = self.gate.access().downloads();
        if !downloads.are_watched() || granted.operation != Operation::Get {
            return None;
        }
        let (headers, query) = (request.headers(), query_of(request));
        purpose::is_download(headers, query).then(|| {
            let agent = headers
                .get(USER_AGENT)
                .map_or(&[][..], HeaderValue::as_bytes);
            let session = granted.session.as_ref().map(Session::as_bytes);
            let address = granted.address;
            downloads.visit(session, address, address.map(Visitor::new), agent)
        })
    }

    async fn answer_granted(
        &self,
        request: &HttpRequest,
        granted: &Granted,
        outbox: Outbox,
        asked: Option<&Asked<'_>>,
    ) -> HttpResponse {
        if let Some(asked) = asked {
            let (headers, visit) = (request.headers(), granted.visit.as_ref());
            let kept = asked.answer(&granted.share, headers, visit, &outbox);
            if let Some(response) = kept.await {
                return response;
            }
        }
        if granted.operation == Operation::Options {
            // Some programs that mount drives take 204 for a failure.
            let mut response = HttpResponse::Ok();
            let is_inbox = granted.share.is_inbox();
            receive::describe(&mut response, is_inbox, granted.rules.as_deref());
            if !is_inbox {
                dav::describe(&mut response);
            }
            let mut response = response.finish();
            if self.is_open_to_scripts_of(granted) {
                cors::allow_asking(request.headers(), &mut response);
            }
            return response;
        }
        if !granted.operation.is_reading() {
            self.has_taken.store(true, Ordering::Relaxed);
        }
        let is_open_to_files = self.is_open_to_files(granted);
        if isolation::is_for_service_worker(request)
            && (is_open_to_files || !granted.share.is_website().await)
        {
            return if self.has_workers.load(Ordering::Relaxed) && !is_open_to_files {
                // The website is being rebuilt. Its workers have to wait for it.
                error(StatusCode::SERVICE_UNAVAILABLE)
            } else {
                isolation::no_service_worker()
            };
        }
        let uri = &request.head().uri;
        let raw = uri.path().as_bytes();
        let found = if granted.operation.is_reading() {
            RequestPath::resolve(raw, Rules::HERE)
        } else {
            RequestPath::parse(raw, Rules::HERE).map(|path| (path, false))
        };
        let Some((path, is_resolved)) = found else {
            return error(StatusCode::NOT_FOUND);
        };
        // The links of a page are relative to the address that the browser shows.
        let is_shown = granted.operation != Operation::Propfind;
        if is_resolved && is_shown && purpose::may_run_scripts(request.headers()) {
            let response = router::redirect(&path.to_url(), query_of(request));
            return self.allow_reading(granted, response);
        }
        let request = Request {
            path: &path,
            query: uri.query().unwrap_or_default(),
            visitor: Some(LiveVisitor {
                live: self.gate.access().live(),
                caller: granted.caller(request),
            }),
            headers: request.headers(),
            delivery: Delivery {
                outbox,
                is_head: granted.operation == Operation::Head,
                is_http10: request.version() < Version::HTTP_11,
            },
            visit: granted.visit.clone(),
            is_open_to_files,
            shows_places: self.gate.access().places().are_shown(),
            copies: &self.copies,
            offers: self.gate.access().offers(),
        };
        if granted.operation.is_of_drive() {
            self.programs.looked(granted.address, request.headers);
        }
        let sent = receive::Sent {
            request: &request,
            share: &granted.share,
            inbox: &self.inbox,
            origin: granted.origin,
            address: granted.address,
            is_browser: granted.is_browser,
            is_drive: granted.operation == Operation::Put
                && self.programs.has_looked(granted.address, request.headers),
        };
        let rules = granted.rules.as_deref();
        if !matches!(granted.operation, Operation::Propfind | Operation::Select)
            && let Some(response) = receive::respond(&sent, granted.operation, rules).await
        {
            return response;
        }
        if granted.continues && self.gate.access().traffic().has_ended() {
            // It may go on with nothing else.
            return error(StatusCode::GONE);
        }
        let answered = if granted.operation == Operation::Propfind {
            let room = async || match rules {
                Some(_) => self.inbox.room(granted.address).await,
                None => Some(0),
            };
            let listings = self.router.listings();
            Box::pin(dav::propfind(listings, &granted.share, &request, room)).await
        } else if granted.operation == Operation::Select {
            Box::pin(
                self.router
                    .select(&granted.share, &request, granted.address),
            )
            .await
        } else {
            let may_add = rules.is_some();
            let keeping = asked.map(Asked::keeping);
            let router = &self.router;
            router
                .route(&granted.share, &request, may_add, keeping)
                .await
        };
        let response = match answered {
            Ok(response) => response,
            Err(cause) => {
                let status = status_of(&cause);
                if status == StatusCode::SERVICE_UNAVAILABLE && !has_left(&cause) {
                    self.gate.doubt();
                }
                error(status)
            }
        };
        self.allow_reading(granted, response)
    }

    /// Lets scripts of other websites read an answer, if the owner does.
    fn allow_reading(&self, granted: &Granted, mut response: HttpResponse) -> HttpResponse {
        if self.is_open_to_scripts_of(granted) {
            cors::allow_reading(&mut response);
        }
        response
    }

    fn is_open_to_scripts_of(&self, granted: &Granted) -> bool {
        self.gate.access().cors().is_allowed()
            && granted.origin == RequestOrigin::Tunnel
            && matches!(
                granted.operation,
                Operation::Get | Operation::Head | Operation::Options
            )
            && !self.gate.access().lock().is_locked()
    }
}

/// Completes every response: adds the page of an error and the common headers, and logs it.
fn leave(
    request: &HttpRequest,
    origin: Option<RequestOrigin>,
    mut response: HttpResponse,
    has_workers: bool,
) -> HttpResponse {
    if response.status().is_client_error() || response.status().is_server_error() {
        response = page::finish(response, request.headers());
    }
    isolation::clear_leftovers(request, &mut response, has_workers);
    if origin == Some(RequestOrigin::Network) {
        headers::tell_own_origin(response.headers_mut());
    }
    headers::protect(response.headers_mut());
    log::log(request, origin, response.status());
    response
}

/// Whether a visitor sees something. Checks of a link, and searches for what isn't there, are no visits.
fn is_visit(operation: Operation, status: StatusCode) -> bool {
    let is_check = matches!(operation, Operation::Head | Operation::Options);
    !is_check && (status.is_success() || status.is_redirection())
}

/// Whether a response is sent as a whole before anybody could want it back.
fn is_short(response: &HttpResponse) -> bool {
    match response.body().size() {
        BodySize::None => true,
        BodySize::Sized(length) => length <= SHORT_BYTES,
        BodySize::Stream => false,
    }
}
