//! Telling folders apart.

/// What tells a folder from another one that stood at its place before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderId {
    pub device: u64,
    pub inode: u64,
    pub owner: u32,
}
