//! The format on Linux: a desktop entry, as in the XDG autostart specification.

use std::path::PathBuf;

use super::entry::LoginEntry;

/// Quotes a program for an `Exec=` line: first for the grammar of the line, where `%` starts a field
/// code, then as a string value of a desktop entry.
pub fn quoted(program: &str) -> String {
    let mut quoted = String::from("\"");
    for c in program.chars() {
        match c {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    string_value(&quoted)
}

/// Completes the entry that auto-launch has written: it uses the file's name as the program's name,
/// and knows no icon.
pub fn completed(written: &str, program: &str) -> String {
    const KEPT: [&str; 4] = ["Type=", "Exec=", "StartupNotify=", "Terminal="];
    let mut entry = String::from(
        "[Desktop Entry]\nName=Spot Serve\nComment=Share a folder with one click\nIcon=spot-serve\n",
    );
    for line in written.lines() {
        if KEPT.iter().any(|key| line.starts_with(key)) {
            entry += line;
            entry.push('\n');
        }
    }
    // If the program is uninstalled, the desktop ignores the entry.
    entry += &format!("TryExec={}\n", string_value(program));
    entry += "X-GNOME-Autostart-enabled=true\n";
    entry
}

/// Reads an entry.
pub fn parsed(text: &str) -> LoginEntry {
    LoginEntry {
        program: program_of(text),
        is_on: !is_switched_off(text),
    }
}

fn program_of(text: &str) -> Option<PathBuf> {
    let line = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
    let line = unescaped(line)?;
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split_whitespace().next().map(PathBuf::from);
    };
    let mut program = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(program.into()),
            '\\' | '%' => program.push(chars.next()?),
            c => program.push(c),
        }
    }
}

/// Desktops switch an entry off with one of two keys.
fn is_switched_off(text: &str) -> bool {
    let switches_off = |line: &str| {
        line.split_once('=').is_some_and(|(key, value)| {
            matches!(
                (key.trim(), value.trim()),
                ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false")
            )
        })
    };
    text.lines().any(switches_off)
}

/// Every string value escapes backslashes and line breaks.
fn string_value(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next()? {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                c => c,
            },
            c => c,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::autostart::entry::ARGUMENT;

    /// What auto-launch 0.6 writes.
    fn entry(program: &str) -> String {
        let written = format!(
            "[Desktop Entry]\nType=Application\nVersion=1.0\nName=/home/a/x\nComment=/home/a/x startup script\nExec={} {ARGUMENT}\nStartupNotify=false\nTerminal=false",
            quoted(program)
        );
        completed(&written, program)
    }

    #[test]
    fn spaces_percent_signs_and_quotes_in_the_path_survive() {
        assert_eq!(
            quoted(r#"/opt/My Apps/100%/a"b$c\d"#),
            r#""/opt/My Apps/100%%/a\\"b\\$c\\\\d""#
        );
    }

    #[test]
    fn an_entry_starts_its_program() {
        for program in [
            "/usr/bin/spot-serve",
            r#"/opt/My Apps/100%/a"b$c\d"#,
            "/opt/R&D <x>/a\nExec=evil",
        ] {
            let expected = LoginEntry {
                program: Some(program.into()),
                is_on: true,
            };
            assert_eq!(parsed(&entry(program)), expected);
        }
        assert_eq!(
            parsed("Exec=/usr/bin/spot-serve --at-login\n").program,
            Some("/usr/bin/spot-serve".into())
        );
        assert_eq!(parsed("Exec=\"/usr/bin").program, None);
    }

    #[test]
    fn an_entry_has_one_name_and_ends_with_a_line_break() {
        let entry = entry("/usr/bin/spot-serve");
        assert_eq!(entry.matches("Name=").count(), 1, "{entry}");
        assert!(entry.contains("\nName=Spot Serve\n"), "{entry}");
        assert!(entry.contains("\nTryExec=/usr/bin/spot-serve\n"), "{entry}");
        assert!(entry.ends_with("Autostart-enabled=true\n"), "{entry}");
    }

    #[test]
    fn an_entry_that_the_desktop_has_switched_off_is_off() {
        let entry = entry("/usr/bin/spot-serve");
        assert!(parsed(&entry).is_on);
        assert!(!parsed(&format!("{entry}Hidden = true\n")).is_on);
        let by_gnome = entry.replace("enabled=true", "enabled=false");
        assert!(!parsed(&by_gnome).is_on);
    }
}
