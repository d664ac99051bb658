//! The fields of a head, with secrets masked.

use super::view::{FieldView, Secrets};
use crate::app::visible;

/// What stands for a secret.
const MASK: &str = "••••••";

/// Fields whose whole value is secret.
const SECRET: [&str; 12] = [
    "api-key",
    "authentication-info",
    "cf-access-client-secret",
    "cf-access-jwt-assertion",
    "x-access-token",
    "x-amz-security-token",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-goog-api-key",
    "x-vault-token",
    "x-xsrf-token",
];

/// The longest value that is shown, in characters.
const MAX_VALUE: usize = 8 * 1024;

/// The lines of a head, without the first and the empty one.
pub fn lines(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    lines.filter_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// The first value of a field; its name is in lower case.
pub fn value<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let found = lines(head).find(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()));
    found.map(|(_, value)| value)
}

/// The fields of a head, fit to be shown.
pub fn view(head: &[u8], secrets: Secrets) -> Vec<FieldView> {
    let fields = lines(head).map(|(name, value)| {
        let masked = masked(name, value);
        let is_masked = secrets == Secrets::Masked && masked.is_some();
        let value = match masked {
            Some(masked) if is_masked => masked,
            _ => String::from_utf8_lossy(value).into_owned(),
        };
        FieldView {
            name: visible(&String::from_utf8_lossy(name)),
            value: shortened(visible(&value)),
            is_masked,
        }
    });
    fields.collect()
}

/// The value without what is secret in it; `None` if nothing is.
pub fn masked(name: &[u8], value: &[u8]) -> Option<String> {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let value = String::from_utf8_lossy(value);
    match &*name {
        "authorization" | "proxy-authorization" => Some(match value.split_once(' ') {
            Some((scheme, _)) if is_plain(scheme) => format!("{scheme} {MASK}"),
            _ => MASK.to_owned(),
        }),
        "cookie" => {
            let pairs = value.split(';').map(|pair| masked_pair(pair.trim()));
            Some(pairs.collect::<Vec<_>>().join("; "))
        }
        "set-cookie" => Some(match value.split_once(';') {
            Some((pair, attributes)) => format!("{};{attributes}", masked_pair(pair)),
            None => masked_pair(&value),
        }),
        name if SECRET.contains(&name) => Some(MASK.to_owned()),
        _ => None,
    }
}

/// A cookie without its value.
fn masked_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}={MASK}"),
        None => MASK.to_owned(),
    }
}

fn is_plain(scheme: &str) -> bool {
    scheme.len() <= 20
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn shortened(mut value: String) -> String {
    if let Some((end, _)) = value.char_indices().nth(MAX_VALUE) {
        value.truncate(end);
        value.push('…');
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, value: &str, secrets: Secrets) -> String {
        let head = format!("GET / HTTP/1.1\r\n{name}: {value}\r\n\r\n");
        view(head.as_bytes(), secrets)[0].value.clone()
    }

    #[test]
    fn secrets_are_masked_until_they_are_asked_for() {
        for (name, value, masked) in [
            ("Authorization", "Bearer abc.def", "Bearer ••••••"),
            ("Authorization", "abc", "••••••"),
            ("Proxy-Authorization", "Basic YTpi", "Basic ••••••"),
            (
                "Cookie",
                "sid=abc; theme=dark; odd",
                "sid=••••••; theme=••••••; ••••••",
            ),
            (
                "Set-Cookie",
                "sid=abc=d; Path=/; HttpOnly",
                "sid=••••••; Path=/; HttpOnly",
            ),
            ("Set-Cookie", "sid=abc", "sid=••••••"),
            ("X-API-Key", "abc", "••••••"),
            ("x-csrf-token", "abc", "••••••"),
        ] {
            assert_eq!(
                shown(name, value, Secrets::Masked),
                masked,
                "{name}: {value}"
            );
            assert_eq!(shown(name, value, Secrets::Shown), value);
        }
        assert_eq!(shown("Accept", "text/html", Secrets::Masked), "text/html");
    }

    #[test]
    fn hostile_fields_are_shown_harmlessly() {
        let long = "x".repeat(100_000);
        assert!(shown("X", &long, Secrets::Shown).chars().count() <= MAX_VALUE + 1);
        assert_eq!(
            shown("X", "a\u{202e}b\x1b", Secrets::Shown),
            "a\u{fffd}b\u{fffd}"
        );
        let head = b"GET / HTTP/1.1\r\nX: \xff\r\nno colon\r\n\r\n";
        assert_eq!(view(head, Secrets::Masked)[0].value, "\u{fffd}");
        assert_eq!(view(head, Secrets::Masked).len(), 1);
    }
}
