//! The desktop session in which the program was started.

#[cfg(target_os = "linux")]
mod display_server;
#[cfg(target_os = "linux")]
mod manager;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

pub use self::platform::ended;
