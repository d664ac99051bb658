//! Whether somebody wants to have what a request asks for, or something only looks at it.

use std::cell::RefCell;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};

/// Headers with which browsers say that they only fetch ahead, on the chance that it is needed.
const FETCH_AHEAD: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Headers that only browsers send.
const BY_BROWSERS: [HeaderName; 3] = [
    HeaderName::from_static("sec-fetch-site"),
    FETCH_MODE,
    FETCH_DESTINATION,
];

const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Words in the names of programs that fetch a link to show a preview of it, or to index or check
/// it. In lower case.
const BOTS: [&str; 36] = [
    "+http",
    "applebot",
    "baiduspider",
    "bingbot",
    "bingpreview",
    "bluesky",
    "bot/",
    "cardyb",
    "discordbot",
    "duckduckbot",
    "embedly",
    "facebookexternalhit",
    "facebot",
    "google-pagerenderer",
    "google-read-aloud",
    "googlebot",
    "iframely",
    "kakaotalk-scrap",
    "line-poker",
    "linkedinbot",
    "mastodon",
    "mattermost-bot",
    "meta-externalagent",
    "meta-externalfetcher",
    "nextcloud server crawler",
    "pinterestbot",
    "redditbot",
    "rocket.chat",
    "skypeuripreview",
    "slack-imgproxy",
    "slackbot",
    "snap url preview",
    "telegrambot",
    "twitterbot",
    "viber",
    "whatsapp",
];

/// Whether a GET request may be a part of a download, by its headers and its query.
///
/// A picture in a page, a video that is played and a text that a script reads are looked at. Browsers
/// say so; programs, and browsers from before 2023, don't.
pub fn is_download(headers: &HeaderMap, query: &str) -> bool {
    if !is_wanted(headers) {
        return false;
    }
    let is_asked_for = query.split('&').any(|pair| pair == "download");
    is_asked_for || !is_looked_at(headers)
}

/// Whether a request comes from a browser, which may run the script of a page. In doubt it does not.
///
/// Every browser says `Mozilla/` since 1995; of programs, only those that pretend to be one.
pub fn may_run_scripts(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes);
    agent.is_some_and(|agent| agent.starts_with(b"Mozilla/"))
        || BY_BROWSERS.iter().any(|name| headers.contains_key(name))
}

/// Whether somebody wants to see the answer, rather than a browser that fetches ahead, or a program
/// that makes a preview of the link.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    !is_fetched_ahead(headers) && !is_by_bot(headers)
}

fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    FETCH_AHEAD.iter().any(|name| {
        headers.get(name).is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            value.starts_with(b"prefetch") || value.starts_with(b"preview")
        })
    })
}

fn is_by_bot(headers: &HeaderMap) -> bool {
    thread_local! {
        /// The last name that was looked at. Visitors mostly send several requests in a row.
        static LAST: RefCell<(Vec<u8>, bool)> = RefCell::default();
    }
    let Some(agent) = headers.get(USER_AGENT) else {
        return false;
    };
    LAST.with_borrow_mut(|(last, is_bot)| {
        if last != agent.as_bytes() {
            *is_bot = names_bot(agent.as_bytes());
            *last = agent.as_bytes().to_vec();
        }
        *is_bot
    })
}

fn names_bot(agent: &[u8]) -> bool {
    let agent = String::from_utf8_lossy(agent).to_ascii_lowercase();
    BOTS.iter().any(|bot| agent.contains(bot))
}

/// Whether a page or a script of a page looks at it.
fn is_looked_at(headers: &HeaderMap) -> bool {
    let value = |name| headers.get(name).map(|value| value.as_bytes());
    match value(FETCH_DESTINATION) {
        None | Some(b"document") => false,
        // A link with the attribute `download` has no mode of a script.
        Some(b"empty") => matches!(value(FETCH_MODE), Some(b"cors" | b"same-origin")),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn browsers_that_save_or_open_and_programs_download() {
        for (pairs, query) in [
            (&[][..], ""),
            (&[("user-agent", "curl/8.5.0")], ""),
            (&[("user-agent", "aria2/1.37.0")], "archive=zip"),
            (&[("user-agent", "CUBOT_X18 Mozilla/5.0")], "x=thumbnail"),
            (&[("sec-fetch-dest", "document")], ""),
            (
                &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "navigate")],
                "",
            ),
            (
                &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "no-cors")],
                "",
            ),
            (&[("sec-fetch-dest", "iframe")], "download"),
            (
                &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
                "x&download",
            ),
        ] {
            assert!(is_download(&headers(pairs), query), "{pairs:?} {query}");
        }
    }

    #[test]
    fn pages_bots_and_guesses_do_not() {
        let telegram = "TelegramBot (like TwitterBot)";
        let apple =
            "Mozilla/5.0 (Macintosh) Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0";
        let unknown = "Mozilla/5.0 (compatible; Newcomer; +https://newcomer.example)";
        for (pairs, query) in [
            (&[("user-agent", telegram)][..], "download"),
            (&[("user-agent", apple)], ""),
            (&[("user-agent", "WhatsApp/2.23.20.0")], ""),
            (&[("user-agent", unknown)], ""),
            (&[("sec-purpose", "prefetch;prerender")], "download"),
            (&[("purpose", "prefetch")], ""),
            (&[("x-moz", "prefetch")], ""),
            (&[("sec-fetch-dest", "image")], ""),
            (&[("sec-fetch-dest", "video")], ""),
            (&[("sec-fetch-dest", "iframe")], ""),
            (
                &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
                "",
            ),
        ] {
            assert!(!is_download(&headers(pairs), query), "{pairs:?} {query}");
            let is_looked_at = pairs.iter().any(|(name, _)| *name == "sec-fetch-dest");
            assert_eq!(is_wanted(&headers(pairs)), is_looked_at, "{pairs:?}");
        }
    }
}
