//! Distinguishes folders.

/// Distinguishes a folder from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderId {
    pub device: u64,
    pub inode: u64,
    pub owner: u32,
}
