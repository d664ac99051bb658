//! Linux: an upgrade replaces files of running programs. A replaced file exists for as long as
//! someone has it open, and can be run by the path of its file descriptor.

use std::{
    fs::File,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use crate::tunnel::{pins::Pin, sidecar_locations::SidecarLocations};

/// The sidecar at the start of the program.
#[derive(Debug, Default)]
pub struct PinnedSidecar(Option<(PathBuf, File)>);

impl PinnedSidecar {
    /// Opens the pinned sidecar that is there now, without reading it.
    pub fn open(pin: Option<&Pin>, places: &SidecarLocations) -> Self {
        Self(pin.and_then(|pin| {
            let program = places.pinned(pin)?;
            let file = File::open(&program).ok()?;
            Some((program, file))
        }))
    }

    /// What this path was when the program started, as a path that also works in child processes.
    pub fn original_of(&self, place: &Path) -> Option<PathBuf> {
        let (program, file) = self.0.as_ref()?;
        (program == place).then(|| format!("/proc/self/fd/{}", file.as_raw_fd()).into())
    }
}
