//! Whether the desktop shows tray icons at all.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

pub use platform::is_there;

/// What to do where it does not.
pub const ADVICE: &str =
    "On GNOME install the extension AppIndicator; elsewhere add a tray to the panel.";
