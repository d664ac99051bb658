//! The answer for visitors of a local site who are turned away: the same that visitors of files get,
//! for something that speaks HTTP without actix-web.

use actix_web::http::StatusCode;

use super::{
    access::busy,
    isolation,
    reply::{Reply, accepting},
};
use crate::server::{http::error::error, page, traffic::TurnedAway};

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
    Reply::of(page::finish(response, &accepting(language)))
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
