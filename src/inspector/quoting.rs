//! Bytes as a word of a shell.

use crate::app::visible;

/// A word that both shells of Windows, cmd and PowerShell, read as exactly these bytes; `None` if there
/// is none that is safe in both.
pub fn windows_word(bytes: &[u8]) -> Option<String> {
    // They expand the others within quotes, or end them.
    let is_literal = |byte: &u8| matches!(byte, b' '..=b'~') && !b"\"%!$`".contains(byte);
    let is_safe = bytes.iter().all(is_literal) && !bytes.ends_with(b"\\");
    let text = str::from_utf8(bytes).ok().filter(|_| is_safe)?;
    Some(format!("\"{text}\""))
}

/// A word that a POSIX shell reads as exactly these bytes. They contain no NUL, which no argument can
/// have.
pub fn word(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if visible(text) == text => quoted(text),
        // A terminal may act on control characters that are pasted, and other bytes are no text.
        _ => {
            // A substitution loses line ends at its end.
            let end = bytes.iter().rposition(|byte| *byte != b'\n');
            let (start, ends) = bytes.split_at(end.map_or(0, |end| end + 1));
            let ends = "\n".repeat(ends.len());
            if ends.is_empty() {
                format!("\"$({})\"", printing(start))
            } else {
                format!("\"$({})\"{}", printing(start), quoted(&ends))
            }
        }
    }
}

/// A command that prints these bytes.
pub fn printing(bytes: &[u8]) -> String {
    let mut format = String::new();
    for (number, byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => format.push_str("%%"),
            // It would begin an option.
            b'-' if number == 0 => format.push_str(r"\055"),
            b'\'' | b'\\' | 0..=0x1f | 0x7f.. => {
                // Always three digits, so that a digit may follow.
                format.push_str(&format!("\\{byte:03o}"));
            }
            plain => format.push(char::from(*plain)),
        }
    }
    format!("printf '{format}'")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    /// What a real shell makes of the words.
    fn read_by_shell(words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let words: Vec<String> = words.iter().map(|bytes| word(bytes)).collect();
        let script = format!("printf '%s\\0' {}", words.join(" "));
        let output = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        let mut read: Vec<_> = output
            .stdout
            .split(|byte| *byte == 0)
            .map(<[u8]>::to_vec)
            .collect();
        read.pop();
        read
    }

    #[test]
    fn only_what_both_shells_of_windows_take_literally_is_quoted_for_them() {
        let plain = windows_word(b"http://localhost:3000/a?b=c&d=(e)^f'g");
        assert_eq!(plain.unwrap(), "\"http://localhost:3000/a?b=c&d=(e)^f'g\"");
        for unsafe_in_one in [
            "a\"b",
            "%PATH%",
            "!x!",
            "$(x)",
            "`x`",
            "a\\",
            "a\nb",
            "\u{201d}x",
        ] {
            assert_eq!(
                windows_word(unsafe_in_one.as_bytes()),
                None,
                "{unsafe_in_one}"
            );
        }
    }

    #[test]
    fn words_that_hurt_are_harmless() {
        let words: Vec<Vec<u8>> = [
            &b""[..],
            b"'",
            b"'; echo pwned; '",
            b"$(id)`id`${HOME}",
            b"\"\\\"$!*?[a]{b,c}~#&|<>();",
            b"a\nb\\\n",
            b"\n",
            b"%s%n%d\xff'\\",
            b"\x1b[200~ls\x1b[201~",
            b"-e",
            "grün \u{202e}".as_bytes(),
            b"a\xff\n\n",
            b"\\0001",
            b"\x019",
        ]
        .map(<[u8]>::to_vec)
        .to_vec();
        assert_eq!(read_by_shell(&words), words);
    }

    proptest! {
        // One shell reads all words of a case.
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn a_shell_reads_every_word_as_it_was(
            words in prop::collection::vec(prop::collection::vec(1..=255u8, 0..40), 1..80),
        ) {
            prop_assert_eq!(read_by_shell(&words), words);
        }

        #[test]
        fn printing_prints_every_byte(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let output = Command::new("sh").args(["-c", &printing(&bytes)]).output().unwrap();
            prop_assert_eq!(output.stdout, bytes);
        }
    }
}
