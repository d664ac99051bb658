//! Windows and macOS: an installer ends the program before it replaces it.

use std::path::{Path, PathBuf};

use crate::tunnel::{pins::Pin, sidecar_locations::SidecarLocations};

/// Holds nothing.
#[derive(Debug, Default)]
pub struct PinnedSidecar(());

impl PinnedSidecar {
    /// Does nothing.
    pub fn open(_pin: Option<&Pin>, _places: &SidecarLocations) -> Self {
        Self(())
    }

    /// Always `None`.
    pub fn original_of(&self, _place: &Path) -> Option<PathBuf> {
        None
    }
}
