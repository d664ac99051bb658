//! Windows and macOS: the system itself shows icons.

use super::who::TrayHost;

/// Where icons are, after "is".
pub const PLACE: &str = if cfg!(windows) {
    "beside the clock, or behind the arrow there"
} else {
    "in the menu bar"
};

/// Always the system's own panel.
pub async fn find() -> TrayHost {
    TrayHost::Panel
}
