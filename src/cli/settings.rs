//! The options that say who may see a share, and for how long.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

use anyhow::{Context, anyhow, bail};

use super::args::AccessArgs;
use crate::{
    app::{Changes, PasswordChange, Secret, visible},
    console,
    server::MAX_PASSWORD_BYTES,
};

/// Own passwords of fewer characters are easy to guess.
const SHORT: usize = 8;

/// Stands for standard input in place of a file.
const STANDARD_INPUT: &str = "-";

/// The changes, with those that the options ask for. May ask for a password in the terminal.
pub fn with_access(changes: Changes, args: &AccessArgs) -> anyhow::Result<Changes> {
    Ok(Changes {
        password: password(args)?,
        stop_after: args.stop_after,
        speed_limit: args.speed_limit,
        ..changes
    })
}

fn password(args: &AccessArgs) -> anyhow::Result<Option<PasswordChange>> {
    if args.no_password {
        return Ok(Some(PasswordChange::Remove));
    }
    let text = match (&args.password, &args.password_file) {
        (Some(Some(text)), _) => text.clone(),
        (Some(None), _) => {
            let text = if io::stdin().is_terminal() {
                ask()?
            } else {
                from_standard_input()?
            };
            if text.is_empty() {
                return Ok(Some(PasswordChange::Generate));
            }
            text
        }
        (None, Some(file)) if file == Path::new(STANDARD_INPUT) => from_standard_input()?,
        (None, Some(file)) => File::open(file)
            .and_then(read)
            .map_err(|error| unreadable(file, &error))?,
        (None, None) => return Ok(None),
    };
    check(&text)?;
    if text.chars().count() < SHORT {
        console::say(
            "This password is short enough to be guessed. Eight characters or more are better.",
        );
    }
    Ok(Some(PasswordChange::Set(Secret::from(text))))
}

/// Asks for a password without showing what is typed.
fn ask() -> anyhow::Result<String> {
    const PROMPT: &str = "Password for visitors (empty to generate one): ";
    rpassword::prompt_password(PROMPT).context("Can't ask for a password")
}

fn from_standard_input() -> anyhow::Result<String> {
    read(io::stdin()).map_err(|error| {
        anyhow!(
            "Can't read a password from standard input: {}",
            reason(&error)
        )
    })
}

fn unreadable(file: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!(
        "Can't read a password from {}: {} Name a text file whose only line is the password.",
        visible(&file.to_string_lossy()),
        reason(error)
    )
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file.".into(),
        io::ErrorKind::PermissionDenied => "you have no permission to read it.".into(),
        io::ErrorKind::IsADirectory => "it is a folder.".into(),
        io::ErrorKind::InvalidData => "it isn't text.".into(),
        _ => format!("{error}."),
    }
}

/// The password in a file, without the end of its only line.
fn read(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    // One byte more, so that a password that is too long is noticed.
    let limit = MAX_PASSWORD_BYTES as u64 + "\r\n".len() as u64 + 1;
    from.take(limit).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn check(password: &str) -> anyhow::Result<()> {
    if password.is_empty() {
        bail!("The password is empty. Use --no-password to share without one.");
    }
    if password.len() > MAX_PASSWORD_BYTES {
        bail!("The password is longer than {MAX_PASSWORD_BYTES} bytes.");
    }
    if password.chars().any(char::is_control) {
        bail!("The password has several lines or control characters, which nobody can enter.");
    }
    Ok(())
}

/// Says which password visitors need, unless the user has just chosen it.
pub fn tell_password(password: Option<&Secret>, wanted: &Changes) {
    let is_own = matches!(wanted.password, Some(PasswordChange::Set(_)));
    if let Some(password) = password.filter(|_| !is_own) {
        console::say(&format!("password: {}", password.reveal()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line() {
        for (file, password) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            (" se cret \r\n", " se cret "),
        ] {
            assert_eq!(read(file.as_bytes()).unwrap(), password);
            assert!(check(password).is_ok());
        }
        for unusable in ["", "two\nlines", "\u{7}", &"x".repeat(2000)] {
            let read = read(unusable.as_bytes()).unwrap();
            assert!(check(&read).is_err(), "{unusable:?}");
        }
    }
}
