//! What is particular to the menu bar of macOS: no Dock icon, and pictures that the system
//! colours for its light and dark bars.

use tao::{
    event_loop::{EventLoop, EventLoopBuilder},
    platform::macos::{ActivationPolicy, EventLoopExtMacOS},
};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use crate::app;

/// Edge length of a picture in pixels, and its pixels: 22 points on a Retina screen.
pub fn rgba(icon: app::Icon) -> (u32, &'static [u8]) {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-template-44.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-template-44.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-template-44.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-template-44.rgba"),
    };
    (44, rgba)
}

/// The system ends programs by a signal here.
pub fn prepare_loop<T>(_builder: &mut EventLoopBuilder<T>, _asked_to_end: fn()) {}

/// A program of the menu bar has no Dock icon.
pub fn prepare<T>(event_loop: &mut EventLoop<T>) {
    event_loop.set_activation_policy(ActivationPolicy::Accessory);
}

pub fn with_picture(builder: TrayIconBuilder, picture: Icon) -> TrayIconBuilder {
    builder.with_icon_templated(picture)
}

pub fn set_picture(icon: &TrayIcon, picture: Icon) -> tray_icon::Result<()> {
    icon.set_icon_templated(Some(picture))
}

/// A menu that is open can be changed here.
pub fn is_menu_open() -> bool {
    false
}

/// An icon can't speak here: what could not be shown as a notification is in the log.
pub fn tell(_icon: &TrayIcon, _title: &str, _body: &str) {}
