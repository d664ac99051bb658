//! What differs between Unix and Windows.

mod folder_id;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

pub use folder_id::FolderId;
pub use system::{
    allow_many_files, allow_same_port_again, changed, file_id, folder_id, is_hidden,
    keep_little_unsent, may_read, open_at_once, os_name, read_once,
};
