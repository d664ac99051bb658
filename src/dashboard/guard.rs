//! Which requests the dashboard answers. Pages of other origins can send requests to it, too: those of a
//! shared folder, of a local site on another port, or of a name that points at this computer.

use actix_web::http::header::{
    AsHeaderName, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
};

use super::session::Sessions;

/// The header that carries the token of the page. Other origins can't send it: a browser would ask
/// first whether they may, and the dashboard allows it to nobody.
pub const TOKEN: HeaderName = HeaderName::from_static("x-spot-serve-token");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The names of this computer that the dashboard answers to.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// The cookie's name. Cookies don't know ports, and other programs on other ports may have a
/// dashboard as well.
pub fn cookie_name(port: u16) -> String {
    format!("spot-serve-{port}")
}

/// The Set-Cookie header of a session.
pub fn set_cookie(secret: &str, port: u16) -> String {
    let name = cookie_name(port);
    format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict")
}

/// Whether the request names this server. A name that was pointed at this computer (DNS rebinding) is
/// another one.
pub fn is_for_us(headers: &HeaderMap, port: u16) -> bool {
    let host = only(headers, HOST);
    host.is_some_and(|host| NAMES.iter().any(|name| host == format!("{name}:{port}")))
}

/// Whether the page may be sent: only to be shown as a page of its own, not as a part of another one.
pub fn may_show_page(headers: &HeaderMap) -> bool {
    is_absent_or(headers, FETCH_DEST, "document")
}

/// Whether the dashboard's own page has sent the request, as far as the browser tells. All browsers
/// name the origin of a request that changes something.
pub fn is_own_page(headers: &HeaderMap, changes: bool) -> bool {
    let host = only(headers, HOST).unwrap_or_default();
    let own = format!("http://{host}");
    let is_own_origin = match only(headers, ORIGIN) {
        Some(origin) => origin == own,
        None => !changes && !headers.contains_key(ORIGIN),
    };
    is_own_origin && is_absent_or(headers, FETCH_SITE, "same-origin")
}

/// Whether the request has a session and its token.
pub fn is_allowed(headers: &HeaderMap, port: u16, sessions: &Sessions) -> bool {
    let token = only(headers, TOKEN).unwrap_or_default();
    cookies(headers, port).any(|cookie| sessions.allow(cookie, token))
}

/// The values of our cookie. A page on another port can add more of them, and must not lock us out.
pub fn cookies(headers: &HeaderMap, port: u16) -> impl Iterator<Item = &str> {
    let prefix = cookie_name(port) + "=";
    let all = headers.get_all(COOKIE);
    let pairs = all.filter_map(|value| value.to_str().ok());
    let pairs = pairs.flat_map(|value| value.split(';')).map(str::trim);
    pairs
        .filter_map(move |pair| pair.strip_prefix(&prefix))
        .take(8)
}

fn is_absent_or(headers: &HeaderMap, name: HeaderName, value: &str) -> bool {
    !headers.contains_key(&name) || only(headers, name) == Some(value)
}

/// The value of a header that is there once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut all = headers.get_all(name);
    let first = all.next().map(HeaderValue::to_str)?.ok()?;
    all.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: u16 = 4000;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_static(name);
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_our_own_names_and_port_are_ours() {
        for host in ["127.0.0.1:4000", "localhost:4000"] {
            assert!(is_for_us(&headers(&[("host", host)]), PORT), "{host}");
        }
        for host in [
            "127.0.0.1",
            "127.0.0.1:4001",
            "localhost.:4000",
            "localhost.evil.example:4000",
            "evil.example:4000",
            "evil.example",
            "[::1]:4000",
            "127.0.0.1:04000",
            "x@127.0.0.1:4000",
            "",
        ] {
            assert!(!is_for_us(&headers(&[("host", host)]), PORT), "{host}");
        }
        assert!(!is_for_us(&HeaderMap::new(), PORT));
        let twice = [("host", "127.0.0.1:4000"), ("host", "evil.example")];
        assert!(!is_for_us(&headers(&twice), PORT));
    }

    #[test]
    fn only_our_own_page_may_ask() {
        let with = |more: &[(&'static str, &'static str)]| {
            headers(&[&[("host", "127.0.0.1:4000")], more].concat())
        };
        let own = ("origin", "http://127.0.0.1:4000");
        let same = ("sec-fetch-site", "same-origin");
        assert!(is_own_page(&with(&[own, same]), true));
        assert!(is_own_page(&with(&[own]), true));
        assert!(is_own_page(&with(&[same]), false));
        assert!(is_own_page(&with(&[]), false));
        for wrong in [
            &[][..],
            &[same],
            &[("origin", "http://127.0.0.1:3000"), same],
            &[("origin", "http://localhost:4000")],
            &[("origin", "https://127.0.0.1:4000")],
            &[("origin", "null")],
            &[own, ("origin", "http://evil.example")],
            &[own, ("sec-fetch-site", "same-site")],
            &[own, ("sec-fetch-site", "cross-site")],
            &[own, ("sec-fetch-site", "none")],
        ] {
            assert!(!is_own_page(&with(wrong), true), "{wrong:?}");
        }
        for wrong in [
            &[("origin", "http://127.0.0.1:3000")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!is_own_page(&with(wrong), false), "{wrong:?}");
        }
    }

    #[test]
    fn the_page_is_no_part_of_another_page() {
        assert!(may_show_page(&headers(&[])));
        assert!(may_show_page(&headers(&[("sec-fetch-dest", "document")])));
        for dest in ["iframe", "script", "image", "object", "empty"] {
            assert!(
                !may_show_page(&headers(&[("sec-fetch-dest", dest)])),
                "{dest}"
            );
        }
    }

    #[test]
    fn cookies_of_other_ports_and_false_ones_before_ours_change_nothing() {
        let sessions = Sessions::default();
        let opened = sessions.open(&sessions.ticket().unwrap()).unwrap();
        let lines = format!(
            "spot-serve-4001=a; spot-serve-4000=false; spot-serve-4000={}",
            opened.cookie
        );
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(&lines).unwrap());
        assert!(!is_allowed(&headers, PORT, &sessions));
        headers.insert(TOKEN, HeaderValue::from_str(&opened.token).unwrap());
        assert!(is_allowed(&headers, PORT, &sessions));
        assert!(!is_allowed(&headers, 4001, &sessions));
    }
}
