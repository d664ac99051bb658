//! `spot-serve share` and `spot-serve receive`.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};

use super::{
    args::{ReceiveArgs, ShareArgs},
    consent, foreground,
    hand_over::{self, HandOver},
    program, settings,
};
use crate::{
    app::{Changes, Target, visible},
    config::Config,
    paths::{self, Paths},
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
        if error.is_missing() && args.access.password == Some(None) {
            anyhow!("{error}\n{PASSWORD_AFTER_SPACE}")
        } else {
            error.into()
        }
    })?;
    let changes = Changes {
        downloads: args.downloads.downloads,
        uploads: args.uploads.wanted(),
        hidden: args.hidden.wanted(),
        max_size: args.receiving.max_size,
        message: args.receiving.message.clone(),
        inspect: args.inspect.then_some(true),
        ..Changes::default()
    };
    // Before a password is asked for.
    if let Some(sentence) = changes.refused_for(&target) {
        bail!(sentence);
    }
    let changes = settings::with_access(changes, &args.access)?;
    let how = HandOver {
        is_agreed: args.yes,
        on_desktop: args.desktop,
        with_qr_code: args.qr,
    };
    let paths = program::user_paths()?;
    begin(&target, changes, &paths, args.foreground, how, verbosity)
}

/// Lets visitors hand in files, through the tray app or in the foreground.
///
/// `verbosity` is the number of `-v` options.
pub fn receive(args: &ReceiveArgs, verbosity: u8) -> anyhow::Result<i32> {
    let paths = program::user_paths()?;
    let target = match &args.folder {
        // What follows the option looks like its value.
        Some(folder) if args.access.password == Some(None) && !folder.exists() => {
            let folder = visible(&folder.to_string_lossy());
            bail!("There is no folder {folder}. Make it first.\n{PASSWORD_AFTER_SPACE}");
        }
        Some(folder) => target::inbox(folder)?,
        None => Target::Inbox(usual_inbox(&paths)?),
    };
    let changes = Changes {
        deliveries: args.deliveries.deliveries,
        max_size: args.receiving.max_size,
        message: args.receiving.message.clone(),
        ..Changes::default()
    };
    let changes = settings::with_access(changes, &args.access)?;
    let how = HandOver {
        is_agreed: args.yes,
        on_desktop: false,
        with_qr_code: args.qr,
    };
    begin(&target, changes, &paths, args.foreground, how, verbosity)
}

/// The folder for received files in the settings.
fn usual_inbox(paths: &Paths) -> anyhow::Result<PathBuf> {
    let config = Config::load(&paths.config_file())?;
    let folder = config.receive.inbox(paths.home.as_deref());
    let folder = folder
        .context("Can't find your Downloads folder. Name a folder: `spot-serve receive FOLDER`.")?;
    Ok(paths::as_chosen(&folder).unwrap_or(folder))
}

fn begin(
    target: &Target,
    changes: Changes,
    paths: &Paths,
    in_foreground: bool,
    how: HandOver,
    verbosity: u8,
) -> anyhow::Result<i32> {
    if !in_foreground && let Some(code) = hand_over::share(paths, target, &changes, how, verbosity)?
    {
        return Ok(code);
    }
    if !how.is_agreed {
        consent::refuse_private(target, &changes, paths)?;
    }
    foreground::run(
        target.clone(),
        changes,
        paths.clone(),
        how.with_qr_code,
        verbosity,
    )
}
