//! Whether there is a display.

use std::env;

/// Why there is no folder dialog without a display, and what to do instead.
pub const NO_DIALOG: &str =
    "Can't show a folder dialog: there is no desktop. Run `spot-serve share FOLDER`.";

/// Whether dialogs and a clipboard are possible. Windows and macOS always have a display.
pub fn is_there() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some())
}
