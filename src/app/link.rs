//! Links that carry a password.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What `encodeURIComponent` leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The link with the password after the `#`, which browsers send to nobody. The page unlocks itself
/// with it.
pub fn with_password(link: &str, password: &str) -> String {
    let link = link.trim_end_matches('/');
    let password = utf8_percent_encode(password, UNRESERVED);
    format!("{link}/#password={password}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_fits_behind_the_link() {
        for (password, end) in [
            ("harbor-violin-dozen-maple", "harbor-violin-dozen-maple"),
            ("a b#%&=\u{e4}", "a%20b%23%25%26%3D%C3%A4"),
        ] {
            assert_eq!(
                with_password("https://quiet-river.trycloudflare.com", password),
                format!("https://quiet-river.trycloudflare.com/#password={end}")
            );
        }
    }
}
