//! What the owner lets visitors hand in.

/// What visitors of one share may hand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadRules {
    /// The most bytes that the share takes, all files together.
    pub max_bytes: Option<u64>,
    /// The most files that the share takes.
    pub max_files: Option<u64>,
    /// The most bytes that it takes from one visitor.
    pub max_visitor_bytes: Option<u64>,
    /// So many bytes of the disk stay free.
    pub min_free: u64,
    /// The owner's words on the page; empty for none.
    pub message: String,
}
