//! The head of a request, on its way to actix-web.
//!
//! Two programs that disagree about where a body ends take a part of it for the next request. So only
//! one reads bodies: the connection. The fields that announce a body are taken out of the head here,
//! and to actix-web no request has one. It would read bodies 8 KiB at a time, and ask for them before
//! anybody has decided whether they are wanted.

use memchr::memchr;

use super::framing::{Announced, Framing};

/// The names of the fields that are taken out, in lower case.
const NAMES: [(&[u8], Field); 3] = [
    (b"content-length", Field::Length),
    (b"transfer-encoding", Field::Encoding),
    (b"expect", Field::Expect),
];

/// What actix-web sees in place of a length: it takes no POST of HTTP/1.0 without one. It is no longer
/// than what it replaces.
const NO_LENGTH: &[u8] = b"content-length:0\n";

/// Nobody sends longer values of these fields.
const MAX_VALUE_BYTES: usize = 256;

/// Finds where heads end in a stream that arrives in pieces, and takes out what announces a body.
///
/// A line may end with LF alone, because actix-web accepts that. It refuses everything else that could
/// be read in two ways, such as a space before a colon or a folded line, and ends the connection.
#[derive(Debug, Default)]
pub struct HeadFilter {
    place: Place,
    /// The start of a line that may have to be taken out, or the value of one that has to be.
    line: Vec<u8>,
    announced: Announced,
}

/// Where the next byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before a request. Empty lines are ignored there (RFC 9112, section 2.2).
    #[default]
    Before,
    /// In a line that stays.
    Line,
    /// At the start of a line, or in the name of a field that may have to be taken out.
    Name,
    /// Behind CR at the start of a line.
    Return,
    /// In the value of a field that is taken out.
    Value(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Length,
    Encoding,
    Expect,
}

impl HeadFilter {
    /// By how much more bytes may come out than went in, because some were held back before.
    pub const MOST_HELD: usize = 32;

    /// Looks at the next bytes of the stream, up to the end of a head, and passes on those that stay.
    /// Returns how many bytes it has looked at and what the head announces, or `None` if the head
    /// has not ended.
    pub fn filter(
        &mut self,
        bytes: &[u8],
        mut pass_on: impl FnMut(&[u8]),
    ) -> Option<(usize, Announced)> {
        let mut at = 0;
        while at < bytes.len() {
            if self.place == Place::Line {
                // Most bytes are in the middle of a line.
                let rest = &bytes[at..];
                let line_end = memchr(b'\n', rest);
                let line = &rest[..line_end.map_or(rest.len(), |line_end| line_end + 1)];
                pass_on(line);
                at += line.len();
                if line_end.is_some() {
                    self.place = Place::Name;
                }
                continue;
            }
            let byte = bytes[at];
            at += 1;
            if self.ends_with(byte, &mut pass_on) {
                return Some((at, std::mem::take(self).announced));
            }
        }
        None
    }

    /// Whether the head ends with this byte.
    fn ends_with(&mut self, byte: u8, pass_on: &mut impl FnMut(&[u8])) -> bool {
        let is_at_start = self.place == Place::Name && self.line.is_empty();
        match (self.place, byte) {
            (Place::Before, b'\r' | b'\n') => pass_on(&[byte]),
            (Place::Name, b'\r') if is_at_start => {
                pass_on(&[byte]);
                self.place = Place::Return;
            }
            (Place::Name, b'\n') if is_at_start => {
                pass_on(&[byte]);
                return true;
            }
            (Place::Return, b'\n') => {
                pass_on(&[byte]);
                return true;
            }
            (Place::Before | Place::Line | Place::Return, _) => {
                pass_on(&[byte]);
                self.place = Place::Line;
            }
            (Place::Name, _) => self.name(byte, pass_on),
            (Place::Value(field), b'\n') => {
                self.value(field, pass_on);
                self.line.clear();
                self.place = Place::Name;
            }
            (Place::Value(_), _) if self.line.len() < MAX_VALUE_BYTES => self.line.push(byte),
            (Place::Value(_), _) => self.announced.framing = Framing::Unclear,
        }
        false
    }

    /// Reads the next byte of a name.
    fn name(&mut self, byte: u8, pass_on: &mut impl FnMut(&[u8])) {
        let line = &mut self.line;
        if byte == b':'
            && let Some((_, field)) = NAMES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(line))
        {
            line.clear();
            self.place = Place::Value(*field);
            return;
        }
        line.push(byte);
        let may_be = |name: &[u8]| {
            let start = name.get(..line.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(line))
        };
        if !NAMES.iter().any(|(name, _)| may_be(name)) {
            pass_on(line);
            line.clear();
            self.place = if byte == b'\n' {
                Place::Name
            } else {
                Place::Line
            };
        }
    }

    /// A field that is taken out has this value.
    fn value(&mut self, field: Field, pass_on: &mut impl FnMut(&[u8])) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let value = trimmed(line);
        let framing = self.announced.framing;
        match field {
            Field::Length => {
                self.announced.framing = framing.with_length(value);
                if let Framing::Length(_) = self.announced.framing {
                    pass_on(NO_LENGTH);
                }
            }
            Field::Encoding => self.announced.framing = framing.with_encoding(value),
            Field::Expect => {
                let mut expectations = value.split(|byte| *byte == b',').map(trimmed);
                self.announced.awaits_continue |=
                    expectations.any(|it| it.eq_ignore_ascii_case(b"100-continue"));
            }
        }
    }
}

/// Without the white space around a value.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is passed on of each head and of the rest, and what the heads announce.
    fn filtered(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<Announced>) {
        let mut filter = HeadFilter::default();
        let (mut passed, mut announced) = (vec![Vec::new()], Vec::new());
        for mut piece in pieces.iter().copied() {
            loop {
                let last = passed.last_mut().unwrap();
                let before = last.len();
                let end = filter.filter(piece, |bytes| last.extend_from_slice(bytes));
                let looked_at = end.map_or(piece.len(), |(end, _)| end);
                assert!(last.len() - before <= looked_at + HeadFilter::MOST_HELD);
                let Some((end, what)) = end else {
                    break;
                };
                announced.push(what);
                passed.push(Vec::new());
                piece = &piece[end..];
            }
        }
        (passed, announced)
    }

    fn heads(stream: &str) -> Vec<String> {
        let (passed, _) = filtered(&[stream.as_bytes()]);
        let text = |head: Vec<u8>| String::from_utf8(head).unwrap();
        passed.into_iter().map(text).collect()
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        for (stream, expected) in [
            ("", &[""][..]),
            (
                "GET / HTTP/1.1\r\nHost: a\r\n",
                &["GET / HTTP/1.1\r\nHost: a\r\n"],
            ),
            (
                "a\r\nb\r\n\r\nc\r\n\r\n",
                &["a\r\nb\r\n\r\n", "c\r\n\r\n", ""],
            ),
            (
                "a\n\nb\n\r\nc\r\n\nd",
                &["a\n\n", "b\n\r\n", "c\r\n\n", "d"],
            ),
            ("a\r\r\n\r\r\nb", &["a\r\r\n\r\r\nb"]),
            ("a\r\n \r\nb\n\rc\n", &["a\r\n \r\nb\n\rc\n"]),
        ] {
            assert_eq!(heads(stream), expected, "{stream:?}");
        }
    }

    #[test]
    fn empty_lines_before_a_request_belong_to_it() {
        assert_eq!(heads("\r\n\r\na\n\n"), ["\r\n\r\na\n\n", ""]);
        assert_eq!(heads("a\n\n\nb\n\n"), ["a\n\n", "\nb\n\n", ""]);
    }

    #[test]
    fn what_announces_a_body_is_taken_out() {
        let start = "PUT / HTTP/1.1\r\nHost: a\r\n";
        let length = Framing::Length(5);
        for (fields, stays, framing, awaits_continue) in [
            ("Content-Length: 5\r\n", "content-length:0\n", length, false),
            ("CONTENT-LENGTH:5\n", "content-length:0\n", length, false),
            (
                "Content-Length:\t5 \r\nExpect: 100-continue\r\n",
                "content-length:0\n",
                length,
                true,
            ),
            (
                "Transfer-Encoding: Chunked\r\nexpect: a, 100-Continue\r\n",
                "",
                Framing::Chunked,
                true,
            ),
            ("Expect: magic\r\n", "", Framing::None, false),
            ("Content-Length:\r\n", "", Framing::Unclear, false),
            ("Content-Length: 5\r5\r\n", "", Framing::Unclear, false),
            (
                "Content-Length: 5\r\ncontent-length: 5\r\n",
                "content-length:0\n",
                Framing::Unclear,
                false,
            ),
            (
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                "",
                Framing::Unclear,
                false,
            ),
        ] {
            let head = format!("{start}{fields}Content-Lengths: 5\r\nExpectation: b\r\n\r\n");
            let (passed, announced) = filtered(&[head.as_bytes()]);
            let expected = format!("{start}{stays}Content-Lengths: 5\r\nExpectation: b\r\n\r\n");
            assert_eq!(passed[0], expected.as_bytes(), "{fields:?}");
            let expected = Announced {
                framing,
                awaits_continue,
            };
            assert_eq!(announced, [expected], "{fields:?}");
        }
    }

    #[test]
    fn a_value_of_any_length_is_no_length() {
        let long = format!("a\nContent-Length: {}5\n\n", " ".repeat(MAX_VALUE_BYTES));
        let (_, announced) = filtered(&[long.as_bytes()]);
        assert_eq!(announced[0].framing, Framing::Unclear);
    }

    #[test]
    fn what_actix_web_refuses_stays_as_it_is() {
        for head in [
            "a\r\nContent-Length : 5\r\n\r\n",
            "a\r\n Content-Length: 5\r\n\r\n",
            "a\r\nX: b\r\n Content-Length: 5\r\n\r\n",
            "a\r\nContent-Length\r\n\r\n",
            "a\r\nTransfer-Encoding\n\r\n",
            "Content-Length: 5\r\n\r\n",
        ] {
            assert_eq!(heads(head), [head, ""]);
        }
    }

    proptest! {
        #[test]
        fn how_a_stream_is_split_makes_no_difference(
            stream in "([ab:\r\n]|\r\n|Content-Length|: ?5|Expect|: 100-continue|Transfer-Encoding: chunked){0,20}",
            at in proptest::collection::vec(0..80_usize, 0..6),
        ) {
            let stream = stream.as_bytes();
            let mut at: Vec<_> = at.into_iter().map(|at| at.min(stream.len())).collect();
            at.extend([0, stream.len()]);
            at.sort_unstable();
            let pieces: Vec<_> = at.windows(2).map(|two| &stream[two[0]..two[1]]).collect();
            prop_assert_eq!(filtered(&pieces), filtered(&[stream]));
        }

        #[test]
        fn nothing_is_lost_without_a_body(stream in "[ab: \r\n]{0,40}") {
            let (passed, announced) = filtered(&[stream.as_bytes()]);
            prop_assert_eq!(passed.concat(), stream.as_bytes());
            for announced in announced {
                prop_assert_eq!(announced, Announced::default());
            }
        }
    }
}
