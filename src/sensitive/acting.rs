//! Places where a file does something by being there: it is read as settings, or started as a program.
//! Strangers should not be able to put files there, even if they see nothing and can't replace anything.

use std::{
    env,
    path::{Component, Path},
};

use super::places;

/// Folders of the system. What is mounted below `/run`, `/mnt` and `/media` belongs to users.
const SYSTEM: &[&str] = &[
    "/Applications",
    "/Library",
    "/System",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/private/etc",
    "/proc",
    "/sbin",
    "/srv/http",
    "/srv/www",
    "/sys",
    "/usr",
    "/var/lib",
    "/var/spool",
    "/var/www",
];

/// Folders of the system at the top of a drive of Windows.
const SYSTEM_OF_WINDOWS: &[&str] = &[
    "Windows",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
];

/// Folders of the user's home folder that hold settings and programs, though they aren't hidden. Upper
/// and lower case are the same.
const OF_HOME: &[&str] = &["Library", "AppData", "Applications", "bin"];

/// What the folder at `path`, which is free of links, is, if files act there.
pub fn what_acts(path: &Path, home: Option<&Path>) -> Option<String> {
    if path.parent().is_none() {
        return Some(format!("the top of a disk ({})", path.display()));
    }
    if let Some((name, what)) = places::inside(path) {
        return Some(format!("a folder with {what} ({name})"));
    }
    let is_home_above = home.is_some_and(|home| home.starts_with(path) && home != path);
    if is_home_above {
        return Some(format!("the folder of all users ({})", path.display()));
    }
    if is_searched_for_programs(path) {
        return Some(format!("a folder of programs ({})", path.display()));
    }
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(relative) => in_home(relative),
        None => is_of_system(path).then(|| format!("a folder of the system ({})", path.display())),
    }
}

fn in_home(relative: &Path) -> Option<String> {
    let mut names = relative.iter();
    let Some(first) = names.next() else {
        return Some("your home folder".into());
    };
    let is_own = |own: &&str| first.eq_ignore_ascii_case(own);
    if OF_HOME.iter().any(is_own) {
        return Some(format!(
            "a folder of settings and programs ({})",
            first.display()
        ));
    }
    let is_hidden = |name: &&std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let hidden = relative.iter().find(is_hidden)?;
    Some(format!("a hidden folder ({})", hidden.display()))
}

fn is_of_system(path: &Path) -> bool {
    if SYSTEM.iter().any(|system| path.starts_with(system)) {
        return true;
    }
    let mut parts = path.components();
    let is_drive = matches!(parts.next(), Some(Component::Prefix(_)));
    let first = parts.find_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    is_drive
        && first.is_some_and(|first| {
            let mut systems = SYSTEM_OF_WINDOWS.iter();
            systems.any(|system| first.eq_ignore_ascii_case(system))
        })
}

/// Whether programs in the folder are started by their name alone.
fn is_searched_for_programs(path: &Path) -> bool {
    let paths = env::var_os("PATH");
    let mut folders = paths.iter().flat_map(env::split_paths);
    folders.any(|folder| folder.is_absolute() && folder == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "/home/somebody";

    #[test]
    fn files_act_where_programs_look_for_them() {
        for (path, what) in [
            ("/", "the top of a disk (/)"),
            ("/home", "the folder of all users (/home)"),
            (HOME, "your home folder"),
            ("/home/somebody/.ssh", "a folder with SSH keys (.ssh)"),
            ("/mnt/disk/.ssh/old", "a folder with SSH keys (.ssh)"),
            (
                "/home/somebody/.config/autostart",
                "a hidden folder (.config)",
            ),
            (
                "/home/somebody/Code/shop/.git/hooks",
                "a hidden folder (.git)",
            ),
            (
                "/home/somebody/bin",
                "a folder of settings and programs (bin)",
            ),
            (
                "/home/somebody/library/LaunchAgents",
                "a folder of settings and programs (library)",
            ),
            ("/etc/cron.d", "a folder of the system (/etc/cron.d)"),
            ("/var/www/html", "a folder of the system (/var/www/html)"),
        ] {
            let found = what_acts(Path::new(path), Some(Path::new(HOME)));
            assert_eq!(found.as_deref(), Some(what), "{path}");
        }
    }

    #[test]
    fn usual_places_for_files_are_harmless() {
        for path in [
            "/home/somebody/Downloads/Received Files",
            "/home/somebody/Homework",
            "/home/somebody/Code/bin",
            "/mnt/disk/Inbox",
            "/media/somebody/STICK",
            "/run/media/somebody/STICK",
            "/tmp/.tmpAbc/inbox",
            "/srv/inbox",
        ] {
            let found = what_acts(Path::new(path), Some(Path::new(HOME)));
            assert_eq!(found, None, "{path}");
        }
    }

    #[test]
    fn a_home_folder_in_a_folder_of_the_system_is_still_a_home() {
        let home = Path::new("/var/lib/somebody");
        assert_eq!(what_acts(&home.join("Inbox"), Some(home)), None);
        assert!(what_acts(&home.join("Inbox"), None).is_some());
    }
}
