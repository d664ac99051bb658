//! SIGINT, SIGTERM and SIGHUP.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for the next of them.
pub async fn next() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
