//! How the response to one request is to be delivered.

use super::outbox::Outbox;

/// What a body must know about the request that it answers.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    pub outbox: Outbox,
    pub is_head: bool,
    /// HTTP/1.0 has no chunked bodies.
    pub is_http10: bool,
}
