//! Signals that ask the program to end become the same event as "Quit Spot Serve".

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::sync::Arc;

use super::Events;
use crate::{app::Event, tunnel::Setup};

/// Listens from now on.
///
/// A session that ends sends one, too: what is shared then is wanted at the next login.
pub fn start(events: Events, setup: Arc<Setup>) {
    tokio::spawn(async move {
        loop {
            match platform::next().await {
                Ok(()) => {
                    setup.resume_store().freeze();
                    events.send(Event::Quit);
                }
                Err(error) => {
                    tracing::error!(%error, "signals can't be received");
                    return;
                }
            }
        }
    });
}
