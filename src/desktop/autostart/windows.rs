//! Windows: a value under the person's own Run key. The task manager keeps beside it whether it
//! was switched off there.

use std::{
    env,
    path::{Path, PathBuf},
};

use windows_registry::{CURRENT_USER, Key};

use super::{argument::ARGUMENT, error::AutostartError};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const SWITCHED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
const NAME: &str = "Spot Serve";

/// Whether Windows starts the program at login.
pub fn is_enabled() -> bool {
    command().is_some() && !is_switched_off()
}

/// Adds or removes the value of this program.
pub fn set(on: bool) -> Result<(), AutostartError> {
    if on {
        let program = env::current_exe().map_err(told)?;
        let key = CURRENT_USER.create(RUN).map_err(told)?;
        key.set_string(NAME, entry(&program)).map_err(told)?;
    } else {
        remove_value(RUN).map_err(told)?;
    }
    // What the task manager knows is of the entry before.
    remove_value(SWITCHED).map_err(told)
}

fn told(error: impl std::fmt::Display) -> AutostartError {
    AutostartError(error.to_string())
}

/// A program that was moved since gets its entry right: one that starts nothing any more is
/// written anew.
pub fn repair() {
    let program = command().and_then(|command| program_of(&command));
    let is_lost = program.is_some_and(|program| !program.exists());
    if is_lost
        && is_enabled()
        && let Err(error) = set(true)
    {
        tracing::warn!("{error}");
    }
}

fn command() -> Option<String> {
    CURRENT_USER.open(RUN).ok()?.get_string(NAME).ok()
}

fn is_switched_off() -> bool {
    let state = CURRENT_USER
        .open(SWITCHED)
        .and_then(|key| key.get_value(NAME));
    // The first byte is odd for what is switched off.
    state.is_ok_and(|state| state.first().is_some_and(|first| first % 2 == 1))
}

fn remove_value(path: &str) -> windows_registry::Result<()> {
    let Ok(key) = CURRENT_USER.options().read().write().open(path) else {
        return Ok(());
    };
    match has_value(&key) {
        true => key.remove_value(NAME),
        false => Ok(()),
    }
}

fn has_value(key: &Key) -> bool {
    key.get_type(NAME).is_ok()
}

/// The value is a command line, so the path is quoted: it may have blanks, and no quotes.
fn entry(program: &Path) -> String {
    format!("\"{}\" {ARGUMENT}", program.display())
}

fn program_of(command: &str) -> Option<PathBuf> {
    let path = match command.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => command.split_whitespace().next()?,
    };
    Some(path.into())
}
