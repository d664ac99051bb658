//! One concern of HTTP a file. Nothing here knows what is shared.
//!
//! ```text
//! request      a request that handlers answer
//! error        a response for an error, which gets its page on the way out
//! host         which Host a request may name
//! conditional  whether a visitor has the current version already
//! range        which bytes are wanted
//! media_type   the Content-Type header
//! disposition  the Content-Disposition header
//! compress     the Content-Encoding header
//! headers      the headers of every response
//! ```

pub mod compress;
pub mod conditional;
pub mod disposition;
pub mod error;
pub mod headers;
pub mod host;
pub mod media_type;
pub mod range;
mod request;

pub use request::Request;
