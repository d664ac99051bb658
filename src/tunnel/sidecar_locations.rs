//! Where a cloudflared may be.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::pins::Pin;

/// Where to look for a cloudflared that the settings don't name.
#[derive(Debug, Clone)]
pub struct SidecarLocations {
    /// Directories that may hold a pinned sidecar, in order. Its file name has the target's name.
    pub pinned: Vec<PathBuf>,
    /// The value of PATH.
    pub path: Option<OsString>,
}

impl SidecarLocations {
    /// Beside the program, in a checkout's `binaries/`, and in the user's data directory.
    pub fn of_this_program(data: &Path) -> Self {
        let mut pinned = Vec::new();
        if let Ok(program) = env::current_exe() {
            // On macOS this may be the symlink that started the program.
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

    /// The first pinned sidecar found, verified or not.
    pub fn pinned(&self, pin: &Pin) -> Option<PathBuf> {
        self.pinned
            .iter()
            .map(|dir| dir.join(&pin.file_name))
            .find(|program| program.is_file())
    }
}
