//! What is recorded of a request.

use super::message::{Framing, RequestHead, ResponseHead};
use crate::inspector::{Answer, Asked, RequestId};

/// A request of which the site gets this head.
pub fn asked(head: &RequestHead, for_site: &[u8], visitor: Option<String>) -> Asked {
    Asked {
        method: head.method().to_owned(),
        target: head.target().to_vec(),
        head: for_site.to_vec(),
        has_chunks: head.framing() == Framing::Chunked,
        length: match head.framing() {
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::UntilClose => None,
        },
        is_web_socket: head.wants_web_socket(),
        visitor,
        replay_of: None,
    }
}

/// The same request, sent again.
pub fn asked_again(head: &RequestHead, for_site: &[u8], of: RequestId) -> Asked {
    Asked {
        replay_of: Some(of),
        ..asked(head, for_site, None)
    }
}

/// An answer of which the visitor gets this head.
pub fn answer(head: &ResponseHead, for_visitor: &[u8], framing: Framing, is_https: bool) -> Answer {
    Answer {
        status: head.status,
        head: for_visitor.to_vec(),
        has_chunks: framing == Framing::Chunked,
        is_event_stream: head.is_event_stream(),
        is_https,
    }
}

/// An answer in place of the site's.
pub fn answer_in_place(status: u16, head: &[u8]) -> Answer {
    Answer {
        status,
        head: head.to_vec(),
        ..Answer::default()
    }
}
