//! What is in zip, tar and 7z files that are shared.
//!
//! Their authors may be hostile: nothing in them is believed. Names are texts and lead nowhere, lengths
//! are checked before anything is read, and what takes long is cut.
//!
//! ```text
//! listed   the entries of an archive, as the page gets them
//! zip      the directory of a zip
//! tar      the headers of a tar, compressed or not
//! sevenz   the header of a 7z
//! sevenz_streams
//!          what it says about packed streams
//! sevenz_reader
//!          the numbers that it consists of
//! member   one file of a zip
//! invalid  the error of a file that is something else
//! ```

mod invalid;
mod listed;
mod member;
mod sevenz;
mod sevenz_reader;
mod sevenz_streams;
mod tar;
mod zip;

use std::{fs::File, io, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    blocking::blocking,
    folder::{FileStamp, OpenFolderId},
    path::RequestPath,
    share::FileResource,
    transport::Outbox,
    work::{Budget, Keep, Limits, SharedWork},
};
use invalid::invalid;
use listed::MAX_ENTRIES;
pub use listed::{ListBody, Listed};
pub use member::Member;
pub use zip::MemberName;
use zip::Record;

/// How many archives are looked into at the same time.
const AT_A_TIME: usize = 2;

/// What looking into one may cost.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(5),
    entries: MAX_ENTRIES,
    bytes: 8 * 1024 * 1024,
};

/// The kinds of archives that can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    Zip,
    Tar,
    TarGz,
    TarXz,
    SevenZ,
}

impl ArchiveKind {
    /// The kind of a file with this name; `None` if it is no such archive.
    pub fn of(name: &[u8]) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends_with = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end.as_bytes()));
        if ends_with(&[
            ".zip", ".jar", ".cbz", ".epub", ".apk", ".whl", ".xpi", ".vsix",
        ]) {
            Some(Self::Zip)
        } else if ends_with(&[".tar"]) {
            Some(Self::Tar)
        } else if ends_with(&[".tar.gz", ".tgz"]) {
            Some(Self::TarGz)
        } else if ends_with(&[".tar.xz", ".txz"]) {
            Some(Self::TarXz)
        } else if ends_with(&[".7z", ".cb7"]) {
            Some(Self::SevenZ)
        } else {
            None
        }
    }
}

/// Looks into the archives of one share.
#[derive(Debug)]
pub struct Contents {
    lists: SharedWork<FileVersion, Listed>,
    /// Looks for one file in a zip, by its name.
    members: SharedWork<(FileVersion, MemberName), Record>,
}

/// What distinguishes one file from all others, and from what it was before.
#[derive(Debug, PartialEq)]
struct FileVersion {
    folder: OpenFolderId,
    path: RequestPath,
    stamp: FileStamp,
}

impl FileVersion {
    async fn open(file: &FileResource) -> io::Result<(Self, File)> {
        let (folder, path) = file.place();
        let (file, stamp) = file.open().await?;
        let version = Self {
            folder,
            path,
            stamp,
        };
        Ok((version, file))
    }
}

impl Default for Contents {
    fn default() -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        Self {
            lists: SharedWork::new(Arc::clone(&turns), LIMITS),
            members: SharedWork::new(turns, LIMITS),
        }
    }
}

impl Contents {
    /// What is in an archive, for the visitor of a connection.
    ///
    /// # Errors
    /// Those of opening and reading the file, `InvalidData` if it is no such archive, and those of
    /// [`SharedWork::get`].
    pub async fn list(
        &self,
        file: &FileResource,
        kind: ArchiveKind,
        visitor: &Outbox,
    ) -> io::Result<ListBody> {
        let (version, file) = FileVersion::open(file).await?;
        let stamp = version.stamp;
        let listed = self.lists.get(version, visitor.left(), move |budget| {
            Ok((list(&file, stamp.size, kind, budget)?, Keep::No))
        });
        Ok(ListBody::new(listed.await?))
    }

    /// The file with this name in a zip, and the version of the zip.
    ///
    /// # Errors
    /// `NotFound` if there is none that can be taken out, and those of [`Contents::list`].
    pub async fn member(
        &self,
        zip: &FileResource,
        name: MemberName,
        visitor: &Outbox,
    ) -> io::Result<(Member, FileStamp)> {
        let (version, file) = FileVersion::open(zip).await?;
        let stamp = version.stamp;
        let size = stamp.size;
        let directory = file.try_clone()?;
        let id = (version, name.clone());
        let record = self.members.get(id, visitor.left(), move |budget| {
            Ok((zip::find_named(&directory, size, &name, budget)?, Keep::No))
        });
        let record = record.await?;
        let member = blocking(move || Member::at(file, size, Record::clone(&record))).await?;
        Ok((member, stamp))
    }
}

/// Looks into an archive of this size.
///
/// # Errors
/// If it is none, or can't be read.
pub fn list(file: &File, size: u64, kind: ArchiveKind, budget: &Budget) -> io::Result<Listed> {
    let mut listed = Listed::default();
    let read = match kind {
        ArchiveKind::Zip => zip::list(file, size, &mut listed, budget),
        ArchiveKind::Tar => tar::list(file, size, &mut listed, budget),
        ArchiveKind::TarGz => tar::list_gz(file, &mut listed, budget),
        ArchiveKind::TarXz => tar::list_xz(file, &mut listed, budget),
        ArchiveKind::SevenZ => sevenz::list(file, size, &mut listed, budget),
    };
    match read {
        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => Err(error),
        // What was read so far is there.
        Err(_) if !listed.is_empty() => {
            listed.cut();
            Ok(listed)
        }
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            listed.cut();
            Ok(listed)
        }
        // Each decoder has its own errors.
        Err(error) if error.raw_os_error().is_none() => Err(invalid()),
        read => read.map(|()| listed),
    }
}
