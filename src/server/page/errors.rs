//! The pages for what went wrong.
//!
//! An error is made where it happens, which is often far from the request. It becomes a page in
//! the visitor's language on its way out, in [`finish`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, VARY};
use askama::Template;

use super::policy::STYLE;
use super::words::{Notice, Words};

/// Marks a response that has still to be written.
struct Unwritten;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    words: &'a Words,
    notice: &'a Notice,
    /// Where a button leads to, and what it says; none where there is nothing left to do.
    way_out: Option<(&'static str, &'a str)>,
    style: &'static str,
}

/// The response for a status that is no success. [`finish`] has to write it.
pub fn error(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    super::describe(&mut response);
    let mut response = response.insert_header((CACHE_CONTROL, "no-cache")).finish();
    response.extensions_mut().insert(Unwritten);
    response
}

/// Writes the page into a response that [`error`] made; leaves any other as it is.
pub fn finish(response: HttpResponse, headers: &HeaderMap) -> HttpResponse {
    if response.extensions().get::<Unwritten>().is_none() {
        return response;
    }
    let words = Words::of(headers);
    let page = ErrorPage {
        words,
        notice: notice(response.status(), words),
        way_out: match response.status() {
            StatusCode::GONE => None,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some(("", &words.error.again))
            }
            _ => Some(("/", &words.error.back)),
        },
        style: STYLE,
    };
    // Writing to memory does not fail.
    let page = page.render().unwrap_or_default();
    let mut response = response.set_body(page).map_into_boxed_body();
    let language = HeaderValue::from_static("Accept-Language");
    response.headers_mut().append(VARY, language);
    response
}

fn notice(status: StatusCode, words: &Words) -> &Notice {
    let words = &words.error;
    match status {
        StatusCode::NOT_FOUND => &words.not_found,
        StatusCode::FORBIDDEN => &words.forbidden,
        StatusCode::METHOD_NOT_ALLOWED => &words.read_only,
        StatusCode::MISDIRECTED_REQUEST | StatusCode::BAD_REQUEST => &words.wrong_address,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => &words.too_large,
        StatusCode::RANGE_NOT_SATISFIABLE => &words.no_such_part,
        StatusCode::PRECONDITION_FAILED => &words.changed,
        StatusCode::TOO_MANY_REQUESTS => &words.busy,
        StatusCode::GONE => &words.ended,
        _ => &words.unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderValue};

    #[tokio::test]
    async fn an_error_is_told_in_the_language_of_the_visitor() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("ar"));
        let response = finish(error(StatusCode::GONE), &headers);
        assert_eq!(response.status(), StatusCode::GONE);
        let body = actix_web::body::to_bytes(response.into_body()).await;
        let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
        assert!(body.contains("dir=\"rtl\"") && body.contains("انتهت المشاركة"));
    }

    #[tokio::test]
    async fn another_response_stays_as_it_is() {
        let response = finish(HttpResponse::Ok().body("x"), &HeaderMap::new());
        let body = actix_web::body::to_bytes(response.into_body()).await;
        assert_eq!(body.unwrap(), "x");
    }
}
