//! Ctrl-C and Ctrl-Break in a console, and what the system sends at the end of a session.

use std::io;

use tokio::signal::windows;

/// Waits for the next signal.
///
/// # Errors
/// Signals can't be received.
pub async fn next() -> io::Result<()> {
    let mut ctrl_c = windows::ctrl_c()?;
    let mut ctrl_break = windows::ctrl_break()?;
    let mut close = windows::ctrl_close()?;
    let mut logoff = windows::ctrl_logoff()?;
    let mut shutdown = windows::ctrl_shutdown()?;
    tokio::select! {
        _ = ctrl_c.recv() => {}
        _ = ctrl_break.recv() => {}
        _ = close.recv() => {}
        _ = logoff.recv() => {}
        _ = shutdown.recv() => {}
    }
    Ok(())
}
