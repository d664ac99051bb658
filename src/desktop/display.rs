//! Whether there is a display.

use std::env;

/// Whether dialogs and a clipboard are possible. Windows and macOS always have a display.
pub fn is_there() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some())
}
