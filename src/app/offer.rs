//! What a notice offers to do, apart from what it is about.

/// Something that a button of a notice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Open the folder dialog.
    ShareFolder,
    /// Download cloudflared, so many megabytes. It is a question: nothing is downloaded without an answer.
    Download { megabytes: u64 },
    /// Open the page of the newest release.
    OpenRelease,
}

impl Offer {
    pub fn label(self) -> String {
        match self {
            Self::ShareFolder => "Share a Folder…".into(),
            Self::Download { megabytes } => format!("Download ({megabytes} MB)"),
            Self::OpenRelease => "Open Release Page".into(),
        }
    }
}
