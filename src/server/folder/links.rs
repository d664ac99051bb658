//! What a path with links in it stands for.
//!
//! The answer is a path to be opened with links refused at every step, so nothing depends on what
//! somebody swaps meanwhile. Nothing outside the folder is looked at.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Component, Path},
};

use cap_fs_ext::DirExt;
use cap_std::fs::Dir;

use super::probe::not_found;
use crate::server::{path::RequestPath, platform::os_name};

/// Links on one path; more are taken for a circle, as by Linux.
const MAX_LINKS: usize = 40;

/// The path below `dir` that `path` stands for, none of whose names is a link now.
///
/// `root` is where the folder is in the file system: a link may name it and go on from there.
///
/// # Errors
/// If a link leads out, is broken, or goes round in circles; others as the system gives them.
pub fn real_path(dir: &Dir, root: Option<&Path>, path: &RequestPath) -> io::Result<RequestPath> {
    let mut walk = Walk {
        root_dir: dir,
        here: None,
        real: Vec::new(),
        // Backwards: the next one is the last.
        to_go: Vec::new(),
    };
    for name in path.names() {
        walk.to_go
            .push(os_name(name).ok_or_else(not_found)?.to_owned());
    }
    walk.to_go.reverse();
    let mut links = 0;
    while let Some(name) = walk.to_go.pop() {
        if name == ".." {
            walk.up()?;
            continue;
        }
        let here = walk.here();
        let metadata = here.symlink_metadata(&name)?;
        if metadata.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(not_found());
            }
            let target = here.read_link_contents(&name)?;
            walk.follow(&target, root)?;
        } else if metadata.is_dir() {
            walk.here = Some(here.open_dir_nofollow(&name)?);
            walk.real.push(name);
        } else if walk.to_go.is_empty() {
            walk.real.push(name);
        } else {
            return Err(not_found());
        }
    }
    RequestPath::from_names(walk.real.iter().map(OsString::as_os_str)).ok_or_else(not_found)
}

struct Walk<'a> {
    root_dir: &'a Dir,
    /// The folder that `real` leads to; none while that is the root.
    here: Option<Dir>,
    real: Vec<OsString>,
    to_go: Vec<OsString>,
}

impl Walk<'_> {
    fn here(&self) -> &Dir {
        self.here.as_ref().unwrap_or(self.root_dir)
    }

    fn up(&mut self) -> io::Result<()> {
        self.real.pop().ok_or_else(not_found)?;
        self.here = None;
        for index in 0..self.real.len() {
            let next = self.here().open_dir_nofollow(&self.real[index])?;
            self.here = Some(next);
        }
        Ok(())
    }

    fn follow(&mut self, target: &Path, root: Option<&Path>) -> io::Result<()> {
        let inside = if target.has_root() {
            self.real.clear();
            self.here = None;
            let inside = root.and_then(|root| target.strip_prefix(root).ok());
            inside.ok_or_else(not_found)?
        } else {
            target
        };
        for part in inside.components().rev() {
            match part {
                Component::Normal(name) => self.to_go.push(name.to_owned()),
                Component::ParentDir => self.to_go.push(OsStr::new("..").to_owned()),
                Component::CurDir => {}
                Component::Prefix(_) | Component::RootDir => return Err(not_found()),
            }
        }
        Ok(())
    }
}
