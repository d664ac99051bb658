//! The answer for visitors of a local site who are turned away: the same that visitors of files get,
//! for something that speaks HTTP without actix-web.

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{
        StatusCode,
        header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue},
    },
};

use super::{access::busy, isolation};
use crate::server::{
    http::{error::error, headers},
    page,
    traffic::TurnedAway,
};

/// A response, for whatever speaks HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case, and their values. Complete but for the length of the body.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The response for a visitor with this Accept-Language header.
pub fn turned_away(why: TurnedAway, language: Option<&[u8]>) -> Reply {
    let response = match why {
        TurnedAway::Busy => busy(),
        TurnedAway::Ended => {
            let mut response = error(StatusCode::GONE);
            isolation::clear(&mut response);
            response
        }
    };
    let mut request = HeaderMap::new();
    if let Some(Ok(language)) = language.map(HeaderValue::from_bytes) {
        request.insert(ACCEPT_LANGUAGE, language);
    }
    plain(page::finish(response, &request))
}

fn plain(mut response: HttpResponse) -> Reply {
    headers::protect(response.headers_mut());
    let headers = response.headers().iter();
    let headers = headers.filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    Reply {
        status: response.status().as_u16(),
        headers: headers.collect(),
        // A page is in memory as a whole.
        body: (response.into_body().try_into_bytes())
            .map(|body| String::from_utf8_lossy(&body).into_owned())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_turned_away_in_their_language() {
        let busy = turned_away(TurnedAway::Busy, Some(b"de"));
        assert_eq!(busy.status, 503);
        assert!(busy.body.contains("lang=\"de\""), "{}", busy.body);
        let ended = turned_away(TurnedAway::Ended, None);
        assert_eq!(ended.status, 410);
        assert!(ended.body.contains("lang=\"en\""), "{}", ended.body);
        let has =
            |reply: &Reply, wanted: &str| reply.headers.iter().any(|(name, _)| name == wanted);
        for (name, when_busy, when_ended) in [
            ("retry-after", true, false),
            ("clear-site-data", false, true),
            ("content-security-policy", true, true),
            ("cache-control", true, true),
        ] {
            assert_eq!(has(&busy, name), when_busy, "{name}");
            assert_eq!(has(&ended, name), when_ended, "{name}");
        }
    }
}
