//! What is shared: a folder, several files and folders chosen together, or an inbox.

use std::{ffi::OsString, io, path::Path, sync::Arc};

use super::{
    content::Content,
    kept::KeptAnswers,
    recent::RecentMemberships,
    resource::{FileResource, Resource, find_in},
    start_error::StartError,
};
use crate::server::{
    folder::{Folder, Way},
    path::RequestPath,
};

/// The open content of a share.
#[derive(Debug)]
pub struct OpenShare {
    /// The name for visitors: that of the folder or the only file. Empty for several items.
    pub title: String,
    pub content: SharedContent,
    pub(super) recent: RecentMemberships,
    /// Answers that can be sent again.
    pub kept: KeptAnswers,
}

/// The kinds of content.
#[derive(Debug)]
pub enum SharedContent {
    Folder(Folder),
    /// At least one item. Names are unique.
    Chosen(Vec<ChosenItem>),
    /// The folder that visitors hand files in to. They see nothing of what is in it.
    Inbox(Folder),
}

/// One of the files and folders that were chosen together.
#[derive(Clone, Debug)]
pub struct ChosenItem {
    /// Its name in the share.
    pub name: OsString,
    pub target: ItemTarget,
}

/// A chosen item, as a capability.
#[derive(Clone, Debug)]
pub enum ItemTarget {
    /// A name in a folder from which nothing else is served. The folder is kept open rather than
    /// the file, because most programs save a file by replacing it.
    File {
        parent: Folder,
        name: RequestPath,
    },
    Folder(Folder),
}

impl OpenShare {
    pub(super) fn new(title: String, content: SharedContent) -> Self {
        let content = match content {
            SharedContent::Folder(folder) => SharedContent::Folder(folder.as_top()),
            content => content,
        };
        Self {
            title,
            content,
            recent: RecentMemberships::default(),
            kept: KeptAnswers::default(),
        }
    }

    /// Opens what the owner chose.
    ///
    /// # Errors
    /// [`StartError`] if something is missing, unreadable, or neither a file nor a folder.
    pub fn open(content: &Content, serves_hidden: bool) -> Result<Self, StartError> {
        match content {
            Content::Folder(path) => {
                let folder = open_folder(path, serves_hidden)?;
                Ok(Self::new(title_of(path), SharedContent::Folder(folder)))
            }
            Content::Inbox(path) => {
                let folder = open_folder(path, serves_hidden)?;
                Ok(Self::new(title_of(path), SharedContent::Inbox(folder)))
            }
            Content::Files(paths) => {
                let mut chosen: Vec<ChosenItem> = Vec::with_capacity(paths.len());
                for path in paths {
                    let target = open_target(path, serves_hidden)?;
                    let name = free_name(&chosen, &real_name(path));
                    chosen.push(ChosenItem { name, target });
                }
                let title = match (chosen.as_slice(), paths.as_slice()) {
                    ([], _) => return Err(StartError::Nothing),
                    ([_], [path]) => title_of(path),
                    _ => String::new(),
                };
                Ok(Self::new(title, SharedContent::Chosen(chosen)))
            }
        }
    }

    /// The way to the folder of a file that was found at this path, for those who know its content. `None`
    /// if a link is on the path.
    pub fn way(&self, file: &FileResource, path: &[u8]) -> Option<Arc<Way>> {
        let is_whole = matches!(self.content, SharedContent::Folder(_));
        if !is_whole || file.path.as_bytes() != path {
            return None;
        }
        self.kept.way(&file.folder, file.path.folder_bytes())
    }

    /// Whether somebody still uses one of its handles.
    pub fn is_in_use(&self) -> bool {
        match &self.content {
            SharedContent::Folder(folder) | SharedContent::Inbox(folder) => folder.is_in_use(),
            SharedContent::Chosen(chosen) => chosen.iter().any(|chosen| match &chosen.target {
                ItemTarget::File { parent, .. } => parent.is_in_use(),
                ItemTarget::Folder(folder) => folder.is_in_use(),
            }),
        }
    }

    /// Whether visitors hand files in to it, and see nothing of them.
    pub fn is_inbox(&self) -> bool {
        matches!(self.content, SharedContent::Inbox(_))
    }

    /// The folder of an inbox.
    pub async fn inbox(&self) -> Option<io::Result<Resource>> {
        match &self.content {
            SharedContent::Inbox(folder) => Some(find_in(folder, RequestPath::default()).await),
            SharedContent::Folder(_) | SharedContent::Chosen(_) => None,
        }
    }

    /// Looks up the path of a request, without waiting if the answer is in memory.
    ///
    /// # Errors
    /// `NotFound` for everything that is missing or hidden, others as the system reports them.
    pub async fn find(&self, path: &RequestPath) -> io::Result<Resource> {
        match &self.content {
            SharedContent::Folder(folder) => find_in(folder, path.clone()).await,
            SharedContent::Inbox(_) => Err(io::ErrorKind::NotFound.into()),
            SharedContent::Chosen(chosen) => {
                let Some((first, rest)) = path.split_first() else {
                    return Ok(Resource::Chosen);
                };
                let chosen = chosen
                    .iter()
                    .find(|chosen| chosen.name.as_encoded_bytes() == first)
                    .ok_or(io::ErrorKind::NotFound)?;
                match &chosen.target {
                    ItemTarget::Folder(folder) => find_in(folder, rest).await,
                    ItemTarget::File { parent, name } if rest.is_root() => {
                        find_in(parent, name.clone()).await
                    }
                    ItemTarget::File { .. } => Err(io::ErrorKind::NotFound.into()),
                }
            }
        }
    }
}

fn open_folder(path: &Path, serves_hidden: bool) -> Result<Folder, StartError> {
    let folder = Folder::open_ambient(path, serves_hidden)
        .map_err(|source| StartError::opening(path, source))?;
    folder
        .check_readable()
        .map_err(|source| StartError::opening(path, source))?;
    Ok(folder)
}

fn open_target(path: &Path, serves_hidden: bool) -> Result<ItemTarget, StartError> {
    let opening = |source| StartError::opening(path, source);
    let real = std::fs::canonicalize(path).map_err(opening)?;
    let metadata = std::fs::metadata(&real).map_err(opening)?;
    if metadata.is_dir() {
        return open_folder(&real, serves_hidden).map(ItemTarget::Folder);
    }
    if !metadata.is_file() {
        return Err(StartError::NotAFile(path.to_owned()));
    }
    let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(StartError::NotAFile(path.to_owned()));
    };
    // A hidden file that was chosen by name is served. A link that replaces it is not.
    let parent = Folder::open_ambient(parent, true)
        .map_err(opening)?
        .for_chosen_file();
    let name =
        RequestPath::from_names([name]).ok_or_else(|| StartError::NotAFile(path.to_owned()))?;
    parent.open(&name).map_err(opening)?;
    Ok(ItemTarget::File { parent, name })
}

/// The name for visitors. Paths such as `/` or `..` have one only after they are resolved.
fn real_name(path: &Path) -> OsString {
    let name = match path.file_name() {
        Some(name) => Some(name.to_owned()),
        None => std::fs::canonicalize(path)
            .ok()
            .and_then(|path| path.file_name().map(ToOwned::to_owned)),
    };
    name.unwrap_or_else(|| OsString::from("Files"))
}

fn title_of(path: &Path) -> String {
    real_name(path).to_string_lossy().into_owned()
}

/// `name`, or `name (2)` and so on if another item has the same name.
fn free_name(chosen: &[ChosenItem], name: &OsString) -> OsString {
    let is_free = |name: &OsString| chosen.iter().all(|other| other.name != *name);
    let path = Path::new(name);
    let mut free = name.clone();
    for number in 2_u32.. {
        if is_free(&free) {
            break;
        }
        free = path.file_stem().unwrap_or(name).to_owned();
        free.push(format!(" ({number})"));
        if let Some(extension) = path.extension() {
            free.push(".");
            free.push(extension);
        }
    }
    free
}
