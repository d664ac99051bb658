//! How much freed memory the allocator keeps for later.
//!
//! The C library of most Linux systems keeps freed memory for the thread that used it: up to 64 MB
//! per thread, in up to 8 pools per processor. A program whose threads come and go grows for hours
//! that way, and stays large after a busy minute. Other allocators give memory back by themselves.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc;

/// Gives freed memory back to the system soon. To be called once, before the program has threads.
pub fn keep_little() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::keep_little();
}
