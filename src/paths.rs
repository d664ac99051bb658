//! The directories the program keeps its files in, as each platform wants them.

use std::{
    io,
    path::{Path, PathBuf},
};

use directories::{BaseDirs, ProjectDirs, UserDirs};

use crate::private;

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
        let runtime = dirs
            .runtime_dir()
            .map_or_else(|| state.join("run"), Path::to_owned);
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_local_dir().to_owned(),
            thumbnails: dirs.cache_dir().join("thumbnails"),
            home: BaseDirs::new().map(|base| base.home_dir().to_owned()),
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
        for dir in [&self.config, &self.state, &self.runtime] {
            private::create_dir(dir).map_err(|source| PathsError::Create {
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
    [
        dirs.picture_dir(),
        dirs.document_dir(),
        dirs.download_dir(),
        dirs.desktop_dir(),
    ]
    .into_iter()
    .flatten()
    .filter(|dir| dir.is_dir())
    .map(Path::to_owned)
    .collect()
}
