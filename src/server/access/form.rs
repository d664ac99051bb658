//! The password in the form of the page that asks for it, and in the credentials of programs.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use percent_encoding::percent_decode;

/// A longer form is no form.
pub const MAX_FORM_BYTES: usize = 4 * 1024;

const FIELD: &[u8] = b"password";

/// The password in a form (`application/x-www-form-urlencoded`).
pub fn password(form: &[u8]) -> Option<String> {
    if form.len() > MAX_FORM_BYTES {
        return None;
    }
    let mut fields = form.split(|byte| *byte == b'&').filter_map(|field| {
        let at = field.iter().position(|byte| *byte == b'=')?;
        Some((&field[..at], &field[at + 1..]))
    });
    let (_, value) = fields.find(|(name, _)| *name == FIELD)?;
    let value: Vec<_> = value
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    String::from_utf8(percent_decode(&value).collect()).ok()
}

/// The password in an Authorization header (RFC 7617), whatever the name of the user.
pub fn basic_password(authorization: &[u8]) -> Option<String> {
    let (scheme, encoded) = authorization.trim_ascii().split_at_checked(5)?;
    if !scheme.eq_ignore_ascii_case(b"basic") || !encoded.first()?.is_ascii_whitespace() {
        return None;
    }
    let decoded = BASE64.decode(encoded.trim_ascii_start()).ok()?;
    let at = decoded.iter().position(|byte| *byte == b':')?;
    String::from_utf8(decoded[at + 1..].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_password_is_what_was_typed() {
        for (form, expected) in [
            ("password=quiet-river", Some("quiet-river")),
            ("a=b&password=two+words&password=c", Some("two words")),
            ("password=p%C3%A4ss%26%3D%2B%25", Some("päss&=+%")),
            ("password=", Some("")),
            ("password=a=b", Some("a=b")),
            ("password=%", Some("%")),
            ("password", None),
            ("Password=x", None),
            ("xpassword=x", None),
            ("password=%FF", None),
            ("{\"password\":\"x\"}", None),
            ("", None),
        ] {
            assert_eq!(password(form.as_bytes()).as_deref(), expected, "{form}");
        }
        let long = format!("password={}", "x".repeat(MAX_FORM_BYTES));
        assert_eq!(password(long.as_bytes()), None);
    }

    #[test]
    fn credentials_may_have_any_user() {
        for (user, secret) in [("", "x"), ("me", ""), ("a", "b:c"), ("ü", "päss")] {
            let encoded = BASE64.encode(format!("{user}:{secret}"));
            for scheme in ["Basic ", "basic  ", "Basic\t", " BASIC \t "] {
                let header = format!("{scheme}{encoded}");
                assert_eq!(basic_password(header.as_bytes()).as_deref(), Some(secret));
            }
        }
        for other in [
            "",
            "Basic",
            "Basic ",
            "Basic !",
            "Bearer eDp5",
            "Basiceeee",
            "Basic eHk=",
        ] {
            assert_eq!(basic_password(other.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_a_browser_encodes_comes_back(entered in "\\PC{1,40}") {
            let encoded = percent_encoding::utf8_percent_encode(
                &entered,
                percent_encoding::NON_ALPHANUMERIC,
            );
            let form = format!("password={encoded}");
            prop_assert_eq!(password(form.as_bytes()), Some(entered));
        }
    }
}
