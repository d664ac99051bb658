//! Signals that ask the program to end become the same event as "Quit Spot Serve".

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use super::Events;
use crate::app::Event;

/// Listens from now on.
pub fn start(events: Events) {
    tokio::spawn(async move {
        loop {
            match platform::next().await {
                Ok(()) => events.send(Event::Quit),
                Err(error) => {
                    tracing::error!(%error, "signals can't be received");
                    return;
                }
            }
        }
    });
}
