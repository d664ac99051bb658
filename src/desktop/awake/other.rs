//! Windows and macOS: by the system's own call.

use keepawake::{Builder, KeepAwake};

/// Keeps the computer awake until it is dropped. On Windows that has to happen on the same thread.
pub struct StayAwake(#[expect(dead_code, reason = "releases its lock when dropped")] KeepAwake);

/// The system refused to stay awake.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct AwakeError(#[from] keepawake::Error);

/// Keeps the computer awake.
///
/// # Errors
/// The system refuses.
pub async fn stay_awake() -> Result<StayAwake, AwakeError> {
    let lock = Builder::default()
        .idle(true)
        .app_name("Spot Serve")
        .app_reverse_domain("io.github.spot-serve")
        .reason("Files are being transferred")
        .create()?;
    Ok(StayAwake(lock))
}
