//! Requests a file, and follows redirects.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{HeaderValue, LOCATION, RANGE, USER_AGENT},
};
use tokio::time::timeout;

use super::{client::Client, error::HttpError};

/// A server that is silent for this long before it answers is given up.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// A release is behind a redirect or two.
const MAX_REDIRECTIONS: u32 = 5;

/// There is no file in the answer.
#[derive(Debug)]
pub enum GetError {
    Http(HttpError),
    /// The server answered with this status.
    Status(u16),
}

impl From<HttpError> for GetError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

/// Requests a file from the byte `first` on; the server may send all of it.
///
/// # Errors
/// There is no answer, or one of another status than 200 and 206.
pub async fn get(client: &Client, url: &str, first: u64) -> Result<Response<Incoming>, GetError> {
    let mut uri: Uri = url
        .parse()
        .map_err(|_| HttpError::Address(url.to_owned()))?;
    for _ in 0..MAX_REDIRECTIONS {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.uri_mut() = uri.clone();
        let agent = concat!("spot-serve/", env!("CARGO_PKG_VERSION"));
        request
            .headers_mut()
            .insert(USER_AGENT, HeaderValue::from_static(agent));
        if first > 0
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={first}-"))
        {
            request.headers_mut().insert(RANGE, range);
        }
        let answer = timeout(SILENCE_LIMIT, client.send(request))
            .await
            .map_err(|_| HttpError::TimedOut {
                host: uri.host().unwrap_or_default().to_owned(),
            })??;
        let status = answer.status();
        if status.is_redirection() {
            let to = answer
                .headers()
                .get(LOCATION)
                .and_then(|to| to.to_str().ok());
            uri = to
                .and_then(|to| redirected(&uri, to))
                .ok_or_else(|| HttpError::Address(to.unwrap_or_default().to_owned()))?;
            continue;
        }
        if status == StatusCode::OK || status == StatusCode::PARTIAL_CONTENT {
            return Ok(answer);
        }
        return Err(GetError::Status(status.as_u16()));
    }
    Err(HttpError::Address(format!("{url} (too many redirects)")).into())
}

/// The target of a redirect. It never leads from TLS to a plain connection.
fn redirected(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with('/') {
        return format!("{}://{}{to}", from.scheme_str()?, from.authority()?)
            .parse()
            .ok();
    }
    let uri: Uri = to.parse().ok()?;
    (from.scheme_str() != Some("https") || uri.scheme_str() == Some("https")).then_some(uri)
}
