//! Markdown files are text in some encoding.

use std::borrow::Cow;

/// What windows-1252, the encoding of old Windows programs, has where Latin-1 has control
/// characters. Five are not assigned.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a file, of which these are the first bytes: UTF-8 or UTF-16 if it is that, otherwise
/// windows-1252. The page's script decodes text in the same way.
pub fn decoded(start: &[u8]) -> Cow<'_, str> {
    match start {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).into(),
        _ => match std::str::from_utf8(start) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).into(),
            // The last character may be incomplete.
            Err(error)
                if error.error_len().is_none() && !start[..error.valid_up_to()].is_ascii() =>
            {
                String::from_utf8_lossy(&start[..error.valid_up_to()])
            }
            Err(_) => start.iter().map(|&byte| windows_1252(byte)).collect(),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_that_it_is_written_in() {
        for (bytes, text) in [
            ("naïve €".as_bytes(), "naïve €"),
            (b"na\xefve \x80 \x93quoted\x94", "naïve € “quoted”"),
            (b"caf\xe9", "café"),
            (b"\xef\xbb\xbfwords", "words"),
            (b"\xff\xfew\0\xe4\0", "wä"),
            (b"\xfe\xff\0w\0\xe4", "wä"),
            // Cut in the middle of a character.
            (b"na\xc3\xafve \xe2\x82", "naïve "),
            (b"", ""),
        ] {
            assert_eq!(decoded(bytes), text);
        }
    }
}
