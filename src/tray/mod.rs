//! The tray icon: shows a view of the state, and turns clicks into events.

mod error;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "native/mod.rs")]
mod platform;
mod view;

pub use self::{
    platform::{Tray, run, show_balloon},
    view::View,
};
