//! What a command asks the running program, and what it replies: one line of JSON each.
//!
//! Both sides are the same program, so the format is not a contract. [`VERSION`] tells apart a
//! program that was updated while the old one is still running.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::app::{Changes, Secret, Status};

/// The version that both sides must have.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A request, and the version of the program that sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub version: String,
    pub request: ControlRequest,
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlRequest {
    /// Share these absolute paths. Answered with [`ControlReply::Share`] at each change.
    Share {
        paths: Vec<OsString>,
        /// The user agreed to share private files. Otherwise the desktop asks.
        is_agreed: bool,
        changes: Changes,
    },
    /// Share what was in no file, from this file in the spool. Answered like `Share`.
    ShareSpooled {
        file: OsString,
        /// Visitors see it on a page of its own.
        is_text: bool,
        /// The user agreed to share a private file. Otherwise the desktop asks.
        is_agreed: bool,
        changes: Changes,
    },
    /// Share the site on this port of the computer. Answered like `Share`.
    ShareSite { port: u16, changes: Changes },
    /// Let visitors hand files in to this absolute path. Answered like `Share`.
    Receive {
        folder: OsString,
        /// The user agreed that files from strangers may do harm there. Otherwise the desktop asks.
        is_agreed: bool,
        changes: Changes,
    },
    /// Change the settings of a share, if any change is wanted. Answered with
    /// [`ControlReply::Settings`] once they are in effect.
    Set(ShareSelector, Changes),
    /// Open the folder dialog. Answered with [`ControlReply::Done`] once it is closed.
    Pick,
    /// Answered with [`ControlReply::Dashboard`].
    Dashboard,
    /// Answered with [`ControlReply::Shares`].
    List,
    /// Answered once with [`ControlReply::Share`].
    Show(ShareSelector),
    /// Answered with [`ControlReply::Stopped`] once the shares are gone.
    Stop(ShareSelector),
    /// Answered by closing the connection at the end.
    Quit,
}

impl ControlRequest {
    /// Whether the request is accepted from every version. After an upgrade the old program is
    /// still running, and commands of the new one must be able to end it.
    pub fn is_version_independent(&self) -> bool {
        matches!(self, Self::Stop(_) | Self::Quit)
    }

    /// The command, for the log. It leaves out what the command is about: it may name a link.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Share { .. } => "share",
            Self::ShareSpooled { .. } => "share what is spooled",
            Self::ShareSite { .. } => "share a site",
            Self::Receive { .. } => "receive",
            Self::Set(..) => "set",
            Self::Pick => "pick",
            Self::Dashboard => "dashboard",
            Self::List => "list",
            Self::Show(_) => "show",
            Self::Stop(_) => "stop",
            Self::Quit => "quit",
        }
    }
}

/// Which shares are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareSelector {
    All,
    /// The only one there is.
    Only,
    /// Those with this name, path, port or link.
    Named(OsString),
    /// The one with exactly these paths, if it is waiting for consent.
    Asking(Vec<OsString>),
}

/// What the running program replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlReply {
    /// The current state of the share.
    Share(Status),
    /// The share with its settings, and its password, if that is known.
    Settings(Status, Option<Secret>),
    /// The share is gone, with the reason if the user did not stop it.
    Gone(Option<String>),
    /// All shares.
    Shares(Vec<Status>),
    /// The address of the dashboard. Whoever opens it first may use the dashboard.
    Dashboard(Secret),
    /// These shares are gone, by their names.
    Stopped(Vec<String>),
    Done,
    /// The request is refused, with the reason.
    Refused(String),
    /// The named share does not exist; the sentence says so.
    NotShared(String),
}
