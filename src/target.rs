//! What to share, from the names on the command line.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    app::{Target, visible},
    paths,
};

/// What was named can't be shared.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("Can't share {}: {}", visible(&path.to_string_lossy()), reason(path, error))]
    Path {
        path: PathBuf,
        // Not a source, since the message already says the same.
        error: io::Error,
    },
    #[error("Can't receive files in {}: {}", visible(&path.to_string_lossy()), inbox_reason(path, error))]
    Inbox { path: PathBuf, error: io::Error },
    #[error("Can't share {}: {error}", visible(named))]
    Site { named: String, error: SiteError },
    #[error(
        "Can't share port {0} together with anything else: a local site is shared on its own. Run `spot-serve share {0}`."
    )]
    PortWithOthers(u16),
    #[error("{}", lines(.0))]
    Several(Vec<TargetError>),
    #[error("Nothing was named to share.")]
    Nothing,
}

/// Something that looks like a site can't be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    #[error("there is no such file or folder, and a port is a number from 1 to 65535.")]
    NotAPort,
    #[error(
        "it isn't on this computer. Share a local site by its port, such as 5173, or by an address such as localhost:5173."
    )]
    Elsewhere,
    #[error("its port is missing. Add it, such as localhost:5173.")]
    NoPort,
    #[error("only sites with an address that starts with http:// or https:// can be shared.")]
    OtherScheme,
    #[error("a site is shared as a whole. Leave out the path; you can add it to the link.")]
    HasPath,
}

impl TargetError {
    /// Whether a file or folder with a name that was given does not exist.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Path { path, error } | Self::Inbox { path, error } => {
                error.kind() == io::ErrorKind::NotFound && file_above(path).is_none()
            }
            Self::Several(errors) => errors.iter().any(Self::is_missing),
            Self::Site { .. } | Self::PortWithOthers(_) | Self::Nothing => false,
        }
    }
}

fn lines(errors: &[TargetError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn inbox_reason(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound if file_above(path).is_none() => {
            "the folder that it would be made in doesn't exist. Make that first.".into()
        }
        io::ErrorKind::NotADirectory if file_above(path).is_none() => "it isn't a folder.".into(),
        _ => reason(path, error),
    }
}

fn reason(path: &Path, error: &io::Error) -> String {
    // On Windows the error is the one for a path that doesn't exist.
    if let Some(file) = file_above(path) {
        let file = visible(&file.to_string_lossy());
        return format!("{file} is a file, not a folder.");
    }
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder.".into(),
        io::ErrorKind::PermissionDenied => "you have no permission to read it.".into(),
        _ => format!("{error}."),
    }
}

/// The file on the way to this path that is no folder.
fn file_above(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|above| above.is_file())
}

/// The target for these paths: one folder, or files and folders together. A single port or address
/// is a site, unless a file has that name.
///
/// # Errors
/// A path doesn't exist or can't be read, or a site can't be shared or is not alone.
pub fn named(named: &[PathBuf]) -> Result<Target, TargetError> {
    let mut found = Vec::with_capacity(named.len());
    let mut errors = Vec::new();
    for path in named {
        if let Some(text) = path.to_str()
            && let Some(site) = site(text)
            && !path.exists()
        {
            return match site {
                Err(error) => Err(TargetError::Site {
                    named: text.to_owned(),
                    error,
                }),
                Ok(port) if named.len() > 1 => Err(TargetError::PortWithOthers(port)),
                Ok(port) => Ok(Target::Site(port)),
            };
        }
        let chosen = paths::as_chosen(path).and_then(|chosen| {
            // Follows links: where they lead has to exist.
            fs::metadata(&chosen)?;
            Ok(chosen)
        });
        match chosen {
            Ok(chosen) => found.push(chosen),
            Err(error) => errors.push(TargetError::Path {
                path: path.clone(),
                error,
            }),
        }
    }
    if errors.len() > 1 {
        return Err(TargetError::Several(errors));
    }
    if let Some(error) = errors.pop() {
        return Err(error);
    }
    of_chosen(found).ok_or(TargetError::Nothing)
}

/// A folder that visitors hand files in to. It is made if it is missing.
///
/// # Errors
/// It is no folder, or the folder that it would be made in is missing.
pub fn inbox(folder: &Path) -> Result<Target, TargetError> {
    let unusable = |error| TargetError::Inbox {
        path: folder.to_owned(),
        error,
    };
    let chosen = paths::as_chosen(folder).map_err(unusable)?;
    match fs::metadata(&chosen) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(unusable(io::ErrorKind::NotADirectory.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_parent_there = chosen.parent().is_some_and(Path::is_dir);
            if !is_parent_there || fs::symlink_metadata(&chosen).is_ok() {
                return Err(unusable(error));
            }
        }
        Err(error) => return Err(unusable(error)),
    }
    Ok(Target::Inbox(chosen))
}

/// The target for paths from [`paths::as_chosen`]. Duplicates count once. `None` without paths.
pub fn of_chosen(paths: Vec<PathBuf>) -> Option<Target> {
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

/// The names of this computer that sites print when they start.
const THIS_COMPUTER: [&str; 5] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"];

/// The port of a site on this computer: `5173`, `:5173`, `localhost:5173` or `https://localhost:5173/`.
/// `None` if it names no site.
///
/// # Errors
/// It names a site that can't be shared.
pub fn site(text: &str) -> Option<Result<u16, SiteError>> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(port(text));
    }
    if let Some(number) = text.strip_prefix(':') {
        return Some(port(number.trim_end_matches('/')));
    }
    if text.eq_ignore_ascii_case("localhost") {
        return Some(Err(SiteError::NoPort));
    }
    let (usual_port, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some("80"), rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some("443"), rest),
        Some(_) => return Some(Err(SiteError::OtherScheme)),
        None => (None, text),
    };
    let (place, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, number) = match place.rsplit_once(':') {
        Some((host, number)) if !number.ends_with(']') => (host, number),
        _ => (place, usual_port?),
    };
    let is_here = THIS_COMPUTER
        .iter()
        .any(|name| host.eq_ignore_ascii_case(name));
    match (is_here, path) {
        (false, _) if usual_port.is_none() => None,
        (false, _) => Some(Err(SiteError::Elsewhere)),
        (true, "" | "/") => Some(port(number)),
        (true, _) => Some(Err(SiteError::HasPath)),
    }
}

fn port(number: &str) -> Result<u16, SiteError> {
    match number.parse() {
        Ok(port @ 1..) => Ok(port),
        _ => Err(SiteError::NotAPort),
    }
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
    fn a_folder_to_receive_files_may_be_missing_but_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = paths::real(dir.path()).unwrap();
        let missing = root.join("Homework");
        for folder in [root.clone(), missing] {
            assert_eq!(inbox(&folder).unwrap(), Target::Inbox(folder));
        }
        let file = root.join("file");
        std::fs::write(&file, "").unwrap();
        for (unusable, why) in [
            (root.join("no/where"), "Make that first."),
            (file.clone(), "it isn't a folder."),
            (file.join("x"), "is a file, not a folder."),
        ] {
            let error = inbox(&unusable).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_mistyped_path_does_not_steer_the_terminal() {
        let error = named(&["/nowhere/\x1b[2J\nDone".into()]).unwrap_err();
        let text = error.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }

    #[test]
    fn every_path_that_is_missing_is_named() {
        let text = named(&["/nowhere/one".into(), "/nowhere/two".into()])
            .unwrap_err()
            .to_string();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("one") && text.contains("two"), "{text}");
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
    fn a_site_is_named_by_its_port_or_its_address() {
        for (text, port) in [
            ("8443", 8443),
            (":8443", 8443),
            ("localhost:8443", 8443),
            ("LOCALHOST:8443", 8443),
            ("127.0.0.1:8123", 8123),
            ("[::1]:8123", 8123),
            ("http://127.0.0.1:8123/", 8123),
            ("https://localhost:8443", 8443),
            ("HTTPS://localhost:8443/", 8443),
            ("http://0.0.0.0:8000/", 8000),
            ("http://[::]:8000/", 8000),
            ("http://localhost", 80),
            ("https://[::1]/", 443),
        ] {
            assert_eq!(named(&[text.into()]).unwrap(), Target::Site(port), "{text}");
        }
    }

    #[test]
    fn an_address_that_can_not_be_shared_is_refused_with_the_reason() {
        for (text, reason) in [
            ("https://example.org/", "isn't on this computer"),
            ("http://192.168.1.5:8080", "isn't on this computer"),
            ("http://localhost:8123/shop?x", "Leave out the path"),
            ("http://localhost:0/", "from 1 to 65535"),
            ("localhost:65536", "from 1 to 65535"),
            ("localhost:x", "from 1 to 65535"),
            (":x", "from 1 to 65535"),
            ("localhost", "its port is missing"),
            ("ftp://localhost/", "http:// or https://"),
            ("example.org:80", "no such file"),
            ("C:nowhere", "no such file"),
        ] {
            let error = named(&[text.into()]).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
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
