//! Linux: clipboard managers respect a hint for passwords, and keep what a program leaves behind.

use std::env;

use arboard::{Set, SetExtLinux};

use super::manager;

/// Asks programs that keep what was copied not to keep this.
pub fn kept_nowhere(set: Set<'_>) -> Set<'_> {
    set.exclude_from_history()
}

/// Leaves a text on the clipboard when the program ends. Wayland has nothing for that.
pub fn leave_behind(text: &str) {
    if env::var_os("WAYLAND_DISPLAY").is_some() {
        return;
    }
    match manager::give(text) {
        Ok(is_kept) => tracing::debug!(
            is_kept,
            "asked the clipboard manager to keep what was copied"
        ),
        Err(error) => tracing::warn!(%error, "can't give what was copied to the clipboard manager"),
    }
}
