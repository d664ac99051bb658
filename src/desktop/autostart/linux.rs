//! Linux: a desktop entry in the autostart folder, as the XDG autostart specification wants it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use directories::BaseDirs;

use super::{argument::ARGUMENT, error::AutostartError};
use crate::{process::own_program, store};

/// Whether an entry is there that is not switched off.
pub fn is_enabled() -> bool {
    entry_file()
        .and_then(|file| fs::read_to_string(file).ok())
        .is_some_and(|text| !is_switched_off(&text))
}

/// Desktops have two ways to say so.
fn is_switched_off(entry: &str) -> bool {
    let says = |line: &str| match line.split_once('=') {
        Some((key, value)) => matches!(
            (key.trim(), value.trim()),
            ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false")
        ),
        None => false,
    };
    entry.lines().any(says)
}

/// Adds or removes the entry of this program.
pub fn set(on: bool) -> Result<(), AutostartError> {
    let file = entry_file().ok_or_else(|| AutostartError("there is no home folder".into()))?;
    let failed = |error: io::Error| AutostartError(format!("{}: {error}", file.display()));
    if !on {
        return match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        };
    }
    let program = own_program::path().map_err(failed)?;
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    store::replace(&file, entry(&program).as_bytes()).map_err(failed)
}

/// A program that was moved since gets its entry right: one that starts nothing any more is
/// written anew.
pub fn repair() {
    let program = entry_file()
        .and_then(|file| fs::read_to_string(file).ok())
        .and_then(|text| program_of(&text));
    let is_lost = program.is_some_and(|program| program.is_absolute() && !program.exists());
    if is_lost
        && is_enabled()
        && let Err(error) = set(true)
    {
        tracing::warn!("{error}");
    }
}

/// The program that the entry starts.
fn program_of(text: &str) -> Option<PathBuf> {
    let line = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
    // Every string value of a desktop entry doubles its backslashes.
    let line = line.replace("\\\\", "\\");
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split_whitespace().next().map(PathBuf::from);
    };
    let mut program = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(program.into()),
            '\\' => program.push(chars.next()?),
            '%' => program.push(chars.next()?),
            c => program.push(c),
        }
    }
}

fn entry_file() -> Option<PathBuf> {
    let dirs = BaseDirs::new()?;
    Some(dirs.config_dir().join("autostart/spot-serve.desktop"))
}

fn entry(program: &Path) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Spot Serve\nComment=Share a folder with one click\nIcon=spot-serve\nExec={} {ARGUMENT}\nTryExec={}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
        quoted_for_exec(&program.to_string_lossy()),
        // Where the program was uninstalled since, the desktop passes the entry over.
        program.to_string_lossy().replace('\\', "\\\\"),
    )
}

/// Quotes an argument for an `Exec=` line: first as the line's own grammar wants it, where `%`
/// begins a field code, then as every string value of a desktop entry.
fn quoted_for_exec(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for c in argument.chars() {
        match c {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted.replace('\\', "\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_percent_signs_and_quotes_in_the_path_survive() {
        assert_eq!(
            quoted_for_exec(r#"/opt/My Apps/100%/a"b$c\d"#),
            r#""/opt/My Apps/100%%/a\\"b\\$c\\\\d""#
        );
    }

    #[test]
    fn an_entry_that_the_desktop_has_switched_off_is_off() {
        let entry = entry(Path::new("/usr/bin/spot-serve"));
        assert!(!is_switched_off(&entry));
        assert!(is_switched_off(&format!("{entry}Hidden = true\n")));
        let by_gnome = entry.replace("enabled=true", "enabled=false");
        assert!(is_switched_off(&by_gnome));
    }

    #[test]
    fn the_program_of_an_entry_is_found_again() {
        for path in ["/usr/bin/spot-serve", r#"/opt/My Apps/100%/a"b$c\d"#] {
            assert_eq!(
                program_of(&entry(Path::new(path))),
                Some(PathBuf::from(path))
            );
        }
        assert_eq!(
            program_of("Exec=/usr/bin/spot-serve --at-login\n"),
            Some(PathBuf::from("/usr/bin/spot-serve"))
        );
    }
}
