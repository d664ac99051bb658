//! A share as commands and other programs are told of it. The JSON form of it is a contract.

use serde::{Deserialize, Serialize};

use super::{Phase, Share, Target};

/// Where a share is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub name: String,
    /// What it shares; a name that is not Unicode is shown as near as it can be.
    pub paths: Vec<String>,
    /// The port of the site it shares instead.
    pub port: Option<u16>,
    pub state: StateWord,
    /// The state in words, with how far it is: `connecting over HTTP/2 too…`.
    pub words: String,
    /// The public link, if it works or is about to work again.
    pub link: Option<String>,
    /// Where it answers on this computer.
    pub local: Option<String>,
    /// False: nothing answers on the port of the site that is shared, or the files are not there.
    pub answers: bool,
    /// Why there is no link, and what to do.
    pub problem: Option<String>,
}

/// The phases of a share's life, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    Starting,
    /// Waits for a yes: what it would make public looks private.
    Asking,
    Connecting,
    Online,
    Reconnecting,
    LocalOnly,
    Stopping,
}

impl Status {
    pub fn of(share: &Share) -> Self {
        let (state, problem) = match &share.phase {
            Phase::Starting => (StateWord::Starting, None),
            Phase::Asking(private) => (StateWord::Asking, Some(private.sentence())),
            Phase::Connecting(_) => (StateWord::Connecting, None),
            Phase::Online => (StateWord::Online, None),
            Phase::Reconnecting => (StateWord::Reconnecting, None),
            Phase::LocalOnly(problem) => (StateWord::LocalOnly, Some(problem.sentence.clone())),
            Phase::Stopping => (StateWord::Stopping, None),
        };
        let port = match share.target {
            Target::Site(port) => Some(port),
            Target::Folder(_) | Target::Files { .. } => None,
        };
        Self {
            name: share.name(),
            paths: share
                .target
                .paths()
                .map(|path| path.display().to_string())
                .collect(),
            port,
            state,
            words: share.words(),
            link: share.offered_link().map(str::to_owned),
            local: share.local_link(),
            answers: !share.is_site_down && !share.is_missing,
            problem,
        }
    }
}
