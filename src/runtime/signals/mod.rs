//! Signals that ask the program to end become the same event as "Quit Spot Serve".

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::{io, sync::Arc};

use crate::{app::Event, runtime::events::Events, tunnel::Setup};

/// Waits until a signal asks the program to end.
///
/// # Errors
/// Signals can't be received.
pub async fn asked_to_end() -> io::Result<()> {
    platform::next().await
}

/// Listens for signals.
///
/// The end of a session sends one as well, so what is shared then is resumed at the next login.
pub fn start(events: Events, setup: Arc<Setup>) {
    tokio::spawn(async move {
        loop {
            match platform::next().await {
                Ok(()) => {
                    setup.resume_store().freeze();
                    events.send(Event::Quit);
                }
                Err(error) => {
                    tracing::error!(%error, "can't receive signals");
                    return;
                }
            }
        }
    });
}
