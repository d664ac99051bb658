//! The memory that all pictures of this process share while they are decoded.

use std::io;

use tokio::sync::{Semaphore, SemaphorePermit};

/// The most bytes that all decoders together may take, however many folders are shared.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What a decoder reserves at least. This allows only two at a time, and leaves room to look at two
/// more files.
pub const MIN_BYTES: u64 = MAX_BYTES / 2 - 16 * 1024 * 1024;

/// One permit per byte. Requests are served in order, so a large picture isn't starved.
static FREE: Semaphore = Semaphore::const_new(MAX_BYTES as usize);

/// Reserves this many bytes as soon as they are free, until the permit is dropped.
///
/// # Errors
/// If that is more than the total.
pub async fn reserve(bytes: u64) -> io::Result<SemaphorePermit<'static>> {
    if bytes > MAX_BYTES {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // It fits, because the maximum does. The semaphore is never closed.
    FREE.acquire_many(bytes as u32)
        .await
        .map_err(io::Error::other)
}
