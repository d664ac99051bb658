//! Limits what the files of a share can do in a browser.
//!
//! Browsers give every file the origin of the share, which is also the origin of the page, and of
//! whatever is shared under the same name later. Three rules apply, except to a share that is a
//! website (see [`Membership`]):
//!
//! - Documents that can contain scripts are sandboxed. Their scripts run, but in another origin.
//! - No file can become a service worker, which would outlive the share.
//! - Other websites can't embed files, even if they guess the port on this computer. Sites in a
//!   subfolder are the exception: their documents are sandboxed, and a sandboxed document counts as
//!   another website even for its own pictures.
//!
//! A website to which visitors may add files is none: a script of theirs would run in it.

use actix_http::Request as HttpRequest;
use actix_web::{
    HttpMessage, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue},
    },
};

use crate::server::{http::media_type::MediaType, share::Membership};

const SANDBOX: HeaderValue =
    HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups allow-downloads");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Browsers send this header when they fetch the script of a service worker. Scripts can't set it.
const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Removes a share's data from a browser: `storage` includes service workers, `cache` thumbnails.
const CACHE_AND_STORAGE: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

/// What a file may do in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// Whether it runs without the share's origin.
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

/// What a file may be trusted as a part of, if some files may come from visitors.
pub fn trusted(membership: Membership, is_open_to_files: bool) -> Membership {
    match membership {
        Membership::Website if is_open_to_files => Membership::NestedSite,
        membership => membership,
    }
}

/// Whether the browser will run the response as a service worker.
pub fn is_for_service_worker(request: &HttpRequest) -> bool {
    request.headers().contains_key(SERVICE_WORKER)
}

/// The response that keeps a file from becoming a service worker.
pub fn no_service_worker() -> HttpResponse {
    HttpResponse::build(StatusCode::FORBIDDEN)
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body(
            "Service workers are refused: this share is a list of files, not a website. \
             To share a website, share the folder that contains its index.html.\n",
        )
}

/// Removes what an earlier share under the same name left in the browser, if the response shows that
/// it has ended.
///
/// A service worker of an earlier share answers instead of the server, so no page gets through. But
/// browsers check for a new version of its script after visits, and workers can't intercept that
/// request. A missing script alone would not stop the worker.
///
/// `has_workers` says that this share has service workers of its own. Then a missing script is no
/// sign of an earlier share: a website may be without some of its files while it is rebuilt.
pub fn clear_leftovers(request: &HttpRequest, response: &mut HttpResponse, has_workers: bool) {
    let is_over = match response.status() {
        StatusCode::GONE => true,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            !has_workers && is_for_service_worker(request)
        }
        _ => false,
    };
    if is_over {
        clear(response);
    }
}

/// Removes what the share has left in the browser.
pub fn clear(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(CLEAR_SITE_DATA, CACHE_AND_STORAGE);
}
