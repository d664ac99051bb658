//! How fast a share may send.
//!
//! ```text
//! lane   one connection, which waits until it may go on
//! limit  the limit of a share
//! queue  who may send next, and how much
//! ```

mod lane;
mod limit;
mod queue;

pub use lane::Lane;
pub use limit::Pace;
