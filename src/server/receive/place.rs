//! Puts complete files in their places.
//!
//! Every folder on the way is opened below the one before, and no link is followed. What is not a folder
//! is left alone: the file goes into another folder beside it.

use std::{ffi::OsStr, io};

use cap_fs_ext::{DirExt, MetadataExt};
use cap_std::fs::{Dir, Metadata};

use super::{
    exclusive::move_to_free,
    made_folders::FolderMade,
    names::numbered_folder,
    parts::{self, Parts},
    private,
    record::Record,
    reserved::Reserved,
};
use crate::server::{path::RequestPath, platform::os_name};

/// How often something that changes meanwhile is looked at again.
const ATTEMPTS: u32 = 100;

/// A complete part, with its record: how long it is, and where it most likely goes.
#[derive(Clone, Debug)]
pub struct Whole {
    pub record: Record,
    /// The name that the visitor gave, made harmless.
    pub wanted: String,
    /// Whether it may have been put in its place already, before the program ended.
    pub is_recovered: bool,
}

/// Puts several files in their places. The last folder stays open for the next one.
#[derive(Debug)]
pub struct Placement<'a> {
    parts: &'a Parts,
    reserved: &'a Reserved,
    /// The last folder, and what was asked for.
    last: Option<((RequestPath, Vec<String>), Destination)>,
    /// Folders with new names.
    changed: Vec<Dir>,
}

/// The folder that a file goes to.
#[derive(Debug)]
pub struct Destination {
    /// The folder that it is handed in to, and those below it, as they are on the disk.
    into: RequestPath,
    folders: Vec<String>,
    /// None if it is not there yet.
    dir: Option<Dir>,
}

impl<'a> Placement<'a> {
    pub fn new(parts: &'a Parts, reserved: &'a Reserved) -> Self {
        Self {
            parts,
            reserved,
            last: None,
            changed: Vec::new(),
        }
    }

    /// Puts a file in its place. Returns the record with the place.
    ///
    /// # Errors
    /// If it can't be put there. The part stays.
    pub fn place(&mut self, whole: &Whole) -> io::Result<Record> {
        if whole.is_recovered && self.is_in_place(&whole.record)? {
            return Ok(whole.record.clone());
        }
        let mut result = Err(io::ErrorKind::NotFound.into());
        for _ in 0..2 {
            result = self.move_in(whole);
            let is_missing =
                matches!(&result, Err(error) if error.kind() == io::ErrorKind::NotFound);
            if !is_missing || !self.parts.has_part(whole.record.id) {
                break;
            }
            // The folder was removed meanwhile.
            self.last = None;
        }
        result
    }

    /// The folders with new names, which have to be written to the disk.
    pub fn into_changed(self) -> Vec<Dir> {
        self.changed
    }

    fn move_in(&mut self, whole: &Whole) -> io::Result<Record> {
        let record = &whole.record;
        let asked = (record.handed_to(), record.folders().to_vec());
        if self.last.as_ref().is_none_or(|(last, _)| *last != asked) {
            let root = self.parts.root().dir();
            let last = Destination::walk(root, &asked.0, &asked.1, Some(&mut self.changed))?;
            if let Some(dir) = &last.dir {
                self.changed.push(dir.try_clone()?);
            }
            self.last = Some((asked, last));
        }
        let Some((_, to)) = &self.last else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let dir = to.dir.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let part = parts::part(record.id);
        let mut name = record.name().to_owned();
        for _ in 0..ATTEMPTS {
            let placed = to.record(record, &name);
            if placed.path != record.path || placed.handed_to() != record.handed_to() {
                // If the program ends now, it is known where the file is.
                self.parts.add_done(&placed)?;
            }
            let tell = || {
                let mut held = placed.clone();
                held.is_held = true;
                self.parts.add_done(&held)
            };
            let (from, new) = (self.parts.dir(), OsStr::new(&name));
            match move_to_free(from, OsStr::new(&part), dir, new, tell) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    self.parts.step("in place");
                    if name != record.name() {
                        self.reserved.release(&folder_key(record), &name);
                    }
                    return Ok(placed);
                }
            }
            // Somebody else has taken the name meanwhile.
            let is_there = |name: &str| to.has(name);
            name = self
                .reserved
                .reserve(&folder_key(record), &whole.wanted, is_there);
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Whether the file of a part is in its place already, under a second name, or may replace the empty
    /// file that holds its place.
    fn is_in_place(&self, record: &Record) -> io::Result<bool> {
        let part = parts::part(record.id);
        let from = self.parts.dir();
        let Ok(metadata) = from.symlink_metadata(&part) else {
            return Ok(true);
        };
        let to = Destination::find(
            self.parts.root().dir(),
            &record.handed_to(),
            record.folders(),
        )?;
        let Some(to) = to.dir else {
            return Ok(false);
        };
        let Ok(there) = to.symlink_metadata(record.name()) else {
            return Ok(false);
        };
        if is_same(&metadata, &there) {
            from.remove_file(&part)?;
            return Ok(true);
        }
        if record.is_held && there.is_file() && there.len() == 0 {
            from.rename(&part, &to, record.name())?;
            return Ok(true);
        }
        Ok(false)
    }
}

impl Destination {
    /// The folder that a file goes to, as it is now. Nothing is made.
    ///
    /// # Errors
    /// If it can't be looked up.
    pub fn find(root: &Dir, into: &RequestPath, folders: &[String]) -> io::Result<Self> {
        Self::walk(root, into, folders, None)
    }

    /// The place of a file in this folder.
    pub fn record(&self, record: &Record, name: &str) -> Record {
        let path = self.folders.iter().cloned().chain([name.to_owned()]);
        record.at(&self.into, path.collect())
    }

    /// Whether a name is taken.
    pub fn has(&self, name: &str) -> bool {
        let dir = self.dir.as_ref();
        dir.is_some_and(|dir| dir.symlink_metadata(name).is_ok())
    }

    /// Makes a folder in it.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn make_folder(&self, name: &str) -> io::Result<FolderMade> {
        let dir = self.dir.as_ref().ok_or(io::ErrorKind::NotFound)?;
        match private::create_dir(dir, OsStr::new(name)) {
            Ok(()) => Ok(FolderMade::Made),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(FolderMade::IsThere),
            Err(error) => Err(error),
        }
    }

    /// Opens a folder. What is missing of it is made, and the folder around it added to `changed`, if
    /// there is one.
    fn walk(
        root: &Dir,
        into: &RequestPath,
        folders: &[String],
        mut changed: Option<&mut Vec<Dir>>,
    ) -> io::Result<Self> {
        let mut dir = Some(root.try_clone()?);
        let mut found = RequestPath::default();
        for name in into.names() {
            let text = String::from_utf8_lossy(name);
            let numbered = |number| numbered_folder(&text, number);
            let number = enter(&mut dir, name, numbered, changed.as_deref_mut())?;
            found = match number {
                1 => found.join(name),
                number => found.join(numbered(number).as_bytes()),
            };
        }
        found.is_folder = true;
        let mut below = Vec::with_capacity(folders.len());
        for name in folders {
            let numbered = |number| numbered_folder(name, number);
            let number = enter(&mut dir, name.as_bytes(), numbered, changed.as_deref_mut())?;
            below.push(match number {
                1 => name.clone(),
                number => numbered(number),
            });
        }
        Ok(Self {
            into: found,
            folders: below,
            dir,
        })
    }
}

/// Goes into a folder, or into the first of its numbered twins that is one, or may become one. Returns
/// its number.
fn enter(
    dir: &mut Option<Dir>,
    name: &[u8],
    numbered: impl Fn(u32) -> String,
    mut changed: Option<&mut Vec<Dir>>,
) -> io::Result<u32> {
    let Some(around) = dir else {
        return Ok(1);
    };
    let name = os_name(name).ok_or(io::ErrorKind::NotFound)?;
    for number in 1..=ATTEMPTS {
        let twin = numbered(number);
        let name = if number == 1 { name } else { OsStr::new(&twin) };
        match enter_one(around, name, changed.as_deref_mut())? {
            Entered::Folder(entered) => *dir = Some(entered),
            Entered::Missing => *dir = None,
            Entered::Other => continue,
        }
        return Ok(number);
    }
    Err(io::ErrorKind::NotADirectory.into())
}

/// What a name leads to.
enum Entered {
    Folder(Dir),
    /// Nothing, and it was not to be made.
    Missing,
    /// A file or a link.
    Other,
}

fn enter_one(dir: &Dir, name: &OsStr, mut changed: Option<&mut Vec<Dir>>) -> io::Result<Entered> {
    for _ in 0..ATTEMPTS {
        match dir.open_dir_nofollow(name) {
            Ok(entered) => return Ok(Entered::Folder(entered)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let Some(changed) = changed.as_deref_mut() else {
                    return Ok(Entered::Missing);
                };
                match private::create_dir(dir, name) {
                    Ok(()) => changed.push(dir.try_clone()?),
                    // Somebody else was faster.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error),
                }
            }
            Err(error) => {
                let metadata = dir.symlink_metadata(name);
                let is_folder = metadata.is_ok_and(|metadata| metadata.is_dir());
                return if is_folder {
                    Err(error)
                } else {
                    Ok(Entered::Other)
                };
            }
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// The folder of a file, for [`Reserved`].
pub fn folder_key(record: &Record) -> String {
    let mut key = record.handed_to().to_url();
    for name in record.folders() {
        key.push('/');
        key.push_str(name);
    }
    key
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.is_file() && other.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
}
