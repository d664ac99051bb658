//! Ties a child process to this one, so that it never outlives the program, however that ends.
//!
//! Each platform's file offers the same API. `command` starts the command line,
//! `ChildLifetime::bind` takes the started child, `terminate` asks it to end, and
//! `ChildLifetime::kill` kills it. Dropping both the child and its `ChildLifetime` kills it too.
//! `exit_code` says how it ended. `guard` runs the guard process on platforms that need one.

#[cfg(unix)]
mod guard;
mod guard_command;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(all(unix, not(target_os = "linux")), path = "macos.rs")]
mod platform;

pub use guard_command::GUARD_COMMAND;
pub use platform::{ChildLifetime, command, exit_code, guard, terminate};
