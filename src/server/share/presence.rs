//! Whether what is shared still exists. Items that were deleted, moved or unmounted are closed, and
//! opened again as soon as their path exists again.
//!
//! The owner did not choose what appears there later. So it must match what was chosen: reached
//! without a symbolic link, owned by the same user, and on a separate disk if it was on one. A path
//! that others can write to, such as `/tmp/x`, could lead to something private by then, and an empty
//! mount point is not the disk.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use super::{
    content::Content,
    recent::RecentMemberships,
    source::{ChosenItem, ItemTarget, OpenShare, SharedContent},
    start_error::StartError,
};
use crate::server::{
    folder::{Folder, Found},
    path::RequestPath,
    platform::FolderId,
};

/// What is shared at the moment. Clones share it.
#[derive(Clone, Debug)]
pub struct Presence(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    title: String,
    /// Whether it is a single folder rather than several items.
    is_folder: bool,
    serves_hidden: bool,
    locations: Vec<Location>,
    now: RwLock<Now>,
}

#[derive(Debug)]
struct Now {
    share: Option<Arc<OpenShare>>,
    /// The ids of the open folders, one for each location.
    ids: Vec<Option<FolderId>>,
}

/// The location of a chosen item.
#[derive(Debug)]
struct Location {
    /// Its name in the share.
    name: OsString,
    /// Without symbolic links.
    path: PathBuf,
    /// Whether it is a file, which is served from its folder.
    is_file: bool,
    /// The id of the folder when it was chosen.
    first: Option<FolderId>,
    is_mounted: bool,
}

impl Presence {
    /// Opens what the owner chose.
    ///
    /// # Errors
    /// The errors of [`OpenShare::open`].
    pub fn open(content: &Content, serves_hidden: bool) -> Result<Self, StartError> {
        let share = OpenShare::open(content, serves_hidden)?;
        let locations = match (content, &share.content) {
            (Content::Folder(path), SharedContent::Folder(folder)) => {
                vec![Location::of(path, OsString::new(), folder, false)?]
            }
            (Content::Files(paths), SharedContent::Chosen(chosen)) => paths
                .iter()
                .zip(chosen)
                .map(|(path, chosen)| match &chosen.target {
                    ItemTarget::File { parent, .. } => {
                        Location::of(path, chosen.name.clone(), parent, true)
                    }
                    ItemTarget::Folder(folder) => {
                        Location::of(path, chosen.name.clone(), folder, false)
                    }
                })
                .collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        Ok(Self(Arc::new(Inner {
            title: share.title.clone(),
            is_folder: matches!(content, Content::Folder(_)),
            serves_hidden,
            now: RwLock::new(Now {
                share: Some(Arc::new(share)),
                ids: locations.iter().map(|location| location.first).collect(),
            }),
            locations,
        })))
    }

    /// What can be served now; `None` if nothing of it exists.
    pub fn share(&self) -> Option<Arc<OpenShare>> {
        self.now().share.clone()
    }

    /// The paths of the chosen items, without symbolic links.
    pub fn places(&self) -> Vec<PathBuf> {
        let locations = self.0.locations.iter();
        locations.map(|location| location.path.clone()).collect()
    }

    /// Checks whether the items exist, and closes or opens them. Returns whether there is anything to
    /// serve. May wait for the disk.
    pub fn look(&self) -> bool {
        let inner = &*self.0;
        let found: Vec<Option<Folder>> = inner
            .locations
            .iter()
            .map(|location| location.find(inner.serves_hidden))
            .collect();
        let ids: Vec<Option<FolderId>> = found
            .iter()
            .map(|folder| folder.as_ref().and_then(Folder::id))
            .collect();
        let is_there = found.iter().any(Option::is_some);
        let mut now = inner.now.write().unwrap_or_else(PoisonError::into_inner);
        // Where folders have no ids, existing ones are always reopened.
        let is_same = ids == now.ids && ids.iter().all(Option::is_some);
        if !is_there {
            now.share = None;
        } else if !is_same || now.share.is_none() {
            now.share = Some(Arc::new(inner.again(found)));
        }
        now.ids = ids;
        is_there
    }

    fn now(&self) -> RwLockReadGuard<'_, Now> {
        // No panic under this lock can leave it inconsistent.
        self.0.now.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// A share of the items that exist.
    fn again(&self, found: Vec<Option<Folder>>) -> OpenShare {
        let mut there = self.locations.iter().zip(found);
        let content = match (self.is_folder, there.next()) {
            (true, Some((_, Some(folder)))) => SharedContent::Folder(folder),
            (_, first) => SharedContent::Chosen(
                first
                    .into_iter()
                    .chain(there)
                    .filter_map(|(location, folder)| location.chosen(folder?))
                    .collect(),
            ),
        };
        OpenShare {
            title: self.title.clone(),
            content,
            recent: RecentMemberships::default(),
        }
    }
}

impl Location {
    fn of(path: &Path, name: OsString, folder: &Folder, is_file: bool) -> Result<Self, StartError> {
        let real =
            std::fs::canonicalize(path).map_err(|source| StartError::opening(path, source))?;
        let first = folder.id();
        Ok(Self {
            name,
            is_mounted: !is_file && is_mounted(&real, first),
            path: real,
            is_file,
            first,
        })
    }

    /// The folder that is there now, or the folder that contains the file.
    fn find(&self, serves_hidden: bool) -> Option<Folder> {
        // A hidden file that was chosen by name is served.
        let (path, serves_hidden) = if self.is_file {
            (self.path.parent()?, true)
        } else {
            (&*self.path, serves_hidden)
        };
        let folder = Folder::open_without_links(path, serves_hidden).ok()?;
        let id = folder.id();
        let owner = |id: Option<FolderId>| id.map(|id| id.owner);
        let is_it = owner(id) == owner(self.first)
            && (!self.is_mounted || is_mounted(&self.path, id))
            && (!self.is_file || self.is_in(&folder).unwrap_or(false));
        is_it.then_some(folder)
    }

    fn is_in(&self, folder: &Folder) -> io::Result<bool> {
        let Some(name) = self.request_path() else {
            return Ok(false);
        };
        Ok(matches!(folder.find(&name)?, Found::File { .. }))
    }

    fn request_path(&self) -> Option<RequestPath> {
        RequestPath::from_names([self.path.file_name()?])
    }

    fn chosen(&self, folder: Folder) -> Option<ChosenItem> {
        let target = if self.is_file {
            ItemTarget::File {
                parent: folder,
                name: self.request_path()?,
            }
        } else {
            ItemTarget::Folder(folder)
        };
        Some(ChosenItem {
            name: self.name.clone(),
            target,
        })
    }
}

/// Whether a separate disk is mounted at `path`.
fn is_mounted(path: &Path, id: Option<FolderId>) -> bool {
    let parent = path
        .parent()
        .and_then(|parent| Folder::open_ambient(parent, true).ok()?.id());
    match (parent, id) {
        (Some(parent), Some(id)) => parent.device != id.device,
        _ => false,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn of_folder(path: &Path) -> Presence {
        Presence::open(&Content::Folder(path.to_owned()), false).unwrap()
    }

    fn names(presence: &Presence) -> Vec<String> {
        let share = presence.share().expect("something exists");
        let mut names = match &share.content {
            SharedContent::Folder(folder) => {
                let Found::Folder { dir, .. } = folder.find(&RequestPath::default()).unwrap()
                else {
                    panic!("a folder")
                };
                dir.entries()
                    .unwrap()
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect::<Vec<_>>()
            }
            SharedContent::Chosen(chosen) => chosen
                .iter()
                .map(|chosen| chosen.name.clone().into_string().unwrap())
                .collect(),
        };
        names.sort();
        names
    }

    #[test]
    fn a_deleted_folder_is_closed_and_the_next_one_in_its_place_is_served() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("dist");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("old"), "").unwrap();
        let presence = of_folder(&folder);
        assert!(presence.look());
        fs::remove_dir_all(&folder).unwrap();
        assert!(!presence.look());
        assert!(presence.share().is_none());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("new"), "").unwrap();
        assert!(presence.look());
        assert_eq!(names(&presence), ["new"]);
        let title = &presence.share().unwrap().title;
        assert_eq!(title, "dist");
    }

    #[test]
    fn a_folder_that_is_replaced_between_two_looks_is_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("dist");
        fs::create_dir(&folder).unwrap();
        let presence = of_folder(&folder);
        let before = presence.share().unwrap();
        assert!(presence.look());
        assert!(Arc::ptr_eq(&before, &presence.share().unwrap()));
        fs::rename(&folder, dir.path().join("moved")).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("new"), "").unwrap();
        assert!(presence.look());
        assert_eq!(names(&presence), ["new"]);
    }

    #[test]
    fn a_link_in_its_place_or_on_the_way_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let private = dir.path().join("private/keys");
        fs::create_dir_all(&private).unwrap();
        let folder = dir.path().join("a/keys");
        fs::create_dir_all(&folder).unwrap();
        let presence = of_folder(&folder);
        fs::remove_dir(&folder).unwrap();
        symlink(&private, &folder).unwrap();
        assert!(!presence.look(), "a link is in its place");
        fs::remove_file(&folder).unwrap();
        fs::remove_dir(dir.path().join("a")).unwrap();
        symlink(dir.path().join("private"), dir.path().join("a")).unwrap();
        assert!(!presence.look(), "a link is on the way");
    }

    #[test]
    fn a_deleted_file_is_served_again_when_it_is_saved_again() {
        let dir = tempfile::tempdir().unwrap();
        let (plan, offer) = (dir.path().join("plan.pdf"), dir.path().join("offer.pdf"));
        fs::write(&plan, "").unwrap();
        fs::write(&offer, "").unwrap();
        let content = Content::Files(vec![plan.clone(), offer.clone()]);
        let presence = Presence::open(&content, false).unwrap();
        fs::remove_file(&plan).unwrap();
        assert!(presence.look(), "the other file exists");
        assert_eq!(names(&presence), ["offer.pdf"]);
        fs::remove_file(&offer).unwrap();
        assert!(!presence.look());
        fs::write(&plan, "").unwrap();
        assert!(presence.look());
        assert_eq!(names(&presence), ["plan.pdf"]);
    }

    #[test]
    fn a_folder_chosen_through_a_link_is_watched_at_its_real_path() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap().join("real");
        fs::create_dir(&real).unwrap();
        symlink(&real, dir.path().join("link")).unwrap();
        let presence = of_folder(&dir.path().join("link"));
        assert_eq!(presence.places(), [real]);
        assert!(presence.look());
    }
}
