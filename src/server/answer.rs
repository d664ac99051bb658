//! From a request to a response: one function that shows the order of things.

use std::io;
use std::sync::Arc;

use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, HOST, HeaderMap, HeaderValue, LOCATION, RANGE, RETRY_AFTER,
};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::{HttpRequest, HttpResponse};

use super::archive::Archives;
use super::host::{Origin, PublicNames};
use super::path::{RequestPath, Rules};
use super::presence::Presence;
use super::share::{FilePlace, Place, Share};
use super::thumbnail::{Purpose, Thumbnails};
use super::transport::Outbox;
use super::{file, headers, listing, page, site, visitor};

/// The longest head of a request that is answered, in bytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// When a visitor who was turned away may come again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("60");

/// When a visitor may come again who has met a folder that is not there: a build may be making
/// it anew.
const RETRY_AWAY_S: HeaderValue = HeaderValue::from_static("5");

const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Answers the requests of one worker.
#[derive(Clone)]
pub struct Answerer {
    presence: Presence,
    thumbnails: Arc<Thumbnails>,
    archives: Arc<Archives>,
    names: PublicNames,
    port: u16,
}

/// A request that may be answered.
#[derive(Debug)]
pub struct Asked<'a> {
    pub path: &'a RequestPath,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub is_head: bool,
    /// HTTP/1.0, which knows no chunked bodies.
    pub is_old: bool,
    pub outbox: Outbox,
}

impl Asked<'_> {
    /// Whether the query has `key`, or `key=value`.
    pub fn wants(&self, pair: &str) -> bool {
        self.query.split('&').any(|other| other == pair)
    }

    /// The number that the query has for `key`.
    pub fn number(&self, key: &str) -> Option<usize> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(other, _)| *other == key)?;
        value.parse().ok()
    }

    /// Whether parts of a file are wanted. Only GET knows ranges (RFC 9110, section 14.2).
    pub fn range(&self) -> Option<&HeaderValue> {
        let range = self.headers.get(RANGE);
        range.filter(|_| !self.is_head)
    }
}

impl Answerer {
    /// Answers for what is present, on `port`.
    pub fn new(
        presence: Presence,
        thumbnails: Thumbnails,
        names: PublicNames,
        port: u16,
    ) -> Answerer {
        Answerer {
            presence,
            thumbnails: Arc::new(thumbnails),
            archives: Arc::default(),
            names,
            port,
        }
    }

    /// Where the share listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The response for a request, which may be refused whatever it is for.
    pub async fn answer(&self, request: &HttpRequest, refused: Option<StatusCode>) -> HttpResponse {
        let outbox = request.conn_data::<Outbox>().cloned().unwrap_or_default();
        let _under_way = outbox.request_began();
        let origin = self.origin(request);
        let mut response = match (origin, refused) {
            (Ok(_), None) => self.answer_visitor(request, outbox).await,
            (Ok(_), Some(status)) => refusal(status),
            (Err(status), _) => page::error(status),
        };
        if response.status().is_client_error() || response.status().is_server_error() {
            response = page::finish(response, request.headers());
        }
        headers::protect(response.headers_mut());
        visitor::log(request, origin.ok(), response.status());
        response
    }

    /// Where the request came from, or the status to refuse it with.
    fn origin(&self, request: &HttpRequest) -> Result<Origin, StatusCode> {
        if head_bytes(request) > MAX_HEAD_BYTES {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        let mut hosts = request.headers().get_all(HOST);
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?,
            // A browser always says it, and it says it once (RFC 9112, section 3.2).
            _ => return Err(StatusCode::BAD_REQUEST),
        };
        let misdirected = StatusCode::MISDIRECTED_REQUEST;
        // In the form that proxies are asked in, the target names a host as well.
        if let Some(authority) = request.head().uri.authority() {
            let named = self.names.origin(authority.as_str(), self.port);
            named.ok_or(misdirected)?;
        }
        self.names.origin(host, self.port).ok_or(misdirected)
    }

    async fn answer_visitor(&self, request: &HttpRequest, outbox: Outbox) -> HttpResponse {
        let is_head = match *request.method() {
            Method::GET => false,
            Method::HEAD => true,
            Method::OPTIONS => {
                let mut response = HttpResponse::NoContent();
                return response.insert_header((ALLOW, ALLOWED_METHODS)).finish();
            }
            _ => {
                let mut response = page::error(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, ALLOWED_METHODS);
                return response;
            }
        };
        let uri = &request.head().uri;
        let Some(path) = RequestPath::parse(uri.path().as_bytes(), Rules::HERE) else {
            return page::error(StatusCode::NOT_FOUND);
        };
        let asked = Asked {
            path: &path,
            query: uri.query().unwrap_or_default(),
            headers: request.headers(),
            is_head,
            is_old: request.version() < Version::HTTP_11,
            outbox,
        };
        let Some(share) = self.presence.share() else {
            return away();
        };
        match self.answer_path(&share, &asked).await {
            Ok(response) => response,
            Err(error) => page::error(status_of(&error)),
        }
    }

    async fn answer_path(&self, share: &Share, asked: &Asked<'_>) -> io::Result<HttpResponse> {
        let place = match share.find(asked.path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return site::answer_missing(share, asked).await;
            }
            place => place?,
        };
        match place {
            // A file is no folder, whatever a visitor writes behind it.
            Place::File(_) if asked.path.is_folder => site::answer_missing(share, asked).await,
            Place::File(file) => self.answer_file(asked, &file).await,
            Place::Folder(_) if !asked.path.is_folder => {
                match site::page_of_folder(share, asked).await {
                    Some(page) => {
                        let name = [asked.path.last().unwrap_or_default(), b".html"].concat();
                        file::respond(asked, &page, &name, StatusCode::OK).await
                    }
                    None => Ok(to_folder(asked)),
                }
            }
            Place::Folder(folder) if asked.wants("archive=zip") => {
                self.archives.respond(asked, share, Some(folder)).await
            }
            Place::Folder(folder) if asked.wants("total") => {
                self.archives.total(asked, share, Some(folder)).await
            }
            Place::Folder(_) if asked.wants("cover") => Ok(page::cover()),
            Place::Folder(folder) => {
                if !(asked.wants("json") || asked.wants("rows"))
                    && let Some(index) = site::index(share, asked.path).await
                {
                    return file::respond(asked, &index, site::INDEX, StatusCode::OK).await;
                }
                listing::respond(asked, share, Some(folder)).await
            }
            Place::Chosen if asked.wants("archive=zip") => {
                self.archives.respond(asked, share, None).await
            }
            Place::Chosen if asked.wants("total") => self.archives.total(asked, share, None).await,
            Place::Chosen if asked.wants("cover") => Ok(page::cover()),
            Place::Chosen => listing::respond(asked, share, None).await,
        }
    }
}

impl Answerer {
    /// A file itself, or what the page shows of it.
    async fn answer_file(&self, asked: &Asked<'_>, place: &FilePlace) -> io::Result<HttpResponse> {
        let name = asked.path.last().unwrap_or_default();
        if asked.wants("thumbnail") {
            return self.thumbnails.respond(asked, place, Purpose::Tile).await;
        }
        if asked.wants("thumbnail=sharp") {
            return self.thumbnails.respond(asked, place, Purpose::Sharp).await;
        }
        if asked.wants("preview") {
            return self
                .thumbnails
                .respond(asked, place, Purpose::Preview)
                .await;
        }
        if asked.wants("rendered") && page::can_be_rendered(name) {
            return page::rendered(asked, place).await;
        }
        file::respond(asked, place, name, StatusCode::OK).await
    }
}

/// The response while nothing of the share is there.
fn away() -> HttpResponse {
    let mut response = page::error(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, RETRY_AWAY_S);
    response
}

/// The last response of a connection that nothing is served on.
fn refusal(status: StatusCode) -> HttpResponse {
    let mut response = page::error(status);
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    }
    response
}

/// Leads to the same folder with the slash that makes relative links work.
///
/// Made from the names, not from what was sent: `//elsewhere.example` can't get in here.
fn to_folder(asked: &Asked<'_>) -> HttpResponse {
    let mut location = asked.path.to_url();
    location.push('/');
    if !asked.query.is_empty() {
        location.push('?');
        location.push_str(asked.query);
    }
    HttpResponse::Found()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish()
}

fn status_of(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => StatusCode::NOT_FOUND,
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        _ => {
            tracing::warn!("A visitor could not be answered: {error}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// About the size of a request's head as it was sent.
fn head_bytes(request: &HttpRequest) -> usize {
    let target = &request.head().uri;
    let target = target
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    let lines = request.headers().iter();
    target
        + lines
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum::<usize>()
}
