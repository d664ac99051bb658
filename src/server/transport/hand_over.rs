//! Which bytes of a connection actix-web gets, and when: one request at a time.
//!
//! actix-web would decode requests that a visitor sends without waiting for answers while it still
//! answers an earlier one, and it applies the method, version and `Connection` header of the last
//! decoded request to the answer it is sending (actix-http 3.20, `h1/codec.rs`). So whatever
//! follows the head of a request is held back until that request is answered: its body, which the
//! connection gives to the handler, and the next request.

use bytes::{Buf, BytesMut};
use tokio::io::ReadBuf;

use super::{framing::Announced, head_filter::HeadFilter};

/// How much is read ahead of the answers, to see whether a visitor has left.
const MAX_HELD_BYTES: usize = 16 * 1024;

/// How much of a body in chunks is read at once, at most.
const MAX_CHUNKED_BYTES: usize = 64 * 1024;

/// What was read but not yet handed over, and whether more may be handed over.
#[derive(Debug, Default)]
pub struct HandOver {
    filter: HeadFilter,
    held: BytesMut,
    turn: Turn,
    announced: Announced,
}

/// Where a connection is between a request and its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    /// More may be handed over.
    #[default]
    Reading,
    /// The head of a request was handed over, after `begun` others.
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
            // It was not a request.
            Turn::HandedOver { .. } => Turn::Reading,
            turn => turn,
        };
        if self.turn == Turn::Answering && is_answered {
            self.turn = Turn::Reading;
            if self.held.is_empty() {
                // Chunks of a body may have needed more memory.
                self.held = BytesMut::new();
            }
        }
        self.turn == Turn::Reading
    }

    /// Whether a request is being answered, or is about to be.
    pub fn is_answering(&self) -> bool {
        self.turn != Turn::Reading
    }

    /// What the head that was handed over last says about its body.
    pub fn announced(&self) -> Announced {
        self.announced
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

    /// Where to read the next chunks of a body, and how much: up to `most`.
    pub fn room_for_chunks(&mut self, most: usize) -> (&mut BytesMut, usize) {
        let room = most.min(MAX_CHUNKED_BYTES);
        self.held.reserve(room);
        (&mut self.held, room)
    }

    /// What is held back. The start of it may be the body of the request that is being answered.
    pub fn held(&mut self) -> &mut BytesMut {
        &mut self.held
    }

    /// How many bytes may be handed over at a time into this buffer.
    pub fn room(buffer: &ReadBuf<'_>) -> usize {
        buffer.remaining().saturating_sub(HeadFilter::MOST_HELD)
    }

    /// Hands over bytes that were held back. Returns how many these were; what announces a body
    /// stays behind.
    pub fn hand_over_held(&mut self, buffer: &mut ReadBuf<'_>, begun: u64) -> usize {
        let mut held = std::mem::take(&mut self.held);
        let length = held.len().min(Self::room(buffer));
        let end = self.pass(&held[..length], buffer, begun);
        held.advance(end);
        if !held.is_empty() {
            self.held = held;
        }
        end
    }

    /// Hands over what was read, which is not more than there is room for, and holds back what
    /// follows the head of a request. Nothing is held back yet.
    pub fn hand_over_read(&mut self, read: &[u8], buffer: &mut ReadBuf<'_>, begun: u64) {
        let end = self.pass(read, buffer, begun);
        self.held.extend_from_slice(&read[end..]);
    }

    /// Hands over bytes up to the end of a head, and returns how many these were.
    fn pass(&mut self, bytes: &[u8], buffer: &mut ReadBuf<'_>, begun: u64) -> usize {
        match self.filter.filter(bytes, |bytes| buffer.put_slice(bytes)) {
            Some((end, announced)) => {
                self.announced = announced;
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
    use crate::server::transport::framing::Framing;

    /// Everything that is handed over in one turn, from `held` and from what is then `read`.
    fn handed_over(hand_over: &mut HandOver, read: &[u8], begun: u64) -> Vec<u8> {
        let mut bytes = [0; 64];
        let mut buffer = ReadBuf::new(&mut bytes);
        if hand_over.holds_any() {
            hand_over.hand_over_held(&mut buffer, begun);
        } else {
            hand_over.hand_over_read(read, &mut buffer, begun);
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
    fn empty_lines_before_a_request_hold_back_nothing() {
        let mut hand_over = HandOver::default();
        assert_eq!(
            handed_over(&mut hand_over, b"\r\n\r\nfirst", 7),
            b"\r\n\r\nfirst"
        );
        assert!(!hand_over.is_answering() && hand_over.may_go_on(7, false));
    }

    #[test]
    fn a_body_stays_behind() {
        let mut hand_over = HandOver::default();
        let head = handed_over(&mut hand_over, b"a\r\nContent-Length: 4\r\n\r\nbody", 0);
        assert_eq!(head, b"a\r\ncontent-length:0\n\r\n");
        assert_eq!(hand_over.announced().framing, Framing::Length(4));
        assert_eq!(hand_over.held(), "body");
    }

    #[test]
    fn what_does_not_fit_is_handed_over_later() {
        let mut hand_over = HandOver::default();
        hand_over
            .held()
            .extend_from_slice(b"GET / HTTP/1.1\r\nHost: somebody\r\nX: y\r\n\r\nnext");
        let mut bytes = [0; HeadFilter::MOST_HELD + 10];
        let mut all = Vec::new();
        while !hand_over.is_answering() {
            let mut buffer = ReadBuf::new(&mut bytes);
            assert!(hand_over.hand_over_held(&mut buffer, 0) <= 10);
            all.extend_from_slice(buffer.filled());
        }
        assert_eq!(all, b"GET / HTTP/1.1\r\nHost: somebody\r\nX: y\r\n\r\n");
        assert_eq!(hand_over.held(), "next");
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
