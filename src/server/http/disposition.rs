//! The name of a download: the Content-Disposition header (RFC 6266).

use super::media_type::MediaType;
use crate::server::path::{push_encoded, shown_name};

/// The header for a file called `name`.
///
/// Types that browsers display are `inline`, everything else is an attachment. `filename` is for old
/// programs and is limited to ASCII; `filename*` has the full name.
pub fn disposition(name: &[u8], media_type: &MediaType, wants_download: bool) -> String {
    let kind = if media_type.is_shown_by_browsers() && !wants_download {
        "inline"
    } else {
        "attachment"
    };
    named(kind, name)
}

/// The header for something that is always saved.
pub fn attachment(name: &[u8]) -> String {
    named("attachment", name)
}

fn named(kind: &str, raw: &[u8]) -> String {
    let name = String::from_utf8_lossy(raw);
    let is_plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%');
    if name.chars().all(is_plain) {
        return [kind, "; filename=\"", &name, "\""].concat();
    }
    let mut header = format!("{kind}; filename=\"");
    header.extend(name.chars().map(|c| if is_plain(c) { c } else { '_' }));
    // Invisible characters don't belong in a file name, and those that change the direction of
    // writing can make a program look like a picture.
    let shown = shown_name(raw).replace(char::REPLACEMENT_CHARACTER, "_");
    header.push_str("\"; filename*=UTF-8''");
    push_encoded(shown.as_bytes(), &mut header);
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(name: &[u8]) -> String {
        disposition(name, &MediaType::of_name(b"a.png"), false)
    }

    #[test]
    fn names_in_any_script_are_preserved() {
        assert_eq!(shown(b"a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            shown("日本.png".as_bytes()),
            "inline; filename=\"__.png\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png"
        );
        assert_eq!(
            shown(b"a\"\\%0d\r\n.png"),
            "inline; filename=\"a___0d__.png\"; filename*=UTF-8''a%22%5C%250d__.png"
        );
        assert_eq!(
            shown(b"\xff.png"),
            "inline; filename=\"_.png\"; filename*=UTF-8''_.png"
        );
        assert_eq!(
            shown("a\u{202e}gnp.exe".as_bytes()),
            "inline; filename=\"a_gnp.exe\"; filename*=UTF-8''a_gnp.exe"
        );
    }

    #[test]
    fn types_that_browsers_do_not_show_are_downloaded() {
        let zip = MediaType::of_name(b"a.zip");
        assert_eq!(
            disposition(b"a.zip", &zip, false),
            "attachment; filename=\"a.zip\""
        );
        let png = MediaType::of_name(b"a.png");
        assert_eq!(
            disposition(b"a.png", &png, true),
            "attachment; filename=\"a.png\""
        );
    }

    proptest! {
        #[test]
        fn no_name_can_break_out_of_the_header(name in proptest::collection::vec(any::<u8>(), 0..255)) {
            let header = shown(&name);
            prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            let quoted = header.strip_prefix("inline; filename=\"").unwrap();
            let (_, rest) = quoted.split_once('"').unwrap();
            prop_assert!(rest.is_empty() || rest.starts_with("; filename*=UTF-8''"));
            prop_assert!(!rest.contains('"'));
        }
    }
}
