//! HTTP/1 messages, as far as the relay has to understand them: where each ends, and what it asks
//! of the connection. Everything else is passed on as it came.
//!
//! Requests come from strangers, so they are read strictly: one that two programs could read
//! differently is refused. Responses come from a site, which may be a simple program, so they are
//! read as browsers do.
//!
//! - `request`: the head of a request
//! - `response`: the head of a response
//! - `body`: where a body ends
//! - `field`: one line of a head
//! - `refusal`: why a request is refused

mod body;
mod field;
mod refusal;
mod request;
mod response;

pub use body::{Body, Framing};
pub use field::head_end;
pub use refusal::Refusal;
pub use request::RequestHead;
pub use response::{Changes, ResponseHead};
