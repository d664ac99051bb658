//! Display names: file names made safe and short for a menu row, a notification or a terminal.

use std::path::Path;

/// The longest name in a menu row, in characters.
const MAX_CHARS: usize = 40;

/// The last component of a path, or the path itself if there is none (`/`).
///
/// Bytes that are not UTF-8 become U+FFFD, and so does everything that [`visible`] replaces: a
/// hostile file name must not change how its row reads.
pub fn file_name(path: &Path) -> String {
    let raw = path.file_name().unwrap_or(path.as_os_str());
    visible(&raw.to_string_lossy())
}

/// A path for display, with the home folder as `~`.
pub fn with_tilde(path: &Path, home: Option<&Path>) -> String {
    let shown = match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".into(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    };
    visible(&shown)
}

/// Replaces everything that is invisible or changes the text direction with U+FFFD. Keeps the
/// joiners that scripts and emoji need.
pub fn visible(text: &str) -> String {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}')
    };
    text.replace(is_unseen, "\u{fffd}")
}

/// Shortens a name to 40 characters with an ellipsis in the middle, so that both the start and
/// the extension stay readable.
pub fn shortened(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= MAX_CHARS {
        return name.to_owned();
    }
    let head = MAX_CHARS / 2;
    let tail = MAX_CHARS - head - 1;
    let start: String = chars[..head].iter().collect();
    let end: String = chars[chars.len() - tail..].iter().collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_start_and_its_extension() {
        let name = format!("{}.tar.gz", "holiday ".repeat(20));
        let short = shortened(&name);
        assert!(short.starts_with("holiday holiday"), "{short}");
        assert!(short.ends_with(".tar.gz"), "{short}");
        assert!(short.chars().count() <= 40, "{short}");
    }

    #[test]
    fn control_and_direction_characters_become_visible() {
        let name = file_name(Path::new("/tmp/a\nb\u{202e}gpj.exe"));
        assert_eq!(name, "a\u{fffd}b\u{fffd}gpj.exe");
    }

    #[test]
    fn invisible_characters_are_replaced_and_joiners_are_kept() {
        assert_eq!(
            visible("a\u{200b}b\u{061c}\u{2028}\u{e0041}"),
            "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}"
        );
        for name in ["👨\u{200d}👩\u{200d}👧.jpg", "می\u{200c}خواهم.txt"] {
            assert_eq!(visible(name), name);
        }
    }

    #[test]
    fn the_root_folder_has_a_name() {
        assert_eq!(file_name(Path::new("/")), "/");
    }
}
