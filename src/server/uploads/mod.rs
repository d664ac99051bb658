//! What visitors may hand in to a share, and what has come in.
//!
//! ```text
//! share      the rules, the limit and the reports of one share
//! flow       what comes in at the moment
//! rules      what the owner allows
//! report     what the owner is told
//! ```

mod flow;
mod report;
mod rules;
mod share;

pub use report::{Delivered, Incoming, UploadReport};
pub use rules::UploadRules;
pub use share::{UploadProgress, Uploads};
