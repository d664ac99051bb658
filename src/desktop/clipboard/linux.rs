//! Linux: clipboard managers respect a hint for passwords.

use arboard::{Set, SetExtLinux};

/// Asks programs that keep what was copied not to keep this.
pub fn kept_nowhere(set: Set<'_>) -> Set<'_> {
    set.exclude_from_history()
}
