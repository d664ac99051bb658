//! What is particular to the tray of Windows.

use tao::event_loop::EventLoop;
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use crate::app;

/// Edge length of a picture in pixels, and its pixels: large enough for 300 % scaling of 16.
pub fn rgba(icon: app::Icon) -> (u32, &'static [u8]) {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-48.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-48.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-48.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-48.rgba"),
    };
    (48, rgba)
}

/// Nothing to prepare here.
pub fn prepare<T>(_event_loop: &mut EventLoop<T>) {}

pub fn with_picture(builder: TrayIconBuilder, picture: Icon) -> TrayIconBuilder {
    builder.with_icon(picture)
}

pub fn set_picture(icon: &TrayIcon, picture: Icon) -> tray_icon::Result<()> {
    icon.set_icon(Some(picture))
}
