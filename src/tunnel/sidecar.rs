//! Finds the cloudflared to run, and verifies it.

use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

pub use super::sidecar_error::SidecarError;
use super::{pinned_sidecar::PinnedSidecar, pins::Pin, sidecar_locations::SidecarLocations};

/// A cloudflared that may be run, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    pub program: PathBuf,
    pub source: SidecarSource,
}

/// Where a sidecar came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SidecarSource {
    /// The settings name it.
    Settings,
    /// It came with the program or was downloaded by it. Its hash was verified.
    Pinned,
    /// It is installed on this computer.
    Path,
}

/// The pinned file that was verified last. Reading 40 MB again for every start would delay the
/// restart of a killed cloudflared.
#[derive(Debug, Default)]
pub struct Verified(Mutex<Option<(PathBuf, u64, SystemTime)>>);

impl Verified {
    fn stamp(program: &Path) -> Option<(PathBuf, u64, SystemTime)> {
        let found = fs::metadata(program).ok()?;
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

/// Finds the sidecar: the one in the settings, then a pinned one, then an installed one.
///
/// A pinned one is read completely to verify its SHA-256. That takes about 50 ms, so call this on
/// a thread that may block.
///
/// # Errors
/// There is none, or it may not be run.
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

/// A pinned sidecar that was verified now or before.
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

/// Checks that the file has this SHA-256.
///
/// # Errors
/// It has another one, or can't be read.
pub fn verify(program: &Path, sha256: &str) -> Result<(), SidecarError> {
    let unreadable =
        |error: io::Error| SidecarError::Unreadable(program.to_owned(), error.to_string());
    let mut file = fs::File::open(program).map_err(unreadable)?;
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
    fn an_installed_one_is_the_last_choice() {
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
    fn a_pinned_one_with_a_wrong_hash_is_refused_even_if_another_is_installed() {
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
    fn an_upgrade_does_not_change_the_sidecar_of_a_running_program() {
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
    fn none_at_all_is_an_error() {
        let empty = tempfile::tempdir().unwrap();
        let missing = find(Path::new(""), &places(empty.path(), empty.path()));
        assert_eq!(missing, Err(SidecarError::Missing));
    }
}
