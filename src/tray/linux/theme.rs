//! The tray icon by name: packages install every picture into the desktop's icon theme, both in
//! colour and as a symbolic icon. Without them, the tray shows the compiled-in pictures.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use directories::BaseDirs;

use crate::{app::Icon, process::own_program};

/// One picture of each set, relative to a data folder. The others are next to it.
const SYMBOLIC: &str = "icons/hicolor/symbolic/apps/spot-serve-idle-symbolic.svg";
const COLOURED: &str = "icons/hicolor/22x22/apps/spot-serve-idle.png";

/// The pictures in an icon theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// A folder that the desktop doesn't search on its own; empty if it does.
    pub path: String,
    /// The desktop's panel uses symbolic icons but doesn't choose them on its own.
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
        format!("spot-serve-{state}{kind}")
    }
}

/// The installed pictures, if both sets are complete.
pub fn installed() -> Option<Theme> {
    let desktop = env::var_os("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let own = own_program::path().ok();
    let beside = own.as_deref().and_then(share_beside);
    find(&data_folders(), beside.as_deref(), &desktop)
}

fn find(usual: &[PathBuf], beside: Option<&Path>, desktop: &OsString) -> Option<Theme> {
    let has_set = |dir: &Path| dir.join(SYMBOLIC).is_file() && dir.join(COLOURED).is_file();
    let path = if usual.iter().any(|dir| has_set(dir)) {
        String::new()
    } else {
        beside
            .filter(|dir| has_set(dir))?
            .join("icons")
            .to_str()?
            .to_owned()
    };
    let is_symbolic = desktop
        .to_string_lossy()
        .split(':')
        .any(|name| name.eq_ignore_ascii_case("gnome"));
    Some(Theme { path, is_symbolic })
}

/// The folders that desktops search for icons.
fn data_folders() -> Vec<PathBuf> {
    let own = BaseDirs::new().map(|dirs| dirs.data_dir().to_owned());
    let system = env::var_os("XDG_DATA_DIRS")
        .filter(|dirs| !dirs.is_empty())
        .unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    own.into_iter()
        .chain(env::split_paths(&system))
        .filter(|dir| dir.is_absolute())
        .collect()
}

/// The `share` folder next to `bin`, where the program was unpacked: `DIR/bin/spot-serve`.
fn share_beside(program: &Path) -> Option<PathBuf> {
    Some(program.parent()?.parent()?.join("share"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn install(dir: &Path) {
        for picture in [SYMBOLIC, COLOURED] {
            fs::create_dir_all(dir.join(picture).parent().unwrap()).unwrap();
            fs::write(dir.join(picture), "<svg/>").unwrap();
        }
    }

    #[test]
    fn a_name_is_only_used_if_the_pictures_are_installed() {
        let dir = tempfile::tempdir().unwrap();
        let usual = [dir.path().join("usual")];
        let beside = dir.path().join("place/share");
        let find = |desktop: &str| find(&usual, Some(&beside), &desktop.into());
        assert_eq!(find("XFCE"), None);

        install(&beside);
        let theme = find("XFCE").unwrap();
        assert_eq!(theme.path, beside.join("icons").to_str().unwrap());
        assert_eq!(theme.name(Icon::Busy), "spot-serve-busy");

        install(&usual[0]);
        let theme = find("ubuntu:GNOME").unwrap();
        assert_eq!(theme.path, "");
        assert_eq!(theme.name(Icon::Online), "spot-serve-online-symbolic");
    }
}
