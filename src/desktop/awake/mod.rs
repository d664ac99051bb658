//! Keeps the computer from going to sleep by itself. The screen may still turn off.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

pub use self::platform::{AwakeError, StayAwake, stay_awake};
