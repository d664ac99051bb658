//! Files and folders that only the owner of the share can read, below a directory handle.

use std::{ffi::OsStr, io};

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, DirBuilder, OpenOptions};

/// Makes a folder.
///
/// # Errors
/// `AlreadyExists` if there is something; others as the system reports them.
pub fn create_dir(dir: &Dir, name: &OsStr) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "rights are inherited"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use cap_std::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    dir.create_dir_with(name, &builder)
}

/// How to make a file that is not there yet.
pub fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create_new(true)
        .follow(FollowSymlinks::No);
    set_mode(&mut options);
    options
}

/// Lets nobody else read a file that is made.
pub fn set_mode(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}
