//! The life of a share's tunnel as a pure state machine: inputs go in, outputs come out.
//!
//! A tunnel keeps its name over any number of cloudflareds. Here each of them is a runner.
//! Whenever nothing serves, or what serves is in doubt, another runner starts beside it, and the
//! first one that registers stays.
//!
//! - `input`, `output`, `phase`: what the machine is told, what it wants done, and where it is
//! - `state`: what it knows
//! - `runners`: the cloudflareds of the moment
//! - `step`: which input does what in which phase
//! - `connecting`: from nothing, or from a lost connection, to a registered one
//! - `serving`: while a connection is registered
//! - `pausing`, `backoff`: when to try again

mod backoff;
mod connecting;
mod input;
mod limits;
mod output;
mod pausing;
mod phase;
mod runners;
mod serving;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use input::{Input, Timer};
pub use output::Output;
pub use runners::RunnerId;
pub use state::Machine;
