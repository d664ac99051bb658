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

/// A path can't be shared.
#[derive(Debug, thiserror::Error)]
#[error("Can't share {}: {}", visible(&path.to_string_lossy()), reason(error))]
pub struct TargetError {
    path: PathBuf,
    // Not a source, since the message already says the same.
    error: io::Error,
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
/// A path doesn't exist or can't be read.
pub fn named(named: &[PathBuf]) -> Result<Target, TargetError> {
    if let [only] = named
        && let Some(port) = port(only)
        && !only.exists()
    {
        return Ok(Target::Site(port));
    }
    let mut found = Vec::with_capacity(named.len());
    for path in named {
        let real = paths::real(path).map_err(|error| TargetError {
            path: path.clone(),
            error,
        })?;
        found.push(real);
    }
    of_real(found).ok_or_else(|| TargetError {
        path: PathBuf::from("nothing"),
        error: io::ErrorKind::NotFound.into(),
    })
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

fn port(path: &Path) -> Option<u16> {
    path.to_str()?.parse().ok().filter(|port| *port != 0)
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
    fn a_number_is_a_port_unless_a_file_has_that_name() {
        assert_eq!(named(&["5173".into()]).unwrap(), Target::Site(5173));
        for wrong in ["0", "65536", "-1", "51x"] {
            assert!(named(&[wrong.into()]).is_err(), "{wrong}");
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
