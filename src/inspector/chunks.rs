//! Takes the content out of a body in chunks (RFC 9112, section 7.1), as far as it can be read.

/// Where in a body it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unchunker {
    /// In the length of a chunk, of which so much was read.
    Length(u64),
    /// Behind the length, in its line.
    LengthLine(u64),
    /// In a chunk of which so much is left.
    Content(u64),
    /// Behind a chunk.
    AfterContent,
    /// Behind the last chunk, or behind what is no chunk.
    #[default]
    Over,
}

impl Unchunker {
    /// The beginning of a body.
    pub fn new() -> Self {
        Self::Length(0)
    }

    /// Gives the content in the next bytes.
    pub fn take(&mut self, mut bytes: &[u8], mut content: impl FnMut(&[u8])) {
        while let Some((first, rest)) = bytes.split_first() {
            match *self {
                Self::Length(length) => {
                    *self = match char::from(*first).to_digit(16) {
                        Some(digit) if length < 1 << 56 => {
                            Self::Length(length * 16 + u64::from(digit))
                        }
                        Some(_) => Self::Over,
                        None => Self::LengthLine(length),
                    };
                    if !matches!(*self, Self::LengthLine(_)) {
                        bytes = rest;
                    }
                }
                Self::LengthLine(length) => {
                    if *first == b'\n' {
                        *self = if length == 0 {
                            Self::Over
                        } else {
                            Self::Content(length)
                        };
                    }
                    bytes = rest;
                }
                Self::Content(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    content(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    let left = left - taken as u64;
                    *self = if left == 0 {
                        Self::AfterContent
                    } else {
                        Self::Content(left)
                    };
                }
                Self::AfterContent => {
                    if *first == b'\n' {
                        *self = Self::Length(0);
                    }
                    bytes = rest;
                }
                Self::Over => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut unchunker, mut all) = (Unchunker::new(), Vec::new());
        for piece in pieces {
            unchunker.take(piece, |content| all.extend_from_slice(content));
        }
        all
    }

    #[test]
    fn the_content_is_found_wherever_it_was_cut() {
        let body = b"4;x=y\r\nWiki\r\n0a\r\npedia in\r\n\r\n0\r\nExpires: never\r\n\r\n";
        for cut in 0..body.len() {
            let (first, second) = body.split_at(cut);
            assert_eq!(content(&[first, second]), b"Wikipedia in\r\n", "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_body_gives_more_than_it_has(body in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(content(&[&body]).len() <= body.len());
        }
    }
}
