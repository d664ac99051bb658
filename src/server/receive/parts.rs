//! The hidden folder of what is not complete.
//!
//! ```text
//! ID.part   the bytes so far
//! ID.json   the record of an upload that goes on with another request
//! ID.check  how much of ID.part was there before bytes that are not checked yet
//! N.done    records of complete files, and of deliveries that the owner knows of, one a line, of the Nth
//!           hour since 1970
//! ```
//!
//! A file is complete once its record is in a `.done` file and the part is as long as the record says,
//! or is gone: then it is in its place, or its owner has moved it.

use std::{
    ffi::OsStr,
    fs::{File, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, OpenOptions};

use super::{
    id::UploadId,
    notes::Note,
    private,
    record::{Record, seconds},
    sync_system::FileSystem,
};
use crate::server::{folder::Folder, platform::open_at_once};

/// The name of the folder. It is never served, not even where hidden files are.
pub const NAME: &str = ".spot-serve-parts";

/// How long a complete file is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// A file without a record that was not written to for this long is left over.
const UNTOUCHED: Duration = Duration::from_secs(10 * 60);

/// The folder of one share, open.
#[derive(Debug)]
pub struct Parts {
    root: Folder,
    dir: Dir,
    file_system: Option<FileSystem>,
    /// The file of this hour's records.
    done: Mutex<Option<(u64, File)>>,
    #[cfg(test)]
    steps: Steps,
}

/// What a test does after each change of the folder. It is told what has changed.
#[cfg(test)]
#[derive(Clone, Default)]
pub struct Steps(pub Option<std::sync::Arc<dyn Fn(&'static str) + Send + Sync>>);

#[cfg(test)]
impl std::fmt::Debug for Steps {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Steps")
    }
}

impl Parts {
    /// The folder, if there is one.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(root: &Folder) -> io::Result<Option<Self>> {
        match root.dir().open_dir_nofollow(NAME) {
            Ok(dir) => Ok(Some(Self {
                root: root.clone(),
                // Before any part, so that it is told of each error.
                file_system: root.has_journal().then(|| FileSystem::of(&dir)).flatten(),
                dir,
                done: Mutex::default(),
                #[cfg(test)]
                steps: Steps::default(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The folder, which is made if there is none.
    ///
    /// # Errors
    /// If it can't be opened or made.
    pub fn create(root: &Folder) -> io::Result<Self> {
        for _ in 0..8 {
            if let Some(parts) = Self::open(root)? {
                return Ok(parts);
            }
            match private::create_dir(root.dir(), OsStr::new(NAME)) {
                // Somebody else was faster, or removes it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => created?,
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    #[cfg(test)]
    pub fn with_steps(mut self, steps: Steps) -> Self {
        self.steps = steps;
        self
    }

    /// Something on the disk has changed. A test looks at it as if the program ended here.
    pub fn step(&self, what: &'static str) {
        #[cfg(test)]
        if let Some(step) = &self.steps.0 {
            step(what);
        }
        let _ = what;
    }

    /// The shared folder that it is in.
    pub fn root(&self) -> &Folder {
        &self.root
    }

    /// The folder itself.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// The file system that it is on, if all of it can be written at once.
    pub fn file_system(&self) -> Option<&FileSystem> {
        self.file_system.as_ref()
    }

    /// Makes an empty part that nobody else writes to.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn create_part(&self, id: UploadId) -> io::Result<File> {
        let file = self
            .dir
            .open_with(part(id), &private::new_file())?
            .into_std();
        // Some network drives have no locks.
        let _ = file.try_lock();
        self.step("part created");
        Ok(file)
    }

    /// Opens a part to write to, and tells its length.
    ///
    /// # Errors
    /// `WouldBlock` if another program writes to it; others as the system reports them.
    pub fn open_part(&self, id: UploadId) -> io::Result<(File, u64)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).follow(FollowSymlinks::No);
        open_at_once(&mut options);
        let mut file = self.dir.open_with(part(id), &options)?.into_std();
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = file.seek(SeekFrom::End(0))?;
        Ok((file, length))
    }

    /// Whether the part is there.
    pub fn has_part(&self, id: UploadId) -> bool {
        self.dir.symlink_metadata(part(id)).is_ok()
    }

    /// Whether the record is there.
    pub fn has_record(&self, id: UploadId) -> bool {
        self.dir.symlink_metadata(record(id)).is_ok()
    }

    /// Removes what belongs to an upload.
    ///
    /// # Errors
    /// If something of it stays.
    pub fn remove(&self, id: UploadId) -> io::Result<()> {
        // Without its record, what is left of it belongs to nothing.
        self.remove_file(&record(id))?;
        self.remove_file(&part(id))?;
        self.remove_file(&check(id))
    }

    /// The bytes of a complete upload can't be relied on. It is not complete any more.
    ///
    /// # Errors
    /// If that can't be kept.
    pub fn lose(&self, id: UploadId) -> io::Result<()> {
        let noted = self.add_note(Note::Lost { upload: id });
        match (noted, self.remove_file(&part(id))) {
            // As an empty part, it isn't whole.
            (Err(error), _) => match self.create_part(id) {
                Ok(_) => Ok(()),
                Err(_) => Err(error),
            },
            (Ok(()), removed) => removed,
        }
    }

    /// Forgets the record of an upload.
    ///
    /// # Errors
    /// If it stays.
    pub fn remove_record(&self, id: UploadId) -> io::Result<()> {
        self.remove_file(&record(id))
    }

    /// Keeps the record of an upload from now on.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write_record(&self, new: &Record) -> io::Result<()> {
        let line = new.to_line();
        let name = record(new.id);
        let options = private::new_file();
        match self.dir.open_with(&name, &options) {
            // Whoever began it doesn't know its name yet, so it may be half written.
            Ok(file) => {
                self.step("record created");
                let written = file.into_std().write_all(&line).inspect_err(|_| {
                    let _ = self.remove_file(&name);
                });
                self.step("record written");
                written
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let new_name = format!("{name}.new");
                self.remove_file(&new_name)?;
                let file = self.dir.open_with(&new_name, &options)?;
                file.into_std().write_all(&line)?;
                self.step("next record written");
                self.dir.rename(&new_name, &self.dir, &name)?;
                self.step("record replaced");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// From now on, bytes after `offset` count only once [`Parts::checked`] is called.
    ///
    /// # Errors
    /// If that can't be kept.
    pub fn unchecked(&self, id: UploadId, offset: u64) -> io::Result<()> {
        self.remove_file(&check(id))?;
        let file = self.dir.open_with(check(id), &private::new_file())?;
        self.step("check created");
        file.into_std().write_all(offset.to_string().as_bytes())?;
        self.step("check written");
        Ok(())
    }

    /// All bytes count.
    ///
    /// # Errors
    /// If that can't be kept.
    pub fn checked(&self, id: UploadId) -> io::Result<()> {
        self.remove_file(&check(id))
    }

    /// Keeps the record of a complete file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn add_done(&self, record: &Record) -> io::Result<()> {
        self.add_line(record.to_line())
    }

    /// Keeps a note.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn add_note(&self, note: Note) -> io::Result<()> {
        self.add_line(note.to_line())
    }

    fn add_line(&self, mut line: Vec<u8>) -> io::Result<()> {
        let hour = hour(SystemTime::now());
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match done.take() {
            Some((same, file)) if same == hour => file,
            _ => {
                let mut options = OpenOptions::new();
                options.append(true).create(true).follow(FollowSymlinks::No);
                private::set_mode(&mut options);
                self.dir
                    .open_with(format!("{hour}.done"), &options)?
                    .into_std()
            }
        };
        let (_, file) = done.insert((hour, file));
        // The line before may have been cut off.
        line.insert(0, b'\n');
        line.push(b'\n');
        self.step("before noted");
        file.write_all(&line)?;
        self.step("noted");
        Ok(())
    }

    /// Forgets complete files that nobody asks about any more, and removes the folder if it is empty.
    /// With `all`, forgets all of them if nothing is under way.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn tidy(&self, all: bool) -> io::Result<()> {
        let now = hour(SystemTime::now());
        let hours = REMEMBERED.as_secs() / 3600;
        let mut done = Vec::new();
        let mut others = 0;
        for entry in self.dir.entries()? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            match name.strip_suffix(".done").map(str::parse::<u64>) {
                Some(Ok(hour)) => done.push(hour),
                _ => others += 1,
            }
        }
        for hour in done {
            if now.saturating_sub(hour) > hours || all && others == 0 {
                self.remove_file(&format!("{hour}.done"))?;
            }
        }
        // Fails while something is in it.
        if others == 0 && self.root.dir().remove_dir(NAME).is_ok() {
            tracing::debug!("the folder of incomplete uploads is empty and was removed");
        }
        Ok(())
    }

    /// Removes a file that was not touched for a while: nobody is writing it.
    ///
    /// # Errors
    /// If it can't be removed.
    pub fn remove_old(&self, name: &OsStr) -> io::Result<()> {
        let metadata = self.dir.symlink_metadata(name)?;
        let modified = metadata.modified().map(cap_std::time::SystemTime::into_std);
        if modified.is_ok_and(is_old) {
            self.dir.remove_file(name)?;
        }
        Ok(())
    }

    fn remove_file(&self, name: &str) -> io::Result<()> {
        match self.dir.remove_file(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
            Ok(()) => self.step("removed"),
        }
        Ok(())
    }
}

/// Whether nobody is writing a file any more that was last written then.
pub fn is_old(modified: SystemTime) -> bool {
    let age = SystemTime::now().duration_since(modified);
    age.is_ok_and(|age| age > UNTOUCHED)
}

/// The name of a part.
pub fn part(id: UploadId) -> String {
    format!("{id}.part")
}

fn record(id: UploadId) -> String {
    format!("{id}.json")
}

fn check(id: UploadId) -> String {
    format!("{id}.check")
}

/// The hour since 1970.
fn hour(time: SystemTime) -> u64 {
    seconds(time) / 3600
}
