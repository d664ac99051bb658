//! Finds the cloudflared to run.

use std::{
    env,
    ffi::OsString,
    io::Read,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use super::{pinned_sidecar::PinnedSidecar, pins::Pin};

/// A cloudflared that may be run, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    pub program: PathBuf,
    pub source: SidecarSource,
}

/// Who put the sidecar where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SidecarSource {
    /// The person named it in the settings.
    Settings,
    /// It came with the program, or was fetched by it: verified against its pin.
    Pinned,
    /// It is installed on this computer.
    Path,
}

/// The pinned file that was found to be the right one, as it was then: reading 40 MB again for
/// every start would make a killed cloudflared come back late.
#[derive(Debug, Default)]
pub struct Verified(Mutex<Option<(PathBuf, u64, SystemTime)>>);

impl Verified {
    fn stamp(program: &Path) -> Option<(PathBuf, u64, SystemTime)> {
        let found = std::fs::metadata(program).ok()?;
        Some((program.to_owned(), found.len(), found.modified().ok()?))
    }

    fn has(&self, program: &Path) -> bool {
        let stamp = Self::stamp(program);
        stamp.is_some() && *self.0.lock().unwrap_or_else(PoisonError::into_inner) == stamp
    }

    fn remember(&self, program: &Path) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Self::stamp(program);
    }
}

/// There is no cloudflared that may be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SidecarError {
    #[error(
        "The part that makes public links, cloudflared, was not found. Download it with: spot-serve sidecar fetch, or from the menu of this share in the tray. Or name your own in the settings under [tunnel] cloudflared."
    )]
    Missing,
    #[error(
        "The settings name {0} as cloudflared, and there is no such program. Correct [tunnel] cloudflared in the settings."
    )]
    NotThere(PathBuf),
    #[error(
        "{0} is not the cloudflared that belongs to this version of Spot Serve (its SHA-256 differs), so it is not run. Remove it and fetch it again."
    )]
    WrongHash(PathBuf),
    #[error("{0} can't be read ({1}). Make it readable, or remove it and fetch it again.")]
    Unreadable(PathBuf, String),
}

/// Where to look, besides the settings and PATH.
#[derive(Debug, Clone)]
pub struct SidecarLocations {
    /// Directories that hold a pinned sidecar under its target's name, in order.
    pub pinned: Vec<PathBuf>,
    /// The value of the variable PATH.
    pub path: Option<OsString>,
}

impl SidecarLocations {
    /// Beside the program, in a checkout's `binaries/`, and in the person's data directory.
    pub fn of_this_program(data: &Path) -> Self {
        let mut pinned = Vec::new();
        if let Ok(program) = env::current_exe() {
            // macOS names the link by which the program was started.
            for program in [program.clone(), program.canonicalize().unwrap_or(program)] {
                let Some(dir) = program.parent() else {
                    continue;
                };
                pinned.push(dir.to_owned());
                // A checkout's program is target/PROFILE/spot-serve.
                if let Some(checkout) = dir.parent().and_then(Path::parent) {
                    pinned.push(checkout.join("binaries"));
                }
            }
        }
        pinned.push(data.to_owned());
        Self {
            pinned,
            path: env::var_os("PATH"),
        }
    }

    /// The pinned sidecar that is there, right or not.
    pub fn pinned(&self, pin: &Pin) -> Option<PathBuf> {
        self.pinned
            .iter()
            .map(|dir| dir.join(&pin.file_name))
            .find(|program| program.is_file())
    }
}

/// Finds the sidecar: the person's own choice, then a pinned one, then an installed one.
///
/// A pinned one is read whole and compared with its SHA-256, so this takes some 50 ms and
/// belongs on a thread that may wait.
pub fn find(
    chosen: &Path,
    pin: Option<&Pin>,
    places: &SidecarLocations,
    pinned_sidecar: &PinnedSidecar,
    verified: &Verified,
) -> Result<Sidecar, SidecarError> {
    if !chosen.as_os_str().is_empty() {
        if !chosen.is_file() {
            return Err(SidecarError::NotThere(chosen.to_owned()));
        }
        return Ok(Sidecar {
            program: chosen.to_owned(),
            source: SidecarSource::Settings,
        });
    }
    if let Some((pin, program)) = pin.and_then(|pin| Some((pin, places.pinned(pin)?))) {
        return pinned(&program, pin, verified).or_else(|error| {
            match pinned_sidecar.original_of(&program) {
                Some(ours) => pinned(&ours, pin, verified),
                None => Err(error),
            }
        });
    }
    let name = format!("cloudflared{}", env::consts::EXE_SUFFIX);
    places
        .path
        .iter()
        .flat_map(env::split_paths)
        .map(|dir| dir.join(&name))
        .find(|program| program.is_file())
        .map(|program| Sidecar {
            program,
            source: SidecarSource::Path,
        })
        .ok_or(SidecarError::Missing)
}

/// A pinned sidecar that was looked at whole, now or before.
fn pinned(program: &Path, pin: &Pin, verified: &Verified) -> Result<Sidecar, SidecarError> {
    if !verified.has(program) {
        verify(program, &pin.sha256)?;
        verified.remember(program);
    }
    Ok(Sidecar {
        program: program.to_owned(),
        source: SidecarSource::Pinned,
    })
}

/// Whether the file has this SHA-256.
pub fn verify(program: &Path, sha256: &str) -> Result<(), SidecarError> {
    let unreadable =
        |error: std::io::Error| SidecarError::Unreadable(program.to_owned(), error.to_string());
    let mut file = std::fs::File::open(program).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        match file.read(&mut chunk).map_err(unreadable)? {
            0 => break,
            read => hasher.update(&chunk[..read]),
        }
    }
    let found: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found == sha256 {
        Ok(())
    } else {
        Err(SidecarError::WrongHash(program.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::pins, *};
    use std::fs;

    fn find(chosen: &Path, places: &SidecarLocations) -> Result<Sidecar, SidecarError> {
        super::find(
            chosen,
            pins::for_this_target(),
            places,
            &PinnedSidecar::default(),
            &Verified::default(),
        )
    }

    fn places(pinned: &Path, path: &Path) -> SidecarLocations {
        SidecarLocations {
            pinned: vec![pinned.to_owned()],
            path: Some(path.as_os_str().to_owned()),
        }
    }

    #[test]
    fn one_that_is_installed_is_found_when_there_is_no_other() {
        let empty = tempfile::tempdir().unwrap();
        let bin = tempfile::tempdir().unwrap();
        let program = bin
            .path()
            .join(format!("cloudflared{}", env::consts::EXE_SUFFIX));
        fs::write(&program, "").unwrap();
        let found = find(Path::new(""), &places(empty.path(), bin.path())).unwrap();
        assert_eq!(
            found,
            Sidecar {
                program,
                source: SidecarSource::Path
            }
        );
    }

    #[test]
    fn a_pinned_one_with_another_hash_is_refused_even_if_another_is_installed() {
        let Some(pin) = pins::for_this_target() else {
            return;
        };
        let beside = tempfile::tempdir().unwrap();
        let bin = tempfile::tempdir().unwrap();
        fs::write(beside.path().join(&pin.file_name), "not the real one").unwrap();
        fs::write(bin.path().join("cloudflared"), "").unwrap();
        let refused = find(Path::new(""), &places(beside.path(), bin.path()));
        assert!(
            matches!(refused, Err(SidecarError::WrongHash(_))),
            "{refused:?}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_upgrade_that_brings_another_one_leaves_the_running_program_its_own() {
        let beside = tempfile::tempdir().unwrap();
        let pin = Pin {
            // Of "ours".
            sha256: "ae0bec9e9d33c56354bd612c8a6010840324fc5b9786ce0a18b696b304b09397".into(),
            ..pins::for_this_target().unwrap().clone()
        };
        let place = beside.path().join(&pin.file_name);
        fs::write(&place, "ours").unwrap();
        let places = places(beside.path(), beside.path());
        let pinned_sidecar = PinnedSidecar::open(Some(&pin), &places);
        let verified = Verified::default();
        fs::write(beside.path().join("new"), "theirs").unwrap();
        fs::rename(beside.path().join("new"), &place).unwrap();
        let found = super::find(
            Path::new(""),
            Some(&pin),
            &places,
            &pinned_sidecar,
            &verified,
        )
        .unwrap();
        assert_eq!(fs::read_to_string(&found.program).unwrap(), "ours");
        assert_eq!(found.source, SidecarSource::Pinned);
    }

    #[test]
    fn the_settings_win_and_must_name_a_file() {
        let bin = tempfile::tempdir().unwrap();
        let chosen = bin.path().join("mine");
        let places = places(bin.path(), bin.path());
        assert_eq!(
            find(&chosen, &places),
            Err(SidecarError::NotThere(chosen.clone()))
        );
        fs::write(&chosen, "").unwrap();
        assert_eq!(
            find(&chosen, &places).unwrap().source,
            SidecarSource::Settings
        );
    }

    #[test]
    fn none_at_all_is_said_in_words() {
        let empty = tempfile::tempdir().unwrap();
        let missing = find(Path::new(""), &places(empty.path(), empty.path()));
        assert_eq!(missing, Err(SidecarError::Missing));
    }
}
