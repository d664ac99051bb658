//! The sidecar that came with the running program, held open: an upgrade may replace it with one
//! that this program must not run.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod platform;

pub use platform::PinnedSidecar;
