//! Private files are shared only with the user's consent.

use anyhow::anyhow;

use crate::{app::Target, config::Config, paths::Paths, sensitive};

/// Refuses a target that would make private files public. For use where no tray app is running;
/// a running one checks this itself, with the settings it has loaded.
pub fn refuse_private(target: &Target, paths: &Paths) -> anyhow::Result<()> {
    // Settings that can't be read may say that hidden files are served.
    let serves_hidden =
        Config::load(&paths.config_file()).map_or(true, |config| config.server.hidden);
    match sensitive::find(target, paths.home.as_deref(), serves_hidden) {
        Some(private) => Err(needs_yes(&private.sentence())),
        None => Ok(()),
    }
}

/// The error for a share that needs consent. `sentence` names the private files.
pub fn needs_yes(sentence: &str) -> anyhow::Error {
    anyhow!("{sentence} To share anyway, add --yes.")
}
