//! Whether the desktop shows tray icons.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;
mod who;

pub use self::{
    platform::{PLACE, find},
    who::TrayHost,
};

/// What to do if it doesn't.
pub const ADVICE: &str = "On GNOME, install the AppIndicator extension; on Cinnamon, install xapp-sn-watcher; on other desktops, add a system tray to the panel.";

/// Whether the desktop shows icons, as far as can be told.
pub async fn is_there() -> bool {
    find().await != TrayHost::Nobody
}
