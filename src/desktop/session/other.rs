//! Windows and macOS end the programs of a session themselves.

/// Never comes true.
pub async fn ended() {
    std::future::pending().await
}
