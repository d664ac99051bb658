//! The settings of glibc's allocator; see mallopt(3). There is no other way to set them than this
//! function, or environment variables that must be there before the program starts.

use std::ffi::c_int;

/// Pools of memory. Two threads serve a share; the others allocate little.
const ARENAS: c_int = 2;

/// Blocks of this many bytes come from the system and go back to it at once. Setting it also keeps
/// glibc from raising it to 32 MB.
const LARGE_BYTES: c_int = 1024 * 1024;

/// A pool keeps this many free bytes at its end.
const KEPT_BYTES: c_int = 1024 * 1024;

pub fn keep_little() {
    for (setting, value) in [
        (libc::M_ARENA_MAX, ARENAS),
        (libc::M_MMAP_THRESHOLD, LARGE_BYTES),
        (libc::M_TRIM_THRESHOLD, KEPT_BYTES),
    ] {
        // SAFETY: `mallopt` must not run while other threads allocate. The program has none yet. It
        // takes no pointers, and refuses values that it doesn't support.
        unsafe { libc::mallopt(setting, value) };
    }
}
