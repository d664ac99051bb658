//! Keeps the files of a share away from everything else that has its origin.
//!
//! Browsers give every file the origin of the share: that of the page, its downloads, and of
//! whatever is shared under the same name later. Three rules follow, and none of them restricts a
//! share that is a website (see [`Membership`]):
//!
//! - A document that can run scripts is sandboxed. It runs, but in an origin of its own.
//! - No file may become a service worker, which would outlive the share.
//! - Other websites can't embed a file, even if they guess the port on this computer. The site in
//!   a subfolder is the exception: its documents are sandboxed, and a sandboxed document counts as
//!   another website even for its own pictures.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue},
    },
};

use crate::server::{http::media_type::MediaType, share::Membership};

const SANDBOX: HeaderValue =
    HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups allow-downloads");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Browsers send this header, and only they, to fetch the script of a service worker.
const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Removes a share from a browser: `storage` includes its service workers, `cache` its thumbnails.
const CACHE_AND_STORAGE: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

/// What a file may do in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// Whether it has no origin.
    pub is_sandboxed: bool,
    /// Whether other origins may embed it.
    is_embeddable: bool,
}

impl Isolation {
    /// The isolation of a file.
    pub fn of(membership: Membership, media_type: &MediaType) -> Self {
        Self {
            is_sandboxed: membership != Membership::Website && media_type.can_run_scripts(),
            is_embeddable: membership != Membership::Listing,
        }
    }

    /// Adds the headers that say so. A response without them can't be embedded.
    pub fn describe(self, response: &mut HttpResponseBuilder) {
        if self.is_sandboxed {
            response.insert_header((CONTENT_SECURITY_POLICY, SANDBOX));
        }
        if self.is_embeddable {
            response.insert_header((RESOURCE_POLICY, "cross-origin"));
        }
    }
}

/// Whether a browser wants to run the response as a service worker.
pub fn is_for_service_worker(request: &HttpRequest) -> bool {
    request.headers().contains_key(SERVICE_WORKER)
}

/// The response that keeps a file from becoming a service worker.
pub fn no_service_worker() -> HttpResponse {
    HttpResponse::build(StatusCode::FORBIDDEN)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body(
            "Service workers are refused: this share is a list of files, not a website. \
             To share a website, share the folder that contains its index.html.\n",
        )
}

/// Removes what earlier shares under the same name have left in the browser, where the response
/// shows that it is over.
///
/// A service worker of an earlier share answers for the server and never lets a page through, but
/// browsers check for a new version of its script after each visit, and that request can't be
/// intercepted. A missing script alone would not stop the worker.
pub fn clear_leftovers(request: &HttpRequest, response: &mut HttpResponse) {
    let is_over = match response.status() {
        StatusCode::GONE => true,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => is_for_service_worker(request),
        _ => false,
    };
    if is_over {
        let headers = response.headers_mut();
        headers.insert(CLEAR_SITE_DATA, CACHE_AND_STORAGE);
    }
}
