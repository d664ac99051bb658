//! Linux: a package replaces files under programs that run. What was replaced is there for as
//! long as somebody has it open, and can be run by the name of the open file.

use std::{
    fs::File,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use crate::tunnel::{pins::Pin, sidecar::SidecarLocations};

#[derive(Debug, Default)]
pub struct PinnedSidecar(Option<(PathBuf, File)>);

impl PinnedSidecar {
    /// Holds the pinned sidecar that is there now; it is not read.
    pub fn open(pin: Option<&Pin>, places: &SidecarLocations) -> Self {
        Self(pin.and_then(|pin| {
            let program = places.pinned(pin)?;
            let file = File::open(&program).ok()?;
            Some((program, file))
        }))
    }

    /// What was at this place when the program started, by a name that children know too.
    pub fn original_of(&self, place: &Path) -> Option<PathBuf> {
        let (program, file) = self.0.as_ref()?;
        (program == place).then(|| format!("/proc/self/fd/{}", file.as_raw_fd()).into())
    }
}
