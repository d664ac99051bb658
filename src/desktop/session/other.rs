//! Windows and macOS end the programs of a session on their own.

/// Waits forever.
pub async fn ended() {
    std::future::pending().await
}
