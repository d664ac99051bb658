//! Windows and macOS: the system itself shows icons.

/// Always true.
pub async fn is_there() -> bool {
    true
}
