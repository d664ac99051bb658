//! Names with a special meaning on Windows.

/// Whether this names exactly one entry of a folder on Windows: it is not a drive, stream, device,
/// network share or wildcard, and doesn't end with dots or spaces, which Windows ignores.
pub fn is_plain(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    // Win32 drops trailing dots and spaces, so "secret.txt." would be another name for a file.
    !name.contains(is_special) && !name.ends_with(['.', ' ']) && !is_device(name)
}

/// Whether a name on Windows can't contain a character.
pub fn is_special(c: char) -> bool {
    c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*')
}

/// Whether a name opens a device in every folder, even with an extension.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let stem = stem.to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$"
    ) {
        return true;
    }
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    matches!(
        port,
        Some("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_special_meaning_are_rejected() {
        for name in [
            "C:",
            "a\\b",
            "..\\..\\x",
            "\\\\server\\share",
            "\\??\\",
            "a.txt::$DATA",
            "a.txt:x",
            "CON",
            "con.txt",
            "NUL",
            "nul .txt",
            "aux.tar.gz",
            "COM1",
            "lpt9.x",
            "COM¹",
            "CONIN$",
            "a.",
            "a ",
            "a. ",
            "a*",
            "a?",
            "\"",
            "<script>",
            "a|b",
            "\n",
        ] {
            assert!(!is_plain(name.as_bytes()), "{name}");
        }
        assert!(!is_plain(b"\xff") && !is_plain(b"\xc0\xae\xc0\xae"));
    }

    #[test]
    fn all_other_names_are_allowed() {
        for name in ["a.txt", "console", "COM10", "nulls", ".git", "€", "com"] {
            assert!(is_plain(name.as_bytes()), "{name}");
        }
    }
}
