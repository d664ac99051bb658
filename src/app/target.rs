//! What a share shares.

use std::path::{Path, PathBuf};

use super::label;

/// What is shared.
///
/// The paths are absolute, and canonical up to the first symbolic link in them: whoever chooses a
/// link chooses whatever it leads to at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Folder(PathBuf),
    /// One file, or several files and folders chosen together.
    Files {
        first: PathBuf,
        others: Vec<PathBuf>,
    },
    /// What was in no file, such as standard input. It is kept in this one while it is shared.
    Spooled(PathBuf),
    /// The same for a text, which visitors see on a page of its own.
    Text(PathBuf),
    /// The site on this port of the computer.
    Site(u16),
    /// A folder that visitors hand files in to, and see nothing of.
    Inbox(PathBuf),
}

impl Target {
    /// The path that represents the target: the folder, or the first of several files.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(path)
            | Self::Files { first: path, .. }
            | Self::Spooled(path)
            | Self::Text(path)
            | Self::Inbox(path) => Some(path),
            Self::Site(_) => None,
        }
    }

    /// All paths of the target; none for a site.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let others = match self {
            Self::Files { others, .. } => &others[..],
            Self::Folder(_) | Self::Spooled(_) | Self::Text(_) | Self::Site(_) | Self::Inbox(_) => {
                &[]
            }
        };
        self.path()
            .into_iter()
            .chain(others.iter().map(PathBuf::as_path))
    }

    /// The folder that the file manager should show.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::Inbox(path) => Some(path),
            Self::Files { first, .. } => Some(first.parent().unwrap_or(first)),
            Self::Spooled(_) | Self::Text(_) | Self::Site(_) => None,
        }
    }

    /// Where it is kept while it is shared, if it was in no file.
    pub fn spooled(&self) -> Option<&Path> {
        match self {
            Self::Spooled(file) | Self::Text(file) => Some(file),
            Self::Folder(_) | Self::Files { .. } | Self::Site(_) | Self::Inbox(_) => None,
        }
    }

    /// Where the user has it, if it is in a file of theirs.
    pub fn place(&self) -> Option<&Path> {
        self.path().filter(|_| self.spooled().is_none())
    }

    /// Whether visitors may see photos in it.
    pub fn may_have_photos(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Files { .. } | Self::Spooled(_) => true,
            // Visitors see nothing of an inbox.
            Self::Inbox(_) | Self::Text(_) | Self::Site(_) => false,
        }
    }

    /// Whether there may be hidden files that visitors see, or don't.
    pub fn may_have_hidden_files(&self) -> bool {
        matches!(self, Self::Folder(_) | Self::Files { .. })
    }

    /// The name by which a site knows itself, as browsers send it in the Host header.
    pub fn host(&self) -> Option<String> {
        match self {
            // Browsers leave out the usual ports.
            Self::Site(80 | 443) => Some("localhost".into()),
            Self::Site(port) => Some(format!("localhost:{port}")),
            Self::Folder(_)
            | Self::Files { .. }
            | Self::Spooled(_)
            | Self::Text(_)
            | Self::Inbox(_) => None,
        }
    }

    /// The display name: `Photos`, `plan.pdf and 2 more` or `localhost:3000`.
    pub fn name(&self) -> String {
        match self {
            Self::Folder(path) | Self::Spooled(path) | Self::Inbox(path) => label::file_name(path),
            // What it says is nobody else's business.
            Self::Text(_) => "Text".into(),
            Self::Files { first, others } if others.is_empty() => label::file_name(first),
            Self::Files { first, others } => {
                format!("{} and {} more", label::file_name(first), others.len())
            }
            Self::Site(port) => format!("localhost:{port}"),
        }
    }
}
