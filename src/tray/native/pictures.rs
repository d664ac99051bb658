//! The pictures of the tray icon, rendered from `icons/svg` and compiled in.

use tray_icon::{BadIcon, Icon};

use crate::app;

/// Edge length of the compiled-in pictures, in pixels. A panel scales it down to what it needs.
const EDGE: u32 = 48;

/// The picture for a state of the icon.
pub fn picture(icon: app::Icon) -> Result<Icon, BadIcon> {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-48.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-48.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-48.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-48.rgba"),
    };
    Icon::from_rgba(rgba.to_vec(), EDGE, EDGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_picture() {
        for icon in [
            app::Icon::Idle,
            app::Icon::Busy,
            app::Icon::Online,
            app::Icon::Problem,
        ] {
            picture(icon).unwrap();
        }
    }
}
