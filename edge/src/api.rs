//! The quick tunnel service, `api.trycloudflare.com`: `POST /tunnel` creates a tunnel.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue, USER_AGENT},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    body::{Body, text_body},
    events::EventKind,
    faults::Api,
    state::State,
};

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=UTF-8";
const TEXT: &str = "text/plain; charset=UTF-8";

const ERROR_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>500: Internal server \
                          error</title></head>\n<body><h1>Internal server error</h1></body></html>\n";

/// Serves one connection. There is no keep-alive, so that closing the port takes effect for
/// everybody.
pub(crate) async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(respond(&request, &state).await) }
    });
    // An error means that the client has disconnected.
    let _ = hyper::server::conn::http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Responds to one request as the current fault demands.
pub(crate) async fn respond(request: &Request<Incoming>, state: &State) -> Response<Body> {
    if request.uri().path() != "/tunnel" {
        return page(StatusCode::NOT_FOUND, TEXT, "404 page not found\n");
    }
    if request.method() != Method::POST {
        return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "");
    }
    state.api_requests.fetch_add(1, Ordering::Relaxed);
    let fault = state.switches.borrow().api;
    let mut hostname = None;
    let response = match fault {
        Api::Normal => {
            let tunnel = state.tunnels.create(None);
            let text = json!({
                "success": true,
                "result": {
                    "id": tunnel.id.to_string(),
                    "name": "",
                    "hostname": tunnel.hostname,
                    "account_tag": tunnel.account_tag,
                    "secret": STANDARD.encode(&tunnel.secret),
                },
                "errors": [],
            });
            hostname = Some(tunnel.hostname);
            Some(page(StatusCode::OK, JSON, &text.to_string()))
        }
        Api::RateLimited => Some(page(
            StatusCode::TOO_MANY_REQUESTS,
            TEXT,
            "error code: 1015",
        )),
        Api::ErrorJson => {
            let errors = json!([{"code": 1000, "message": "internal server error"}]);
            let text = json!({"success": false, "result": null, "errors": errors});
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Some(page(status, JSON, &text.to_string()))
        }
        Api::ErrorHtml => Some(page(StatusCode::INTERNAL_SERVER_ERROR, HTML, ERROR_PAGE)),
        Api::Error1101 => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Some(page(status, TEXT, "error code: 1101"))
        }
        // A refusing port has no listener; this request arrived just before it closed.
        Api::Hang | Api::Refused => None,
    };
    state.events.push(EventKind::ApiAsked {
        status: response.as_ref().map(|r| r.status().as_u16()),
        user_agent: text_of(request.headers().get(USER_AGENT)),
        hostname,
    });
    match response {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

fn text_of(value: Option<&HeaderValue>) -> String {
    String::from_utf8_lossy(value.map_or(b"", HeaderValue::as_bytes)).into_owned()
}

fn page(status: StatusCode, content_type: &'static str, text: &str) -> Response<Body> {
    let mut response = Response::new(text_body(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("server", HeaderValue::from_static("cloudflare"));
    response
}
