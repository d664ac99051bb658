//! Work that may wait for the disk.

use std::io;

use tokio::task::spawn_blocking;

/// Runs work that may wait for the disk on a thread made for that.
///
/// # Errors
/// Those of `work`, and an error if it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
