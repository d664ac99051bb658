//! What an owner can set for a share, at any time, under the same link.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{incoming::Received, secret::Secret, target::Target};

/// The password of a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// Unknown for a share that was resumed: only the hash is saved.
    pub text: Option<Secret>,
    /// Opaque here. Whoever has it can check guesses.
    pub hash: Secret,
}

/// A change of the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordChange {
    /// Visitors need no password.
    Remove,
    /// Visitors need a new password of four words.
    Generate,
    /// Visitors need this password.
    Set(Secret),
    /// Visitors need the password that an earlier share of the same target had.
    #[serde(skip)]
    Restore(Password),
}

impl PasswordChange {
    /// Whether visitors need a password after it.
    pub fn protects(&self) -> bool {
        *self != Self::Remove
    }
}

/// How long, or how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit<T> {
    None,
    After(T),
}

impl<T> Limit<T> {
    pub fn of(value: Option<T>) -> Self {
        value.map_or(Self::None, Self::After)
    }

    pub fn value(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::After(value) => Some(value),
        }
    }
}

/// Wanted changes of a share's settings. `None` leaves one as it is; for a new share, at the
/// default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub password: Option<PasswordChange>,
    /// The time from now after which the share ends.
    pub stop_after: Option<Limit<Duration>>,
    /// The number of complete downloads, from now, after which the share ends.
    pub downloads: Option<Limit<u32>>,
    /// The number of complete deliveries, from now, after which an inbox ends.
    pub deliveries: Option<Limit<u32>>,
    /// Visitors of a folder may add files to it.
    pub uploads: Option<bool>,
    /// Visitors see hidden files, too.
    #[serde(default)]
    pub hidden: Option<bool>,
    /// Scripts of other websites may read the share while it needs no password.
    #[serde(default)]
    pub cors: Option<bool>,
    /// Visitors are told where photos were taken.
    #[serde(default)]
    pub places: Option<bool>,
    /// People in the same network may reach the share without the internet, too.
    #[serde(default)]
    pub lan: Option<bool>,
    /// The bytes of all files that visitors hand in.
    pub max_size: Option<Limit<u64>>,
    /// What visitors who hand in files read; empty for nothing.
    pub message: Option<String>,
    /// The bytes in a second that all visitors are sent together.
    pub speed_limit: Option<Limit<u64>>,
    /// The requests to a local site are recorded until its share ends, whoever looks.
    #[serde(default)]
    pub inspect: Option<bool>,
    /// How much of the limits a resumed share has not used up.
    #[serde(skip)]
    pub left: Left,
}

/// What is left of the limits; `None` if it is all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    pub time: Option<Duration>,
    pub downloads: Option<u32>,
    pub deliveries: Option<u32>,
    /// What had come in before.
    pub received: Received,
    /// Its port in the local network.
    pub network_port: Option<u16>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds later changes, which replace earlier ones of the same setting.
    pub(super) fn add(&mut self, later: Self) {
        self.password = later.password.or(self.password.take());
        if later.stop_after.is_some() {
            self.stop_after = later.stop_after;
            self.left.time = later.left.time;
        }
        if later.downloads.is_some() {
            self.downloads = later.downloads;
            self.left.downloads = later.left.downloads;
        }
        if later.deliveries.is_some() {
            self.deliveries = later.deliveries;
            self.left.deliveries = later.left.deliveries;
        }
        self.uploads = later.uploads.or(self.uploads);
        self.hidden = later.hidden.or(self.hidden);
        self.cors = later.cors.or(self.cors);
        self.places = later.places.or(self.places);
        self.lan = later.lan.or(self.lan);
        self.max_size = later.max_size.or(self.max_size);
        self.message = later.message.or(self.message.take());
        self.speed_limit = later.speed_limit.or(self.speed_limit);
        self.inspect = later.inspect.or(self.inspect);
    }

    /// Why a share of this target can't have these settings, if it can't.
    pub fn refused_for(&self, target: &Target) -> Option<&'static str> {
        let counts = |limit: &Option<Limit<u32>>| matches!(limit, Some(Limit::After(_)));
        let receives = self.max_size.is_some() || self.message.is_some();
        match target {
            Target::Site(_) | Target::Spooled(_) | Target::Text(_) | Target::Inbox(_)
                if self.hidden == Some(true) =>
            {
                Some(HIDDEN_OF_FILES)
            }
            Target::Site(_) | Target::Inbox(_) if self.cors == Some(true) => Some(CORS_OF_FILES),
            Target::Site(_) | Target::Inbox(_) if self.places == Some(true) => {
                Some(PLACES_OF_FILES)
            }
            Target::Site(_) if counts(&self.downloads) => Some(NO_DOWNLOADS_OF_SITES),
            Target::Site(_) if self.lan == Some(true) => Some(NO_SITES_ON_NETWORK),
            Target::Folder(_)
            | Target::Files { .. }
            | Target::Spooled(_)
            | Target::Text(_)
            | Target::Inbox(_)
                if self.inspect == Some(true) =>
            {
                Some(REQUESTS_OF_SITES)
            }
            Target::Inbox(_) if counts(&self.downloads) => Some(NO_DOWNLOADS_OF_INBOXES),
            Target::Inbox(_) if self.uploads == Some(false) => Some(INBOXES_TAKE_FILES),
            Target::Inbox(_) => None,
            _ if counts(&self.deliveries) => Some(DELIVERIES_OF_INBOXES),
            Target::Folder(_) => None,
            _ if self.uploads == Some(true) || receives => Some(UPLOADS_TO_FOLDERS),
            _ => None,
        }
    }
}

const NO_DOWNLOADS_OF_SITES: &str =
    "The downloads of a local site can't be counted. Use --for to stop sharing it after a time.";
const HIDDEN_OF_FILES: &str =
    "Hidden files can be shown only in a shared folder, or in folders that are shared together.";
const CORS_OF_FILES: &str = "Scripts of other websites can be let in only to folders and files. A local site sends such headers itself.";
const PLACES_OF_FILES: &str =
    "Visitors can be told where photos were taken only in shared folders and files.";
const NO_SITES_ON_NETWORK: &str = "A local site can't be opened to your network here. Many development servers can do that themselves, often with --host.";
const REQUESTS_OF_SITES: &str =
    "Only the requests of a local site can be inspected. Share the port of one.";
const NO_DOWNLOADS_OF_INBOXES: &str = "Visitors can't download what others hand in. Use --deliveries to stop after a number of deliveries.";
const INBOXES_TAKE_FILES: &str =
    "Visitors can always hand in files there. Stop sharing it if they no longer should.";
const DELIVERIES_OF_INBOXES: &str = "Deliveries are counted only for a folder that receives files. Use --downloads, or `spot-serve receive`.";
const UPLOADS_TO_FOLDERS: &str =
    "Visitors can add files to a shared folder only. Share a folder, or use `spot-serve receive`.";

/// The settings that new shares have, from the settings file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Defaults {
    /// A password is generated for each share.
    pub password: bool,
    pub stop_after: Option<Duration>,
    /// Visitors of a folder may add files to it.
    pub uploads: bool,
    /// Visitors see hidden files, too.
    pub hidden: bool,
    /// Scripts of other websites may read shares that need no password.
    pub cors: bool,
    /// Visitors are told where photos were taken.
    pub places: bool,
    /// People in the same network may reach folders and files without the internet, too.
    pub lan: bool,
    /// The bytes of all files that visitors hand in to a share.
    pub max_size: Option<u64>,
    /// The bytes in a second that all visitors of a share are sent together.
    pub speed_limit: Option<u64>,
}

impl Defaults {
    /// The changes with which a new share starts: every setting is decided.
    pub fn complete(self, wanted: Changes) -> Changes {
        let password = if self.password {
            PasswordChange::Generate
        } else {
            PasswordChange::Remove
        };
        Changes {
            password: wanted.password.or(Some(password)),
            stop_after: wanted.stop_after.or(Some(Limit::of(self.stop_after))),
            downloads: wanted.downloads.or(Some(Limit::None)),
            deliveries: wanted.deliveries.or(Some(Limit::None)),
            uploads: wanted.uploads.or(Some(self.uploads)),
            hidden: wanted.hidden.or(Some(self.hidden)),
            cors: wanted.cors.or(Some(self.cors)),
            places: wanted.places.or(Some(self.places)),
            lan: wanted.lan.or(Some(self.lan)),
            max_size: wanted.max_size.or(Some(Limit::of(self.max_size))),
            message: wanted.message.or(Some(String::new())),
            speed_limit: wanted.speed_limit.or(Some(Limit::of(self.speed_limit))),
            inspect: wanted.inspect.or(Some(false)),
            left: wanted.left,
        }
    }
}
