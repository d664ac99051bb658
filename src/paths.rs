//! Where the program keeps its files, following each platform's conventions.

use std::{
    fs, io,
    path::{self, Component, Path, PathBuf},
};

use directories::{BaseDirs, ProjectDirs, UserDirs};

use crate::owner_only;

/// The name of the program's directories.
const NAME: &str = "spot-serve";

/// The name of the usual folder for received files.
const INBOX: &str = "Received Files";

/// How the names of the pictures of QR codes begin.
const QR_CODE_PREFIX: &str = "qr-code-";

/// The program's directories.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Contains `config.toml`.
    pub config: PathBuf,
    /// Contains the recent folders, the history and the log.
    pub state: PathBuf,
    /// Contains the lock and the socket. On Linux it is removed when the session ends.
    pub runtime: PathBuf,
    /// Contains a downloaded cloudflared.
    pub data: PathBuf,
    /// Contains thumbnails of shared pictures.
    pub thumbnails: PathBuf,
    pub home: Option<PathBuf>,
}

/// The program has nowhere to keep its files.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    #[error("Can't find your home folder. Set the variable HOME and start Spot Serve again.")]
    NoHome,
    #[error(
        "Can't create the folder {path}: {source}. Check that its parent folder exists and is writable, then try again."
    )]
    Create { path: PathBuf, source: io::Error },
}

impl Paths {
    /// Finds the directories without creating them.
    ///
    /// # Errors
    /// [`PathsError::NoHome`]
    pub fn of_this_user() -> Result<Self, PathsError> {
        let dirs = ProjectDirs::from("", "", NAME).ok_or(PathsError::NoHome)?;
        let state = dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned();
        // After `su`, the environment names the directory of another account.
        let runtime = dirs
            .runtime_dir()
            .filter(|dir| dir.parent().is_some_and(owner_only::is_own_dir))
            .map_or_else(|| state.join("run"), Path::to_owned);
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_local_dir().to_owned(),
            thumbnails: dirs.cache_dir().join("thumbnails"),
            home: BaseDirs::new().map(|base| real_or_as_named(base.home_dir())),
            state,
            runtime,
        })
    }

    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    pub fn log_file(&self) -> PathBuf {
        self.state.join("spot-serve.log")
    }

    pub fn recent_file(&self) -> PathBuf {
        self.state.join("recent.json")
    }

    /// What has happened to shares.
    pub fn history_file(&self) -> PathBuf {
        self.state.join("history.jsonl")
    }

    /// An empty settings file for cloudflared, so that it doesn't use the user's own.
    pub fn empty_tunnel_config(&self) -> PathBuf {
        self.state.join("cloudflared-empty.yml")
    }

    /// When the link service may be asked again.
    pub fn service_file(&self) -> PathBuf {
        self.state.join("service.json")
    }

    /// The date of the newest list of releases.
    pub fn feed_file(&self) -> PathBuf {
        self.state.join("feed.json")
    }

    /// When to ask for newer versions next.
    pub fn update_check_file(&self) -> PathBuf {
        self.state.join("update-check.json")
    }

    /// It exists once the user was told where the icon is.
    pub fn welcome_file(&self) -> PathBuf {
        self.state.join("welcomed")
    }

    /// The last result of "Diagnose…".
    pub fn diagnosis_file(&self) -> PathBuf {
        self.state.join("diagnosis.txt")
    }

    /// The picture of the QR code of the share with this number.
    pub fn qr_code_file(&self, share: u64) -> PathBuf {
        self.runtime.join(format!("{QR_CODE_PREFIX}{share}.png"))
    }

    /// The pictures of QR codes that exist.
    pub fn qr_code_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.runtime).into_iter().flatten().flatten();
        entries
            .filter(|entry| {
                let name = entry.file_name();
                name.to_string_lossy().starts_with(QR_CODE_PREFIX)
            })
            .map(|entry| entry.path())
            .collect()
    }

    /// What is shared and in no file of the user.
    pub fn spool(&self) -> PathBuf {
        self.state.join("spool")
    }

    /// The shares to resume, and their names.
    pub fn resume_file(&self) -> PathBuf {
        self.state.join("resume.json")
    }

    /// Which protocol worked in which network.
    pub fn protocols_file(&self) -> PathBuf {
        self.state.join("protocols.json")
    }

    pub fn lock_file(&self) -> PathBuf {
        self.runtime.join("lock")
    }

    /// Where the running program receives requests of commands.
    pub fn socket_file(&self) -> PathBuf {
        self.runtime.join("socket")
    }

    /// Creates the directories that are always needed, for their owner only.
    ///
    /// # Errors
    /// [`PathsError::Create`]
    pub fn create(&self) -> Result<(), PathsError> {
        // Settings are only read, and may be in a read-only place.
        if let Err(error) = owner_only::create_dir(&self.config) {
            tracing::info!(%error, dir = %self.config.display(), "can't create the folder for settings");
        }
        for dir in [&self.state, &self.runtime] {
            owner_only::create_dir(dir).map_err(|source| PathsError::Create {
                path: dir.clone(),
                source,
            })?;
        }
        Ok(())
    }
}

/// Folders to offer before anything was shared: those of Pictures, Documents, Downloads and Desktop
/// that exist.
pub fn usual_folders() -> Vec<PathBuf> {
    let Some(dirs) = UserDirs::new() else {
        return Vec::new();
    };
    let home = dirs.home_dir();
    [
        (dirs.picture_dir(), "Pictures"),
        (dirs.document_dir(), "Documents"),
        (dirs.download_dir(), "Downloads"),
        (dirs.desktop_dir(), "Desktop"),
    ]
    .into_iter()
    // Without names from the desktop, the usual names apply.
    .map(|(named, usual)| named.map_or_else(|| home.join(usual), Path::to_owned))
    // A folder that is disabled is set to the home folder itself.
    .filter(|dir| dir.is_dir() && dir != home)
    .map(|dir| real_or_as_named(&dir))
    .collect()
}

/// The folder for received files, unless the user chooses another one: a new one in Downloads. `None`
/// without a home folder.
pub fn usual_inbox() -> Option<PathBuf> {
    let dirs = UserDirs::new()?;
    // A folder that is disabled is set to the home folder itself.
    let named = dirs.download_dir().filter(|dir| *dir != dirs.home_dir());
    let downloads = named.map_or_else(|| dirs.home_dir().join("Downloads"), Path::to_owned);
    Some(real_or_gone(&downloads).unwrap_or(downloads).join(INBOX))
}

/// The canonical path, on Windows without the prefix `\\?\`. May wait for the disk.
///
/// # Errors
/// The path doesn't exist or can't be resolved.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}

/// The absolute path by which somebody chose a file or folder. It is canonical up to its first
/// symbolic link. The link and the names after it stay, because the link may lead elsewhere later. A
/// path that is gone is resolved as far as it exists. May wait for the disk.
///
/// # Errors
/// The path is empty, or there is no current folder.
pub fn as_chosen(path: &Path) -> io::Result<PathBuf> {
    let path = path::absolute(path)?;
    let mut chosen = PathBuf::new();
    let mut has_link = false;
    for part in path.components() {
        match part {
            // It leads out of what the link before it stands for.
            Component::ParentDir => {
                chosen = real_or_as_named(&chosen);
                chosen.pop();
                has_link = false;
            }
            Component::Normal(name) if !has_link && is_link(&chosen.join(name)) => {
                chosen = real_or_as_named(&chosen).join(name);
                has_link = true;
            }
            part => chosen.push(part),
        }
    }
    if has_link {
        Ok(chosen)
    } else {
        real_or_gone(&chosen)
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Like [`real`], but a path that is gone is resolved as far as it exists.
///
/// # Errors
/// The path is empty, or there is no current folder.
pub fn real_or_gone(path: &Path) -> io::Result<PathBuf> {
    let path = path::absolute(path)?;
    let there = path
        .ancestors()
        .find_map(|folder| Some((folder, real(folder).ok()?)));
    Ok(match there {
        // Joining an empty path would append a slash.
        Some((folder, real)) if folder == path => real,
        Some((folder, real)) => match path.strip_prefix(folder) {
            Ok(gone) => real.join(gone),
            Err(_) => path,
        },
        None => path,
    })
}

/// Like [`real`], but a path that doesn't exist is returned unchanged.
pub fn real_or_as_named(path: &Path) -> PathBuf {
    real(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_gone_has_the_form_it_had_before() {
        let dir = tempfile::tempdir().unwrap();
        let root = real(dir.path()).unwrap();
        let folder = root.join("a");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(real_or_gone(&folder.join("")).unwrap(), folder);
        assert_eq!(
            real_or_gone(&folder.join("../gone/b/")).unwrap(),
            root.join("gone/b")
        );
        assert!(real_or_gone(Path::new("")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_chosen_path_keeps_its_name() {
        use std::os::unix::fs::symlink;

        let dir = tempfile::tempdir().unwrap();
        let root = real(dir.path()).unwrap();
        fs::create_dir_all(root.join("r1/public")).unwrap();
        symlink("r1", root.join("current")).unwrap();
        symlink(&root, root.join("all")).unwrap();
        symlink("nowhere", root.join("broken")).unwrap();
        for (named, chosen) in [
            ("current", "current"),
            ("r1/../current/", "current"),
            ("current/public/", "current/public"),
            ("current/gone", "current/gone"),
            ("broken", "broken"),
            // What is left out of a path can't change it later.
            ("all/r1/..", ""),
            ("current/../r1", "r1"),
            ("r1/./public", "r1/public"),
        ] {
            let chosen = root.join(chosen);
            let found = as_chosen(&root.join(named)).unwrap();
            assert_eq!(found, chosen.components().as_path(), "{named}");
        }
        assert!(as_chosen(Path::new("")).is_err());
    }
}
