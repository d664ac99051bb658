//! Lookups on every system: name by name, each below the handle of the one before.

use std::ffi::OsStr;
use std::fs::File;
use std::io;

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, Metadata, OpenOptions};

use super::{Kept, Probe, not_found, os_name};
use crate::server::path::RequestPath;

/// Looks at a path without opening what is there, unless it is a folder.
pub fn probe(dir: &Dir, path: &RequestPath, serves_hidden: bool) -> io::Result<Probe> {
    let mut here = dir.try_clone()?;
    let mut names = path.names().peekable();
    while let Some(name) = names.next() {
        let name = os_name(name).ok_or_else(not_found)?;
        let metadata = look(&here, name, serves_hidden)?;
        if metadata.is_symlink() {
            return Ok(Probe::Link);
        }
        if metadata.is_dir() {
            here = here.open_dir_nofollow(name)?;
            continue;
        }
        return if names.peek().is_some() {
            Err(not_found())
        } else if metadata.is_file() {
            Ok(Probe::File(Kept::of(&metadata)))
        } else {
            Ok(Probe::Special)
        };
    }
    Ok(Probe::Folder(here))
}

/// Opens a regular file for reading, if no part of the path is a link.
pub fn open(dir: &Dir, path: &RequestPath, serves_hidden: bool) -> io::Result<(File, Kept)> {
    let name = path.last().and_then(os_name).ok_or_else(not_found)?;
    let parent = path.parent().ok_or_else(not_found)?;
    let Probe::Folder(parent) = probe(dir, &parent, serves_hidden)? else {
        return Err(not_found());
    };
    if !look(&parent, name, serves_hidden)?.is_file() {
        return Err(not_found());
    }
    let mut options = OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No);
    #[cfg(unix)]
    {
        // Only matters if a FIFO took the file's place a moment ago.
        use cap_std::fs::OpenOptionsExt;
        options.custom_flags(nonblocking());
    }
    let file = parent.open_with(name, &options)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || (!serves_hidden && is_hidden(&metadata)) {
        return Err(not_found());
    }
    Ok((file.into_std(), Kept::of(&metadata)))
}

/// Whether Windows hides it by an attribute.
#[cfg(windows)]
pub fn is_hidden(metadata: &Metadata) -> bool {
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
    use cap_std::fs::MetadataExt;
    metadata.file_attributes() & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM) != 0
}

/// Elsewhere only the name hides.
#[cfg(not(windows))]
pub fn is_hidden(_metadata: &Metadata) -> bool {
    false
}

fn look(dir: &Dir, name: &OsStr, serves_hidden: bool) -> io::Result<Metadata> {
    let metadata = dir.symlink_metadata(name)?;
    if !serves_hidden && (is_hidden(&metadata) || is_short_for_another(dir, name)?) {
        return Err(not_found());
    }
    Ok(metadata)
}

/// Whether a name such as `GIT~1` is the short form that Windows keeps of another name (`.git`),
/// which would be a way round the rule for hidden names.
#[cfg(windows)]
fn is_short_for_another(dir: &Dir, name: &OsStr) -> io::Result<bool> {
    if !name.as_encoded_bytes().contains(&b'~') {
        return Ok(false);
    }
    for entry in dir.entries()? {
        if entry?.file_name().eq_ignore_ascii_case(name) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(not(windows))]
fn is_short_for_another(_dir: &Dir, _name: &OsStr) -> io::Result<bool> {
    Ok(false)
}

/// `O_NONBLOCK`, whose value differs between systems.
#[cfg(unix)]
fn nonblocking() -> i32 {
    // Small positive flag, so the cast keeps its value.
    rustix::fs::OFlags::NONBLOCK.bits() as i32
}
