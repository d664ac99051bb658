//! Ties cloudflared's life to ours, so that it never outlives the program, however that ends.
//!
//! Each platform's file offers the same: `command` begins the command line, `Tie::adopt` takes
//! the started child, `terminate` asks it to end and `Tie::kill` ends it; it is killed as well
//! when child and tie are dropped. `exit_code` says how it ended. `guard` is the child's guard,
//! where the platform needs one.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(all(unix, not(target_os = "linux")), path = "macos.rs")]
mod platform;

pub use platform::{Tie, command, exit_code, guard, terminate};

/// The hidden command under which the program is a guard.
pub const GUARD_COMMAND: &str = "guard-child";
