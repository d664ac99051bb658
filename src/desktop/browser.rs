//! Opens links and folders with the program the person uses for them.

use std::ffi::OsString;

/// What may be missing.
const ADVICE: &str = if cfg!(target_os = "linux") {
    " Install xdg-utils, and choose a program for it in the settings of the desktop."
} else {
    " Choose a program for it in the settings of the system."
};

/// The thing can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("{what} can't be opened: {reason}.{ADVICE}")]
pub struct OpenError {
    what: String,
    reason: String,
}

/// Opens a link or a path; returns as soon as the other program was started.
pub async fn open(what: OsString) -> Result<(), OpenError> {
    let shown = what.to_string_lossy().into_owned();
    let failed = |reason: String| OpenError {
        what: shown.clone(),
        reason,
    };
    match tokio::task::spawn_blocking(move || open::that_detached(what)).await {
        Ok(done) => done.map_err(|error| failed(error.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}
