//! Waiting for descriptors that tokio has no type for.

use std::{io, os::fd::OwnedFd};

use tokio::io::{Interest, unix::AsyncFd};

/// Lets tokio wait until the descriptor has what is of interest.
///
/// # Errors
/// It can't be waited for.
pub fn async_fd(file: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd stays the same open descriptor for as long as it lives.
    Ok(unsafe { AsyncFd::register_with_interest(file, interest) }?)
}
