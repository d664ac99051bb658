//! What the head of a request says about its body.

/// What a head announces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    pub framing: Framing,
    /// The visitor sends the body only when asked for it (RFC 9110, section 10.1.1).
    pub awaits_continue: bool,
}

/// Where the body ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    #[default]
    None,
    /// It has so many bytes.
    Length(u64),
    Chunked,
    /// Programs differ in where they see its end, so the request has to be refused.
    Unclear,
}

impl Announced {
    /// What it means in a request of HTTP/1.0, which knows no chunks and asks for nothing.
    pub fn of_version(self, is_http10: bool) -> Self {
        match self.framing {
            _ if !is_http10 => self,
            Framing::Chunked => Self {
                framing: Framing::Unclear,
                awaits_continue: false,
            },
            _ => Self {
                awaits_continue: false,
                ..self
            },
        }
    }
}

impl Framing {
    /// Adds what a Content-Length field says.
    pub fn with_length(self, value: &[u8]) -> Self {
        match (self, decimal(value)) {
            (Self::None, Some(length)) => Self::Length(length),
            _ => Self::Unclear,
        }
    }

    /// Whether a body may follow that has to be read.
    pub fn has_content(self) -> bool {
        matches!(self, Self::Length(1..) | Self::Chunked)
    }

    /// Adds what a Transfer-Encoding field says.
    pub fn with_encoding(self, value: &[u8]) -> Self {
        if self == Self::None && value.eq_ignore_ascii_case(b"chunked") {
            Self::Chunked
        } else {
            Self::Unclear
        }
    }
}

/// A number of nothing but digits.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_one_clear_end_or_none() {
        let none = Framing::None;
        assert_eq!(none.with_length(b"0"), Framing::Length(0));
        assert_eq!(none.with_length(b"012"), Framing::Length(12));
        assert_eq!(none.with_encoding(b"Chunked"), Framing::Chunked);
        for value in [
            &b""[..],
            b"+5",
            b"-1",
            b"5, 5",
            b"5 5",
            b"0x5",
            b"5\r",
            b"18446744073709551616",
        ] {
            let unclear = none.with_length(value);
            assert_eq!(unclear, Framing::Unclear, "{}", value.escape_ascii());
        }
        for value in [&b""[..], b"identity", b"gzip, chunked", b"\x0bchunked"] {
            assert_eq!(none.with_encoding(value), Framing::Unclear);
        }
        let chunked = Announced {
            framing: Framing::Chunked,
            awaits_continue: true,
        };
        assert_eq!(chunked.of_version(false), chunked);
        assert_eq!(chunked.of_version(true).framing, Framing::Unclear);
        for twice in [
            none.with_length(b"5").with_length(b"5"),
            none.with_length(b"0").with_encoding(b"chunked"),
            none.with_encoding(b"chunked").with_length(b"5"),
            none.with_encoding(b"chunked").with_encoding(b"chunked"),
        ] {
            assert_eq!(twice, Framing::Unclear);
        }
    }
}
