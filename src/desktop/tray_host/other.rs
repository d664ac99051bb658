//! Windows and macOS: icons are part of the system.

/// Always there.
pub async fn is_there() -> bool {
    true
}
