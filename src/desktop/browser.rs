//! Opens links and folders with the user's default programs.

use std::ffi::OsString;

/// What to do if opening fails.
const ADVICE: &str = if cfg!(target_os = "linux") {
    " Install xdg-utils, and choose a default program in your desktop settings."
} else {
    " Choose a default program in your system settings."
};

/// A link or a path couldn't be opened.
#[derive(Debug, thiserror::Error)]
#[error("Couldn't open {what}: {reason}.{ADVICE}")]
pub struct OpenError {
    what: String,
    reason: String,
}

/// Opens a link or a path. Returns as soon as the other program has started.
///
/// # Errors
/// No program could be started.
pub async fn open(what: OsString) -> Result<(), OpenError> {
    let shown = what.to_string_lossy().into_owned();
    let failed = |reason: String| OpenError {
        what: shown.clone(),
        reason,
    };
    match tokio::task::spawn_blocking(move || open::that_detached(what)).await {
        Ok(opened) => opened.map_err(|error| failed(error.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}
