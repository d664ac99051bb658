//! Downloads cloudflared, and reports the progress.

use std::{io, sync::Arc, thread};

use super::events::Events;
use crate::{
    app::{DownloadReport, Event, megabytes},
    tunnel::{Setup, pins},
};

/// Starts the download. Reports arrive as events.
///
/// It has its own thread with a small async runtime: it reads and writes 40 MB, and the program
/// must be able to end without waiting for it. What has arrived by then is kept.
pub fn start(setup: Arc<Setup>, events: Events) {
    let to_thread = events.clone();
    let started = thread::Builder::new()
        .name("download".into())
        .spawn(move || {
            let report = download(&setup, &to_thread).unwrap_or_else(DownloadReport::Failed);
            to_thread.send(Event::Download(report));
        });
    if let Err(error) = started {
        events.send(Event::Download(DownloadReport::Failed(no_thread(&error))));
    }
}

fn download(setup: &Setup, events: &Events) -> Result<DownloadReport, String> {
    let pin = pins::for_this_target()
        .ok_or("cloudflared is not available for this platform.".to_owned())?;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_thread(&error))?;
    tracing::info!(url = pin.url, "downloading cloudflared");
    let mut shown_mb = None;
    // Only visible progress becomes an event: about 40 times, not once per packet.
    let progress = |received, _size| {
        let mb = megabytes(received);
        if shown_mb.replace(mb) != Some(mb) {
            events.send(Event::Download(DownloadReport::Received(received)));
        }
    };
    match tokio.block_on(setup.fetch_sidecar(pin, progress)) {
        Ok(path) => {
            tracing::info!(path = %path.display(), "downloaded cloudflared");
            Ok(DownloadReport::Done)
        }
        Err(error) => Err(error.to_string()),
    }
}

fn no_thread(error: &io::Error) -> String {
    format!("This computer has no resources left ({error}). Close some programs and try again.")
}
