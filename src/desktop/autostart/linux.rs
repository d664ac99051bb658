//! Linux: a desktop entry in the autostart folder.

use std::{fs, io, path::PathBuf};

use auto_launch::{AutoLaunch, LinuxLaunchMode};
use directories::BaseDirs;

use super::{
    desktop_entry,
    entry::{ARGUMENT, LoginEntry},
    error::AutostartError,
};
use crate::{paths::Paths, store};

/// The entry of this program, if there is one.
pub fn entry() -> Option<LoginEntry> {
    let text = fs::read_to_string(entry_file().ok()?).ok()?;
    Some(desktop_entry::parsed(&text))
}

/// Adds an entry that starts `program`.
///
/// auto-launch writes a draft into the program's own folder, so that no desktop ever sees a half
/// written or incomplete entry.
pub fn enable(program: &str) -> Result<(), AutostartError> {
    let draft = Paths::of_this_user()
        .map_err(io::Error::other)?
        .state
        .join("launch-at-login.desktop");
    let missing = missing_default_folders();
    let written = auto_launch(&draft, program)?
        .enable()
        .map_err(AutostartError::from)
        .and_then(|()| Ok(fs::read_to_string(&draft)?));
    // The folder of auto-launch is not the one that is used if XDG_CONFIG_HOME is set.
    let file = entry_file()?;
    for dir in missing.iter().filter(|dir| !file.starts_with(dir)) {
        // Fails if something else is in it by now.
        let _ = fs::remove_dir(dir);
    }
    if let Err(error) = fs::remove_file(&draft) {
        tracing::debug!(%error, "can't remove the draft of the autostart entry");
    }
    let entry = desktop_entry::completed(&written?, program);
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir)?;
    }
    Ok(store::replace(&file, entry.as_bytes())?)
}

/// Removes the entry.
pub fn disable() -> Result<(), AutostartError> {
    Ok(auto_launch(&entry_file()?, "")?.disable()?)
}

/// auto-launch joins its own folder, the app's name and an extension to the path of the entry. An
/// absolute path for a name replaces that folder.
fn auto_launch(file: &std::path::Path, program: &str) -> Result<AutoLaunch, AutostartError> {
    let name = file.with_extension("");
    let name = name.to_str().ok_or(AutostartError::NotUnicode)?;
    Ok(AutoLaunch::new(
        name,
        &desktop_entry::quoted(program),
        LinuxLaunchMode::XdgAutostart,
        &[ARGUMENT],
    ))
}

/// The folders that auto-launch creates although it doesn't need them, innermost first.
fn missing_default_folders() -> Vec<PathBuf> {
    let Some(dirs) = BaseDirs::new() else {
        return Vec::new();
    };
    let config = dirs.home_dir().join(".config");
    [config.join("autostart"), config]
        .into_iter()
        .filter(|dir| !dir.exists())
        .collect()
}

fn entry_file() -> io::Result<PathBuf> {
    let dirs = BaseDirs::new().ok_or_else(|| io::Error::other("there is no home folder"))?;
    Ok(dirs.config_dir().join("autostart/spot-serve.desktop"))
}
