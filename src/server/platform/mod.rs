//! What differs between systems.

mod folder_id;
#[cfg_attr(target_os = "macos", path = "hidden_flag_macos.rs")]
#[cfg_attr(not(target_os = "macos"), path = "hidden_flag_elsewhere.rs")]
mod hidden_flag;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

pub use folder_id::FolderId;
pub use hidden_flag::has_hidden_flag;
pub use system::{
    allow_many_files, allow_same_port_again, changed, file_id, folder_id, is_hidden,
    keep_little_unsent, may_read, open_at_once, os_name, owner, read_once, write_at,
};
