//! The public side: forwards visitors' requests to the tunnel that their `Host` header names.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::{BodyExt, BodyStream, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Body as _, Frame, Incoming, SizeHint},
    header::{self, HeaderMap, HeaderName, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, SimplexStream, WriteHalf};
use tokio_util::io::StreamReader;
use uuid::Uuid;

use crate::{
    api,
    body::{Body, BodyError, reader_body, text_body},
    events::EventKind,
    link::InFlight,
    state::State,
    tunnels::Route,
};

/// Headers that apply to a single connection (RFC 9110, 7.6.1), and `Expect`, which the edge handles
/// itself.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::UPGRADE,
    header::TRANSFER_ENCODING,
    header::TE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::EXPECT,
];

/// The hostname of the quick tunnel service.
const SERVICE: &str = "api.trycloudflare.com";

/// Serves the requests of one visitor's connection.
pub(crate) async fn serve<S>(stream: S, visitor: SocketAddr, state: Arc<State>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(respond(request, visitor, &state).await) }
    });
    // An error means that the visitor disconnected, or that a body broke off, which the visitor sees.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn respond(
    mut request: Request<Incoming>,
    visitor: SocketAddr,
    state: &State,
) -> Response<Body> {
    let Some(hostname) = hostname(&request) else {
        return error_page(StatusCode::BAD_REQUEST, "400 Bad Request");
    };
    if hostname == SERVICE {
        return api::respond(&request, state).await;
    }
    let ray = format!("{}-LOC", &Uuid::new_v4().simple().to_string()[..16]);
    let is_websocket = is_websocket(request.headers());
    let upgraded = is_websocket.then(|| hyper::upgrade::on(&mut request));
    prepare(request.headers_mut(), &hostname, visitor, &ray);

    let (method, path) = (
        request.method().to_string(),
        request.uri().path().to_owned(),
    );
    let (mut response, link) = match upgraded {
        None => carry(request, &hostname, state).await,
        Some(upgraded) => carry_websocket(request, upgraded, &hostname, state).await,
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        remove_hop_by_hop(response.headers_mut());
    }
    let headers = response.headers_mut();
    headers.insert(header::SERVER, HeaderValue::from_static("cloudflare"));
    headers.insert("cf-cache-status", HeaderValue::from_static("DYNAMIC"));
    insert(headers, "cf-ray", &ray);
    state.events.push(EventKind::Visited {
        hostname,
        method,
        path,
        status: response.status().as_u16(),
        link,
    });
    response
}

/// Tries the links, newest registration first. Returns the response and the link that carried it.
///
/// If a link ends before it responds, the next one is tried. A request with a body gets only one
/// attempt, because its body can't be sent again.
async fn carry(
    request: Request<Incoming>,
    hostname: &str,
    state: &State,
) -> (Response<Body>, Option<u64>) {
    let (publish_after, max_body) = {
        let switches = state.switches.borrow();
        (switches.publish_after, switches.max_body_bytes)
    };
    let Route::Links(links) = state.tunnels.route(hostname, publish_after) else {
        return (no_tunnel(), None);
    };
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > max_body {
        return (too_large(), None);
    }
    let is_repeatable = body.is_end_stream();
    // One of unknown length ends when it turns out to be too long.
    let body = Limited::new(body, usize::try_from(max_body).unwrap_or(usize::MAX));
    let mut body = Some(body.boxed_unsync());
    for link in links {
        if link.end.is_cancelled() {
            continue;
        }
        let body = match body.take() {
            Some(body) => body,
            None if is_repeatable => text_body(String::new()),
            None => break,
        };
        let in_flight = InFlight::on(link.clone());
        let attempt = Request::from_parts(head.clone(), body);
        if let Ok(response) = link.carry(attempt, false).await {
            state.tunnels.count_request(hostname);
            let counted = response.map(|body| counted(body, in_flight));
            return (counted, Some(link.id));
        }
    }
    (lost(), None)
}

/// Carries a WebSocket. The request and response bodies become its two directions.
async fn carry_websocket(
    request: Request<Incoming>,
    upgraded: hyper::upgrade::OnUpgrade,
    hostname: &str,
    state: &State,
) -> (Response<Body>, Option<u64>) {
    let publish_after = state.switches.borrow().publish_after;
    let Route::Links(links) = state.tunnels.route(hostname, publish_after) else {
        return (no_tunnel(), None);
    };
    let (head, _) = request.into_parts();
    for link in links {
        let in_flight = InFlight::on(link.clone());
        let (from_visitor, to_link) = tokio::io::simplex(64 << 10);
        let attempt = Request::from_parts(head.clone(), reader_body(from_visitor));
        let Ok(response) = link.carry(attempt, true).await else {
            continue;
        };
        state.tunnels.count_request(hostname);
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return (response.map(|body| counted(body, in_flight)), Some(link.id));
        }
        let (head, body) = response.into_parts();
        tokio::spawn(join(upgraded, body, to_link, in_flight));
        let response = Response::from_parts(head, text_body(String::new()));
        return (response, Some(link.id));
    }
    (lost(), None)
}

/// Copies bytes between a visitor and a link until both directions have ended.
async fn join(
    upgraded: hyper::upgrade::OnUpgrade,
    from_link: Body,
    to_link: WriteHalf<SimplexStream>,
    in_flight: InFlight,
) {
    // The visitor left before the upgrade. Dropping the bodies ends the WebSocket.
    let Ok(visitor) = upgraded.await else { return };
    let from_link = BodyStream::new(from_link)
        .try_filter_map(|frame| async move { Ok(frame.into_data().ok()) })
        .map_err(std::io::Error::other);
    let mut link = tokio::io::join(StreamReader::new(Box::pin(from_link)), to_link);
    // An error means that one side is gone. Dropping both ends the other.
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(visitor), &mut link).await;
    drop(in_flight);
}

/// The hostname in the `Host` header, in lower case and without a port.
fn hostname(request: &Request<Incoming>) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let name = host.split(':').next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

fn is_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Turns a visitor's headers into those the real edge forwards.
fn prepare(headers: &mut HeaderMap, hostname: &str, visitor: SocketAddr, ray: &str) {
    remove_hop_by_hop(headers);
    // Only the edge may set these; some have a meaning for cloudflared.
    let reserved: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("cf-"))
        .cloned()
        .collect();
    for name in reserved {
        headers.remove(name);
    }
    insert(headers, "host", hostname);
    let ip = visitor.ip().to_string();
    let forwarded = match headers.get("x-forwarded-for").map(|v| v.to_str()) {
        Some(Ok(earlier)) => format!("{earlier}, {ip}"),
        _ => ip.clone(),
    };
    insert(headers, "x-forwarded-for", &forwarded);
    insert(headers, "cf-connecting-ip", &ip);
    insert(headers, "cf-ray", ray);
    insert(headers, "cf-ipcountry", "XX");
    insert(headers, "cf-visitor", r#"{"scheme":"https"}"#);
    insert(headers, "x-forwarded-proto", "https");
    insert(headers, "cdn-loop", "cloudflare; loops=1; subreqs=1");
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    // Every value is plain ASCII, or came from another header.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// There is no such tunnel, or it has no link: Cloudflare's 530 with error 1033.
fn no_tunnel() -> Response<Body> {
    let status = StatusCode::from_u16(530).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    error_page(status, "error code: 1033")
}

/// The body is longer than the service takes.
fn too_large() -> Response<Body> {
    let mut response = error_page(StatusCode::PAYLOAD_TOO_LARGE, "413 Payload Too Large");
    // The body is not read.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// The link ended before it responded.
fn lost() -> Response<Body> {
    error_page(StatusCode::BAD_GATEWAY, "error code: 502")
}

fn error_page(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(text_body(text.to_owned()));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// A body whose request counts as in flight until the body is dropped.
struct Counted {
    body: Body,
    _in_flight: InFlight,
}

fn counted(body: Body, in_flight: InFlight) -> Body {
    let counted = Counted {
        body,
        _in_flight: in_flight,
    };
    counted.boxed_unsync()
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
