//! What a command asks of the running program, and what that answers: a line of JSON each.
//!
//! Both sides are the same program, so the form is nobody's contract; one that was updated while
//! the other runs is told apart by [`VERSION`].

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::app::Status;

/// The version that both sides must have.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a command asks, and by which version of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub version: String,
    pub request: Request,
}

/// What a command asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Share these absolute paths. Answered by [`Answer::Share`] at each change.
    Share {
        paths: Vec<OsString>,
        /// Private things in them may be shared; else the desktop asks.
        is_agreed: bool,
    },
    /// Share what answers on this port of the computer; answered as before.
    ShareSite(u16),
    /// Open the folder dialog.
    Pick,
    /// Answered by [`Answer::Shares`].
    List,
    /// Answered by [`Answer::Done`] when what was named is gone.
    Stop(Which),
    /// Answered by the end of the conversation.
    Quit,
}

impl Request {
    /// What ends sharing is heard whatever the caller's version: after an upgrade the program of
    /// before still runs, and has to be told to go.
    pub fn is_the_same_in_all_versions(&self) -> bool {
        matches!(self, Self::Stop(_) | Self::Quit)
    }
}

/// Which shares are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    All,
    /// The only one there is.
    Only,
    /// Those with this name, path or link.
    Named(OsString),
    /// The one of exactly these paths, while it waits for a yes.
    Asking(Vec<OsString>),
}

/// What the running program answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Where the share is now.
    Share(Status),
    /// The share is gone; the sentence says why, where somebody does not know.
    Gone(Option<String>),
    /// All shares.
    Shares(Vec<Status>),
    Done,
    /// It won't be done; the sentence says why.
    Refused(String),
    /// What was named is not shared; the sentence says so.
    NotShared(String),
}
