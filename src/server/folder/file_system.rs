//! The kind of file system a folder is on, where the system has no call that says.

use std::path::Path;

use cap_std::fs::Dir;

/// Whether the file system of a folder answers without ever waiting, which this system can't tell.
pub fn is_local(_dir: &Dir) -> bool {
    false
}

/// Whether each change of a file there changes its times, which this system can't tell.
pub fn notes_changes(_dir: &Dir) -> bool {
    false
}

/// Whether the file system of a folder writes everything at once, for which there is no call.
pub fn has_journal(_dir: &Dir) -> bool {
    false
}

/// Whether the file system may also know a file in this folder by a short name.
pub fn may_have_short_names(_dir: &Dir) -> bool {
    true
}

/// Whether the drive of a folder may fail without any event, because another computer provides it.
pub fn is_remote(_dir: &Dir, path: &Path) -> bool {
    #[cfg(windows)]
    {
        use std::path::{Component, Prefix};

        // A drive with a letter that stands for one has such a path as well, without links.
        matches!(path.components().next(), Some(Component::Prefix(prefix))
            if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)))
    }
    #[cfg(target_vendor = "apple")]
    {
        /// From sys/mount.h.
        const MNT_LOCAL: u32 = 0x1000;
        rustix::fs::statfs(path).is_ok_and(|stat| stat.f_flags & MNT_LOCAL == 0)
    }
    #[cfg(not(any(windows, target_vendor = "apple")))]
    {
        let _ = path;
        false
    }
}

/// Whether what is at a path can be asked for. The answer doesn't come from memory. May wait for the
/// drive.
pub fn answers(path: &Path) -> bool {
    path.metadata().is_ok()
}
