//! `spot-serve share`.

use super::{args::ShareArgs, consent, foreground, hand_over, program, settings};
use anyhow::{anyhow, bail};

use crate::{
    app::{Limit, NO_DOWNLOADS_OF_SITES, Target},
    target,
};

/// Said to somebody who may have meant the last argument as a password.
const PASSWORD_AFTER_SPACE: &str =
    "To choose the password on the command line, write --password=PASSWORD with an equals sign.";

/// Hands the share to the tray app, or shares in the foreground.
///
/// `verbosity` is the number of `-v` options.
pub fn run(args: &ShareArgs, verbosity: u8) -> anyhow::Result<i32> {
    let target = target::named(&args.paths).map_err(|error| {
        // What follows the option looks like its value.
        if error.is_missing() && args.settings.password == Some(None) {
            anyhow!("{error}\n{PASSWORD_AFTER_SPACE}")
        } else {
            error.into()
        }
    })?;
    if let (Target::Site(_), Some(Limit::After(_))) = (&target, args.settings.downloads) {
        bail!(NO_DOWNLOADS_OF_SITES);
    }
    let changes = settings::changes(&args.settings)?;
    let paths = program::user_paths()?;
    if !args.foreground
        && let Some(code) = hand_over::share(&paths, &target, args, &changes, verbosity)?
    {
        return Ok(code);
    }
    if !args.yes {
        consent::refuse_private(&target, &paths)?;
    }
    foreground::run(target, changes, paths, args.qr, verbosity)
}
