//! Talking to the running program, and starting it.

use crate::{
    control::{CallError, Caller, Request, launch},
    desktop::tray_host,
    paths::Paths,
};

/// Sends a request to the running program.
pub async fn ask(paths: &Paths, request: Request) -> Result<Caller, CallError> {
    Caller::ask_the_one(&paths.socket_file(), &paths.lock_file(), request).await
}

/// Sends a request to the running program, starting it first if needed. `None` if it is not running
/// and no tray would show it, unless `even_without_tray`.
///
/// Runs `before_start` before it starts the program; an error there prevents the start.
pub async fn ask_or_start(
    paths: &Paths,
    request: Request,
    even_without_tray: bool,
    before_start: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Option<Caller>> {
    match ask(paths, request.clone()).await {
        Ok(caller) => return Ok(Some(caller)),
        Err(CallError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    if !even_without_tray && !tray_host::is_there().await {
        return Ok(None);
    }
    before_start()?;
    launch::tray_program()?;
    Ok(Some(Caller::ask_soon(&paths.socket_file(), request).await?))
}
