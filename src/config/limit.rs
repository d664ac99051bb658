//! Limits as they are written in the settings.

use std::fmt::Display;

/// Reads a limit that may be empty for none. `what` says what the value should be.
pub fn unless_empty<T, E: Display>(
    text: &str,
    what: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let limit = parse(text).map_err(|error| format!("the value is not {what}; {error}"))?;
    Ok(Some(limit))
}
