//! Files and directories that only their owner can read.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

pub use platform::{
    create_dir, create_new_dir, is_own_dir, make_executable, open_options, unnamed_file,
};
