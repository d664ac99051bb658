//! The menu bar of macOS: no Dock icon, and pictures that the system colours for light and dark
//! menu bars.

use tao::{
    event_loop::{EventLoop, EventLoopBuilder},
    platform::macos::{ActivationPolicy, EventLoopExtMacOS},
};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use crate::app;

/// The edge length of a picture in pixels (22 points on a Retina display), and its pixels.
pub fn rgba(icon: app::Icon) -> (u32, &'static [u8]) {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-template-44.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-template-44.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-template-44.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-template-44.rgba"),
    };
    (44, rgba)
}

/// Nothing to do: macOS ends programs with a signal.
pub fn prepare_loop<T>(_builder: &mut EventLoopBuilder<T>, _quit_requested: fn()) {}

/// A menu bar program has no Dock icon.
pub fn prepare<T>(event_loop: &mut EventLoop<T>) {
    event_loop.set_activation_policy(ActivationPolicy::Accessory);
}

pub fn with_picture(builder: TrayIconBuilder, picture: Icon) -> TrayIconBuilder {
    builder.with_icon_templated(picture)
}

pub fn set_picture(icon: &TrayIcon, picture: Icon) -> tray_icon::Result<()> {
    icon.set_icon_templated(Some(picture))
}

/// An open menu can be changed on macOS, so it doesn't count as open.
pub fn is_menu_open() -> bool {
    false
}

/// Does nothing: macOS has no balloons. The log has what couldn't be shown.
pub fn show_balloon(_icon: &TrayIcon, _title: &str, _body: &str) {}
