//! What a request wants to do.

use actix_http::Request as HttpRequest;
use actix_web::{
    HttpMessage,
    http::{Method, header::HeaderValue},
};

use crate::server::http::tus::METHOD_OVERRIDE;

/// The methods of every share whose content visitors see.
const READING: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, PROPFIND");

/// The methods of such a share to which visitors may add something.
const ADDING: HeaderValue =
    HeaderValue::from_static("GET, HEAD, OPTIONS, PROPFIND, POST, PUT, MKCOL, PATCH, DELETE");

/// The methods of an inbox that takes nothing at the moment.
const CLOSED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// The methods of an inbox.
const HANDING_IN: HeaderValue =
    HeaderValue::from_static("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE");

/// The methods that a share supports, as the Allow header has them.
pub fn allowed(is_inbox: bool, takes_files: bool) -> HeaderValue {
    match (is_inbox, takes_files) {
        (false, false) => READING,
        (false, true) => ADDING,
        (true, false) => CLOSED,
        (true, true) => HANDING_IN,
    }
}

/// What a request wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Get,
    Head,
    Options,
    Put,
    Post,
    /// Hands in a list of what is to be in an archive.
    Select,
    Patch,
    Delete,
    /// Asks for the properties of a file or folder.
    Propfind,
    /// Makes a folder.
    Mkcol,
}

impl Operation {
    /// What a request wants; `None` for anything that no share supports.
    ///
    /// Programs that can only send POST name what they mean in a header.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let headers = request.headers();
        match headers.get(METHOD_OVERRIDE) {
            Some(meant) if *request.method() == Method::POST => {
                Self::named(str::from_utf8(meant.as_bytes().trim_ascii()).ok()?)
                    // A response to POST may be taken for one to GET by nobody. Drives need no way around.
                    .filter(|operation| {
                        !matches!(operation, Self::Get | Self::Propfind | Self::Mkcol)
                    })
            }
            _ if *request.method() == Method::POST && selects(query_of(request)) => {
                Some(Self::Select)
            }
            _ => Self::named(request.method().as_str()),
        }
    }

    /// Whether it changes nothing.
    pub fn is_reading(self) -> bool {
        matches!(
            self,
            Self::Get | Self::Head | Self::Options | Self::Propfind | Self::Select
        )
    }

    /// Whether only a program sends it that has mounted the share as a drive.
    pub fn is_of_drive(self) -> bool {
        matches!(self, Self::Propfind | Self::Mkcol)
    }

    /// Whether it is meant for a share that visitors see something of.
    pub fn is_of_seen(self) -> bool {
        self.is_of_drive() || self == Self::Select
    }

    fn named(method: &str) -> Option<Self> {
        Some(match method {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            "PUT" => Self::Put,
            "POST" => Self::Post,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "PROPFIND" => Self::Propfind,
            "MKCOL" => Self::Mkcol,
            _ => return None,
        })
    }
}

/// The query of a request; empty if it has none.
pub fn query_of(request: &HttpRequest) -> &str {
    request.uri().query().unwrap_or_default()
}

fn selects(query: &str) -> bool {
    query.split('&').any(|pair| pair == "selection")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_a_post_may_mean_another_method() {
        let of = |method: &str, meant: Option<&str>| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = TestRequest::default().method(method);
            if let Some(meant) = meant {
                request = request.insert_header((METHOD_OVERRIDE, meant));
            }
            Operation::of(&request.to_request())
        };
        assert_eq!(of("POST", Some("PATCH")), Some(Operation::Patch));
        assert_eq!(of("POST", Some(" DELETE ")), Some(Operation::Delete));
        assert_eq!(of("POST", Some("HEAD")), Some(Operation::Head));
        assert_eq!(of("POST", Some("GET")), None);
        assert_eq!(of("POST", Some("PROPFIND")), None);
        assert_eq!(of("PROPFIND", None), Some(Operation::Propfind));
        assert_eq!(of("POST", Some("patch")), None);
        assert_eq!(of("POST", Some("TRACE")), None);
        assert_eq!(of("POST", None), Some(Operation::Post));
        assert_eq!(of("GET", Some("DELETE")), Some(Operation::Get));
        assert_eq!(of("TRACE", Some("GET")), None);
        assert_eq!(of("get", None), None);
        let at = |method: Method, uri: &str| {
            let request = TestRequest::with_uri(uri).method(method);
            Operation::of(&request.to_request())
        };
        assert_eq!(at(Method::POST, "/?selection"), Some(Operation::Select));
        assert_eq!(at(Method::POST, "/?selection=a"), Some(Operation::Post));
        assert_eq!(at(Method::GET, "/?selection"), Some(Operation::Get));
    }
}
