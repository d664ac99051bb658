//! macOS: clipboard managers respect a mark for what is concealed.

use arboard::{Set, SetExtApple};

/// Asks programs that keep what was copied not to keep this.
pub fn kept_nowhere(set: Set<'_>) -> Set<'_> {
    set.exclude_from_history()
}

/// Leaves a text on the clipboard when the program ends: the system has it already.
pub fn leave_behind(_text: &str) {}
