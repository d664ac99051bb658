//! `spot-serve share` and `spot-serve receive`.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};

use super::{
    args::{AccessArgs, ReceiveArgs, ShareArgs},
    consent,
    errors::WrongUsage,
    foreground,
    hand_over::{self, HandOver},
    missing_sidecar, program, settings, standard_input,
};
use crate::{
    app::{Changes, Target, visible},
    config::Config,
    desktop::clipboard::Clipboard,
    paths::{self, Paths},
    runtime::keep_clipboard,
    spool, target,
};

/// Said to somebody who may have meant the last argument as a password.
const PASSWORD_AFTER_SPACE: &str =
    "To choose the password on the command line, write --password=PASSWORD with an equals sign.";

/// Hands the share to the tray app, or shares in the foreground.
///
/// `verbosity` is the number of `-v` options.
pub fn run(args: &ShareArgs, verbosity: u8) -> anyhow::Result<i32> {
    if args.clipboard {
        return clipboard(args, verbosity);
    }
    let is_standard_input = standard_input::is_named(&args.paths)?;
    if is_standard_input {
        refuse_both(&args.access)?;
    } else if args.name.is_some() || args.text {
        bail!(WrongUsage(
            "--name and --text are for standard input. Write them with -, such as `ls | spot-serve share - --name list.txt`."
        ));
    }
    let named = if is_standard_input {
        Ok(Target::Spooled(PathBuf::new()))
    } else {
        target::named(&args.paths)
    };
    let target = named.map_err(|error| {
        // What follows the option looks like its value.
        if error.is_missing() && args.access.password == Some(None) {
            anyhow!("{error}\n{PASSWORD_AFTER_SPACE}")
        } else {
            error.into()
        }
    })?;
    // Refused before a password is asked for.
    let changes = settings::with_access(changes(args, &target)?, &args.access)?;
    let how = how(args);
    let paths = program::user_paths()?;
    if !is_standard_input {
        return begin(&target, changes, &paths, args.foreground, how, verbosity);
    }
    // Whoever shares it keeps it from now on.
    let spooled = standard_input::read(&paths, args.name.as_deref())?;
    let file = spooled.path().to_owned();
    let target = if args.text {
        Target::Text(file)
    } else {
        Target::Spooled(file)
    };
    begin(&target, changes, &paths, args.foreground, how, verbosity)
}

/// Shares what is on the clipboard.
fn clipboard(args: &ShareArgs, verbosity: u8) -> anyhow::Result<i32> {
    let paths = program::user_paths()?;
    spool::tidy(&paths.spool());
    let content = Clipboard::default().read().result();
    let content = program::async_runtime()?.block_on(content);
    // Whoever shares it keeps it from now on.
    let (target, _spooled) = keep_clipboard(content, &paths.spool())?;
    let changes = settings::with_access(changes(args, &target)?, &args.access)?;
    begin(
        &target,
        changes,
        &paths,
        args.foreground,
        how(args),
        verbosity,
    )
}

fn how(args: &ShareArgs) -> HandOver {
    HandOver {
        is_agreed: args.yes,
        on_desktop: args.desktop,
        with_qr_code: args.qr,
    }
}

/// The settings that were asked for, except those that may have to be asked for.
fn changes(args: &ShareArgs, target: &Target) -> anyhow::Result<Changes> {
    let changes = Changes {
        downloads: args.downloads.downloads,
        uploads: args.uploads.wanted(),
        hidden: args.hidden.wanted(),
        cors: args.cors.wanted(),
        places: args.places.wanted(),
        lan: args.lan.wanted(),
        max_size: args.receiving.max_size,
        message: args.receiving.message.clone(),
        inspect: args.inspect.then_some(true),
        ..Changes::default()
    };
    match changes.refused_for(target) {
        Some(sentence) => bail!(WrongUsage(sentence)),
        None => Ok(changes),
    }
}

/// Refuses to read a password from standard input when that is shared.
fn refuse_both(access: &AccessArgs) -> anyhow::Result<()> {
    let from_file = access.password_file.as_deref() == Some(Path::new("-"));
    let from_input = access.password == Some(None) && !io::stdin().is_terminal();
    if from_file || from_input {
        bail!(WrongUsage(
            "Standard input can't be the password and what is shared. Use --password-file FILE or --password=PASSWORD."
        ));
    }
    Ok(())
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
        lan: args.lan.wanted(),
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
    if !how.on_desktop {
        missing_sidecar::offer(paths, how.is_agreed);
    }
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
        how.is_agreed,
        how.with_qr_code,
        verbosity,
    )
}
