//! The path that the owner chose, followed anew each time.
//!
//! A link on the path is part of the choice: a deployment moves `current` to the next release, and
//! that is served from then on. A link that takes the place of a folder later was chosen by nobody,
//! and neither was a link of somebody else in the place of the owner's.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs, io,
    path::{Component, Path, PathBuf},
};

use crate::{paths, server::platform::owner};

/// Links on the way; more are taken for a circle, as by Linux.
const MAX_LINKS: usize = 40;

/// An absolute path, and the links that may be on it.
#[derive(Debug)]
pub struct ChosenPath {
    path: PathBuf,
    /// Which of its names may be links: those that were when it was chosen.
    links: Vec<usize>,
    /// Whose links are followed.
    link_owners: Vec<Option<u32>>,
}

impl ChosenPath {
    /// The path as it is now, and where it leads.
    ///
    /// # Errors
    /// If nothing is there.
    pub fn new(path: &Path) -> io::Result<(Self, PathBuf)> {
        // The administrator may replace any link. Windows doesn't name an owner.
        let (mut links, mut link_owners) = (Vec::new(), vec![Some(0)]);
        let path = paths::as_chosen(path)?;
        let real = follow(&path, &mut Vec::new(), |index, owner| {
            links.extend(index);
            if !link_owners.contains(&owner) {
                link_owners.push(owner);
            }
            true
        })?;
        let chosen = Self {
            path,
            links,
            link_owners,
        };
        Ok((chosen, real))
    }

    /// Where the path leads now, without links. Adds each place on the way to `steps`: while they all
    /// stay what they are, it leads there.
    ///
    /// # Errors
    /// If something on the way is missing, can't be looked at, or is a link that nobody chose.
    pub fn follow(&self, steps: &mut Vec<PathBuf>) -> io::Result<PathBuf> {
        follow(&self.path, steps, |index, owner| {
            index.is_none_or(|index| self.links.contains(&index))
                && self.link_owners.contains(&owner)
        })
    }
}

/// Follows a path through those links that are `allowed`, by their place in the path (none for a link
/// that another link leads to) and by their owner.
fn follow(
    path: &Path,
    steps: &mut Vec<PathBuf>,
    mut allowed: impl FnMut(Option<usize>, Option<u32>) -> bool,
) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    let mut to_go = VecDeque::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => to_go.push_back((Some(to_go.len()), name.to_owned())),
            Component::Prefix(_) | Component::RootDir => real.push(part),
            Component::CurDir => {}
            // There is none in a path from `as_chosen`.
            Component::ParentDir => return Err(io::ErrorKind::NotFound.into()),
        }
    }
    let mut links = 0;
    while let Some((index, name)) = to_go.pop_front() {
        if name == ".." {
            real.pop();
            continue;
        }
        let place = real.join(&name);
        steps.push(place.clone());
        let metadata = fs::symlink_metadata(&place)?;
        if !metadata.is_symlink() {
            real = place;
            continue;
        }
        links += 1;
        if links > MAX_LINKS || !allowed(index, owner(&metadata)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let target = real.join(fs::read_link(&place)?);
        // Its own names come first. If it is absolute, joining has left nothing of the way so far.
        let inside = target.strip_prefix(&real).map(Path::to_owned);
        let rest = inside.unwrap_or_else(|_| {
            real = root_of(&target);
            target
        });
        for part in rest.components().rev() {
            match part {
                Component::Normal(name) => to_go.push_front((None, name.to_owned())),
                Component::ParentDir => to_go.push_front((None, OsString::from(".."))),
                Component::CurDir | Component::Prefix(_) | Component::RootDir => {}
            }
        }
    }
    Ok(real)
}

/// `/`, or a drive on Windows.
fn root_of(path: &Path) -> PathBuf {
    path.components()
        .take_while(|part| matches!(part, Component::Prefix(_) | Component::RootDir))
        .collect()
}
