//! What happens to one share, as entries of the history.

use std::{fmt::Write, net::IpAddr};

use sha2::{Digest, Sha256};

use super::resume;
use crate::{
    app::{EndReason, Target},
    history::{Entry, Kind, Recorder},
    server::{Access, DownloadReport, UploadReport},
};

/// So much of a hash names a share, in bytes.
const ID_BYTES: usize = 8;

/// Records what happens to one share. Clones belong to the same share.
#[derive(Debug, Clone)]
pub struct ShareHistory {
    recorder: Recorder,
    id: String,
    name: String,
}

impl ShareHistory {
    /// For the share of this target, which has this name.
    pub fn of(recorder: &Recorder, target: &Target, name: String) -> Self {
        Self {
            recorder: recorder.clone(),
            id: id(target),
            name,
        }
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.recorder.is_on()
    }

    /// Somebody with this address visits.
    pub fn visited(&self, address: Option<IpAddr>) {
        self.add(Kind::Visit, |entry| entry.by(address));
    }

    /// Records who enters a wrong password.
    pub fn watch_passwords(&self, access: &Access) {
        let history = self.clone();
        access.lock().on_wrong(move |address| {
            history.add(Kind::PasswordRefused, |entry| entry.by(address));
        });
    }

    pub fn started(&self) {
        self.add(Kind::ShareStarted, |entry| entry);
    }

    pub fn ended(&self, reason: Option<EndReason>) {
        let reason = reason.map(|reason| reason.short());
        self.add(Kind::ShareEnded, |entry| entry.because(reason));
    }

    pub fn downloaded(&self, report: &DownloadReport) {
        match report {
            DownloadReport::Complete(all) => self.add(Kind::Download, |entry| {
                entry.by(all.visitor).with_file(&all.name, all.size)
            }),
            DownloadReport::Interrupted(part) => self.add(Kind::BrokenDownload, |entry| {
                let entry = entry.by(part.visitor).with_file(&part.name, part.sent);
                entry.of_size(part.size)
            }),
        }
    }

    pub fn uploaded(&self, report: &UploadReport) {
        match report {
            UploadReport::Incoming(_) => {}
            UploadReport::Received {
                name,
                bytes,
                sender,
                visitor,
            } => self.add(Kind::FileReceived, |entry| {
                let entry = entry.by(*visitor).from_sender(sender.as_deref());
                entry.with_file(name, *bytes)
            }),
            UploadReport::Delivered {
                files,
                bytes,
                sender,
                visitor,
                ..
            } => self.add(Kind::Delivery, |entry| {
                let entry = entry.by(*visitor).from_sender(sender.as_deref());
                entry.with_files((*files).into(), *bytes)
            }),
        }
    }

    fn add(&self, kind: Kind, with: impl FnOnce(Entry) -> Entry) {
        if self.recorder.is_on() {
            let entry = Entry::now(kind, &self.id, &self.name);
            self.recorder.record(with(entry));
        }
    }

    #[cfg(test)]
    pub fn for_tests() -> Self {
        let recorder = Recorder::to("unused".into(), false);
        Self::of(&recorder, &Target::Site(80), "80".to_owned())
    }
}

/// What names the target in every run. It doesn't tell the path.
fn id(target: &Target) -> String {
    let key = resume::key(target).unwrap_or_else(|| format!("{target:?}"));
    let hash = Sha256::digest(key);
    hash[..ID_BYTES].iter().fold(String::new(), |mut id, byte| {
        // A String takes everything.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::history::HistoryFile;

    #[test]
    fn a_target_has_the_same_id_in_every_run_and_no_other_has_it() {
        let folder = |path: &str| Target::Folder(PathBuf::from(path));
        assert_eq!(id(&folder("/home/ada/Photos")), "fb9b7985148622dd");
        assert_ne!(id(&folder("/home/ada/Photos")), id(&folder("/home/ada")));
        let inbox = Target::Inbox("/home/ada/Photos".into());
        assert_ne!(id(&folder("/home/ada/Photos")), id(&inbox));
    }

    #[test]
    fn every_report_becomes_an_entry() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        let recorder = Recorder::to(path.clone(), true);
        let target = Target::Inbox("/home/ada/Homework".into());
        let history = ShareHistory::of(&recorder, &target, "Homework".to_owned());
        let visitor: Option<IpAddr> = "203.0.113.7".parse().ok();
        history.started();
        history.visited(visitor);
        history.uploaded(&UploadReport::Received {
            name: "a/b.txt".to_owned(),
            bytes: 10,
            sender: Some("Anna".to_owned()),
            visitor,
        });
        history.uploaded(&UploadReport::Delivered {
            files: 1,
            bytes: 10,
            sender: Some("Anna".to_owned()),
            visitor,
            is_last: true,
        });
        history.ended(Some(EndReason::Deliveries(1)));
        recorder.close();
        let entries = HistoryFile::at(path).read().unwrap();
        let sentences: Vec<String> = entries.iter().map(Entry::sentence).collect();
        assert_eq!(
            sentences,
            [
                "started",
                "203.0.113.7 visited",
                "Anna (203.0.113.7) sent a/b.txt (10 bytes)",
                "Anna (203.0.113.7) has delivered 1 file (10 bytes)",
                "ended: 1 delivery",
            ]
        );
    }
}
