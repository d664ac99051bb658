//! What to share, from the names on the command line.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use crate::{
    app::{Target, visible},
    paths,
};

/// What was named can't be shared.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("Can't share {}: {}", visible(&path.to_string_lossy()), reason(error))]
    Path {
        path: PathBuf,
        // Not a source, since the message already says the same.
        error: io::Error,
    },
    #[error(
        "Can't share {0}: there is no such file or folder, and a port is a number from 1 to 65535."
    )]
    NotAPort(String),
    #[error(
        "Can't share {0} together with anything else: there is no such file or folder, and a port is shared on its own. Run `spot-serve share {0}`."
    )]
    PortWithOthers(u16),
    #[error("Nothing was named to share.")]
    Nothing,
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder.".into(),
        io::ErrorKind::PermissionDenied => "you have no permission to read it.".into(),
        _ => error.to_string(),
    }
}

/// The target for these paths: one folder, or files and folders together. A single number is the
/// port of a site, unless a file has that name.
///
/// # Errors
/// A path doesn't exist or can't be read, or a port is out of range or not alone.
pub fn named(named: &[PathBuf]) -> Result<Target, TargetError> {
    let mut found = Vec::with_capacity(named.len());
    for path in named {
        if let Some(number) = number(path)
            && !path.exists()
        {
            return match port(number) {
                None => Err(TargetError::NotAPort(number.to_owned())),
                Some(port) if named.len() > 1 => Err(TargetError::PortWithOthers(port)),
                Some(port) => Ok(Target::Site(port)),
            };
        }
        let real = paths::real(path).map_err(|error| TargetError::Path {
            path: path.clone(),
            error,
        })?;
        found.push(real);
    }
    of_real(found).ok_or(TargetError::Nothing)
}

/// The target for canonical paths. Duplicates count once. `None` without paths.
pub fn of_real(paths: Vec<PathBuf>) -> Option<Target> {
    let mut named = HashSet::new();
    let mut paths = paths.into_iter().filter(|path| named.insert(path.clone()));
    let first = paths.next()?;
    let others: Vec<_> = paths.collect();
    Some(if others.is_empty() && first.is_dir() {
        Target::Folder(first)
    } else {
        Target::Files { first, others }
    })
}

/// The path as a number in digits, of any size.
fn number(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

fn port(number: &str) -> Option<u16> {
    number.parse().ok().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_named_twice_is_shared_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = paths::real(dir.path()).unwrap();
        let (folder, file) = (root.join("Photos"), root.join("one.txt"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "").unwrap();
        assert_eq!(
            named(&[folder.clone(), folder.join("")]).unwrap(),
            Target::Folder(folder.clone())
        );
        assert_eq!(
            named(&[file.clone(), folder.clone(), folder.join("../one.txt")]).unwrap(),
            Target::Files {
                first: file,
                others: vec![folder]
            }
        );
    }

    #[test]
    fn a_mistyped_path_does_not_steer_the_terminal() {
        let error = named(&["/nowhere/\x1b[2J\nDone".into()]).unwrap_err();
        let text = error.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }

    #[test]
    fn a_port_is_shared_on_its_own() {
        let dir = tempfile::tempdir().unwrap();
        for paths in [
            ["5173".into(), dir.path().to_owned()],
            [dir.path().to_owned(), "5173".into()],
            ["5173".into(), "3000".into()],
        ] {
            let text = named(&paths).unwrap_err().to_string();
            assert!(text.contains("Run `spot-serve share 5173`"), "{text}");
        }
    }

    #[test]
    fn a_number_is_a_port_unless_a_file_has_that_name() {
        assert_eq!(named(&["5173".into()]).unwrap(), Target::Site(5173));
        for (wrong, why) in [
            ("0", "1 to 65535"),
            ("65536", "1 to 65535"),
            ("99999999999999999999", "1 to 65535"),
            ("-1", "no such file or folder."),
            ("51x", "no such file or folder."),
        ] {
            let text = named(&[wrong.into()]).unwrap_err().to_string();
            assert!(text.contains(why), "{text}");
        }
        let dir = tempfile::tempdir().unwrap();
        let folder = paths::real(dir.path()).unwrap().join("5173");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(
            named(std::slice::from_ref(&folder)).unwrap(),
            Target::Folder(folder)
        );
    }
}
