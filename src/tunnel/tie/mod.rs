//! Ties cloudflared's life to ours, so that it never outlives the program, however that ends.
//!
//! Each platform's file offers the same functions: `command` begins the command line, `adopt`
//! is called with the started child, `terminate` asks it to end. `guard` is the child's guard,
//! where the platform needs one.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(all(unix, not(target_os = "linux")), path = "macos.rs")]
mod platform;

pub use platform::{adopt, command, guard, terminate};

/// The hidden command under which the program is a guard.
pub const GUARD_COMMAND: &str = "guard-child";
