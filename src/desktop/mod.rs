//! The desktop around the program, one thing a file: each a small front over what a platform has.

pub mod autostart;
pub mod browser;
pub mod clipboard;
pub mod notification;
pub mod picker;
pub mod session;
pub mod tray_host;
