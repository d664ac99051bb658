//! A response for something that speaks HTTP without actix-web, such as the relay of a local site.

use std::fmt;

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue},
};

use crate::server::http::headers;

/// A response, for whatever speaks HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case, and their values. Complete but for the length of the body.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// The same response.
    pub fn of(mut response: HttpResponse) -> Self {
        headers::protect(response.headers_mut());
        let headers = response.headers().iter();
        let headers = headers.filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            // A page is in memory as a whole.
            body: (response.into_body().try_into_bytes())
                .map(|body| String::from_utf8_lossy(&body).into_owned())
                .unwrap_or_default(),
        }
    }
}

/// Shows no cookie.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The headers of a request with this Accept-Language header.
pub fn accepting(language: Option<&[u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(Ok(language)) = language.map(HeaderValue::from_bytes) {
        headers.insert(ACCEPT_LANGUAGE, language);
    }
    headers
}
