//! Requests over HTTP/2.

use std::error::Error;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode, Uri,
    client::conn::http2::SendRequest,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};

use super::error::CarryError;
use crate::{
    body::{Body, BodyError},
    tcp_stream::FreezeHandle,
};

/// Marks a request that isn't plain HTTP: `control-stream` or `websocket`.
pub(crate) const UPGRADE: &str = "cf-cloudflared-proxy-connection-upgrade";
/// The origin's headers, packed into one so that HTTP/2's rules for headers don't apply to them.
const USER_HEADERS: &str = "cf-cloudflared-response-headers";

pub(crate) struct Http2Carrier {
    sender: SendRequest<Body>,
    freeze: FreezeHandle,
}

impl Http2Carrier {
    pub(crate) fn new(sender: SendRequest<Body>, freeze: FreezeHandle) -> Self {
        Self { sender, freeze }
    }

    pub(super) fn freeze(&self) {
        self.freeze.freeze();
    }

    pub(super) async fn carry(
        &self,
        mut request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        if is_websocket {
            let headers = request.headers_mut();
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
        // HTTP/2 names the host in :authority, which cloudflared passes to the origin as Host.
        if let Some(host) = request.headers_mut().remove(header::HOST) {
            let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let uri = Uri::builder()
                .scheme("https")
                .authority(host.as_bytes())
                .path_and_query(path)
                .build();
            *request.uri_mut() = uri.map_err(|e| CarryError::InvalidRequest(e.to_string()))?;
        }
        let mut sender = self.sender.clone();
        sender
            .ready()
            .await
            .map_err(|e| CarryError::Lost(e.into()))?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|e| CarryError::Lost(with_causes(&e).into()))?;

        let (mut head, body) = response.into_parts();
        if let Some(packed) = head.headers.get(USER_HEADERS) {
            head.headers = unpack(packed.as_bytes()).ok_or_else(|| {
                CarryError::InvalidResponse(format!("{USER_HEADERS}: {packed:?}"))
            })?;
        }
        // HTTP/2 has no status 101, so cloudflared sends 200 instead (RFC 9113, 8.6).
        if is_websocket && head.headers.contains_key(header::UPGRADE) {
            head.status = StatusCode::SWITCHING_PROTOCOLS;
        }
        let body = body.map_err(BodyError::from).boxed_unsync();
        Ok(Response::from_parts(head, body))
    }
}

/// Unpacks cloudflared's header encoding: `name:value` in base64, with `;` between pairs.
fn unpack(packed: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in packed.split(|b| *b == b';').filter(|pair| !pair.is_empty()) {
        let colon = pair.iter().position(|b| *b == b':')?;
        let name = STANDARD_NO_PAD.decode(&pair[..colon]).ok()?;
        let value = STANDARD_NO_PAD.decode(&pair[colon + 1..]).ok()?;
        headers.append(
            HeaderName::from_bytes(&name).ok()?,
            HeaderValue::from_bytes(&value).ok()?,
        );
    }
    Some(headers)
}

/// An error's message followed by its causes, which hyper leaves out of its own.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_headers_stay_separate() {
        // Set-Cookie: a=1, Set-Cookie: b=2
        let headers = unpack(b"U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y").unwrap();
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }

    #[test]
    fn an_empty_value_is_allowed() {
        assert_eq!(unpack(b"WC1B:").unwrap()["x-a"], "");
    }

    #[test]
    fn a_pair_without_a_colon_is_refused() {
        assert!(unpack(b"WC1B").is_none());
    }
}
