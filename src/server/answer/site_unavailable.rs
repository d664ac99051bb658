//! The answer for visitors of a local site that can't answer itself.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, RETRY_AFTER},
};

use super::reply::{Reply, accepting};
use crate::{app::SiteState, server::page};

/// The response in place of a site in this state, for a visitor with this Accept-Language header.
///
/// The status is always 503: in place of a 502, Cloudflare shows a page of its own.
pub fn site_unavailable(state: SiteState, language: Option<&[u8]>) -> Reply {
    let mut response = HttpResponse::ServiceUnavailable();
    response.insert_header((CACHE_CONTROL, "no-store"));
    if state != SiteState::NotHttp {
        response.insert_header((RETRY_AFTER, "5"));
    }
    Reply::of(page::site(response, state, &accepting(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_a_page_of_its_own_that_says_when_to_try_again() {
        for (state, words, is_over_soon) in [
            (SiteState::NotHttp, "lead to a website</h1>", false),
            (SiteState::TlsFails, "the secure connection", true),
            (SiteState::Silent, "closed the connection", true),
            (SiteState::Down, "running right now</h1>", true),
        ] {
            let reply = site_unavailable(state, None);
            assert_eq!(reply.status, 503);
            assert!(reply.body.contains(words), "{state:?}: {}", reply.body);
            let asks = "person who gave you the link.</p>";
            assert!(reply.body.contains(asks), "{state:?}: {}", reply.body);
            let has = |wanted: &str| reply.headers.iter().any(|(name, _)| name == wanted);
            assert_eq!(has("retry-after"), is_over_soon, "{state:?}");
            // A button that loads the page again.
            assert_eq!(
                reply.body.contains("<a class=\"button\" href=\"\""),
                is_over_soon
            );
            for name in ["content-security-policy", "referrer-policy", "x-robots-tag"] {
                assert!(has(name), "{name}");
            }
        }
    }
}
