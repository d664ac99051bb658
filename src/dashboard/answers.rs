//! One answer for each address of the dashboard.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{
            CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, SET_COOKIE,
        },
    },
    rt::{self, net::TcpStream},
    web::{self, Bytes},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{sync::mpsc, time::timeout};

use super::{
    actions::Request as Wanted,
    events::{self, Stream},
    export, follow, guard, page, peer, requests,
    session::Opened,
    shared::{Handle, Shared},
};
use crate::{
    app::{Event, Notice, Overview},
    history::Entry,
    inspector::RequestId,
    qr,
};

/// Requests have no longer bodies, in bytes, and take no longer to send them.
const BODY_MAX: usize = 16 * 1024;
const BODY_LIMIT: Duration = Duration::from_secs(5);

/// Events that wait for a page.
const EVENTS: usize = 4;

/// What every answer says, whatever it is: only our own page may use it, and nobody keeps it.
pub const COMMON_HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// Who is at the other end of a connection.
#[derive(Clone, Copy)]
pub struct Peer {
    /// It is a program of this user, as far as the system tells.
    is_own_user: bool,
}

impl Peer {
    /// Looks once for each connection.
    pub fn of(stream: &TcpStream, port: u16) -> Self {
        let peer = stream.peer_addr();
        let is_own_user = peer.is_ok_and(|peer| peer::is_this_user(peer, port));
        if !is_own_user {
            tracing::info!("a connection to the dashboard is not one of this user");
        }
        Self { is_own_user }
    }
}

/// Answers a request, if it may be answered.
pub async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (headers, port) = (request.headers(), shared.port);
    if !guard::is_for_us(headers, port) {
        return HttpResponse::MisdirectedRequest().finish();
    }
    let is_own_user = request
        .conn_data::<Peer>()
        .is_some_and(|peer| peer.is_own_user);
    if !is_own_user {
        return HttpResponse::Forbidden().force_close().finish();
    }
    shared.looks.touch();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    if path == "/" && method == Method::GET {
        return if guard::may_show_page(headers) {
            shown(headers)
        } else {
            HttpResponse::Forbidden().finish()
        };
    }
    let changes = method != Method::GET;
    if !guard::is_own_page(headers, changes) {
        return HttpResponse::Forbidden().finish();
    }
    if path == "/session" && method == Method::POST {
        return match body(payload).await {
            Ok(body) => session(&body, &shared),
            Err(refused) => refused,
        };
    }
    if !guard::is_allowed(headers, port, &shared.sessions) {
        return HttpResponse::Unauthorized().finish();
    }
    match (method, path.as_str()) {
        (Method::GET, "/events") => stream(shared),
        (Method::POST, "/act") => match body(payload).await {
            Ok(body) => act(&body, &shared).await,
            Err(refused) => refused,
        },
        (Method::GET, "/history") => history(request.query_string(), &shared).await,
        (Method::GET, "/history.csv") => {
            file(&shared, "text/csv; charset=utf-8", export::csv).await
        }
        (Method::GET, "/history.json") => file(&shared, "application/json", export::json).await,
        (Method::GET, path) => {
            if let Some(share) = path.strip_prefix("/qr/") {
                qr_code(share, &shared.view.borrow().overview)
            } else if let Some(rest) = path.strip_prefix("/requests/") {
                requests::answer(rest, request.query_string(), &shared).await
            } else {
                HttpResponse::NotFound().finish()
            }
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

/// The body of a request that may be answered.
async fn body(payload: web::Payload) -> Result<Bytes, HttpResponse> {
    match timeout(BODY_LIMIT, payload.to_bytes_limited(BODY_MAX)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(HttpResponse::BadRequest().force_close().finish()),
        Ok(Err(_)) => Err(HttpResponse::PayloadTooLarge().force_close().finish()),
        Err(_) => Err(HttpResponse::RequestTimeout().force_close().finish()),
    }
}

/// The page. There is nothing in it that is not in the program itself.
fn shown(headers: &HeaderMap) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, page::policy()))
        .body(page::page(headers))
}

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
}

#[derive(Serialize)]
struct Token {
    token: String,
}

/// Opens a session with a ticket.
fn session(body: &Bytes, shared: &Shared) -> HttpResponse {
    let Ok(Ticket { ticket }) = serde_json::from_slice(body) else {
        return HttpResponse::BadRequest().finish();
    };
    let Some(Opened { cookie, token }) = shared.sessions.open(&ticket) else {
        return HttpResponse::Unauthorized().finish();
    };
    HttpResponse::Ok()
        .insert_header((SET_COOKIE, guard::set_cookie(&cookie, shared.port)))
        .json(Token { token })
}

fn stream(shared: web::Data<Shared>) -> HttpResponse {
    let (sender, receiver) = mpsc::channel(EVENTS);
    let stream = rt::spawn(follow::follow(shared.clone(), sender));
    shared.streams.add(stream.abort_handle());
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .body(Stream(receiver))
}

async fn act(body: &Bytes, shared: &Shared) -> HttpResponse {
    let Ok(wanted) = serde_json::from_slice::<Wanted>(body) else {
        return HttpResponse::BadRequest().finish();
    };
    let is_done = match wanted {
        Wanted::ClearHistory => return clear(shared).await,
        Wanted::End { share, transfer } => {
            let handle = shared.handle(share);
            handle.is_some_and(|handle| handle.live.end(transfer))
        }
        Wanted::Block { share, visitor, on } => shared.handle(share).is_some_and(|handle| {
            if on {
                return handle.live.block(visitor);
            }
            handle.live.unblock(visitor);
            true
        }),
        Wanted::Replay { share, request } => {
            return replay(shared.handle(share), request, shared);
        }
        Wanted::ClearRequests { share } => {
            let handle = shared.handle(share);
            handle.map(|handle| handle.inspector.clear()).is_some()
        }
        wanted => match wanted.event() {
            Some(event) => {
                (shared.start.send)(event);
                true
            }
            None => return HttpResponse::BadRequest().finish(),
        },
    };
    if is_done {
        HttpResponse::NoContent().finish()
    } else {
        // It has just ended.
        HttpResponse::NotFound().finish()
    }
}

/// Sends a request to a local site again. If that is not possible, the page says why.
fn replay(handle: Option<Handle>, request: RequestId, shared: &Shared) -> HttpResponse {
    let Some(handle) = handle else {
        return HttpResponse::NotFound().finish();
    };
    if let Err(error) = handle.inspector.replay(request) {
        let notice = Notice {
            title: error.to_string(),
            ..Notice::default()
        };
        // Fails if nobody looks.
        let _ = shared.notices.send(events::notice(&notice));
    }
    HttpResponse::NoContent().finish()
}

async fn clear(shared: &Shared) -> HttpResponse {
    let file = shared.start.history.clone();
    match web::block(move || file.clear()).await {
        Ok(Ok(())) => HttpResponse::NoContent().finish(),
        failed => {
            let reason = failed.map_or_else(
                |error| error.to_string(),
                |cleared| match cleared {
                    Ok(()) => String::new(),
                    Err(error) => error.to_string(),
                },
            );
            let sentence = format!("Can't clear the history: {reason}");
            (shared.start.send)(Event::ActionFailed(sentence));
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The entries after the one that the query names, the oldest first.
async fn history(query: &str, shared: &Shared) -> HttpResponse {
    let after = query.strip_prefix("after=").and_then(|id| id.parse().ok());
    match entries(shared, after.unwrap_or(0)).await {
        Some(entries) => HttpResponse::Ok().json(json!({ "entries": entries })),
        None => HttpResponse::InternalServerError().finish(),
    }
}

async fn file(
    shared: &Shared,
    kind: &'static str,
    written: fn(&[Entry]) -> String,
) -> HttpResponse {
    match entries(shared, 0).await {
        Some(entries) => attachment(kind).body(written(&entries)),
        None => HttpResponse::InternalServerError().finish(),
    }
}

fn attachment(kind: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, "attachment"));
    response
}

async fn entries(shared: &Shared, after: u64) -> Option<Vec<Entry>> {
    let file = shared.start.history.clone();
    let read = web::block(move || file.read_after(after)).await.ok()?;
    read.inspect_err(|error| tracing::warn!(%error, "can't read the history"))
        .ok()
}

/// The QR code of a share's link, or with `/network` of its link in the local network, as the path of an
/// SVG picture.
fn qr_code(share: &str, overview: &Overview) -> HttpResponse {
    let (share, is_network) = match share.strip_suffix("/network") {
        Some(share) => (share, true),
        None => (share, false),
    };
    let share = share.parse::<u64>().ok();
    let card = overview.shares.iter().find(|card| Some(card.id) == share);
    let link = card.and_then(|card| match is_network {
        true => card.network_links.first(),
        false => card.link.as_ref(),
    });
    match link.map(String::as_str).map(qr::Code::of) {
        Some(Ok(code)) => {
            let code = json!({ "size": code.size(), "path": qr::svg_path(&code) });
            HttpResponse::Ok().json(code)
        }
        _ => HttpResponse::NotFound().finish(),
    }
}
