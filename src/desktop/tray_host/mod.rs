//! Whether the desktop shows tray icons.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

pub use self::platform::is_there;

/// What to do if it doesn't.
pub const ADVICE: &str = "On GNOME, install the AppIndicator extension; on other desktops, add a system tray to the panel.";
