//! Work that may wait for the disk.

use std::io;

use tokio::task::spawn_blocking;

/// Runs what may wait for the disk on a thread that may.
///
/// # Errors
/// Those of `work`, and one if it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
