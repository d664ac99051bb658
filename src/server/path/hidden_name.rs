//! Names of hidden files and folders, including disguised ones.

/// Whether a name starts with a dot.
///
/// Invisible characters before the dot don't count: HFS+ on older Macs ignores them when it compares
/// names, so `\u{200c}.git` would open `.git` (CVE-2014-9390).
pub fn is_hidden(name: &[u8]) -> bool {
    match name.first() {
        Some(b'.') => true,
        // The first byte of every invisible character.
        Some(0xe2 | 0xef) => String::from_utf8_lossy(name)
            .trim_start_matches(is_invisible)
            .starts_with('.'),
        _ => false,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Whether a name looks like the short alias that FAT and NTFS keep for a longer name, such as `GIT~1`
/// for `.git`. Linux, Windows and servers of network drives open files under both names. Wine and
/// Samba use letters where Windows uses a number.
pub fn may_be_short(name: &[u8]) -> bool {
    const LONGEST: usize = "12345678.123".len();
    let Some(tilde) = name.iter().position(|&byte| byte == b'~') else {
        return false;
    };
    let continues = name.get(tilde + 1).is_some_and(u8::is_ascii_alphanumeric);
    tilde > 0 && continues && String::from_utf8_lossy(name).chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_files_are_hidden_even_in_disguise() {
        for name in [
            ".git",
            "..a",
            "\u{200c}.git",
            "\u{feff}\u{202e}.env",
            ".\u{200c}git",
        ] {
            assert!(is_hidden(name.as_bytes()), "{name:?}");
        }
        for name in ["a.git", "", "\u{200c}git", "…", "“.git", "git\u{200c}.git"] {
            assert!(!is_hidden(name.as_bytes()), "{name:?}");
        }
        assert!(!is_hidden(b"\xe2.git"));
    }

    #[test]
    fn short_names_are_recognised_by_their_form() {
        for name in [
            "GIT~1",
            "git~1",
            "ENV~1",
            "CONFI~12.TXT",
            "SS~1",
            "A_RA~UZ3.TEX",
            "ÄÖÜÄÖÜ~1.TXT",
        ] {
            assert!(may_be_short(name.as_bytes()), "{name}");
        }
        for name in [
            "notes.txt~",
            "~tilde",
            "a~",
            "something long ~1.txt",
            "plain",
        ] {
            assert!(!may_be_short(name.as_bytes()), "{name}");
        }
    }
}
