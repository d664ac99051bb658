//! What the start of a file says about the encoding of its text: the charset of the Content-Type
//! header.
//!
//! The header overrules what a file says about itself, in `<meta charset>` for example. So it names
//! an encoding only if that is certain: a byte order mark, or UTF-8 that no other encoding looks
//! like. Plain ASCII says nothing about the rest of a file.

/// How much of a file is examined.
pub const SNIFF_BYTES: usize = 16 * 1024;

/// What the start of a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextStart {
    /// There are control characters that don't occur in text, such as NUL.
    Binary,
    /// Not UTF-8. It may be text in another encoding.
    Other,
    /// As far as can be seen, ASCII, which nearly every encoding begins like.
    Ascii,
    /// UTF-8 with other characters than those of ASCII.
    Utf8,
    /// A byte order mark names the encoding.
    Marked(&'static str),
}

impl TextStart {
    /// Looks at the start of a file, or at all of it.
    pub fn of(start: &[u8], is_whole: bool) -> Self {
        match start {
            // UTF-32, which no browser reads, or something else.
            [0xff, 0xfe, 0, 0, ..] => return Self::Binary,
            [0xff, 0xfe, ..] => return Self::Marked("utf-16le"),
            [0xfe, 0xff, ..] => return Self::Marked("utf-16be"),
            _ => {}
        }
        if start.iter().any(is_binary) {
            return Self::Binary;
        }
        let valid = match std::str::from_utf8(start) {
            Ok(valid) => valid.as_bytes(),
            // Cut in the middle of a character, if it is one.
            Err(error) if error.error_len().is_none() && !is_whole => &start[..error.valid_up_to()],
            Err(_) => return Self::Other,
        };
        if start.starts_with(b"\xef\xbb\xbf") {
            return Self::Marked("utf-8");
        }
        match () {
            () if !valid.is_ascii() => Self::Utf8,
            // ISO-2022-JP and its relatives switch between alphabets with escapes.
            () if has_escape(start) => Self::Other,
            () => Self::Ascii,
        }
    }

    /// Whether it is certainly text.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Ascii | Self::Utf8 | Self::Marked(_))
    }

    /// The encoding of a file of this type, if it is certain.
    pub fn charset(self, essence: &str, start: &[u8], is_whole: bool) -> Option<&'static str> {
        if let Self::Marked(charset) = self {
            return Some(charset);
        }
        let is_certain = match self {
            Self::Utf8 => !may_declare(essence, start, is_whole),
            Self::Ascii => is_whole && !may_declare(essence, start, is_whole),
            _ => false,
        };
        is_certain.then_some("utf-8")
    }
}

/// Whether a file may say itself how it is encoded.
fn may_declare(essence: &str, start: &[u8], is_whole: bool) -> bool {
    match essence {
        "text/html" => !is_whole || contains(start, b"charset") || start.starts_with(b"<?xml"),
        // Its encoding is UTF-8 unless it says something else.
        "text/xml" => true,
        "text/css" => start.starts_with(b"@charset"),
        _ => false,
    }
}

fn contains(text: &[u8], lower_case: &[u8]) -> bool {
    text.windows(lower_case.len())
        .any(|window| window.eq_ignore_ascii_case(lower_case))
}

/// Whether a byte is a control character that doesn't occur in text.
fn is_binary(byte: &u8) -> bool {
    *byte == 0x7f || *byte < b' ' && !matches!(byte, b'\t'..=b'\r' | 0x1b)
}

fn has_escape(text: &[u8]) -> bool {
    // `ESC [` is a colour of a terminal.
    text.windows(2)
        .any(|pair| matches!(pair, [0x1b, b'$' | b'(' | b')' | b'-' | b'.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charset(essence: &str, start: &[u8], is_whole: bool) -> Option<&'static str> {
        TextStart::of(start, is_whole).charset(essence, start, is_whole)
    }

    #[test]
    fn only_what_is_certain_is_said() {
        let plain = "text/plain";
        for (start, whole, part) in [
            (&b"words"[..], Some("utf-8"), None),
            ("wörds".as_bytes(), Some("utf-8"), Some("utf-8")),
            // A character that is cut off says nothing: it may be a letter in Latin-1.
            (b"caf\xe9", None, None),
            (
                "wörds€".as_bytes().split_last().unwrap().1,
                None,
                Some("utf-8"),
            ),
            (b"caf\xe9 au lait", None, None),
            // Shift_JIS and ISO-2022-JP.
            (b"\x93\xfa\x96\x7b", None, None),
            (b"\x1b$BF|K\\\x1b(B", None, None),
            // A log with colours.
            (b"\x1b[31mred\x1b[0m", Some("utf-8"), None),
            (b"\xef\xbb\xbfwords", Some("utf-8"), Some("utf-8")),
            (b"\xff\xfea\0", Some("utf-16le"), Some("utf-16le")),
            (b"\xfe\xff\0a", Some("utf-16be"), Some("utf-16be")),
            (b"\xff\xfe\0\0a\0\0\0", None, None),
            (b"a\0b", None, None),
        ] {
            assert_eq!(charset(plain, start, true), whole, "{start:?}");
            assert_eq!(charset(plain, start, false), part, "{start:?}, cut");
        }
    }

    #[test]
    fn a_file_that_says_how_it_is_encoded_is_believed() {
        let html = "text/html";
        let declared = "<META CharSet=shift_jis><p>é".as_bytes();
        assert_eq!(charset(html, declared, true), None);
        assert_eq!(charset(html, declared, false), None);
        assert_eq!(charset(html, "<p>é".as_bytes(), true), Some("utf-8"));
        assert_eq!(charset(html, "<p>é".as_bytes(), false), None);
        assert_eq!(charset(html, b"\xef\xbb\xbf<p>", false), Some("utf-8"));
        assert_eq!(charset("text/xml", "<a>é</a>".as_bytes(), true), None);
        let css = "@charset \"iso-8859-1\"; /* é */".as_bytes();
        assert_eq!(charset("text/css", css, true), None);
        assert_eq!(charset("text/css", &css[1..], true), Some("utf-8"));
    }
}
