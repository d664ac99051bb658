//! Controls the edge over HTTP, for shell scripts: `POST /fault`, `GET /events`, `GET /stats`.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    body::{Body, text_body},
    edge::Edge,
    events::{Event, EventLog},
    faults,
};

/// The largest accepted request body.
const MAX_FAULT_BYTES: usize = 64 << 10;

/// Serves the control endpoint until the returned future is dropped.
pub async fn serve(listener: TcpListener, edge: Arc<Edge>) {
    loop {
        // Errors concern a single connection, not the listener.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, edge.clone()));
        }
    }
}

async fn connection(stream: TcpStream, edge: Arc<Edge>) {
    let service = service_fn(|request| {
        let edge = edge.clone();
        async move { Ok::<_, Infallible>(respond(request, &edge).await) }
    });
    // An error means that the client has disconnected.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(request: Request<Incoming>, edge: &Edge) -> Response<Body> {
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
            "use POST /fault, GET /events[?since=N][&follow] or GET /stats",
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

/// The events from position `since` as JSON lines; with `follow`, future events too.
fn events(query: &str, edge: &Edge) -> Response<Body> {
    let mut since = 0;
    let mut follow = false;
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=').unwrap_or((part, "")) {
            ("since", n) => match n.parse() {
                Ok(n) => since = n,
                Err(_) => return error(StatusCode::BAD_REQUEST, "since must be a number"),
            },
            ("follow", _) => follow = true,
            _ => return error(StatusCode::BAD_REQUEST, "events takes since=N and follow"),
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
