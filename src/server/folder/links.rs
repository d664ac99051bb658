//! What a path with links in it resolves to.
//!
//! The result is a path to open with links refused at every step, so nothing depends on what is
//! swapped meanwhile. Nothing outside the folder is ever accessed.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Component, Path},
};

use cap_fs_ext::DirExt;
use cap_std::fs::Dir;

use super::probe::not_found;
use crate::server::{
    path::{MAX_NAMES, RequestPath},
    platform::os_name,
    work::Budget,
};

/// Links followed on one path. More are treated as a loop, as on Linux.
const MAX_LINKS: usize = 40;

/// Names visited on the way, including folders that a link enters and leaves again. Honest paths
/// need fewer than a hundred; a malicious link may need thousands.
const MAX_STEPS: usize = 2048;

/// Resolves `path` below `dir` to a path without links.
///
/// `root` is the folder's own path. An absolute link may start with it.
///
/// # Errors
/// If a link leads out, is broken, forms a loop or takes too many steps; also those of the system
/// and of the budget.
pub fn real_path(
    dir: &Dir,
    root: Option<&Path>,
    path: &RequestPath,
    budget: &Budget,
) -> io::Result<RequestPath> {
    let mut walk = Walk {
        root_dir: dir,
        below: Vec::new(),
        real: Vec::new(),
        // Reversed: the next one is last.
        to_go: Vec::new(),
    };
    for name in path.names() {
        walk.to_go
            .push(os_name(name).ok_or_else(not_found)?.to_owned());
    }
    walk.to_go.reverse();
    let (mut links, mut steps) = (0, 0);
    while let Some(name) = walk.to_go.pop() {
        steps += 1;
        if steps + walk.to_go.len() > MAX_STEPS {
            return Err(not_found());
        }
        budget.follow()?;
        if name == ".." {
            walk.real.pop().ok_or_else(not_found)?;
            walk.below.truncate(walk.real.len());
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
            // Each name holds one folder open, and nothing deeper is served.
            if walk.real.len() >= MAX_NAMES {
                return Err(not_found());
            }
            let below = here.open_dir_nofollow(&name)?;
            walk.below.push(below);
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
    /// The open folders along `real`, so that going up doesn't open them again.
    below: Vec<Dir>,
    real: Vec<OsString>,
    to_go: Vec<OsString>,
}

impl Walk<'_> {
    fn here(&self) -> &Dir {
        self.below.last().unwrap_or(self.root_dir)
    }

    fn follow(&mut self, target: &Path, root: Option<&Path>) -> io::Result<()> {
        let inside = if target.has_root() {
            self.real.clear();
            self.below.clear();
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
