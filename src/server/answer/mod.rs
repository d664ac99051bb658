//! From a request to a response.
//!
//! [`Answerer::answer`] is the only way in and out: a request passes the gate in `access`, the router
//! finds its handler, and `leave` completes every response.
//!
//! ```text
//! access     the gate: whether a request is answered at all
//! operation  what a request wants to do
//! file, listing, archive, thumbnail, rendered
//!            one handler each
//! receive    takes what visitors hand in
//! site       serves a folder with an index.html as a site
//! isolation  limits what the files of a share can do in a browser
//! unlock     the answers for visitors who have not entered the password
//! site_unavailable
//!              the answer for visitors of a local site that can't answer itself
//! turned_away  the answer for visitors of a local site who are turned away
//! reply      a response for what speaks HTTP without actix-web
//! log        logs who requested what
//! ```

mod access;
mod archive;
mod file;
mod isolation;
mod listing;
mod log;
mod operation;
mod receive;
mod rendered;
mod reply;
mod site;
mod site_unavailable;
mod thumbnail;
mod turned_away;
mod unlock;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        Method, StatusCode, Version,
        header::{HeaderValue, LOCATION, USER_AGENT},
    },
};

use super::{
    access::Session,
    archive::Archives,
    downloads::Visit,
    http::{Request, error::error, headers, host::RequestOrigin, purpose},
    listing::Listings,
    page::{self, Pages, RenderedFiles},
    path::{RequestPath, Rules},
    receive::Inbox,
    share::{FileResource, FolderResource, INDEX, OpenShare, Resource},
    thumbnail::{Purpose, Thumbnails},
    transport::{Delivery, Outbox, Visitor},
};
use access::Granted;
pub use access::{Admission, Gate};
use operation::Operation;
pub use reply::Reply;
pub use site_unavailable::site_unavailable;
pub use turned_away::turned_away;
pub use unlock::{closed, submitted};

/// How often a request is answered anew because the password changes meanwhile.
const MAX_CHANGES: u32 = 4;

/// A response that is no longer was sent as soon as it was made.
const SHORT_BYTES: u64 = 64 * 1024;

/// Answers the requests of one worker.
#[derive(Clone)]
pub struct Answerer {
    gate: Gate,
    thumbnails: Arc<Thumbnails>,
    archives: Arc<Archives>,
    listings: Arc<Listings>,
    pages: Arc<Pages>,
    rendered: Arc<RenderedFiles>,
    inbox: Inbox,
    /// Whether the share has sent the script of a service worker, which only a website does.
    has_workers: Arc<AtomicBool>,
    /// Whether a visitor may have handed something in.
    has_taken: Arc<AtomicBool>,
}

impl Answerer {
    /// Answers requests that pass this gate.
    pub fn new(gate: Gate, thumbnails: Thumbnails) -> Self {
        let listings = Listings::default();
        let rendered = Arc::new(RenderedFiles::new(&listings));
        Self {
            pages: Arc::new(Pages::new(&listings, Arc::clone(&rendered))),
            rendered,
            inbox: gate.inbox(),
            gate,
            thumbnails: Arc::new(thumbnails),
            archives: Arc::default(),
            listings: Arc::new(listings),
            has_workers: Arc::default(),
            has_taken: Arc::default(),
        }
    }

    /// What comes in to the share.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
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
        let (origin, response) = loop {
            // Before anything is decided, so that no change is missed.
            let mut changes = self.gate.access().lock().changes();
            let mut granted = match self.gate.decide(request, admission, &outbox).await {
                Ok(granted) => granted,
                Err(refused) => {
                    break (refused.origin, refused.response(request));
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
            let response = tokio::select! {
                biased;
                () = changes.next() => None,
                response = self.answer_granted(request, &granted, outbox.clone()) => Some(response),
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
                outbox.ends_with(async move { changes.next().await });
            }
            if is_visit(granted.operation, response.status()) {
                let is_wanted = || purpose::is_wanted(request.headers());
                self.gate.access().visits().seen(granted.address, is_wanted);
            }
            break (Some(granted.origin), response);
        };
        let response = if outbox.has_unread_body() {
            access::closed(response)
        } else {
            response
        };
        let has_workers = self.remember_worker(request, response.status());
        let mut response = leave(request, origin, response, has_workers);
        if self.gate.access().lock().is_locked() {
            headers::keep_secret(response.headers_mut());
        }
        response
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
        let (headers, query) = (request.headers(), request.query_string());
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
    ) -> HttpResponse {
        if granted.operation == Operation::Options {
            let mut response = HttpResponse::NoContent();
            receive::describe(&mut response, granted.rules.as_deref());
            return response.finish();
        }
        if !granted.operation.is_reading() {
            self.has_taken.store(true, Ordering::Relaxed);
        }
        let is_open_to_files = granted.rules.is_some() || self.has_taken.load(Ordering::Relaxed);
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
        let Some(path) = RequestPath::parse(uri.path().as_bytes(), Rules::HERE) else {
            return error(StatusCode::NOT_FOUND);
        };
        let request = Request {
            path: &path,
            query: uri.query().unwrap_or_default(),
            headers: request.headers(),
            delivery: Delivery {
                outbox,
                is_head: granted.operation == Operation::Head,
                is_http10: request.version() < Version::HTTP_11,
            },
            visit: granted.visit.clone(),
            is_open_to_files,
        };
        let sent = receive::Sent {
            request: &request,
            share: &granted.share,
            inbox: &self.inbox,
            origin: granted.origin,
            address: granted.address,
            is_browser: granted.is_browser,
        };
        let rules = granted.rules.as_deref();
        if let Some(response) = receive::respond(&sent, granted.operation, rules).await {
            return response;
        }
        if granted.continues && self.gate.access().traffic().has_ended() {
            // It may go on with nothing else.
            return error(StatusCode::GONE);
        }
        match self.route(&granted.share, &request).await {
            Ok(response) => response,
            Err(cause) => {
                let status = status_of(&cause);
                if status == StatusCode::SERVICE_UNAVAILABLE && !has_left(&cause) {
                    self.gate.doubt();
                }
                error(status)
            }
        }
    }

    /// Finds what is at a path, and its handler.
    async fn route(&self, share: &OpenShare, request: &Request<'_>) -> io::Result<HttpResponse> {
        let resource = match share.find(request.path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return site::answer_missing(share, request).await;
            }
            resource => resource?,
        };
        match resource {
            // A file with a slash after its name does not exist.
            Resource::File(_) if request.path.is_folder => {
                site::answer_missing(share, request).await
            }
            Resource::File(file) => self.route_file(share, request, &file).await,
            Resource::Folder(_) if !request.path.is_folder => {
                match site::page_of_folder(share, request).await {
                    Some(page) => {
                        let name = [request.path.last().unwrap_or_default(), b".html"].concat();
                        file::respond(share, request, &page, &name, StatusCode::OK).await
                    }
                    None => Ok(to_folder(request)),
                }
            }
            Resource::Folder(folder) => self.route_folder(share, request, Some(folder)).await,
            Resource::Chosen => self.route_folder(share, request, None).await,
        }
    }

    /// Answers for a folder, or for the chosen items.
    async fn route_folder(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        folder: Option<FolderResource>,
    ) -> io::Result<HttpResponse> {
        if request.wants("archive=zip") {
            return archive::respond(&self.archives, request, share, folder).await;
        }
        if request.wants("total") {
            return archive::total(&self.archives, request, share, folder).await;
        }
        if request.wants("cover") {
            return Ok(thumbnail::cover());
        }
        if folder.is_some()
            && !(request.wants("json") || request.wants("rows"))
            && let Some(index) = share.index(request.path).await
        {
            return file::respond(share, request, &index, INDEX, StatusCode::OK).await;
        }
        let may_add = self.gate.access().uploads().rules().is_some();
        let takes_files = folder.is_some() && may_add;
        let (listings, pages) = (&self.listings, &self.pages);
        listing::respond(listings, pages, request, share, folder, takes_files).await
    }

    /// Answers with a file, its thumbnail, or its rendered form.
    async fn route_file(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        file: &FileResource,
    ) -> io::Result<HttpResponse> {
        let thumbnails = &self.thumbnails;
        if request.wants("thumbnail") {
            return thumbnail::respond(thumbnails, share, request, file, Purpose::Tile).await;
        }
        if request.wants("thumbnail=sharp") {
            return thumbnail::respond(thumbnails, share, request, file, Purpose::Sharp).await;
        }
        if request.wants("preview") {
            return thumbnail::respond(thumbnails, share, request, file, Purpose::Preview).await;
        }
        let name = request.path.last().unwrap_or_default();
        if request.wants("rendered") && rendered::can_be_rendered(name) {
            return rendered::respond(&self.rendered, request, file).await;
        }
        file::respond(share, request, file, name, StatusCode::OK).await
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

/// Redirects to the same folder with a slash at the end, which relative links need.
///
/// Built from the names and not from the URL as sent, so `//elsewhere.example` is impossible.
fn to_folder(request: &Request<'_>) -> HttpResponse {
    let mut location = request.path.to_url();
    location.push('/');
    if !request.query.is_empty() {
        location.push('?');
        location.push_str(request.query);
    }
    HttpResponse::Found()
        .insert_header((LOCATION, location))
        .finish()
}

/// Whether there is no answer because the visitor has left. A network drive that can't be reached
/// any more gives an error of the system.
fn has_left(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionAborted && error.raw_os_error().is_none()
}

fn status_of(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => StatusCode::NOT_FOUND,
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        _ if has_left(error) => StatusCode::SERVICE_UNAVAILABLE,
        _ => {
            tracing::warn!(%error, "can't answer a visitor");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_lost_disk_is_not_taken_for_a_visitor_who_left() {
        assert!(has_left(&io::ErrorKind::ConnectionAborted.into()));
        let of_disk = io::Error::from(rustix::io::Errno::CONNABORTED);
        assert_eq!(of_disk.kind(), io::ErrorKind::ConnectionAborted);
        assert!(!has_left(&of_disk));
        assert!(!has_left(&io::ErrorKind::TimedOut.into()));
    }
}
