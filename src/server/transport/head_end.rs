//! Where the head of a request ends in a stream that arrives in pieces.

/// Finds the empty line that ends a head, across any number of pieces.
///
/// A line may end with LF alone, because actix-web accepts that. An empty line in the body of a
/// request, or before a request, counts as well: every head ends at one of the places found here,
/// but not every place is the end of a head.
#[derive(Debug, Default)]
pub struct HeadEnd(Last);

/// The last bytes seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    LineFeed,
    LineFeedReturn,
}

impl HeadEnd {
    /// Looks at the next bytes of the stream, up to the first empty line. Returns how many bytes
    /// these were, or `None` if there is no empty line and all bytes were looked at.
    pub fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.0 == Last::Other {
                // Most bytes are in the middle of a line.
                match bytes[at..].iter().position(|byte| *byte == b'\n') {
                    Some(line_end) => {
                        at += line_end + 1;
                        self.0 = Last::LineFeed;
                    }
                    None => return None,
                }
                continue;
            }
            let byte = bytes[at];
            at += 1;
            self.0 = match byte {
                b'\n' => {
                    self.0 = Last::Other;
                    return Some(at);
                }
                b'\r' if self.0 == Last::LineFeed => Last::LineFeedReturn,
                _ => Last::Other,
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces up to each empty line, and the rest.
    fn heads(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut head_end = HeadEnd::default();
        let mut heads = vec![Vec::new()];
        for mut piece in pieces.iter().copied() {
            while let Some(end) = head_end.find(piece) {
                heads.last_mut().unwrap().extend_from_slice(&piece[..end]);
                heads.push(Vec::new());
                piece = &piece[end..];
            }
            heads.last_mut().unwrap().extend_from_slice(piece);
        }
        heads
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
            ("\r\n\r\na", &["\r\n\r\n", "a"]),
            ("a\r\r\n\r\r\nb", &["a\r\r\n\r\r\nb"]),
            ("a\r\n \r\nb\n\rc\n", &["a\r\n \r\nb\n\rc\n"]),
            ("a\n\n\nb", &["a\n\n", "\nb"]),
        ] {
            let found = heads(&[stream.as_bytes()]);
            let found: Vec<_> = found.iter().map(|it| str::from_utf8(it).unwrap()).collect();
            assert_eq!(found, expected, "{stream:?}");
        }
    }

    proptest! {
        #[test]
        fn how_a_stream_is_split_makes_no_difference(
            stream in "[a\r\n]{0,40}",
            at in proptest::collection::vec(0..40_usize, 0..6),
        ) {
            let stream = stream.as_bytes();
            let mut at: Vec<_> = at.into_iter().map(|at| at.min(stream.len())).collect();
            at.extend([0, stream.len()]);
            at.sort_unstable();
            let pieces: Vec<_> = at.windows(2).map(|two| &stream[two[0]..two[1]]).collect();
            prop_assert_eq!(heads(&pieces), heads(&[stream]));
        }

        #[test]
        fn no_empty_line_is_inside_of_what_is_found(stream in "[a\r\n]{0,40}") {
            let heads = heads(&[stream.as_bytes()]);
            for (place, head) in heads.iter().enumerate() {
                let empty = |head: &[u8]| {
                    head.windows(2).any(|two| two == b"\n\n")
                        || head.windows(3).any(|three| three == b"\n\r\n")
                };
                let is_last = place + 1 == heads.len();
                prop_assert_eq!(empty(head), !is_last, "{:?}", head);
                if !is_last {
                    prop_assert!(!empty(&head[..head.len() - 1]), "{:?}", head);
                }
            }
        }
    }
}
