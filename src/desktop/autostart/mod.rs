//! Launch at login. The crate auto-launch writes the entry; the platforms here work around what it
//! leaves to its caller: it doesn't quote or escape paths, it ignores `XDG_CONFIG_HOME`, and it
//! treats every entry as enabled.

#[cfg(any(target_os = "linux", test))]
mod desktop_entry;
mod entry;
mod error;
#[cfg(any(target_os = "macos", test))]
mod launch_agent;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod platform;
#[cfg(any(windows, test))]
mod run_command;

pub use self::error::AutostartError;
use crate::process::own_program;

/// Whether the system starts this very program at login.
pub fn is_enabled() -> bool {
    let Ok(program) = own_program::path() else {
        return false;
    };
    platform::entry().is_some_and(|entry| entry.is_on && entry.starts(&program))
}

/// Switches launch at login on or off.
///
/// # Errors
/// The entry can't be changed, or it would not start this program.
pub fn set(on: bool) -> Result<(), AutostartError> {
    if !on {
        return platform::disable();
    }
    let program = own_program::path()?;
    let text = program.to_str().ok_or(AutostartError::NotUnicode)?;
    platform::enable(text)?;
    if is_enabled() {
        Ok(())
    } else {
        Err(AutostartError::NoEffect)
    }
}

/// Rewrites the entry if its program is gone, because this program was moved.
pub fn repair() {
    let is_lost = platform::entry().is_some_and(|entry| entry.is_on && entry.is_lost());
    if is_lost && let Err(error) = set(true) {
        tracing::warn!(%error);
    }
}
