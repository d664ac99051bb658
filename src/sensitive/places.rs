//! Folders that hold private files, known by their name or by where they are.

use std::path::{Component, Path};

/// What a folder at a path holds. A path of several components stands for the last of them, where
/// the ones before precede it. Upper and lower case are the same.
pub const PLACES: &[(&str, &str)] = &[
    // Keys and passwords.
    (".ssh", "SSH keys"),
    (".gnupg", "GnuPG keys"),
    ("AppData/Roaming/gnupg", "GnuPG keys"),
    (".password-store", "passwords"),
    (".aws", "keys to AWS"),
    (".azure", "keys to Azure"),
    (".config/gcloud", "keys to Google Cloud"),
    ("AppData/Roaming/gcloud", "keys to Google Cloud"),
    (".kube", "keys to Kubernetes"),
    (".docker", "keys to Docker registries"),
    (".local/share/keyrings", "the keyring"),
    ("Library/Keychains", "the keychain"),
    ("AppData/Local/Microsoft/Credentials", "Windows passwords"),
    ("AppData/Roaming/Microsoft/Credentials", "Windows passwords"),
    ("AppData/Local/Microsoft/Vault", "Windows passwords"),
    ("AppData/Roaming/Microsoft/Protect", "Windows keys"),
    ("AppData/Roaming/Microsoft/Crypto", "Windows keys"),
    (".electrum", "a wallet"),
    (".bitcoin", "a wallet"),
    ("AppData/Roaming/Bitcoin", "a wallet"),
    ("Library/Application Support/Bitcoin", "a wallet"),
    // Browsers and mail.
    (".mozilla", "Firefox profiles"),
    ("AppData/Roaming/Mozilla", "Firefox profiles"),
    ("Library/Application Support/Firefox", "Firefox profiles"),
    (".thunderbird", "Thunderbird mail"),
    ("AppData/Roaming/Thunderbird", "Thunderbird mail"),
    ("Library/Thunderbird", "Thunderbird mail"),
    (".config/google-chrome", "Chrome profiles"),
    ("AppData/Local/Google/Chrome", "Chrome profiles"),
    (
        "Library/Application Support/Google/Chrome",
        "Chrome profiles",
    ),
    (".config/chromium", "Chromium profiles"),
    ("snap/chromium", "Chromium profiles"),
    ("AppData/Local/Chromium", "Chromium profiles"),
    ("Library/Application Support/Chromium", "Chromium profiles"),
    (".config/BraveSoftware", "Brave profiles"),
    ("AppData/Local/BraveSoftware", "Brave profiles"),
    (
        "Library/Application Support/BraveSoftware",
        "Brave profiles",
    ),
    (".config/microsoft-edge", "Edge profiles"),
    ("AppData/Local/Microsoft/Edge", "Edge profiles"),
    (
        "Library/Application Support/Microsoft Edge",
        "Edge profiles",
    ),
    (".config/vivaldi", "Vivaldi profiles"),
    ("AppData/Local/Vivaldi", "Vivaldi profiles"),
    ("Library/Application Support/Vivaldi", "Vivaldi profiles"),
    (".config/opera", "Opera profiles"),
    ("AppData/Roaming/Opera Software", "Opera profiles"),
    (
        "Library/Application Support/com.operasoftware.Opera",
        "Opera profiles",
    ),
    ("User Data", "browser profiles"),
    ("Library/Safari", "Safari's history"),
    ("Library/Cookies", "browser cookies"),
    ("Library/Mail", "mail"),
    ("Library/Messages", "messages"),
];

/// The first place in `path`: its name, and what it holds.
pub fn inside(path: &Path) -> Option<(&'static str, &'static str)> {
    let names = names(path);
    (1..=names.len()).find_map(|end| ends_with_place(&names[..end]))
}

/// The place that is at `path` itself: its name, and what it holds.
pub fn at(path: &Path) -> Option<(&'static str, &'static str)> {
    ends_with_place(&names(path))
}

/// The places of the user's home folder that are below `folder`: their relative path, and what they
/// hold.
pub fn below<'a>(
    folder: &'a Path,
    home: &'a Path,
) -> impl Iterator<Item = (std::path::PathBuf, &'static str)> + 'a {
    PLACES.iter().filter_map(move |(place, what)| {
        let place = home.join(place);
        let relative = place.strip_prefix(folder).ok()?;
        (!relative.as_os_str().is_empty() && place.is_dir()).then(|| (relative.to_owned(), *what))
    })
}

fn names(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

fn ends_with_place(names: &[String]) -> Option<(&'static str, &'static str)> {
    PLACES.iter().find_map(|(place, what)| {
        let mut remaining = names.iter().rev();
        let is_here = place.rsplit('/').all(|part| {
            remaining
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(part))
        });
        let name = place.rsplit('/').next().unwrap_or(place);
        is_here.then_some((name, *what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_known_on_every_system() {
        for (path, what) in [
            ("/home/a/.mozilla/firefox", "Firefox profiles"),
            ("/home/a/.config/google-chrome/Default", "Chrome profiles"),
            (
                "/Users/a/Library/Application Support/Google/Chrome",
                "Chrome profiles",
            ),
            ("/Users/a/Library/Keychains", "the keychain"),
            (
                "/c/Users/a/AppData/Roaming/Mozilla/Firefox",
                "Firefox profiles",
            ),
            ("/c/Users/a/appdata/local/google/chrome", "Chrome profiles"),
            (
                "/c/Users/a/AppData/Roaming/Microsoft/Credentials",
                "Windows passwords",
            ),
        ] {
            assert_eq!(
                inside(Path::new(path)).map(|found| found.1),
                Some(what),
                "{path}"
            );
        }
        for harmless in [
            "/home/a/Google/Chrome",
            "/home/a/Keyrings",
            "/home/a/Mail",
            "/home/a/Music/Vivaldi",
            "/home/a/src/Chromium/docs",
            "/srv/Credentials",
        ] {
            assert_eq!(inside(Path::new(harmless)), None, "{harmless}");
        }
    }
}
