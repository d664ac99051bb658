//! The answers for visitors who have not entered the password, and to the form that they send.

use std::time::Duration;

use actix_http::Request as HttpRequest;
use actix_web::{
    HttpMessage, HttpResponse,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE, VARY,
            WWW_AUTHENTICATE,
        },
    },
};

use super::reply::{Reply, accepting};
use crate::server::{
    access::{Closed, Knock, Submitted},
    http::headers::SECRET,
    offer::Offer,
    origin::RequestOrigin,
    page::{self, UnlockMessage},
};

/// Asks a program for the password.
const CHALLENGE: &str = "Basic realm=\"Password required\", charset=\"UTF-8\"";

/// For programs, which show it as it is.
const NEEDS_PASSWORD: &str = "This share needs a password. The user name doesn't matter.\n";
const WRONG_PASSWORD: &str = "Wrong password. The user name doesn't matter.\n";

/// What a request says about its visitor.
pub fn knock_of(request: &HttpRequest, origin: RequestOrigin) -> Knock<'_> {
    let target = &request.head().uri;
    let target = target.path_and_query().map_or("", |target| target.as_str());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let method = request.method().as_str();
    // There are few, and most of those that are looked for are missing: a look at each takes less time
    // than a lookup.
    Knock::new(method, target.as_bytes(), origin, peer, |wanted| {
        let headers = request.headers().iter();
        let values = headers.filter(|(name, _)| name.as_str() == wanted);
        values.map(|(_, value)| value.as_bytes()).collect()
    })
}

/// The response for somebody who may not see the share. A browser gets a page in the language of
/// these headers.
///
/// A browser gets no challenge. Otherwise it would ask for a user name in a window of its own.
pub fn response(
    closed: Closed,
    knock: &Knock<'_>,
    request: &HeaderMap,
    offer: &Offer,
) -> HttpResponse {
    let (status, message) = match closed {
        Closed::NoPassword => (StatusCode::UNAUTHORIZED, UnlockMessage::Nothing),
        Closed::WrongPassword => (StatusCode::UNAUTHORIZED, UnlockMessage::Wrong),
        Closed::Wait(wait) => (StatusCode::TOO_MANY_REQUESTS, UnlockMessage::Wait(wait)),
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, SECRET));
    response.append_header((VARY, "Accept, Cookie, Authorization, Sec-Fetch-Mode"));
    if let Closed::Wait(wait) = closed {
        response.insert_header((RETRY_AFTER, retry_after(wait)));
    }
    // The page shows a form, which sends what it gets to the same path.
    if knock.is_browser || knock.is_form() {
        return page::unlock(response, &knock.form_target(), message, request, offer);
    }
    let text = match closed {
        Closed::Wait(wait) => format!(
            "Too many wrong passwords. Try again in {} s.\n",
            retry_after(wait)
        ),
        Closed::NoPassword => NEEDS_PASSWORD.to_owned(),
        Closed::WrongPassword => WRONG_PASSWORD.to_owned(),
    };
    if !matches!(closed, Closed::Wait(_)) {
        response.insert_header((WWW_AUTHENTICATE, CHALLENGE));
    }
    response.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"));
    response.body(text)
}

/// The response to the form.
pub fn to_form(
    submitted: &Submitted,
    knock: &Knock<'_>,
    request: &HeaderMap,
    offer: &Offer,
) -> HttpResponse {
    let cookie = match submitted {
        Submitted::Unlocked(cookie) => cookie,
        Submitted::Closed(closed) => return response(*closed, knock, request, offer),
    };
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((CACHE_CONTROL, SECRET))
        .insert_header((LOCATION, knock.wanted()));
    if let Some(cookie) = cookie {
        response.insert_header((SET_COOKIE, cookie.as_str()));
    }
    response.finish()
}

/// The answer for a visitor of a local site who may not see it, and accepts this language.
pub fn closed(closed: Closed, knock: &Knock<'_>, language: Option<&[u8]>) -> Reply {
    Reply::of(response(
        closed,
        knock,
        &accepting(language),
        &Offer::default(),
    ))
}

/// The answer to the form of a visitor of a local site who accepts this language.
pub fn submitted(submitted: &Submitted, knock: &Knock<'_>, language: Option<&[u8]>) -> Reply {
    Reply::of(to_form(
        submitted,
        knock,
        &accepting(language),
        &Offer::default(),
    ))
}

fn retry_after(wait: Duration) -> String {
    page::seconds(wait).max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knock<'a>(fields: &'a [(&str, &str)]) -> Knock<'a> {
        Knock::new("GET", b"/a?x=\"y", RequestOrigin::Tunnel, None, |name| {
            let values = fields.iter().filter(|(other, _)| *other == name);
            values.map(|(_, value)| value.as_bytes()).collect()
        })
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        let header = reply.headers.iter().find(|(other, _)| other == name);
        header.map(|(_, value)| value.as_str())
    }

    #[test]
    fn programs_get_a_challenge_and_browsers_a_page_without_one() {
        let program = closed(Closed::NoPassword, &knock(&[]), None);
        assert_eq!(program.status, 401);
        assert_eq!(header(&program, "www-authenticate"), Some(CHALLENGE));
        assert_eq!(header(&program, "cache-control"), Some("private, no-store"));
        let fields = [("accept", "text/html")];
        let browser = closed(Closed::WrongPassword, &knock(&fields), Some(b"de"));
        assert_eq!(browser.status, 401);
        assert_eq!(header(&browser, "www-authenticate"), None);
        assert_eq!(header(&browser, "x-robots-tag"), Some("noindex"));
        for part in [
            "<h1>Passwort erforderlich</h1>",
            "action=\"?x=&#34;y&#38;unlock\"",
            "Falsches Passwort. Versuchen Sie es noch einmal.",
        ] {
            assert!(browser.body.contains(part), "{part}: {}", browser.body);
        }
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let wait = Closed::Wait(Duration::from_millis(1500));
        let fields = [("accept", "text/html")];
        for (reply, words) in [
            (
                closed(wait, &knock(&[]), None),
                "Too many wrong passwords. Try again in 2 s.\n",
            ),
            (
                closed(wait, &knock(&fields), None),
                "Too many wrong passwords. Try again in 2 s.</p>",
            ),
        ] {
            assert_eq!(reply.status, 429);
            assert_eq!(header(&reply, "retry-after"), Some("2"));
            assert!(reply.body.contains(words), "{}", reply.body);
        }
    }

    #[test]
    fn the_right_form_leads_back() {
        let unlocked = Submitted::Unlocked(Some("a=b".to_owned()));
        let reply = submitted(&unlocked, &knock(&[]), None);
        assert_eq!(reply.status, 303);
        assert_eq!(header(&reply, "location"), Some("/a?x=\"y"));
        assert_eq!(header(&reply, "set-cookie"), Some("a=b"));
        assert_eq!(reply.body, "");
    }
}
