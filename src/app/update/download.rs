//! The download of cloudflared.

use crate::app::{effect::Effect, event::DownloadReport, notice::Notice, state::State};

/// Starts the download, unless it is already running.
pub fn begin(state: &mut State) -> Vec<Effect> {
    match &mut state.download {
        Some(download) if download.received.is_none() && !state.quitting => {
            download.received = Some(0);
            vec![Effect::DownloadSidecar]
        }
        _ => Vec::new(),
    }
}

pub fn reported(state: &mut State, report: DownloadReport) -> Vec<Effect> {
    let Some(download) = state.download.as_mut() else {
        return Vec::new();
    };
    if download.received.is_none() {
        return Vec::new();
    }
    download.received = match report {
        DownloadReport::Received(received) => Some(received),
        DownloadReport::Done | DownloadReport::Failed(_) => None,
    };
    match report {
        _ if state.quitting => Vec::new(),
        DownloadReport::Received(_) => Vec::new(),
        DownloadReport::Done => {
            let waiting = state.shares.iter().filter(|share| share.needs_download());
            waiting.map(|share| Effect::RetryTunnel(share.id)).collect()
        }
        DownloadReport::Failed(sentence) => vec![Effect::Notify(Notice::general(
            "Couldn't download cloudflared",
            sentence,
        ))],
    }
}
