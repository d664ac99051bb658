//! Linux: the pictures that packages install, by name. They are in a folder that the desktop searches, or
//! were unpacked with the program.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use directories::BaseDirs;

use crate::process::own_program;

/// How the program's pictures and its desktop entry are named by every package but Flatpak's.
const NAME: &str = "spot-serve";

/// Flatpak shows the desktop only files that are named like the application.
const FLATPAK_ID: &str = "io.github.spot_serve.SpotServe";

/// Where pictures are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The desktop finds them on its own.
    Searched,
    /// They are in this data folder, which the desktop doesn't search.
    Beside(PathBuf),
}

/// What the program's pictures and its desktop entry are called, without their endings.
pub fn base_name() -> &'static str {
    base_name_for(env::var_os("FLATPAK_ID").as_deref())
}

/// `sandbox` is the application whose sandbox this is. It may be that of an editor or a terminal.
fn base_name_for(sandbox: Option<&OsStr>) -> &'static str {
    if sandbox.is_some_and(|id| id == FLATPAK_ID) {
        FLATPAK_ID
    } else {
        NAME
    }
}

/// Where all these pictures are, named relative to a data folder such as `/usr/share`.
pub fn place_of(pictures: &[impl AsRef<Path>]) -> Option<Place> {
    let beside = own_program::running().map_or_else(|_| Vec::new(), |own| folders_beside(&own));
    find(pictures, &data_folders(), &beside)
}

fn find(pictures: &[impl AsRef<Path>], searched: &[PathBuf], beside: &[PathBuf]) -> Option<Place> {
    let has_all = |dir: &&PathBuf| {
        pictures
            .iter()
            .all(|picture| dir.join(picture.as_ref()).is_file())
    };
    if searched.iter().any(|dir| has_all(&dir)) {
        return Some(Place::Searched);
    }
    beside.iter().find(has_all).cloned().map(Place::Beside)
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

/// The data folders of each way to unpack the program: `DIR/spot-serve` with `DIR/share`,
/// `DIR/bin/spot-serve`, and `DIR/lib/spot-serve/spot-serve`.
fn folders_beside(program: &Path) -> Vec<PathBuf> {
    let above = program.ancestors().skip(1).take(3);
    above.map(|dir| dir.join("share")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const PICTURE: &str = "icons/hicolor/48x48/apps/a.png";

    fn install(share: &Path) {
        let picture = share.join(PICTURE);
        fs::create_dir_all(picture.parent().unwrap()).unwrap();
        fs::write(picture, "").unwrap();
    }

    #[test]
    fn pictures_are_found_beside_the_program_however_it_was_unpacked() {
        for layout in ["spot-serve", "bin/spot-serve", "lib/spot-serve/spot-serve"] {
            let dir = tempfile::tempdir().unwrap();
            let beside = folders_beside(&dir.path().join(layout));
            assert_eq!(find(&[PICTURE], &[], &beside), None, "{layout}");
            install(&dir.path().join("share"));
            assert_eq!(
                find(&[PICTURE], &[], &beside),
                Some(Place::Beside(dir.path().join("share"))),
                "{layout}"
            );
        }
    }

    #[test]
    fn only_in_its_own_sandbox_pictures_are_named_like_the_application() {
        assert_eq!(base_name_for(Some(FLATPAK_ID.as_ref())), FLATPAK_ID);
        assert_eq!(base_name_for(Some("org.example.Editor".as_ref())), NAME);
        assert_eq!(base_name_for(None), NAME);
    }

    #[test]
    fn pictures_that_the_desktop_finds_need_no_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folders = [dir.path().join("none"), dir.path().join("usual")];
        let beside = [dir.path().join("share")];
        install(&folders[1]);
        install(&beside[0]);
        assert_eq!(find(&[PICTURE], &folders, &beside), Some(Place::Searched));
        assert_eq!(find(&[PICTURE, "another.svg"], &folders, &beside), None);
    }
}
