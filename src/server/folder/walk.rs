//! Lookups on every system: name by name, each below the previous handle.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    path::{Component, Path, PathBuf},
};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::{
    ambient_authority,
    fs::{Dir, Metadata, OpenOptions},
};

use super::{
    file_stamp::FileStamp,
    file_system,
    probe::{PathProbe, not_found},
};
use crate::{
    hidden_name::{Visibility, may_be_short},
    server::{
        path::RequestPath,
        platform::{has_hidden_flag, is_hidden, open_at_once, os_name},
    },
};

/// Looks up a path without opening it, unless it is a folder.
///
/// # Errors
/// The underlying I/O error; `NotFound` for what a visitor may not see.
pub fn probe(dir: &Dir, path: &RequestPath, visibility: Visibility) -> io::Result<PathProbe> {
    let mut here = dir.try_clone()?;
    let mut names = path.names().peekable();
    while let Some(name) = names.next() {
        let name = os_name(name).ok_or_else(not_found)?;
        let metadata = look(&here, name, visibility)?;
        if metadata.is_symlink() {
            return Ok(PathProbe::Link);
        }
        if metadata.is_dir() {
            here = here.open_dir_nofollow(name)?;
            continue;
        }
        return if names.peek().is_some() {
            Err(not_found())
        } else if metadata.is_file() {
            Ok(PathProbe::File(FileStamp::of(&metadata)))
        } else {
            Ok(PathProbe::Special)
        };
    }
    Ok(PathProbe::Folder(here))
}

/// Opens a regular file for reading, if no part of the path is a link.
///
/// # Errors
/// The errors of [`probe`]; also one if it is not a regular file.
pub fn open(
    dir: &Dir,
    path: &RequestPath,
    visibility: Visibility,
) -> io::Result<(File, FileStamp)> {
    let name = path.last().and_then(os_name).ok_or_else(not_found)?;
    let parent = path.parent().ok_or_else(not_found)?;
    let PathProbe::Folder(parent) = probe(dir, &parent, visibility)? else {
        return Err(not_found());
    };
    if !look(&parent, name, visibility)?.is_file() {
        return Err(not_found());
    }
    let mut options = OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No);
    open_at_once(&mut options);
    let file = parent.open_with(name, &options)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || (visibility.hides_flagged() && is_hidden(&metadata)) {
        return Err(not_found());
    }
    Ok((file.into_std(), FileStamp::of(&metadata)))
}

/// Opens a folder of the file system, if no part of the absolute path is a link.
///
/// # Errors
/// The underlying I/O error, and an error if there is a link.
pub fn open_without_links(path: &Path) -> io::Result<Dir> {
    let mut root = PathBuf::new();
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => names.push(name),
            Component::Prefix(_) | Component::RootDir => root.push(part),
            Component::CurDir | Component::ParentDir => return Err(not_found()),
        }
    }
    let root = Dir::open_ambient_dir(root, ambient_authority())?;
    names
        .into_iter()
        .try_fold(root, |here, name| here.open_dir_nofollow(name))
}

fn look(dir: &Dir, name: &OsStr, visibility: Visibility) -> io::Result<Metadata> {
    let metadata = dir.symlink_metadata(name)?;
    let is_flagged = || is_hidden(&metadata) || has_hidden_flag(dir, name);
    if visibility.hides_flagged() && is_flagged()
        || visibility.hides_aliases() && is_short_for_another(dir, name)?
    {
        return Err(not_found());
    }
    Ok(metadata)
}

/// Whether a name is the short form of another one, perhaps of a hidden one: it can be opened, but
/// the folder doesn't list it.
fn is_short_for_another(dir: &Dir, name: &OsStr) -> io::Result<bool> {
    if !may_be_short(name.as_encoded_bytes()) || !file_system::may_have_short_names(dir) {
        return Ok(false);
    }
    for entry in dir.entries()? {
        if entry?.file_name().eq_ignore_ascii_case(name) {
            return Ok(false);
        }
    }
    Ok(true)
}
