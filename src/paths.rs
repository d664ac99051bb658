//! The directories the program keeps its files in, as each platform wants them.

use std::{
    io,
    path::{self, Path, PathBuf},
};

use directories::{BaseDirs, ProjectDirs, UserDirs};

use crate::owner_only;

/// The platform's name for the program's own directories.
const NAME: &str = "spot-serve";

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Paths {
    /// `config.toml` is here.
    pub config: PathBuf,
    /// Recent folders and the log are here.
    pub state: PathBuf,
    /// Lock and socket are here; on Linux it is gone after the session.
    pub runtime: PathBuf,
    /// A fetched sidecar is here.
    pub data: PathBuf,
    /// Small pictures of what is shared are kept here.
    pub thumbnails: PathBuf,
    pub home: Option<PathBuf>,
}

/// There is no place to keep files in.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    #[error(
        "Spot Serve can't tell where your home folder is. Set the variable HOME and start it again."
    )]
    NoHome,
    #[error(
        "Spot Serve can't create its folder {path}: {source}. Make it writable and start again."
    )]
    Create { path: PathBuf, source: io::Error },
}

impl Paths {
    /// Finds the directories; creates none.
    pub fn of_this_user() -> Result<Self, PathsError> {
        let dirs = ProjectDirs::from("", "", NAME).ok_or(PathsError::NoHome)?;
        let state = dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned();
        // One of another account is what `su` leaves in the environment.
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

    /// An empty settings file for cloudflared, so that it does not take the person's own.
    pub fn empty_tunnel_config(&self) -> PathBuf {
        self.state.join("cloudflared-empty.yml")
    }

    /// What is remembered of the service that gives out links.
    pub fn service_file(&self) -> PathBuf {
        self.state.join("service.json")
    }

    /// What "Diagnose…" found last.
    pub fn diagnosis_file(&self) -> PathBuf {
        self.state.join("diagnosis.txt")
    }

    /// The shares to go on with, and their names.
    pub fn resume_file(&self) -> PathBuf {
        self.state.join("resume.json")
    }

    /// Which protocol got through in which network.
    pub fn protocols_file(&self) -> PathBuf {
        self.state.join("protocols.json")
    }

    pub fn lock_file(&self) -> PathBuf {
        self.runtime.join("lock")
    }

    /// Where the running program takes requests of commands.
    pub fn socket_file(&self) -> PathBuf {
        self.runtime.join("socket")
    }

    /// Makes sure that every directory which is always used is there, for its owner only.
    pub fn create(&self) -> Result<(), PathsError> {
        // Settings are only read, and may be kept where nobody can write.
        if let Err(error) = owner_only::create_dir(&self.config) {
            tracing::info!(%error, dir = %self.config.display(), "there is no folder for settings");
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

/// The person's own folders that are worth offering before anything was shared: those of
/// Pictures, Documents, Downloads and Desktop that exist.
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
    // A desktop that has named none has them under their usual names.
    .map(|(named, usual)| named.map_or_else(|| home.join(usual), Path::to_owned))
    // One that is switched off is named as the home folder itself.
    .filter(|dir| dir.is_dir() && dir != home)
    .map(|dir| real_or_as_named(&dir))
    .collect()
}

/// The path as the file system has it, so that equal ones are equal, and as people write it: on
/// Windows without the `\\?\` that the system puts before it. May wait for the disk.
///
/// # Errors
/// What the file system answered, also for a path that is not there.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}

/// The same also for a path that is not there any more: then as much of it as there is counts.
///
/// # Errors
/// An empty path, or no folder to begin with.
pub fn real_or_gone(path: &Path) -> io::Result<PathBuf> {
    let path = path::absolute(path)?;
    let there = path
        .ancestors()
        .find_map(|folder| Some((folder, real(folder).ok()?)));
    Ok(match there {
        // Nothing may be joined to a whole path: that would put a slash behind it.
        Some((folder, real)) if folder == path => real,
        Some((folder, real)) => match path.strip_prefix(folder) {
            Ok(gone) => real.join(gone),
            Err(_) => path,
        },
        None => path,
    })
}

/// As [`real`]; a path that is not there stays as it is.
pub fn real_or_as_named(path: &Path) -> PathBuf {
    real(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_gone_is_named_as_it_was_when_it_was_there() {
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
}
