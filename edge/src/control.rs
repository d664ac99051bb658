//! The control endpoint, for tests and demos driven by a shell: `POST /fault`, `GET /events`,
//! `GET /stats`.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::events::{Event, EventLog};
use crate::link::Body;
use crate::{Edge, faults, text_body};

/// Longest fault that is read.
const MAX_FAULT_BYTES: usize = 64 << 10;

/// Serves the control endpoint until the returned future is dropped.
pub async fn serve(listener: TcpListener, edge: Arc<Edge>) {
    loop {
        // An error here is about one connection, not about the listener.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, edge.clone()));
        }
    }
}

async fn connection(stream: TcpStream, edge: Arc<Edge>) {
    let service = service_fn(|request| {
        let edge = edge.clone();
        async move { Ok::<_, Infallible>(answer(request, &edge).await) }
    });
    // An error is a client that went away.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, edge: &Edge) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/events") => events(request.uri().query().unwrap_or_default(), edge),
        (&Method::GET, "/stats") => match serde_json::to_string(&edge.stats()) {
            Ok(text) => json(StatusCode::OK, text + "\n"),
            Err(e) => error(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string()),
        },
        (&Method::POST, "/fault") => match set_faults(request, edge).await {
            Ok(()) => json(StatusCode::OK, "{\"ok\":true}\n".to_owned()),
            Err(why) => error(StatusCode::BAD_REQUEST, &why),
        },
        _ => error(
            StatusCode::NOT_FOUND,
            "there are POST /fault, GET /events[?since=N][&follow] and GET /stats",
        ),
    }
}

async fn set_faults(request: Request<Incoming>, edge: &Edge) -> Result<(), String> {
    let body = Limited::new(request.into_body(), MAX_FAULT_BYTES);
    let text = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
    for fault in faults::from_json(&text)? {
        edge.fault(fault).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// All events as JSON lines, from `since` on; with `follow` also those to come.
fn events(query: &str, edge: &Edge) -> Response<Body> {
    let mut since = 0;
    let mut follow = false;
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=').unwrap_or((part, "")) {
            ("since", n) => match n.parse() {
                Ok(n) => since = n,
                Err(_) => return error(StatusCode::BAD_REQUEST, "since is a number"),
            },
            ("follow", _) => follow = true,
            _ => return error(StatusCode::BAD_REQUEST, "events has since=N and follow"),
        }
    }
    let mut response = if follow {
        Response::new(following(edge.event_log(), since))
    } else {
        Response::new(text_body(lines(&edge.event_log().since(since))))
    };
    let kind = HeaderValue::from_static("application/jsonl");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn following(log: Arc<EventLog>, since: usize) -> Body {
    let batches = futures_util::stream::unfold(since, move |next| {
        let log = log.clone();
        async move {
            log.more_than(next).await;
            let batch = log.since(next);
            let next = next + batch.len();
            let frame = Frame::data(Bytes::from(lines(&batch)));
            Some((Ok(frame), next))
        }
    });
    StreamBody::new(batches).boxed_unsync()
}

fn lines(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| serde_json::to_string(event).ok())
        .map(|line| line + "\n")
        .collect()
}

fn error(status: StatusCode, why: &str) -> Response<Body> {
    let text = serde_json::json!({ "error": why });
    json(status, format!("{text}\n"))
}

fn json(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(text_body(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
