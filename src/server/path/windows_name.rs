//! Names that Windows reads as something else than a name.

/// Whether Windows takes this as the name of one entry of a folder, and of no other one: no drive,
/// stream, device, share of the network or wildcard, nor dots and spaces that it would leave out.
pub fn is_plain(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    let is_bad = |c: char| c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*');
    // Win32 drops dots and spaces at the end, so "secret.txt." would be another name for a file.
    !name.contains(is_bad) && !name.ends_with(['.', ' ']) && !is_device(name)
}

/// Names that open a device in every folder, also with an extension behind them.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
fn is_device(name: &str) -> bool {
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
    fn what_windows_reads_as_something_else_is_no_name() {
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
    fn all_others_are_names() {
        for name in ["a.txt", "console", "COM10", "nulls", ".git", "€", "com"] {
            assert!(is_plain(name.as_bytes()), "{name}");
        }
    }
}
