//! Threads for long work.

use std::{io, thread};

use tokio::sync::oneshot;

/// Runs long work on a thread of its own.
///
/// Short reads that wait for the disk have a pool of threads, and must not wait behind this. Long work
/// also takes much memory, and most allocators keep freed memory for the thread that used it: glibc
/// up to 64 MB. The threads of a pool would each keep some while they are idle. The memory of a thread
/// that has ended is used by the next one.
///
/// # Errors
/// Those of `work`, and one if it panics or if there can't be a thread.
pub async fn on_own_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (done, result) = oneshot::channel();
    thread::Builder::new()
        .name(name.to_owned())
        // Nobody receives it when the share has ended.
        .spawn(move || done.send(work()).ok())?;
    result.await.map_err(io::Error::other)?
}
