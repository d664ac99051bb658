//! The body of a request, between the connection that receives it and the handler that wants it.
//!
//! Nothing of it is read before its handler asks. From then on the connection reads ahead of the
//! handler, up to one chunk: while one is written to the disk, the next one arrives. How long chunks
//! are depends on how fast they come, and on what all bodies together take (`body_memory`).

use std::{io, ops::RangeInclusive};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{
    body_memory::{Loan, POOL},
    chunked::Chunks,
    framing::{Announced, Framing},
};

/// How much is read before a handler takes it. While a visitor sends faster than that, it is doubled:
/// each chunk costs a turn of a thread that may wait for the disk. While a visitor sends less than a
/// quarter of it, it is halved.
const CHUNK_BYTES: RangeInclusive<usize> = 16 * 1024..=256 * 1024;

/// How many chunks of a body are in memory: one arrives, and its handler has another.
const CHUNKS: usize = 2;

/// Why the rest of a body doesn't come.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BodyError {
    /// The visitor has left in the middle of it.
    #[error("the visitor has left before the body was complete")]
    Cut,
    /// It is not in valid chunks.
    #[error("the body is not in valid chunks")]
    Malformed,
    /// The visitor has sent next to nothing for too long.
    #[error("the body stood still")]
    Stalled,
}

impl From<BodyError> for io::Error {
    fn from(error: BodyError) -> Self {
        let kind = match error {
            BodyError::Cut => io::ErrorKind::ConnectionAborted,
            BodyError::Malformed => io::ErrorKind::InvalidData,
            BodyError::Stalled => io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}

/// A body that its connection has to read.
#[derive(Debug)]
pub(super) struct RequestBody {
    left: Left,
    /// What the handler has not taken yet.
    arrived: BytesMut,
    /// Memory for what arrives next, as soon as the handler is done with what it has taken.
    spare: BytesMut,
    /// How much may arrive before that.
    chunk_bytes: usize,
    /// What its chunks need beyond the smallest.
    loan: Loan,
    is_wanted: bool,
    awaits_continue: bool,
    failure: Option<BodyError>,
}

#[derive(Debug)]
enum Left {
    Bytes(u64),
    Chunks(Chunks),
}

impl RequestBody {
    /// The body that a head announces; `None` if it is empty, or has no clear end.
    pub fn of(announced: Announced) -> Option<Self> {
        let left = match announced.framing {
            Framing::Length(length @ 1..) => Left::Bytes(length),
            Framing::Chunked => Left::Chunks(Chunks::strict()),
            Framing::None | Framing::Length(0) | Framing::Unclear => return None,
        };
        Some(Self {
            left,
            arrived: BytesMut::new(),
            spare: BytesMut::new(),
            chunk_bytes: *CHUNK_BYTES.start(),
            loan: Loan::of(&POOL),
            is_wanted: false,
            awaits_continue: announced.awaits_continue,
            failure: None,
        })
    }

    /// Its handler wants it. Returns whether the connection doesn't know that yet.
    pub fn want(&mut self) -> bool {
        !std::mem::replace(&mut self.is_wanted, true)
    }

    /// Whether its handler has asked for it.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Whether the visitor waits to be asked for it. From now on, it was asked.
    pub fn take_awaits_continue(&mut self) -> bool {
        std::mem::take(&mut self.awaits_continue)
    }

    /// Whether nothing more of it has to be read.
    pub fn is_over(&self) -> bool {
        self.failure.is_some() || self.is_complete()
    }

    /// Whether all of it has arrived.
    pub fn is_complete(&self) -> bool {
        match &self.left {
            Left::Bytes(left) => *left == 0,
            Left::Chunks(chunks) => chunks.is_done(),
        }
    }

    /// Whether more of it may be read now.
    pub fn has_room(&self) -> bool {
        !self.is_over() && self.arrived.len() < self.chunk_bytes
    }

    /// Where to read to, and at most how much; `None` if it has to go through
    /// [`RequestBody::add`].
    pub fn room(&mut self) -> Option<(&mut BytesMut, usize)> {
        let Left::Bytes(left) = self.left else {
            return None;
        };
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let room = (self.chunk_bytes - self.arrived.len()).min(left);
        // Memory that the handler has given back is used again.
        self.arrived.reserve(room);
        Some((&mut self.arrived, room))
    }

    /// How much of it may be read at once.
    pub fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    /// So many bytes were read to where there was room.
    pub fn was_read(&mut self, bytes: usize) {
        if let Left::Bytes(left) = &mut self.left {
            *left = left.saturating_sub(bytes as u64);
        }
    }

    /// Takes bytes from what the connection has received, as far as they belong to it.
    pub fn add(&mut self, received: &mut BytesMut) {
        match &mut self.left {
            Left::Bytes(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX);
                let bytes = received.split_to(length.min(received.len()));
                *left -= bytes.len() as u64;
                self.arrived.extend_from_slice(&bytes);
            }
            Left::Chunks(chunks) => {
                let arrived = &mut self.arrived;
                match chunks.decode(received, |content| arrived.extend_from_slice(content)) {
                    Some(taken) => drop(received.split_to(taken)),
                    None => self.failure = Some(BodyError::Malformed),
                }
            }
        }
    }

    /// Nothing more of it comes.
    pub fn fail(&mut self, error: BodyError) {
        if !self.is_over() {
            self.failure = Some(error);
        }
    }

    /// Whether any of it has arrived; `None` if that is unknown.
    pub fn has_content(&self) -> Option<Result<bool, BodyError>> {
        match self.failure {
            _ if !self.arrived.is_empty() => Some(Ok(true)),
            Some(error) => Some(Err(error)),
            None => self.is_complete().then_some(Ok(false)),
        }
    }

    /// Takes what has arrived; `None` if that is nothing yet. The result is empty at the end.
    pub fn take(&mut self) -> Option<Result<Bytes, BodyError>> {
        if self.arrived.is_empty() {
            return match self.failure {
                Some(error) => Some(Err(error)),
                None => self.is_complete().then(|| Ok(Bytes::new())),
            };
        }
        if self.arrived.len() < self.chunk_bytes / 4 {
            return Some(Ok(self.take_little()));
        }
        let chunk = self.arrived.split().freeze();
        std::mem::swap(&mut self.arrived, &mut self.spare);
        if chunk.len() >= self.chunk_bytes {
            self.resize_chunks(self.chunk_bytes * 2);
        }
        Some(Ok(chunk))
    }

    /// Takes a chunk that is much shorter than it could be. The handler gets a copy: it may gather
    /// many of them, and each would keep all of the memory that one could have filled.
    fn take_little(&mut self) -> Bytes {
        let chunk = Bytes::copy_from_slice(&self.arrived);
        self.arrived.clear();
        if self.resize_chunks(self.chunk_bytes / 2) {
            (self.arrived, self.spare) = (BytesMut::new(), BytesMut::new());
        }
        chunk
    }

    /// Makes the next chunks this long, if there is memory for them. Returns whether they are.
    fn resize_chunks(&mut self, bytes: usize) -> bool {
        let is_resized = CHUNK_BYTES.contains(&bytes)
            && (self.loan).resize((bytes - CHUNK_BYTES.start()) * CHUNKS);
        if is_resized {
            self.chunk_bytes = bytes;
        }
        is_resized
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(framing: Framing) -> RequestBody {
        let announced = Announced {
            framing,
            awaits_continue: false,
        };
        RequestBody::of(announced).unwrap()
    }

    /// Everything that the handler gets until it has to wait, and what comes then.
    fn taken(body: &mut RequestBody) -> (Vec<u8>, Option<Result<Bytes, BodyError>>) {
        let mut all = Vec::new();
        loop {
            match body.take() {
                Some(Ok(chunk)) if !chunk.is_empty() => all.extend_from_slice(&chunk),
                end => return (all, end),
            }
        }
    }

    #[test]
    fn what_follows_a_body_is_left() {
        for (framing, sent) in [
            (Framing::Length(5), &b"helloGET /"[..]),
            (Framing::Chunked, b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\nGET /"),
        ] {
            for at in 0..sent.len() {
                let mut body = body(framing);
                let mut received = BytesMut::from(&sent[..at]);
                body.add(&mut received);
                received.extend_from_slice(&sent[at..]);
                body.add(&mut received);
                assert!(body.is_complete() && !body.has_room());
                assert_eq!(&received[..], b"GET /");
                assert_eq!(
                    taken(&mut body),
                    (b"hello".to_vec(), Some(Ok(Bytes::new())))
                );
            }
        }
    }

    #[test]
    fn a_body_that_is_cut_is_never_complete() {
        for framing in [Framing::Length(6), Framing::Chunked] {
            let mut body = body(framing);
            body.add(&mut BytesMut::from(&b"5\r\nhe"[..]));
            body.fail(BodyError::Cut);
            assert!(body.is_over() && !body.is_complete());
            assert_eq!(taken(&mut body).1, Some(Err(BodyError::Cut)));
            assert_eq!(body.take(), Some(Err(BodyError::Cut)), "it stays so");
        }
    }

    #[test]
    fn invalid_chunks_end_a_body() {
        let mut body = body(Framing::Chunked);
        body.add(&mut BytesMut::from(&b"2\r\nhe\r\nx"[..]));
        assert_eq!(
            taken(&mut body),
            (b"he".to_vec(), Some(Err(BodyError::Malformed)))
        );
    }

    #[test]
    fn chunks_grow_while_they_are_full_and_no_more_is_read_meanwhile() {
        let mut body = body(Framing::Length(u64::MAX));
        let mut sizes = Vec::new();
        for _ in 0..8 {
            while body.has_room() {
                let (buffer, room) = body.room().unwrap();
                let read = room.min(10_000);
                buffer.extend_from_slice(&vec![7; read]);
                body.was_read(read);
            }
            sizes.push(body.take().unwrap().unwrap().len() / 1024);
        }
        assert_eq!(sizes, [16, 32, 64, 128, 256, 256, 256, 256]);
    }

    #[test]
    fn chunks_shrink_while_little_comes() {
        let mut body = body(Framing::Length(u64::MAX));
        let mut sizes = Vec::new();
        for sent in [16, 32, 64, 20, 20, 3, 3, 3, 16, 32] {
            let (buffer, room) = body.room().unwrap();
            let read = room.min(sent * 1024);
            buffer.extend_from_slice(&vec![7; read]);
            body.was_read(read);
            sizes.push(body.chunk_bytes() / 1024);
            body.take().unwrap().unwrap();
        }
        assert_eq!(sizes, [16, 32, 64, 128, 64, 64, 32, 16, 16, 32]);
    }

    #[test]
    fn many_small_chunks_keep_little_memory() {
        let mut body = body(Framing::Length(u64::MAX));
        let mut gathered = Vec::new();
        let mut places = Vec::new();
        for _ in 0..32 {
            let (buffer, _) = body.room().unwrap();
            buffer.extend_from_slice(b"x");
            places.push(buffer.as_ptr());
            body.was_read(1);
            gathered.push(body.take().unwrap().unwrap());
        }
        places.dedup();
        assert_eq!(
            places.len(),
            1,
            "each has its own memory, and needs no other"
        );
        assert!(gathered.iter().all(|chunk| chunk == "x"));
    }

    #[test]
    fn memory_is_used_again() {
        let mut body = body(Framing::Length(u64::MAX));
        let mut places = Vec::new();
        for _ in 0..12 {
            while body.has_room() {
                let (buffer, room) = body.room().unwrap();
                buffer.extend_from_slice(&vec![7; room]);
                body.was_read(room);
            }
            let chunk = body.take().unwrap().unwrap();
            places.push(chunk.as_ptr());
        }
        let last: std::collections::BTreeSet<_> = places[6..].iter().collect();
        assert_eq!(last.len(), 2);
    }

    #[test]
    fn a_request_without_a_clear_body_has_none() {
        for framing in [Framing::None, Framing::Length(0), Framing::Unclear] {
            let announced = Announced {
                framing,
                awaits_continue: true,
            };
            assert!(RequestBody::of(announced).is_none());
        }
    }
}
