//! Windows and macOS: the dialog belongs to the system and is always there.

/// Always available.
pub async fn check_available() -> Result<(), String> {
    Ok(())
}
