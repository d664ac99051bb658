//! Where a body ends.

use crate::server::Chunks;

/// How a body says where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// It has so many bytes; 0 if there is none.
    Length(u64),
    Chunked,
    /// It ends with the connection.
    UntilClose,
}

/// How far a body has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Left(u64),
    Chunks(Chunks),
    UntilClose,
}

impl Body {
    /// The body of a request.
    pub fn of_request(framing: Framing) -> Self {
        Self::new(framing, Chunks::strict)
    }

    /// The body of a response.
    pub fn of_response(framing: Framing) -> Self {
        Self::new(framing, Chunks::lenient)
    }

    fn new(framing: Framing, chunks: impl Fn() -> Chunks) -> Self {
        match framing {
            Framing::Length(length) => Self::Left(length),
            Framing::Chunked => Self::Chunks(chunks()),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    /// How many of the next bytes belong to it; `None` if they can't.
    pub fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Left(left) => {
                let taken = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                *left -= taken as u64;
                Some(taken)
            }
            Self::Chunks(chunks) => chunks.take(bytes),
            Self::UntilClose => Some(bytes.len()),
        }
    }

    /// Whether all of it was taken.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Left(left) => *left == 0,
            Self::Chunks(chunks) => chunks.is_done(),
            Self::UntilClose => false,
        }
    }
}
