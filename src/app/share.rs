//! One share: what it shares, and where it is in its life.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Private, label};

/// Names a share for as long as the program runs; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShareId(pub u64);

/// What is shared.
///
/// The paths are absolute and in the form the file system has for them, so that equal targets
/// are the same files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Folder(PathBuf),
    /// One file, or several files and folders chosen together.
    Files {
        first: PathBuf,
        others: Vec<PathBuf>,
    },
    /// The site that answers on this port of the computer.
    Site(u16),
}

impl Target {
    /// The path that stands for the whole: the folder, or the first of several files.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::Files { first: path, .. } => Some(path),
            Self::Site(_) => None,
        }
    }

    /// All that it is made of; none for a site.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let others = match self {
            Self::Files { others, .. } => &others[..],
            Self::Folder(_) | Self::Site(_) => &[],
        };
        self.path()
            .into_iter()
            .chain(others.iter().map(PathBuf::as_path))
    }

    /// The folder to show to somebody who wants to see it in the file manager.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
            Self::Files { first, .. } => Some(first.parent().unwrap_or(first)),
            Self::Site(_) => None,
        }
    }

    /// The name people know it by: `Photos`, `plan.pdf and 2 more` or `localhost:3000`.
    pub fn name(&self) -> String {
        match self {
            Self::Folder(path) => label::file_name(path),
            Self::Files { first, others } if others.is_empty() => label::file_name(first),
            Self::Files { first, others } => {
                format!("{} and {} more", label::file_name(first), others.len())
            }
            Self::Site(port) => format!("localhost:{port}"),
        }
    }
}

/// Why there is no public link, in words, and when that is tried again by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A few words for the menu row: `no network`.
    pub short: String,
    /// One or two sentences: what did not work, why, and what to do.
    pub sentence: String,
    /// Time until the next attempt; `None` when only the person can help.
    pub retry_in: Option<Duration>,
    /// The sidecar is missing, and downloading it would help.
    pub needs_download: bool,
}

/// Where a share is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Its server is being started.
    Starting,
    /// It would make private things public: it starts when the person says yes.
    Asking(Private),
    /// Served on this computer; the tunnel is being made. The words say how far it is.
    Connecting(String),
    /// The public link works.
    Online,
    /// The link is valid, the tunnel has lost the edge for the moment.
    Reconnecting,
    /// Served on this computer only.
    LocalOnly(Problem),
    /// Asked to stop; gone when both its server and its tunnel have ended.
    Stopping,
}

/// One share: a target, its server, its tunnel and its public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub id: ShareId,
    pub target: Target,
    pub phase: Phase,
    /// Where its server listens, once it does; of a site, what stands before it.
    pub local: Option<SocketAddr>,
    /// `https://….trycloudflare.com`, while the tunnel has that name.
    pub link: Option<String>,
    /// The link that the person was told last; a share tells each link once.
    pub announced: Option<String>,
    /// The problem that the person was told of and that still lasts.
    pub told_problem: Option<String>,
    /// Its server runs, or may be about to.
    pub has_server: bool,
    /// Its tunnel runs, or may be about to.
    pub has_tunnel: bool,
    /// The person asked for the same target while it was stopping.
    pub again: Option<Again>,
    /// Nothing answers on the port of the site that it shares.
    pub is_site_down: bool,
    /// Its files are not there: deleted, moved, or their disk was taken out.
    pub is_missing: bool,
    /// The person was told of that.
    pub is_missing_told: bool,
}

/// A wish to share the same once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// Whatever private is in it, the person knows.
    pub is_agreed: bool,
}

impl Share {
    pub fn new(id: ShareId, target: Target) -> Self {
        Self {
            id,
            target,
            phase: Phase::Starting,
            local: None,
            link: None,
            announced: None,
            told_problem: None,
            has_server: true,
            has_tunnel: false,
            again: None,
            is_site_down: false,
            is_missing: false,
            is_missing_told: false,
        }
    }

    pub fn name(&self) -> String {
        self.target.name()
    }

    /// The same, short enough for a row or a title.
    pub fn short_name(&self) -> String {
        label::shortened(&self.name())
    }

    /// The link a person may be given now: only one that works, or is about to work again.
    pub fn offered_link(&self) -> Option<&str> {
        match self.phase {
            Phase::Online | Phase::Reconnecting => self.link.as_deref(),
            _ => None,
        }
    }

    /// Nothing of it can be had at the moment, whatever its tunnel does.
    pub fn is_empty_handed(&self) -> bool {
        match self.phase {
            Phase::Online | Phase::LocalOnly(_) => self.is_site_down || self.is_missing,
            Phase::Connecting(_) | Phase::Reconnecting => self.is_missing,
            Phase::Starting | Phase::Asking(_) | Phase::Stopping => false,
        }
    }

    /// The tunnel waits for something, and another attempt may be wished for.
    pub fn can_retry(&self) -> bool {
        match self.phase {
            Phase::LocalOnly(_) => true,
            Phase::Reconnecting => self.told_problem.is_some(),
            _ => false,
        }
    }

    /// An attempt runs after others that the person was told have failed.
    pub fn is_retrying(&self) -> bool {
        matches!(self.phase, Phase::Connecting(_)) && self.told_problem.is_some()
    }

    /// Why its link does not work, in a few words, for as long as it does not.
    pub fn reason(&self) -> Option<String> {
        match (&self.phase, &self.told_problem) {
            (Phase::LocalOnly(problem), _) => Some(format!("No link: {}", problem.short)),
            (Phase::Connecting(_), Some(short)) => Some(format!("No link: {short}")),
            (Phase::Reconnecting, Some(short)) => Some(format!("Can't be reached: {short}")),
            _ => None,
        }
    }

    /// It has no link because there is no sidecar that could be run.
    pub fn needs_download(&self) -> bool {
        matches!(&self.phase, Phase::LocalOnly(problem) if problem.needs_download)
    }

    /// `http://127.0.0.1:PORT/`, while it is served. A site has its own.
    pub fn local_link(&self) -> Option<String> {
        match (&self.phase, &self.target) {
            (Phase::Stopping, _) => None,
            (_, Target::Site(port)) => Some(format!("http://localhost:{port}/")),
            _ => self.local.map(|address| format!("http://{address}/")),
        }
    }

    /// Where it is, in a few words; online it is the public name.
    pub fn words(&self) -> String {
        if self.is_empty_handed() {
            return match &self.target {
                Target::Site(port) => format!("nothing answers on port {port}"),
                Target::Folder(_) => "the folder is missing".into(),
                Target::Files { others, .. } if others.is_empty() => "the file is missing".into(),
                Target::Files { .. } => "the files are missing".into(),
            };
        }
        match &self.phase {
            Phase::Starting => "starting…".into(),
            Phase::Asking(_) => "private files, share anyway?".into(),
            Phase::Connecting(words) => words.clone(),
            Phase::Online => match &self.link {
                Some(link) => link.trim_start_matches("https://").to_owned(),
                None => "online".into(),
            },
            Phase::Reconnecting => "reconnecting…".into(),
            Phase::LocalOnly(_) => "on this computer only".into(),
            Phase::Stopping => "stopping…".into(),
        }
    }
}
