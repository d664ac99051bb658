//! Downloads the sidecar for the core, and tells it how that goes.

use std::{io, sync::Arc, thread};

use super::Events;
use crate::{
    app::{DownloadReport, Event, megabytes},
    tunnel::{Setup, pins},
};

/// Starts the download; reports of it come as events.
///
/// It has a thread and a small runtime of its own: it reads and writes 40 MB on the way, and
/// the program must be able to end without waiting for it. What has come by then is kept.
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
        .ok_or("There is no cloudflared for this kind of computer.".to_owned())?;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_thread(&error))?;
    tracing::info!(url = pin.url, "downloading cloudflared");
    let mut shown = None;
    // Only what people can see changes the state: some 40 times, not once a packet.
    let progress = |got, _size| {
        if shown.replace(megabytes(got)) != Some(megabytes(got)) {
            events.send(Event::Download(DownloadReport::Got(got)));
        }
    };
    match tokio.block_on(setup.fetch_sidecar(pin, progress)) {
        Ok(place) => {
            tracing::info!(place = %place.display(), "cloudflared is downloaded");
            Ok(DownloadReport::Done)
        }
        Err(error) => Err(error.to_string()),
    }
}

fn no_thread(error: &io::Error) -> String {
    format!(
        "cloudflared can't be downloaded: this computer has no resources left ({error}). Close something, and try again."
    )
}
