//! Names for what has none.

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;

/// A text cannot be the name of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableName {
    #[error("it is empty. Write a name such as report.csv")]
    Empty,
    #[error("it has a slash in it. Write the name alone, such as report.csv")]
    Slash,
    #[error("no file can have that name. Write one such as report.csv")]
    Impossible,
    #[error("it is longer than 255 bytes, which no file system takes")]
    Long,
}

/// A name that a file can have on this and on the visitors' systems.
///
/// # Errors
/// It can't be the name of a file.
pub fn checked(name: &str) -> Result<&str, UnusableName> {
    let name = name.trim();
    if name.is_empty() {
        return Err(UnusableName::Empty);
    }
    if name.contains(['/', '\\']) {
        return Err(UnusableName::Slash);
    }
    let is_odd = |c: char| c.is_control() || "<>:\"|?*".contains(c);
    if matches!(name, "." | ".." | ".lock") || name.contains(is_odd) || name.ends_with('.') {
        return Err(UnusableName::Impossible);
    }
    if name.len() > LONGEST {
        return Err(UnusableName::Long);
    }
    Ok(name)
}

/// What files of other kinds begin with, where, and the end of their names.
const KINDS: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"%PDF-", "pdf"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"\x1f\x8b", "gz"),
    (0, b"\x28\xb5\x2f\xfd", "zst"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"BZh", "bz2"),
    (257, b"ustar", "tar"),
    (4, b"ftyp", "mp4"),
    (0, b"OggS", "ogg"),
];

/// A name for content that begins like this: `stdin.txt` for a text.
pub fn for_content(stem: &str, beginning: &[u8]) -> String {
    let has = |at: usize, mark: &[u8]| beginning.get(at..).is_some_and(|it| it.starts_with(mark));
    let kind = KINDS.iter().find(|(at, mark, _)| has(*at, mark));
    let ending = match kind {
        Some((_, _, ending)) => ending,
        None if is_text(beginning) => "txt",
        None => "bin",
    };
    format!("{stem}.{ending}")
}

/// Whether it is in UTF-8, of which the last character may be incomplete.
fn is_text(beginning: &[u8]) -> bool {
    let is_utf8 = match str::from_utf8(beginning) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !beginning.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_every_system_takes() {
        for name in ["report.csv", " a b.txt ", "Ä.tar.gz", ".env"] {
            assert_eq!(checked(name), Ok(name.trim()));
        }
        for (name, error) in [
            ("", UnusableName::Empty),
            ("a/b", UnusableName::Slash),
            ("..\\b", UnusableName::Slash),
            ("..", UnusableName::Impossible),
            (".lock", UnusableName::Impossible),
            ("a\nb", UnusableName::Impossible),
            ("a:b", UnusableName::Impossible),
            (&"x".repeat(256), UnusableName::Long),
        ] {
            assert_eq!(checked(name), Err(error), "{name}");
        }
    }

    #[test]
    fn content_has_the_ending_that_programs_expect() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (content, name) in [
            (&b"hello\n"[..], "stdin.txt"),
            ("größe".as_bytes().split_last().unwrap().1, "stdin.txt"),
            (b"\x89PNG\r\n\x1a\n...", "stdin.png"),
            (b"\x1f\x8b\x08", "stdin.gz"),
            (&tar, "stdin.tar"),
            (b"\x7fELF\0", "stdin.bin"),
            (b"\xff\xfe", "stdin.bin"),
        ] {
            assert_eq!(for_content("stdin", content), name);
        }
    }
}
