//! The download of the sidecar, as far as people see it.

use super::{DownloadReport, Effect, State, notice::problem_notice};

/// What the sidecar's download takes, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download {
    /// In bytes.
    pub size: u64,
    /// Bytes that have come, while it runs.
    pub got: Option<u64>,
}

impl Download {
    /// One that nobody has asked for yet.
    pub fn offered(size: u64) -> Self {
        Self { size, got: None }
    }

    /// The menu row: `Download cloudflared (40 MB)…`, or how far it is.
    pub fn label(&self) -> String {
        let size = megabytes(self.size);
        match self.got {
            None => format!("Download cloudflared ({size} MB)…"),
            Some(got) => format!("Downloading cloudflared… {} of {size} MB", megabytes(got)),
        }
    }
}

/// Two clicks start one download, and so do the rows of two shares.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    match &mut state.download {
        Some(download) if download.got.is_none() && !state.quitting => {
            download.got = Some(0);
            vec![Effect::DownloadSidecar]
        }
        _ => Vec::new(),
    }
}

pub(super) fn report(state: &mut State, report: DownloadReport) -> Vec<Effect> {
    // What a download says that nobody waits for any more changes nothing.
    let Some(download) = state.download.as_mut().filter(|now| now.got.is_some()) else {
        return Vec::new();
    };
    download.got = match report {
        DownloadReport::Got(got) => Some(got),
        DownloadReport::Done | DownloadReport::Failed(_) => None,
    };
    match report {
        _ if state.quitting => Vec::new(),
        DownloadReport::Got(_) => Vec::new(),
        DownloadReport::Done => {
            let waiting = state.shares.iter().filter(|share| share.needs_download());
            waiting.map(|share| Effect::RetryTunnel(share.id)).collect()
        }
        DownloadReport::Failed(sentence) => {
            vec![problem_notice(None, "No cloudflared", sentence)]
        }
    }
}

/// Millions of bytes, rounded: the numbers that people see.
pub fn megabytes(bytes: u64) -> u64 {
    (bytes + 500_000) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_end_where_the_offer_said() {
        let mut download = Download::offered(40_129_756);
        assert_eq!(download.label(), "Download cloudflared (40 MB)…");
        for (got, words) in [
            (0, "0 of 40 MB"),
            (499_999, "0 of"),
            (40_129_756, "40 of 40 MB"),
        ] {
            download.got = Some(got);
            assert!(download.label().contains(words), "{}", download.label());
        }
    }
}
