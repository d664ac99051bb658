//! Long work for visitors, and its limits.
//!
//! Visitors are strangers, and a request of a few bytes can ask for work that takes seconds. So
//! each function that may take long needs a [`Budget`], and only [`SharedWork`] gives out a large
//! one. It does few pieces of work at a time, each once for all visitors who want it, and cancels
//! work that nobody waits for.
//!
//! ```text
//! abandonment  whether anybody still waits for it
//! budget       what a piece of work may still cost
//! shared       one computation for everyone who asks at the same time
//! thread       threads for long work
//! ```

mod abandonment;
mod budget;
mod shared;
mod thread;

pub use budget::{Budget, Limits};
pub use shared::{Keep, SharedWork};
pub use thread::on_own_thread;
