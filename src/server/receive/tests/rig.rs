//! A folder, its inbox, and what is reported.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::server::{
    folder::{Folder, Found},
    path::{RequestPath, Rules},
    receive::{
        Begun, DeliveryId, Inbox, NewUpload, PartWriter, ReceiveError, UploadId, Written, parts,
    },
    share::{Content, FolderResource, Presence},
    traffic::Traffic,
    uploads::{UploadReport, UploadRules, Uploads},
};

pub struct Rig {
    pub temp: tempfile::TempDir,
    folder: PathBuf,
    pub inbox: Inbox,
    pub uploads: Uploads,
    pub traffic: Traffic,
    pub reports: mpsc::UnboundedReceiver<UploadReport>,
}

impl Rig {
    /// An inbox that takes everything.
    pub fn new() -> Self {
        Self::with(UploadRules::default())
    }

    pub fn with(rules: UploadRules) -> Self {
        let rig = Self::of(tempfile::tempdir().unwrap());
        rig.uploads.set_rules(Some(rules));
        rig
    }

    /// An inbox that takes nothing yet.
    pub fn of(temp: tempfile::TempDir) -> Self {
        let folder = temp.path().join("shared");
        Self::at(temp, &folder)
    }

    /// An inbox in another folder, that takes nothing yet.
    pub fn at(temp: tempfile::TempDir, folder: &Path) -> Self {
        let (inbox, uploads, traffic, reports) = open(folder);
        Self {
            temp,
            folder: folder.to_owned(),
            inbox,
            uploads,
            traffic,
            reports,
        }
    }

    /// The shared folder.
    pub fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// As after the program has ended and was started again.
    pub fn restarted(self) -> Self {
        let rules = self.uploads.rules();
        let rig = Self::of(self.temp);
        rig.uploads.set_rules(rules.map(|rules| (*rules).clone()));
        rig
    }

    /// Hands in a whole file.
    pub async fn put(&self, path: &str, content: &[u8]) -> Result<Written, ReceiveError> {
        self.put_new(new(path), content).await
    }

    pub async fn put_new(&self, new: NewUpload, content: &[u8]) -> Result<Written, ReceiveError> {
        let mut writer = self.begin(new).await?;
        writer.write(Bytes::copy_from_slice(content)).await?;
        let written = writer.finish_file().await?;
        self.inbox.placed().await;
        Ok(written)
    }

    pub async fn begin(&self, new: NewUpload) -> Result<PartWriter, ReceiveError> {
        match self.inbox.begin(&self.subfolder("/"), new).await? {
            Begun::New(writer) => Ok(writer),
            Begun::Known(id, status) => panic!("{id:?} is known: {status:?}"),
        }
    }

    pub async fn create(&self, new: NewUpload) -> Result<UploadId, ReceiveError> {
        self.inbox.create(&self.subfolder("/"), new).await
    }

    /// A folder of the share.
    pub fn subfolder(&self, path: &str) -> FolderResource {
        let folder = Folder::open_ambient(&self.folder(), false).unwrap();
        let path = RequestPath::parse(path.as_bytes(), Rules::HERE).unwrap();
        let Found::Folder { path, dir } = folder.find(&path).unwrap() else {
            panic!("no folder");
        };
        FolderResource { folder, path, dir }
    }

    /// Adds bytes with one request.
    pub async fn patch(
        &self,
        id: UploadId,
        offset: u64,
        content: &[u8],
    ) -> Result<Written, ReceiveError> {
        let mut writer = self.inbox.begin_write(id, offset, None).await?;
        writer.write(Bytes::copy_from_slice(content)).await?;
        writer.finish().await
    }

    /// Waits until an upload was removed, with its bytes.
    pub async fn gone(&self, id: UploadId) {
        while !matches!(self.inbox.status(id).await, Err(ReceiveError::Unknown))
            || self
                .part_names()
                .iter()
                .any(|name| name.starts_with(&id.to_string()))
        {
            tokio::task::yield_now().await;
        }
    }

    /// Everything in the folder but the parts, with its content. Folders end with a slash.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.folder(), "", &mut files);
        files
    }

    /// The names in the folder but the parts.
    pub fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    /// The folder of parts.
    pub fn parts(&self) -> PathBuf {
        self.folder().join(parts::NAME)
    }

    /// The names in the folder of parts.
    pub fn part_names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.parts()) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// The next report that is not about what comes in.
    pub async fn report(&mut self) -> UploadReport {
        loop {
            match self.reports.recv().await.unwrap() {
                UploadReport::Incoming(_) => {}
                report => return report,
            }
        }
    }
}

fn open(
    folder: &Path,
) -> (
    Inbox,
    Uploads,
    Traffic,
    mpsc::UnboundedReceiver<UploadReport>,
) {
    fs::create_dir_all(folder).unwrap();
    let presence = Presence::open(&Content::Folder(folder.to_owned()), false).unwrap();
    let traffic = Traffic::default();
    let uploads = Uploads::of(traffic.clone());
    let (sender, reports) = mpsc::unbounded_channel();
    uploads.on_report(move |report| drop(sender.send(report)));
    let inbox = Inbox::new(presence, uploads.clone());
    (inbox, uploads, traffic, reports)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if name == parts::NAME {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap_or_default());
        }
    }
}

/// A file with names that are separated by slashes.
pub fn new(path: &str) -> NewUpload {
    NewUpload {
        path: path
            .split('/')
            .map(|name| name.as_bytes().to_vec())
            .collect(),
        ..NewUpload::default()
    }
}

/// A file of a known length.
pub fn sized(path: &str, length: u64) -> NewUpload {
    NewUpload {
        length: Some(length),
        ..new(path)
    }
}

pub fn delivery() -> DeliveryId {
    DeliveryId::random().unwrap()
}

/// Lets a file seem to have been written so long ago.
pub fn make_old(path: &Path, age: Duration) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}
