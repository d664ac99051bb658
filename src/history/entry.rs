//! What the history says. Its JSON form is one line of the file, and what programs read.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::app::visible;

/// Longer texts are cut, in characters. A path of a file that a visitor hands in can be longer.
const TEXT_MAX: usize = 300;

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    ShareStarted,
    ShareEnded,
    /// Somebody opened the share.
    Visit,
    /// Somebody was sent all of a file or zip archive.
    Download,
    /// Somebody was sent a part of it, and did not come back for the rest.
    BrokenDownload,
    /// A file that a visitor handed in is complete.
    FileReceived,
    /// Everything that a visitor handed in together is complete.
    Delivery,
    /// Somebody entered a wrong password.
    PasswordRefused,
}

/// Something that has happened, or several things of the same kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Later entries of a file have higher numbers. The file gives them.
    #[serde(default)]
    pub id: u64,
    /// When it happened; of several things, the last.
    #[serde(with = "rfc3339")]
    pub time: DateTime<Utc>,
    pub kind: Kind,
    /// Is the same whenever the same thing is shared.
    pub share: String,
    /// The name that the share had when it started.
    pub name: String,
    /// So many visits, files or passwords.
    #[serde(default = "one")]
    pub count: u64,
    /// The visitor's address, if it is known and was the same each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<IpAddr>,
    /// The name that the visitor gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The file, if it is a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes of the files, or of what was sent of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Bytes of the whole file, if only a part of it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Why the share has ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn one() -> u64 {
    1
}

impl Entry {
    /// Something has just happened to the share.
    pub fn now(kind: Kind, share: &str, name: &str) -> Self {
        Self {
            id: 0,
            time: Utc::now(),
            kind,
            share: share.to_owned(),
            name: harmless(name),
            count: 1,
            visitor: None,
            sender: None,
            file: None,
            bytes: None,
            size: None,
            reason: None,
        }
    }

    /// A visitor with this address did it.
    pub fn by(self, visitor: Option<IpAddr>) -> Self {
        let visitor = visitor.map(|address| address.to_canonical());
        Self { visitor, ..self }
    }

    /// The visitor gave this name.
    pub fn from_sender(self, sender: Option<&str>) -> Self {
        let sender = sender.map(harmless).filter(|name| !name.trim().is_empty());
        Self { sender, ..self }
    }

    /// It is about this file.
    pub fn with_file(self, file: &str, bytes: u64) -> Self {
        Self {
            file: Some(harmless(file)),
            bytes: Some(bytes),
            ..self
        }
    }

    /// It is about so many files.
    pub fn with_files(self, count: u64, bytes: u64) -> Self {
        Self {
            count,
            bytes: Some(bytes),
            ..self
        }
    }

    /// The file is this long, and only a part of it was sent.
    pub fn of_size(self, size: u64) -> Self {
        Self {
            size: Some(size),
            ..self
        }
    }

    /// The share has ended for this reason.
    pub fn because(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }

    /// Adds what is of the same kind and about the same share. What differs is left out.
    pub fn absorb(&mut self, other: Self) {
        let is_same = (self.kind, &self.share) == (other.kind, &other.share);
        debug_assert!(is_same, "{self:?} {other:?}");
        self.time = self.time.max(other.time);
        self.count = self.count.saturating_add(other.count);
        self.bytes = sum(self.bytes, other.bytes);
        self.size = sum(self.size, other.size);
        self.visitor = self.visitor.filter(|_| self.visitor == other.visitor);
        if self.sender != other.sender {
            self.sender = None;
        }
        self.file = None;
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}

/// A text that may come from a stranger, fit to be shown, and not too long.
fn harmless(text: &str) -> String {
    let text = visible(text);
    let Some((cut, _)) = text.char_indices().nth(TEXT_MAX) else {
        return text;
    };
    format!("{}…", &text[..cut])
}

/// Times as text with milliseconds in UTC: `2026-07-08T09:10:11.123Z`.
mod rfc3339 {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(time.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_line_that_programs_can_read() {
        let mut entry = Entry::now(Kind::FileReceived, "0a1b", "Homework")
            .by(Some("::ffff:203.0.113.7".parse().unwrap()))
            .from_sender(Some("Anna"))
            .with_file("essay.pdf", 1200);
        entry.time = DateTime::from_timestamp_millis(1_783_501_811_123).unwrap();
        let line = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            line,
            r#"{"id":0,"time":"2026-07-08T09:10:11.123Z","kind":"file-received","share":"0a1b","name":"Homework","count":1,"visitor":"203.0.113.7","sender":"Anna","file":"essay.pdf","bytes":1200}"#
        );
        assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry);
    }

    #[test]
    fn texts_of_strangers_are_harmless_and_short() {
        let long = "é".repeat(10_000);
        let entry = Entry::now(Kind::FileReceived, "0a1b", "a\nb")
            .from_sender(Some("\u{1b}[2J\u{202e}"))
            .with_file(&long, 1);
        assert_eq!(entry.name, "a\u{fffd}b");
        assert_eq!(entry.sender.as_deref(), Some("\u{fffd}[2J\u{fffd}"));
        assert_eq!(entry.file.unwrap().chars().count(), TEXT_MAX + 1);
        let nobody = Entry::now(Kind::Delivery, "0a1b", "a").from_sender(Some("  "));
        assert_eq!(nobody.sender, None);
    }

    #[test]
    fn what_differs_is_left_out_of_several_in_one() {
        let file = |visitor: &str, sender| {
            Entry::now(Kind::FileReceived, "0a1b", "Homework")
                .by(visitor.parse().ok())
                .from_sender(sender)
                .with_file("a.txt", 10)
        };
        let mut both = file("203.0.113.7", Some("Anna"));
        both.absorb(file("203.0.113.7", None));
        assert_eq!((both.count, both.bytes), (2, Some(20)));
        assert!(both.visitor.is_some() && both.sender.is_none() && both.file.is_none());
        both.absorb(file("203.0.113.8", None));
        assert_eq!((both.count, both.visitor), (3, None));
    }
}
