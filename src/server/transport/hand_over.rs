//! Which bytes of a connection actix-web gets, and when: one request at a time.
//!
//! actix-web would decode requests that a visitor sends without waiting for answers while it still
//! answers an earlier one, and it applies the method, version and `Connection` header of the last
//! decoded request to the answer it is sending (actix-http 3.20, `h1/codec.rs`). So whatever
//! follows a request is held back until that request is answered. Only actix-web decides what a
//! request is; this only has to know where one may end.

use bytes::{Buf, BytesMut};
use tokio::io::ReadBuf;

use super::head_end::HeadEnd;

/// How much is read ahead of the answers, to see whether a visitor has left.
const MAX_HELD_BYTES: usize = 16 * 1024;

/// What was read but not yet handed over, and whether more may be handed over.
#[derive(Debug, Default)]
pub struct HandOver {
    head_end: HeadEnd,
    held: BytesMut,
    turn: Turn,
}

/// Where a connection is between a request and its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    /// More may be handed over.
    #[default]
    Reading,
    /// The end of a request may have been handed over, after `begun` others.
    HandedOver { begun: u64, is_decoded: bool },
    /// A request is being answered.
    Answering,
}

impl HandOver {
    /// Whether more may be handed over. `begun` is how many requests of the connection have begun;
    /// `is_answered` is whether everything written since the last hand-over was sent and nothing is
    /// in progress.
    pub fn may_go_on(&mut self, begun: u64, is_answered: bool) -> bool {
        self.turn = match self.turn {
            // actix-web reads everything it can get before it decodes it.
            Turn::HandedOver {
                begun,
                is_decoded: false,
            } => Turn::HandedOver {
                begun,
                is_decoded: true,
            },
            Turn::HandedOver { begun: before, .. } if begun != before => Turn::Answering,
            // The empty line belonged to something else, such as the body of a request.
            Turn::HandedOver { .. } => Turn::Reading,
            turn => turn,
        };
        if self.turn == Turn::Answering && is_answered {
            self.turn = Turn::Reading;
        }
        self.turn == Turn::Reading
    }

    /// Whether a request is being answered, or is about to be.
    pub fn is_answering(&self) -> bool {
        self.turn != Turn::Reading
    }

    /// Whether it is still unknown if what was handed over was a request.
    pub fn is_undecided(&self) -> bool {
        matches!(self.turn, Turn::HandedOver { .. })
    }

    /// Whether bytes are held back.
    pub fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Where to read ahead; `None` if enough was read.
    pub fn read_ahead(&mut self) -> Option<&mut BytesMut> {
        let left = MAX_HELD_BYTES.saturating_sub(self.held.len());
        if left == 0 {
            return None;
        }
        self.held.reserve(left.min(4 * 1024));
        Some(&mut self.held)
    }

    /// Takes up to so many of the bytes that are held back. They are the body of the request that is
    /// being answered.
    pub fn take_held(&mut self, length: usize) -> BytesMut {
        let length = length.min(self.held.len());
        self.held.split_to(length)
    }

    /// Hands over bytes that were held back.
    pub fn hand_over_held(&mut self, buffer: &mut ReadBuf<'_>, begun: u64) {
        let before = buffer.filled().len();
        let length = self.held.len().min(buffer.remaining());
        buffer.put_slice(&self.held[..length]);
        let end = self.end_in(&buffer.filled()[before..], begun);
        buffer.set_filled(before + end);
        self.held.advance(end);
        if self.held.is_empty() {
            self.held = BytesMut::new();
        }
    }

    /// Hands over what was read into `buffer` after the first `before` bytes, and takes back what
    /// follows a request.
    pub fn hand_over_read(&mut self, buffer: &mut ReadBuf<'_>, before: usize, begun: u64) {
        let read = &buffer.filled()[before..];
        let end = self.end_in(read, begun);
        if end < read.len() {
            self.held.extend_from_slice(&read[end..]);
            buffer.set_filled(before + end);
        }
    }

    /// How many of the bytes may be handed over.
    fn end_in(&mut self, bytes: &[u8], begun: u64) -> usize {
        match self.head_end.find(bytes) {
            Some(end) => {
                self.turn = Turn::HandedOver {
                    begun,
                    is_decoded: false,
                };
                end
            }
            None => bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is handed over in one turn, from `held` and from what is then `read`.
    fn handed_over(hand_over: &mut HandOver, read: &[u8], begun: u64) -> Vec<u8> {
        let mut bytes = [0; 64];
        let mut buffer = ReadBuf::new(&mut bytes);
        if hand_over.holds_any() {
            hand_over.hand_over_held(&mut buffer, begun);
        } else {
            buffer.put_slice(read);
            hand_over.hand_over_read(&mut buffer, 0, begun);
        }
        buffer.filled().to_vec()
    }

    #[test]
    fn a_request_is_held_back_until_the_one_before_is_answered() {
        let mut hand_over = HandOver::default();
        assert!(hand_over.may_go_on(0, false));
        let first = handed_over(&mut hand_over, b"first\r\n\r\nsecond\r\n\r\nth", 0);
        assert_eq!(first, b"first\r\n\r\n");
        assert!(!hand_over.may_go_on(0, true), "it is not decoded yet");
        assert!(!hand_over.may_go_on(1, false), "it is not answered yet");
        assert!(hand_over.is_answering());
        assert!(hand_over.may_go_on(1, true));
        assert_eq!(handed_over(&mut hand_over, b"", 1), b"second\r\n\r\n");
        assert!(!hand_over.may_go_on(1, true));
        assert!(hand_over.may_go_on(2, true), "it was answered at once");
        assert_eq!(handed_over(&mut hand_over, b"", 2), b"th");
        assert!(hand_over.may_go_on(2, false));
        assert!(!hand_over.holds_any() && !hand_over.is_answering());
    }

    #[test]
    fn an_empty_line_that_does_not_end_a_request_holds_back_nothing() {
        let mut hand_over = HandOver::default();
        assert_eq!(
            handed_over(&mut hand_over, b"\r\n\r\nfirst", 7),
            b"\r\n\r\n"
        );
        assert!(!hand_over.may_go_on(7, false));
        assert!(hand_over.may_go_on(7, false));
        assert_eq!(handed_over(&mut hand_over, b"", 7), b"first");
    }

    #[test]
    fn a_limited_amount_is_read_ahead() {
        let mut hand_over = HandOver::default();
        while let Some(held) = hand_over.read_ahead() {
            held.extend_from_slice(&[b'x'; 1000]);
        }
        assert!(hand_over.held.len() < MAX_HELD_BYTES + 1000);
    }
}
