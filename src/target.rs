//! What a person names on the command line, as the file system has it.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use crate::{app::Target, paths};

/// What was named can't be shared.
#[derive(Debug, thiserror::Error)]
#[error("{path} can't be shared: {}", why(error))]
pub struct TargetError {
    path: PathBuf,
    // Not a source: it is in the sentence already, in better words.
    error: io::Error,
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder.".into(),
        io::ErrorKind::PermissionDenied => {
            "your account may not look into the folder it is in.".into()
        }
        _ => error.to_string(),
    }
}

/// The share of these paths: one folder, or files and folders together. A single number that no
/// file is named after is the port of a site.
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

/// The share of paths that are absolute and in the form the file system has for them, each of them
/// once; `None` without a path.
pub fn of_real(paths: Vec<PathBuf>) -> Option<Target> {
    let mut named = HashSet::new();
    let mut paths = paths.into_iter().filter(|path| named.insert(path.clone()));
    let first = paths.next()?;
    let others: Vec<_> = paths.collect();
    Some(match others.is_empty() && first.is_dir() {
        true => Target::Folder(first),
        false => Target::Files { first, others },
    })
}

fn port(path: &Path) -> Option<u16> {
    path.to_str()?.parse().ok().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_twice_is_shared_once() {
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
