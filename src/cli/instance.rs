//! Talking to the running program, and starting it.

use crate::{
    control::{ControlClient, ControlError, ControlRequest, launch},
    desktop::tray_host,
    paths::Paths,
};

/// Sends a request to the running program.
pub async fn ask(paths: &Paths, request: ControlRequest) -> Result<ControlClient, ControlError> {
    ControlClient::ask_running(&paths.socket_file(), &paths.lock_file(), request).await
}

/// Sends a request to the running program, starting it first if needed. `None` if it is not running
/// and no tray would show it, unless `even_without_tray`.
///
/// Runs `before_start` before it starts the program; an error there prevents the start.
pub async fn ask_or_start(
    paths: &Paths,
    request: ControlRequest,
    even_without_tray: bool,
    before_start: impl FnOnce() -> anyhow::Result<()>,
    verbosity: u8,
) -> anyhow::Result<Option<ControlClient>> {
    match ask(paths, request.clone()).await {
        Ok(client) => return Ok(Some(client)),
        Err(ControlError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    if !even_without_tray && !tray_host::is_there().await {
        return Ok(None);
    }
    before_start()?;
    launch::tray_program(verbosity)?;
    Ok(Some(
        ControlClient::ask_starting(&paths.socket_file(), request).await?,
    ))
}
