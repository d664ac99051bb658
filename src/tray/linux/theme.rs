//! The tray icon by name: packages install every picture into the desktop's icon theme, both in
//! colour and as a symbolic icon. Without them, the tray shows the compiled-in pictures.

use std::{env, ffi::OsStr};

use crate::{
    app::Icon,
    desktop::icon_theme::{Place, base_name, place_of},
};

/// Desktops whose panel is drawn for symbolic icons, but doesn't choose them on its own.
const SYMBOLIC_DESKTOPS: [&str; 2] = ["gnome", "x-cinnamon"];

/// The pictures in an icon theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// A folder that the desktop doesn't search on its own; empty if it does.
    pub path: String,
    /// How the names of the pictures begin.
    base: &'static str,
    is_symbolic: bool,
}

impl Theme {
    /// The name of a picture.
    pub fn name(&self, icon: Icon) -> String {
        let state = match icon {
            Icon::Idle => "idle",
            Icon::Busy => "busy",
            Icon::Online => "online",
            Icon::Problem => "problem",
        };
        let kind = if self.is_symbolic { "-symbolic" } else { "" };
        format!("{}-{state}{kind}", self.base)
    }
}

/// The installed pictures, if both sets are complete.
pub fn installed() -> Option<Theme> {
    let desktop = env::var_os("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let base = base_name();
    // One picture of each set, relative to a data folder. The others are next to it.
    let pictures = [
        format!("icons/hicolor/symbolic/apps/{base}-idle-symbolic.svg"),
        format!("icons/hicolor/22x22/apps/{base}-idle.png"),
    ];
    theme(place_of(&pictures)?, base, &desktop)
}

fn theme(place: Place, base: &'static str, desktop: &OsStr) -> Option<Theme> {
    let path = match place {
        Place::Searched => String::new(),
        Place::Beside(dir) => dir.join("icons").to_str()?.to_owned(),
    };
    let is_symbolic = desktop.to_string_lossy().split(':').any(|name| {
        SYMBOLIC_DESKTOPS
            .iter()
            .any(|symbolic| name.eq_ignore_ascii_case(symbolic))
    });
    Some(Theme {
        path,
        base,
        is_symbolic,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_is_told_of_a_folder_that_it_does_not_search() {
        let theme = |place| theme(place, "spot-serve", "XFCE".as_ref()).unwrap();
        assert_eq!(theme(Place::Searched).path, "");
        assert_eq!(
            theme(Place::Beside("/place/share".into())).path,
            "/place/share/icons"
        );
    }

    #[test]
    fn panels_that_are_drawn_for_symbolic_icons_get_them() {
        let name = |desktop: &str| {
            let theme = theme(Place::Searched, "spot-serve", desktop.as_ref()).unwrap();
            theme.name(Icon::Online)
        };
        assert_eq!(name("ubuntu:GNOME"), "spot-serve-online-symbolic");
        assert_eq!(name("X-Cinnamon"), "spot-serve-online-symbolic");
        assert_eq!(name("KDE"), "spot-serve-online");
        assert_eq!(name(""), "spot-serve-online");
    }
}
