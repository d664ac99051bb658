//! The download of cloudflared, as the menu shows it.

/// How large the download is, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download {
    /// In bytes.
    pub size: u64,
    /// Bytes received so far; `None` while no download is running.
    pub received: Option<u64>,
}

impl Download {
    /// A download that has not started.
    pub fn offered(size: u64) -> Self {
        Self {
            size,
            received: None,
        }
    }

    /// The menu row: `Download cloudflared (40 MB)…`, or the progress.
    pub fn label(&self) -> String {
        let size = megabytes(self.size);
        match self.received {
            None => format!("Download cloudflared ({size} MB)…"),
            Some(received) => format!(
                "Downloading cloudflared… {} of {size} MB",
                megabytes(received)
            ),
        }
    }
}

/// Bytes as megabytes (10⁶ bytes), rounded.
pub fn megabytes(bytes: u64) -> u64 {
    (bytes + 500_000) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_rounded_and_ends_at_the_offered_size() {
        let mut download = Download::offered(40_129_756);
        assert_eq!(download.label(), "Download cloudflared (40 MB)…");
        for (received, words) in [
            (0, "0 of 40 MB"),
            (499_999, "0 of"),
            (40_129_756, "40 of 40 MB"),
        ] {
            download.received = Some(received);
            assert!(download.label().contains(words), "{}", download.label());
        }
    }
}
