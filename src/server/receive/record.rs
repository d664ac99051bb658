//! What is kept on the disk about an upload, beside its bytes.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::{
    id::{DeliveryId, UploadId},
    names::MAX_FOLDERS,
    upload::ReceivedFile,
};
use crate::{
    app::visible,
    hidden_name::Visibility,
    server::path::{MAX_NAMES, RequestPath, Rules, push_encoded, shown_name, windows_name},
};

/// Everything about an upload that doesn't change with each byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub id: UploadId,
    /// The folder of the share that it was handed in to, as in a URL.
    into: String,
    /// Harmless names below that folder, the last one that of the file.
    pub path: Vec<String>,
    /// The visitor's own names of the folders, as in a URL, if they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<String>,
    /// In bytes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// When this was written, in seconds since 1970.
    pub when: u64,
    /// Whether an empty file may hold the place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_held: bool,
}

impl Record {
    /// Where it is to go. Whoever hands in a file again means the same place.
    pub fn place(&self) -> (&str, &[String]) {
        (&self.into, &self.path)
    }

    /// Of an upload into a folder, with harmless names and the visitor's own names of the folders.
    pub fn new(id: UploadId, into: &RequestPath, path: Vec<String>, asked: &[Vec<u8>]) -> Self {
        let folders = &path[..path.len() - 1];
        let is_same = folders.iter().map(String::as_bytes).eq(asked);
        let asked = (!is_same).then(|| {
            let mut url = String::new();
            for name in asked {
                url.push('/');
                push_encoded(name, &mut url);
            }
            url
        });
        Self {
            id,
            into: into.to_url(),
            path,
            asked,
            length: None,
            sender: None,
            delivery: None,
            key: None,
            visitor: None,
            origin: None,
            metadata: None,
            when: seconds(SystemTime::now()),
            is_held: false,
        }
    }

    /// The record in a file or a line, if it is one that this program may have written.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let is_harmless = |name: &String| {
            !name.is_empty()
                && windows_name::is_plain(name.as_bytes())
                && !Visibility::Usual.hides(name.as_bytes())
        };
        let is_valid = (1..=MAX_FOLDERS + 1).contains(&record.path.len())
            && record.path.iter().all(is_harmless)
            && RequestPath::parse(record.into.as_bytes(), Rules::HERE).is_some();
        is_valid.then_some(record)
    }

    /// As one line.
    pub fn to_line(&self) -> Vec<u8> {
        // Strings and numbers can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The folder of the share that it was handed in to.
    pub fn handed_to(&self) -> RequestPath {
        RequestPath::parse(self.into.as_bytes(), Rules::HERE).unwrap_or_default()
    }

    /// The visitor's own names of the folders.
    pub fn asked(&self) -> Vec<Vec<u8>> {
        match &self.asked {
            Some(url) => url
                .split('/')
                .skip(1)
                .take(MAX_NAMES)
                .map(|name| percent_decode_str(name).collect())
                .collect(),
            None => self
                .folders()
                .iter()
                .map(|name| name.clone().into_bytes())
                .collect(),
        }
    }

    /// The same upload at another place.
    #[must_use]
    pub fn at(&self, into: &RequestPath, path: Vec<String>) -> Self {
        let asked = self.asked();
        let record = Self::new(self.id, into, path, &asked);
        Self {
            length: self.length,
            sender: self.sender.clone(),
            delivery: self.delivery,
            key: self.key.clone(),
            visitor: self.visitor,
            origin: self.origin.clone(),
            ..record
        }
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The names of the folders below the one that it was handed in to.
    pub fn folders(&self) -> &[String] {
        &self.path[..self.path.len() - 1]
    }

    /// The file as it is named to people.
    pub fn file(&self) -> ReceivedFile {
        let mut names: Vec<_> = self.handed_to().names().map(shown_name).collect();
        names.extend(self.path.iter().map(|name| visible(name)));
        ReceivedFile {
            name: names.join("/"),
            bytes: self.length.unwrap_or(0),
        }
    }

    /// When it was written.
    pub fn written(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_secs(self.when))
            .unwrap_or(UNIX_EPOCH)
    }
}

/// Seconds since 1970.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let into = RequestPath::parse(b"/a%20b/%C3%BC/", Rules::HERE).unwrap();
        let asked = [b"x".to_vec(), b"\xff:/".to_vec()];
        let path = vec!["x".into(), "___".into(), "file.txt".into()];
        Record {
            length: Some(5),
            sender: Some("Ann".into()),
            ..Record::new(UploadId::random().unwrap(), &into, path, &asked)
        }
    }

    #[test]
    fn a_record_is_read_as_it_is_written() {
        let record = record();
        let read = Record::parse(&record.to_line()).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.handed_to().to_url(), "/a%20b/%C3%BC/");
        assert_eq!(read.asked(), [b"x".to_vec(), b"\xff:/".to_vec()]);
        assert!(!record.to_line().contains(&b'\n'));
    }

    #[test]
    fn another_place_keeps_everything_else() {
        let record = record();
        let path = vec!["x".into(), "___".into(), "file (2).txt".into()];
        let moved = record.at(&record.handed_to(), path.clone());
        assert_eq!(moved.path, path);
        assert_eq!((moved.id, moved.asked()), (record.id, record.asked()));
        assert_eq!((&moved.sender, moved.length), (&record.sender, Some(5)));
    }

    #[test]
    fn a_record_that_somebody_else_wrote_leads_nowhere() {
        let id = "00112233445566778899aabbccddeeff";
        for (path, into) in [
            (r#"["..","x"]"#, "/"),
            (r#"["a/b"]"#, "/"),
            (r#"[".bashrc"]"#, "/"),
            (r#"[""]"#, "/"),
            ("[]", "/"),
            (r#"["x"]"#, "/../"),
            (r#"["x"]"#, "x"),
        ] {
            let line = format!(r#"{{"id":"{id}","into":"{into}","path":{path},"when":1}}"#);
            assert_eq!(Record::parse(line.as_bytes()), None, "{line}");
        }
        let valid = format!(r#"{{"id":"{id}","into":"/","path":["x"],"when":1}}"#);
        assert!(Record::parse(valid.as_bytes()).is_some());
        assert_eq!(Record::parse(&valid.as_bytes()[..valid.len() - 1]), None);
    }
}
