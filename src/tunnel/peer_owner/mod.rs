//! Which user made a loopback connection: everyone on this computer can make one.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod platform;

pub use platform::is_other_user;
