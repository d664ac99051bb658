//! The name of the hidden command that runs a guard.

/// The hidden command under which the program is a guard.
pub const GUARD_COMMAND: &str = "guard-child";
