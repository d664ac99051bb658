//! The requests of a shared local site, as they come: for its developer, who wants to see what
//! visitors send and what the site answers.
//!
//! Nothing is recorded, and nothing is kept in memory, unless somebody looks.
//!
//! ```text
//! recorder  records requests, for as long as somebody looks
//! book      what was recorded, within its bounds
//! exchange  one request and its answer
//! kept      the beginning of a body
//! chunks    takes the content out of a body in chunks
//! content   a body as it can be shown
//! fields    the fields of a head, with secrets masked
//! curl      a request as a command
//! quoting   bytes as a word of a shell
//! view      what the owner sees, as data
//! ```

mod book;
mod chunks;
mod content;
mod curl;
mod exchange;
mod fields;
mod kept;
mod quoting;
mod recorder;
mod view;

pub use exchange::{Answer, Asked};
pub use recorder::{InspectGuard, Inspector, Recording, Replay};
pub use view::{
    BodyView, FieldView, Outcome, ReplayError, RequestDetail, RequestId, RequestSummary, Secrets,
};
