//! The desktop around the program. Each module is a small front over what the platform offers.

pub mod autostart;
pub mod awake;
pub mod browser;
pub mod clipboard;
pub mod display;
#[cfg(target_os = "linux")]
pub mod icon_theme;
pub mod notification;
pub mod picker;
pub mod session;
pub mod tray_host;
