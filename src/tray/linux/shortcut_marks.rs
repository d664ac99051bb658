//! How labels are written so that a `_` in a name is shown and marks no shortcut.

use std::{env, ffi::OsStr};

/// What the desktop's panel makes of `_` in a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortcutMarks {
    /// As the protocol has it: each `_` marks the next letter, and `__` is shown as `_`.
    Each,
    /// GNOME's extension takes away the first `_` that has another character behind it, and shows
    /// everything else as it is.
    First,
}

impl ShortcutMarks {
    pub fn of_this_desktop() -> Self {
        Self::of(&env::var_os("XDG_CURRENT_DESKTOP").unwrap_or_default())
    }

    fn of(desktop: &OsStr) -> Self {
        let desktop = desktop.to_string_lossy();
        let mut names = desktop.split(':');
        if names.any(|name| name.eq_ignore_ascii_case("gnome")) {
            Self::First
        } else {
            Self::Each
        }
    }

    pub fn escaped(self, label: &str) -> String {
        match self {
            Self::Each => label.replace('_', "__"),
            Self::First => {
                let taken = label.match_indices('_').map(|(at, _)| at).find(|&at| {
                    label[at + 1..]
                        .chars()
                        .next()
                        .is_some_and(|next| next != '_')
                });
                let Some(at) = taken else {
                    return label.to_owned();
                };
                let (before, after) = label.split_at(at);
                format!("{before}_{after}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["my_files & more", "__init__", "_", "a_", "a__b_c", "none"];

    #[test]
    fn panels_that_follow_the_protocol_show_names_as_they_are() {
        for name in NAMES {
            let shown = ShortcutMarks::Each.escaped(name).replace("__", "_");
            assert_eq!(shown, name);
        }
        assert_eq!(ShortcutMarks::Each.escaped("a_b"), "a__b");
    }

    #[test]
    fn so_does_the_extension_of_gnome() {
        let first = regex::Regex::new("_([^_])").unwrap();
        for name in NAMES {
            let label = ShortcutMarks::First.escaped(name);
            assert_eq!(first.replace(&label, "$1"), name);
        }
    }

    #[test]
    fn the_desktop_decides() {
        let of = |desktop: &str| ShortcutMarks::of(desktop.as_ref());
        assert_eq!(of("ubuntu:GNOME"), ShortcutMarks::First);
        assert_eq!(of("KDE"), ShortcutMarks::Each);
        assert_eq!(of(""), ShortcutMarks::Each);
    }
}
