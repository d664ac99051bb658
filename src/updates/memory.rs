//! The date of the newest feed that was seen, in a file. An older feed is never believed again, so that
//! nobody can hide a version that was already known.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store;

#[derive(Serialize, Deserialize)]
struct Seen {
    /// As in RFC 3339.
    signed: String,
}

/// When the newest feed that was seen was signed.
pub fn newest(file: &Path) -> Option<DateTime<Utc>> {
    let seen: Seen = store::load(file)?;
    let signed = DateTime::parse_from_rfc3339(&seen.signed).ok()?;
    Some(signed.to_utc())
}

/// Remembers that a feed of this date was seen. A failure is logged: the answer is right all the same.
pub fn remember(file: &Path, signed: DateTime<Utc>) {
    let seen = Seen {
        signed: signed.to_rfc3339(),
    };
    let written = serde_json::to_vec(&seen).map_err(std::io::Error::from);
    if let Err(error) = written.and_then(|text| store::replace(file, &text)) {
        tracing::warn!(%error, path = %file.display(), "can't remember the newest list of releases");
    }
}
