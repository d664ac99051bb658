//! A body in chunks (RFC 9112, section 7.1): what its content is, and where it ends.

/// Nobody sends longer extensions of a chunk.
const EXTENSION_MAX: usize = 1024;
/// Nobody sends more fields after a body.
const TRAILERS_MAX: usize = 16 * 1024;

/// How far a body has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks {
    state: State,
    /// White space after the length of a chunk is accepted.
    is_lenient: bool,
    trailers: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Length { digits: u8, length: u64 },
    Extension { bytes: usize, length: u64 },
    EndOfLength { length: u64 },
    Data { left: u64 },
    EndOfData,
    LineFeedOfData,
    LineStart,
    TrailerName,
    TrailerValue,
    EndOfTrailer,
    LastLineFeed,
    Done,
}

impl Chunks {
    /// The body of a request.
    pub fn strict() -> Self {
        Self {
            state: State::Length {
                digits: 0,
                length: 0,
            },
            is_lenient: false,
            trailers: 0,
        }
    }

    /// The body of a response. Some servers fill up the lengths with spaces.
    pub fn lenient() -> Self {
        Self {
            is_lenient: true,
            ..Self::strict()
        }
    }

    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// How many of the next bytes belong to the body; `None` if they are no chunks.
    pub fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        self.decode(bytes, |_| {})
    }

    /// Like [`Chunks::take`], and gives what they contain to `content`.
    pub fn decode(&mut self, bytes: &[u8], mut content: impl FnMut(&[u8])) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() && self.state != State::Done {
            if let State::Data { left } = self.state {
                let here = usize::try_from(left).unwrap_or(usize::MAX);
                let here = here.min(bytes.len() - at);
                content(&bytes[at..at + here]);
                at += here;
                self.state = match left - here as u64 {
                    0 => State::EndOfData,
                    left => State::Data { left },
                };
            } else {
                self.state = self.next(bytes[at])?;
                at += 1;
            }
        }
        Some(at)
    }

    fn next(&mut self, byte: u8) -> Option<State> {
        Some(match (self.state, byte) {
            (
                State::Length {
                    digits: 1..,
                    length,
                },
                b'\r',
            ) => State::EndOfLength { length },
            (
                State::Length {
                    digits: 1..,
                    length,
                },
                b';',
            ) => State::Extension { bytes: 0, length },
            (
                State::Length {
                    digits: 1..,
                    length,
                },
                b' ' | b'\t',
            ) if self.is_lenient => State::Extension { bytes: 0, length },
            // Fifteen digits are more than anyone sends, and fit.
            (
                State::Length {
                    digits: digits @ ..15,
                    length,
                },
                _,
            ) => State::Length {
                digits: digits + 1,
                length: length * 16 + u64::from(char::from(byte).to_digit(16)?),
            },
            (State::Extension { length, .. }, b'\r') => State::EndOfLength { length },
            (
                State::Extension {
                    bytes: bytes @ ..EXTENSION_MAX,
                    length,
                },
                _,
            ) if is_text(byte) => State::Extension {
                bytes: bytes + 1,
                length,
            },
            (State::EndOfLength { length: 0 }, b'\n') => State::LineStart,
            (State::EndOfLength { length }, b'\n') => State::Data { left: length },
            (State::EndOfData, b'\r') => State::LineFeedOfData,
            (State::LineFeedOfData, b'\n') => Self::strict().state,
            (State::LineStart, b'\r') => State::LastLineFeed,
            (State::LastLineFeed, b'\n') => State::Done,
            (State::LineStart | State::TrailerName, _) if is_token_byte(byte) => {
                self.trailer(State::TrailerName)?
            }
            (State::TrailerName, b':') => self.trailer(State::TrailerValue)?,
            (State::TrailerValue, b'\r') => self.trailer(State::EndOfTrailer)?,
            (State::TrailerValue, _) if is_text(byte) => self.trailer(State::TrailerValue)?,
            (State::EndOfTrailer, b'\n') => self.trailer(State::LineStart)?,
            _ => return None,
        })
    }

    /// The next state in the fields after the body, which are not endless.
    fn trailer(&mut self, state: State) -> Option<State> {
        self.trailers += 1;
        (self.trailers <= TRAILERS_MAX).then_some(state)
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether the value of a field may contain this.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_ends_after_its_trailers() {
        for body in [
            &b"0\r\n\r\n"[..],
            b"5\r\nhello\r\n0\r\n\r\n",
            b"00a\r\n0123456789\r\n0\r\n\r\n",
            b"5;name=\"value\"\r\n\r\n\r\n\0\r\n0;last\r\n\r\n",
            b"0\r\nDigest: abc\r\nEmpty:\r\n\r\n",
        ] {
            let mut chunks = Chunks::strict();
            let bytes = [body, b"GET / HTTP/1.1"].concat();
            assert_eq!(chunks.take(&bytes), Some(body.len()), "{body:?}");
            assert!(chunks.is_done());
            for length in 0..body.len() {
                let mut chunks = Chunks::strict();
                assert_eq!(chunks.take(&body[..length]), Some(length));
                assert!(!chunks.is_done());
            }
        }
    }

    #[test]
    fn the_content_is_what_the_chunks_contain() {
        let body = b"5;a=b\r\nhello\r\n8\r\n\r\n world\r\n0\r\nX: y\r\n\r\n";
        for at in 0..body.len() {
            let mut content = Vec::new();
            let mut chunks = Chunks::strict();
            for part in [&body[..at], &body[at..]] {
                let taken = chunks.decode(part, |bytes| content.extend_from_slice(bytes));
                assert_eq!(taken, Some(part.len()));
            }
            assert_eq!(content, b"hello\r\n world");
        }
    }

    #[test]
    fn what_programs_read_differently_is_refused() {
        for body in [
            "\r\n",
            "g\r\n",
            "-1\r\n",
            "0x5\r\nhello\r\n",
            "5 \r\nhello\r\n",
            " 5\r\nhello\r\n",
            "5\nhello\r\n",
            "5\rhello",
            "5;a\nhello\r\n",
            "5;a\rb\r\nhello\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello!\r\n",
            "5\r\nhello0\r\n\r\n",
            "0\r\n\n",
            "0\r\n folded: a\r\n\r\n",
            "0\r\nGET / HTTP/1.1\r\n\r\n",
            "0\r\na: b\n\r\n",
            "0\r\na: \0\r\n\r\n",
            "fffffffffffffffff\r\n",
            "0000000000000000000005\r\nhello\r\n",
        ] {
            assert_eq!(Chunks::strict().take(body.as_bytes()), None, "{body:?}");
        }
        let padded = b"5  \r\nhello\r\n0 \r\n\r\n";
        assert_eq!(Chunks::lenient().take(padded), Some(padded.len()));
    }

    #[test]
    fn extensions_and_trailers_are_not_endless() {
        let long = "a".repeat(TRAILERS_MAX);
        for body in [
            format!("5;{long}"),
            format!("0\r\n{long}:"),
            "0\r\n".to_owned() + &"a:\r\n".repeat(TRAILERS_MAX),
        ] {
            assert_eq!(Chunks::strict().take(body.as_bytes()), None);
        }
    }

    proptest! {
        #[test]
        fn how_a_body_is_split_makes_no_difference(
            body in "([0-2a]{1,2}(;a)?\r\n|[a\r\n]{0,6}|0\r\n(a:b\r\n)?\r\n){0,6}",
            at in 0..40_usize,
        ) {
            let body = body.as_bytes();
            let at = at.min(body.len());
            let mut whole = Chunks::strict();
            let taken = whole.take(body);
            let mut parts = Chunks::strict();
            let in_parts = parts.take(&body[..at]).and_then(|first| {
                if first < at {
                    return Some(first);
                }
                Some(first + parts.take(&body[at..])?)
            });
            prop_assert_eq!(taken, in_parts);
            if taken.is_some() {
                prop_assert_eq!(whole, parts);
            }
        }
    }
}
