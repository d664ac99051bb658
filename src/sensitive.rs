//! What its owner hardly means to show to strangers: the home folder, keys, browser profiles.
//!
//! A guard against a slip, not against a person who wants to: it looks at the path and at the
//! names right below it, and no further.

use std::{
    fs,
    path::{Component, Path},
};

use crate::app::{PrivateContent, Target};

/// Folders by name, anywhere in the path or right below it, and what they hold.
const FOLDERS: &[(&str, &str)] = &[
    (".ssh", "SSH keys"),
    (".gnupg", "GnuPG keys"),
    (".password-store", "passwords"),
    (".aws", "keys to AWS"),
    (".azure", "keys to Azure"),
    (".kube", "keys to Kubernetes"),
    (".docker", "keys to Docker registries"),
    (".mozilla", "Firefox profiles"),
    (".thunderbird", "Thunderbird mail"),
    ("google-chrome", "Chrome profiles"),
    ("chromium", "Chromium profiles"),
    ("BraveSoftware", "Brave profiles"),
    ("microsoft-edge", "Edge profiles"),
    ("vivaldi", "Vivaldi profiles"),
    ("keyrings", "the keyring"),
    ("Keychains", "the keychain"),
    ("User Data", "browser profiles"),
];

/// Files by name, or by what the name ends with, and what they are.
const FILES: &[(&str, &str)] = &[
    ("id_rsa", "an SSH key"),
    ("id_ecdsa", "an SSH key"),
    ("id_ed25519", "an SSH key"),
    ("key4.db", "a browser's passwords"),
    ("logins.json", "a browser's passwords"),
    ("Login Data", "a browser's passwords"),
    ("wallet.dat", "a wallet"),
    (".kdbx", "a password database"),
    (".netrc", "passwords"),
    (".git-credentials", "passwords"),
];

/// The private things in what is to be shared; `None` if it looks harmless.
///
/// `serves_hidden`: whether visitors see hidden files too.
pub fn find(target: &Target, home: Option<&Path>, serves_hidden: bool) -> Option<PrivateContent> {
    let mut things = Vec::new();
    match target {
        Target::Folder(folder) => look(folder, home, serves_hidden, &mut things),
        Target::Files { first, others } => {
            for path in std::iter::once(first).chain(others) {
                look(path, home, serves_hidden, &mut things);
            }
        }
        Target::Site(_) => {}
    }
    things.dedup();
    (!things.is_empty()).then_some(PrivateContent { things })
}

fn look(path: &Path, home: Option<&Path>, serves_hidden: bool, things: &mut Vec<String>) {
    if path.parent().is_none() {
        things.push("all files of this computer".into());
        return;
    }
    if let Some(home) = home
        && home.starts_with(path)
    {
        things.push(match home == path {
            true => "your whole home folder".into(),
            false => format!("your home folder and all else in {}", path.display()),
        });
        return;
    }
    let inside = path.components().find_map(|part| match part {
        Component::Normal(name) => known(FOLDERS, &name.to_string_lossy(), true),
        _ => None,
    });
    if let Some((name, what)) = inside {
        things.push(format!("{what} ({name})"));
        return;
    }
    if let Some(name) = path.file_name()
        && let Some((name, what)) = known(FILES, &name.to_string_lossy(), false)
        && path.is_file()
    {
        things.push(format!("{what} ({name})"));
    }
    // What can't be read can't be served either.
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let found = known(FOLDERS, &name, true).or_else(|| known(FILES, &name, false));
        if let Some((_, what)) = found
            && (serves_hidden || !name.starts_with('.'))
        {
            things.push(format!("{what} ({name})"));
        }
    }
}

/// The entry for this name: a whole name, or for files the end of one that begins with a dot.
fn known<'a>(
    list: &[(&'a str, &'a str)],
    name: &str,
    is_whole: bool,
) -> Option<(&'a str, &'a str)> {
    list.iter()
        .find(|(known, _)| {
            name == *known || (!is_whole && known.starts_with('.') && name.ends_with(known))
        })
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(target: &Path, home: &Path, serves_hidden: bool) -> Vec<String> {
        let target = Target::Folder(target.to_owned());
        find(&target, Some(home), serves_hidden).map_or(Vec::new(), |private| private.things)
    }

    #[test]
    fn the_home_folder_and_what_it_is_in_are_private() {
        let home = Path::new("/home/somebody");
        assert_eq!(things(home, home, false), ["your whole home folder"]);
        assert_eq!(
            things(Path::new("/home"), home, false),
            ["your home folder and all else in /home"]
        );
        assert_eq!(
            things(Path::new("/"), home, false),
            ["all files of this computer"]
        );
        assert!(things(Path::new("/home/somebody/Photos"), home, false).is_empty());
        assert!(things(Path::new("/home/some"), home, false).is_empty());
    }

    #[test]
    fn a_folder_of_keys_is_private_and_so_is_what_is_in_it() {
        let home = Path::new("/home/somebody");
        for inside in ["/x/.ssh", "/x/.ssh/old"] {
            assert_eq!(things(Path::new(inside), home, false), ["SSH keys (.ssh)"]);
        }
    }

    #[test]
    fn names_right_below_count_if_visitors_would_see_them() {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path().join("shared");
        fs::create_dir_all(shared.join(".ssh")).unwrap();
        let home = Path::new("/home/somebody");
        assert!(things(&shared, home, false).is_empty());
        assert_eq!(things(&shared, home, true), ["SSH keys (.ssh)"]);
        fs::write(shared.join("mine.kdbx"), "").unwrap();
        assert_eq!(
            things(&shared, home, false),
            ["a password database (mine.kdbx)"]
        );
    }
}
