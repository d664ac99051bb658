//! Moving a file to a name that is free, on every system.

use std::{ffi::OsStr, io};

use cap_std::fs::Dir;

use super::{exclusive_system::rename_to_free, private};

/// Moves a file to another folder of the same file system. Never replaces anything.
///
/// On some drives, an empty file has to take the name first, which is told before.
///
/// # Errors
/// `AlreadyExists` if the name is taken; others as the system reports them, and those of `tell`.
pub fn move_to_free(
    from: &Dir,
    name: &OsStr,
    to: &Dir,
    new: &OsStr,
    tell: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    match rename_to_free(from, name, to, new) {
        Some(moved) => moved,
        None => match link_to_free(from, name, to, new) {
            Some(moved) => moved,
            None => {
                tell()?;
                replace_own(from, name, to, new)
            }
        },
    }
}

/// With a second name; `None` where a file can't have two.
fn link_to_free(from: &Dir, name: &OsStr, to: &Dir, new: &OsStr) -> Option<io::Result<()>> {
    match from.hard_link(name, to, new) {
        Ok(()) => Some(from.remove_file(name)),
        Err(error) if is_final(&error) => Some(Err(error)),
        Err(_) => None,
    }
}

/// With an empty file that takes the name first, where a file has one name only.
fn replace_own(from: &Dir, name: &OsStr, to: &Dir, new: &OsStr) -> io::Result<()> {
    drop(to.open_with(new, &private::new_file())?);
    from.rename(name, to, new).inspect_err(|_| {
        let _ = to.remove_file(new);
    })
}

/// Whether an error says something about the name or the folder rather than about links.
fn is_final(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::CrossesDevices
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use cap_std::ambient_authority;

    use super::*;

    type Move = fn(&Dir, &OsStr, &Dir, &OsStr) -> io::Result<()>;

    const WAYS: [Move; 3] = [
        |from, name, to, new| move_to_free(from, name, to, new, || Ok(())),
        |from, name, to, new| link_to_free(from, name, to, new).unwrap(),
        replace_own,
    ];

    #[test]
    fn every_way_to_move_a_file_moves_all_of_it_and_replaces_nothing() {
        for way in WAYS {
            let temp = tempfile::tempdir().unwrap();
            let path = |name: &str| temp.path().join(name);
            fs::create_dir(path("to")).unwrap();
            fs::write(path("a"), "first").unwrap();
            fs::write(path("b"), "second").unwrap();
            let from = Dir::open_ambient_dir(temp.path(), ambient_authority()).unwrap();
            let to = from.open_dir("to").unwrap();
            way(&from, "a".as_ref(), &to, "x".as_ref()).unwrap();
            let error = way(&from, "b".as_ref(), &to, "x".as_ref()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(path("to/x")).unwrap(), b"first");
            assert_eq!(fs::read(path("b")).unwrap(), b"second");
            assert!(!path("a").exists());
            let error = way(&from, "missing".as_ref(), &to, "y".as_ref()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            assert!(!path("to/y").exists());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_is_not_followed() {
        for way in WAYS {
            let temp = tempfile::tempdir().unwrap();
            let path = |name: &str| temp.path().join(name);
            fs::write(path("a"), "new").unwrap();
            std::os::unix::fs::symlink("target", path("x")).unwrap();
            let dir = Dir::open_ambient_dir(temp.path(), ambient_authority()).unwrap();
            let error = way(&dir, "a".as_ref(), &dir, "x".as_ref()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(!path("target").exists());
        }
    }
}
