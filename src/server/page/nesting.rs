//! Whether Markdown nests deeper than people write, judging by its lines alone.
//!
//! The parser walks through all open quotes and lists for each line. Half a megabyte that is half
//! opening marks and half lines would take minutes.

/// Levels of quotes and lists.
const MAX_DEPTH: usize = 100;

/// Whether a line opens a quote or a list more than [`MAX_DEPTH`] levels deep.
pub fn is_too_deep(text: &str) -> bool {
    let lines = text.split(['\n', '\r']);
    // Each level takes at least one byte, or half a tab.
    lines
        .filter(|line| line.len() > MAX_DEPTH / 2)
        .any(|line| depth(line.as_bytes()) > MAX_DEPTH)
}

/// The greatest depth that the quote or list opened by a line can have; 0 if it opens none.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut columns, mut marks) = (0, 0, 0);
    let mut rest = line;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b' ' => columns += 1,
            b'\t' => columns += 4,
            _ => {
                let Some(behind) = behind_mark(*first, behind) else {
                    break;
                };
                rest = behind;
                marks += 1;
                // An open quote or list continues after one mark or two columns.
                depth = marks + columns / 2;
            }
        }
    }
    depth
}

/// The rest of the line after the mark of a quote or list.
fn behind_mark(first: u8, behind: &[u8]) -> Option<&[u8]> {
    let behind = match first {
        b'>' => return Some(behind),
        b'-' | b'+' | b'*' => behind,
        b'0'..=b'9' => {
            let digits = behind.iter().take_while(|byte| byte.is_ascii_digit());
            let (end, behind) = behind[digits.count()..].split_first()?;
            matches!(end, b'.' | b')').then_some(behind)?
        }
        _ => return None,
    };
    matches!(behind, [] | [b' ' | b'\t', ..]).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_too_deep() {
        let dashes = "-".repeat(500);
        let frame = format!("+{dashes}+");
        let code = format!("{}x = 1;", " ".repeat(500));
        for line in [
            &dashes,
            &frame,
            &code,
            "> - 1. a",
            "\t\t- a",
            "1.2.3.4",
            ">>>>>>> main",
        ] {
            assert!(!is_too_deep(line), "{line}");
        }
        assert_eq!(depth(b"> - 1) a"), 4);
        assert_eq!(depth(b"      - a - b"), 4);
        assert_eq!(depth(b"12. a"), 1);
        assert_eq!(depth(b"12, a"), 0);
    }

    #[test]
    fn more_levels_than_anybody_writes_are_too_deep() {
        for mark in [">", "> ", "- ", "1. ", "* > ", "+\t"] {
            let line = format!("a\n{}a", mark.repeat(150));
            assert!(is_too_deep(&line), "{mark}");
        }
        assert!(is_too_deep(&format!("{}- a", "  ".repeat(100))));
        assert!(is_too_deep(&format!("{}- a", "\t".repeat(51))));
        assert!(!is_too_deep(&format!("{}a", ">".repeat(100))));
    }
}
