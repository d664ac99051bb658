//! One line of a head.

/// A header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a [u8],
    /// Without the white space around it.
    pub value: &'a [u8],
}

impl<'a> Field<'a> {
    /// Reads a line, without its end, if it is a field that every program reads in the same way
    /// (RFC 9112, section 5).
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let is_valid = is_token(name) && value.iter().all(|byte| is_text(*byte));
        is_valid.then(|| Self {
            name,
            value: trimmed(value),
        })
    }

    /// Whether it has this name, which is in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether a program that replaces `-` by `_`, like CGI, takes it for this one.
    pub fn looks_like(&self, name: &str) -> bool {
        let hyphen = |byte: &u8| if *byte == b'_' { b'-' } else { *byte };
        self.name.len() == name.len()
            && (self.name.iter().map(hyphen))
                .zip(name.bytes())
                .all(|(one, other)| one.eq_ignore_ascii_case(&other))
    }
}

/// The elements of a value that is a list.
pub fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(trimmed)
        .filter(|token| !token.is_empty())
}

/// Whether this is a token (RFC 9110, section 5.6.2).
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a value may contain this.
pub fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

pub fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Where a head ends, behind its empty line. Bytes before `from` were looked at before.
pub fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    // An empty line may have begun before.
    let mut at = from.saturating_sub(2);
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')? + 1;
        match &bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_a_name_and_no_control_characters() {
        for (line, name, value) in [
            (&b"Host: a"[..], &b"Host"[..], &b"a"[..]),
            (b"X-Empty:", b"X-Empty", b""),
            (b"X:\t a b \t", b"X", b"a b"),
            (b"X: caf\xc3\xa9:", b"X", b"caf\xc3\xa9:"),
        ] {
            assert_eq!(Field::parse(line), Some(Field { name, value }));
        }
        for line in [
            &b""[..],
            b"Host",
            b": a",
            b"Host : a",
            b" Host: a",
            b"Ho st: a",
            b"X: a\0b",
            b"X: a\rb",
            b"X: a\x7f",
            b"H\xc3\xb6st: a",
        ] {
            assert_eq!(Field::parse(line), None, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_head_ends_with_an_empty_line_wherever_it_was_cut() {
        for (head, end) in [
            (&b"a\r\nb\r\n\r\nc"[..], Some(8)),
            (b"a\n\nb", Some(3)),
            (b"a\n\r\nb", Some(4)),
            (b"a\r\nb\r\n\r", None),
            (b"a\r\r\n", None),
            (b"", None),
        ] {
            for from in 0..=head.len() {
                if end.is_none_or(|end| from < end) {
                    assert_eq!(head_end(head, from), end, "{}", head.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn a_list_may_have_empty_elements() {
        let found: Vec<_> = tokens(b" a,, b ,").collect();
        assert_eq!(found, [b"a", b"b"]);
    }
}
