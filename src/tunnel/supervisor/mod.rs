//! Does what the machine decides, and tells it what happens.
//!
//! - `run`: the loop from the tunnel's start to its end
//! - `state`: what the supervisor holds, and how it carries out the machine's outputs
//! - `starting`: starts a cloudflared
//! - `asking`: requests that find out whether a link works

mod asking;
mod run;
mod starting;
mod state;

pub use run::supervise;
