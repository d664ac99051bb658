//! Long work for visitors, and what it may cost.
//!
//! Visitors are strangers, and a few bytes of a request can ask for work that takes seconds. So
//! each function that may work for long takes a [`Budget`], and only [`SharedWork`] gives one that
//! is large enough: it runs few pieces of work at a time, each once for all visitors who want it,
//! and ends those that nobody waits for.
//!
//! ```text
//! budget  what a piece of work may still cost
//! shared  one computation for all who ask at the same time
//! ```

mod budget;
mod shared;

pub use budget::{Budget, Limits};
pub use shared::{Keep, SharedWork};
