//! Private files are shared only with the user's consent.

use anyhow::anyhow;

use crate::{
    app::{Changes, Target},
    config::Config,
    paths::Paths,
    sensitive,
};

/// Refuses a target that would make private files public, or let strangers put files where they could
/// do harm. For use where no tray app is running; a running one checks this itself, with the settings it
/// has loaded.
pub fn refuse_private(target: &Target, changes: &Changes, paths: &Paths) -> anyhow::Result<()> {
    // Settings that can't be read may say that hidden files are served.
    let (serves_hidden, takes_files) = match Config::load(&paths.config_file()) {
        Ok(config) => (config.server.hidden, config.share.uploads),
        Err(_) => (true, true),
    };
    let takes_files = match target {
        Target::Inbox(_) => true,
        _ => changes.uploads.unwrap_or(takes_files),
    };
    let serves_hidden = changes.hidden.unwrap_or(serves_hidden);
    match sensitive::find(target, paths.home.as_deref(), serves_hidden, takes_files) {
        Some(private) => Err(needs_yes(&private.sentence())),
        None => Ok(()),
    }
}

/// The error for a share that needs consent. `sentence` names the private files.
pub fn needs_yes(sentence: &str) -> anyhow::Error {
    anyhow!("{sentence} To share anyway, add --yes.")
}
