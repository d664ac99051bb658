//! Launch at login: what the person ticked, and what is really there.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod platform;

pub use platform::{is_enabled, repair, set};

/// How the entry starts the program.
const ARGUMENT: &str = "--at-login";

/// The program can't be added to, or removed from, what starts at login.
#[derive(Debug, thiserror::Error)]
#[error("Launch at Login can't be changed: {0}")]
pub struct AutostartError(pub String);
