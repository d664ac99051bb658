//! Error pages.
//!
//! [`finish`] turns an error response into a page in the visitor's language just before it is sent.
//! [`site`] makes the page in place of a local site that can't answer.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderValue, VARY},
    },
};
use askama::Template;

use super::{
    assets::STYLE,
    policy::describe_made,
    words::{Notice, Words},
};
use crate::{
    app::SiteState,
    server::http::error::{is_blocked, is_overloaded, is_stopped, is_unwritten},
};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    words: &'a Words,
    notice: &'a Notice,
    /// The target and label of a button, if there is anything left to do.
    way_out: Option<(&'static str, &'a str)>,
    style: &'static str,
}

/// Adds the page to a response that [`error`](crate::server::http::error::error) created. Other
/// responses are not changed.
pub fn finish(response: HttpResponse, request: &HeaderMap) -> HttpResponse {
    if !is_unwritten(&response) {
        return response;
    }
    let words = Words::of(request);
    let way_out = match response.status() {
        StatusCode::GONE => None,
        StatusCode::FORBIDDEN if is_blocked(&response) => None,
        StatusCode::SERVICE_UNAVAILABLE => Some(("", &*words.error.again)),
        _ => Some(("/", &*words.error.back)),
    };
    let notice = notice(&response, words);
    write(response, words, notice, way_out)
}

/// Adds the page that visitors see in place of a local site in this state to a response, in the language
/// of a request with these headers.
pub fn site(
    mut response: HttpResponseBuilder,
    state: SiteState,
    request: &HeaderMap,
) -> HttpResponse {
    let words = Words::of(request);
    let again = ("", &*words.error.again);
    let (notice, way_out) = match state {
        SiteState::NotHttp => (&words.site.not_http, None),
        SiteState::TlsFails => (&words.site.tls_fails, Some(again)),
        SiteState::Silent => (&words.site.silent, Some(again)),
        SiteState::Down | SiteState::Http | SiteState::Https => (&words.site.down, Some(again)),
    };
    write(response.finish(), words, notice, way_out)
}

fn write(
    response: HttpResponse,
    words: &Words,
    notice: &Notice,
    way_out: Option<(&'static str, &str)>,
) -> HttpResponse {
    let page = ErrorPage {
        words,
        notice,
        way_out,
        style: &STYLE,
    };
    // Writing to memory can't fail.
    let page = page.render().unwrap_or_default();
    let mut response = response.set_body(page).map_into_boxed_body();
    let language = HeaderValue::from_static("Accept-Language");
    let headers = response.headers_mut();
    describe_made(headers);
    headers.append(VARY, language);
    response
}

fn notice<'a>(response: &HttpResponse, words: &'a Words) -> &'a Notice {
    let words = &words.error;
    match response.status() {
        StatusCode::NOT_FOUND => &words.not_found,
        StatusCode::FORBIDDEN if is_blocked(response) => &words.blocked,
        StatusCode::FORBIDDEN if is_stopped(response) => &words.stopped,
        StatusCode::FORBIDDEN => &words.forbidden,
        StatusCode::METHOD_NOT_ALLOWED => &words.read_only,
        StatusCode::MISDIRECTED_REQUEST | StatusCode::BAD_REQUEST => &words.wrong_address,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::PAYLOAD_TOO_LARGE => {
            &words.too_large
        }
        StatusCode::RANGE_NOT_SATISFIABLE => &words.no_such_part,
        StatusCode::PRECONDITION_FAILED => &words.changed,
        _ if is_overloaded(response) => &words.busy,
        StatusCode::GONE => &words.ended,
        _ => &words.unavailable,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderValue};

    use super::*;
    use crate::server::http::error::error;

    #[tokio::test]
    async fn an_error_page_is_in_the_language_of_the_visitor() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("ar"));
        let response = finish(error(StatusCode::GONE), &headers);
        assert_eq!(response.status(), StatusCode::GONE);
        let body = actix_web::body::to_bytes(response.into_body()).await;
        let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
        assert!(body.contains("dir=\"rtl\"") && body.contains("انتهت المشاركة"));
    }

    #[tokio::test]
    async fn other_responses_are_not_changed() {
        let response = finish(HttpResponse::Ok().body("x"), &HeaderMap::new());
        let body = actix_web::body::to_bytes(response.into_body()).await;
        assert_eq!(body.unwrap(), "x");
    }
}
