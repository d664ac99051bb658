//! The cookie that keeps a visitor's session.

use crate::server::origin::RequestOrigin;

/// Browsers take a cookie of such a name over HTTPS only, and send it to the same host only.
const NAME: &str = "__Host-share";

/// A browser sends one. More than these are not looked at.
const MAX_VALUES: usize = 4;

/// The Set-Cookie header for the secret of a session. It ends with the browser's session. On this
/// computer and in the local network, where there is no HTTPS, its name is `local`.
pub fn set(secret: &str, origin: RequestOrigin, local: &str) -> String {
    let (name, secure) = match origin {
        RequestOrigin::Tunnel => (NAME, "; Secure"),
        RequestOrigin::Loopback | RequestOrigin::Network => (local, ""),
    };
    format!("{name}={secret}; Path=/{secure}; HttpOnly; SameSite=Lax")
}

/// The secrets in a Cookie header.
pub fn secrets<'a>(
    header: &'a [u8],
    origin: RequestOrigin,
    local: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    let name = match origin {
        RequestOrigin::Tunnel => NAME,
        RequestOrigin::Loopback | RequestOrigin::Network => local,
    };
    pairs(header)
        .filter_map(move |pair| value(pair, name))
        .take(MAX_VALUES)
}

/// A Cookie header without these secrets; none if nothing is left.
pub fn without_secrets(header: &[u8], local: &str) -> Option<Vec<u8>> {
    let is_ours = |pair: &&[u8]| [NAME, local].iter().any(|name| value(pair, name).is_some());
    let rest: Vec<_> = pairs(header).filter(|pair| !is_ours(pair)).collect();
    (!rest.is_empty()).then(|| rest.join(&b"; "[..]))
}

fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pairs = header.split(|byte| *byte == b';');
    pairs
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

fn value<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let rest = pair.strip_prefix(name.as_bytes())?.trim_ascii_start();
    rest.strip_prefix(b"=").map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_a_cookie_that_only_they_and_the_share_see() {
        assert_eq!(
            set("abc", RequestOrigin::Tunnel, "session-1"),
            "__Host-share=abc; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            set("abc", RequestOrigin::Loopback, "session-1"),
            "session-1=abc; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            set("abc", RequestOrigin::Network, "session-1"),
            "session-1=abc; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn only_the_cookie_of_the_right_name_is_a_secret() {
        let secrets = |header: &'static str, origin| {
            let found = secrets(header.as_bytes(), origin, "session-1");
            found
                .map(|secret| str::from_utf8(secret).unwrap())
                .collect::<Vec<_>>()
        };
        let header = "a=b; __Host-share=abc;session-1=def; __Host-shares=x; __host-session=y";
        assert_eq!(secrets(header, RequestOrigin::Tunnel), ["abc"]);
        assert_eq!(secrets(header, RequestOrigin::Loopback), ["def"]);
        assert_eq!(secrets("", RequestOrigin::Tunnel), [""; 0]);
        let none = secrets("__Host-share; =__Host-share", RequestOrigin::Tunnel);
        assert_eq!(none, [""; 0]);
    }

    #[test]
    fn a_site_never_sees_it() {
        for (header, rest) in [
            ("a=b; __Host-share=abc; c=d", Some("a=b; c=d")),
            ("__Host-share=abc", None),
            ("__Host-share=a;__Host-share = b ; session-1=c", None),
            (" a=\"b c\" ;", Some("a=\"b c\"")),
            ("__Host-shares=abc", Some("__Host-shares=abc")),
            ("", None),
        ] {
            let without = without_secrets(header.as_bytes(), "session-1");
            assert_eq!(without.as_deref(), rest.map(str::as_bytes), "{header}");
        }
    }
}
