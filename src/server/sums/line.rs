//! A sum as `sha256sum` writes it, and reads it with `--check`.

use super::reading::{Stage, Sum};

/// The line of a file: its sum, two spaces and its name. A name with a line break or a backslash is
/// escaped, and a backslash in front of the line says so.
pub fn line(sum: &Sum, name: &[u8]) -> Vec<u8> {
    let is_escaped = name.iter().any(|byte| b"\\\n\r".contains(byte));
    let mut out = Vec::with_capacity(2 * sum.len() + name.len() + 4);
    if is_escaped {
        out.push(b'\\');
    }
    for byte in sum {
        out.extend_from_slice(format!("{byte:02x}").as_bytes());
    }
    out.extend_from_slice(b"  ");
    for byte in name {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte => out.push(*byte),
        }
    }
    out.push(b'\n');
    out
}

/// How far a sum is, as a line that `sha256sum --check` ignores.
pub fn comment(stage: Stage) -> String {
    match stage {
        Stage::Waiting => "# Waiting for another file to be read.\n".to_owned(),
        Stage::Read(percent) => format!("# {percent}% of the file has been read.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_sha256sum_does() {
        let shown = |name: &[u8]| {
            let line = line(&[0xab; 32], name);
            String::from_utf8(line)
                .unwrap()
                .replace(&"ab".repeat(32), "SUM")
        };
        assert_eq!(shown(b"a b"), "SUM  a b\n");
        assert_eq!(shown("-ä\"".as_bytes()), "SUM  -ä\"\n");
        assert_eq!(shown(b"a\nb\\c\rd"), "\\SUM  a\\nb\\\\c\\rd\n");
    }
}
