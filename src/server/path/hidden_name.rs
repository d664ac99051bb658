//! Names that hide a file or folder, also those that do not look like it.

/// Whether a name is that of a dot file.
///
/// Signs that nobody sees do not count: the file system of older Macs leaves them out when it
/// compares names, so that `\u{200c}.git` would open `.git` (CVE-2014-9390).
pub fn is_hidden(name: &[u8]) -> bool {
    match name.first() {
        Some(b'.') => true,
        // The first byte of all of them.
        Some(0xe2 | 0xef) => String::from_utf8_lossy(name)
            .trim_start_matches(is_invisible)
            .starts_with('.'),
        _ => false,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Whether a name has the form of the short one that FAT and NTFS keep beside a longer one, such as
/// `GIT~1` of `.git`. Linux and Windows open files under both, servers of network drives too. Wine
/// and Samba have letters where Windows has a number.
pub fn may_be_short(name: &[u8]) -> bool {
    const LONGEST: usize = "12345678.123".len();
    let Some(tilde) = name.iter().position(|&byte| byte == b'~') else {
        return false;
    };
    let goes_on = name.get(tilde + 1).is_some_and(u8::is_ascii_alphanumeric);
    tilde > 0 && goes_on && String::from_utf8_lossy(name).chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_files_are_hidden_however_they_are_written() {
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
    fn short_names_are_told_by_their_form() {
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
