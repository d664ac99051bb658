//! Photos that say where they were taken.

use std::{
    collections::VecDeque,
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    app::Target,
    hidden_name::{Visibility, WELL_KNOWN},
    media::{Place, Window},
};

/// How long the search may take. The link needs longer.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// How many photos of a folder are read, evenly spread: they may come from different cameras.
const PHOTOS_OF_A_FOLDER: usize = 40;

/// How many names of a folder are looked at, and how many folders wait.
const NAMES_OF_A_FOLDER: usize = 10_000;
const FOLDERS_MAX: usize = 10_000;

/// How many bytes of a photo are read: what leads to the place, not the picture.
const READ_BYTES: u64 = 256 * 1024;

/// What cameras and phones call their photos.
const PHOTOS: [&str; 22] = [
    "arw", "avif", "cr2", "cr3", "dng", "heic", "heif", "hif", "jpe", "jpeg", "jpg", "nef", "nrw",
    "orf", "pef", "png", "raf", "rw2", "srw", "tif", "tiff", "webp",
];

/// Whether some photos of the target say where they were taken, as far as a short look shows. May wait for
/// the disk.
///
/// `serves_hidden`: whether visitors see hidden files.
pub fn say_where(target: &Target, serves_hidden: bool) -> bool {
    let search = Search {
        visibility: Visibility::of(serves_hidden),
        top: match target {
            Target::Folder(folder) => Some(folder.clone()),
            _ => None,
        },
        deadline: Instant::now() + TIME_LIMIT,
    };
    search.finds(target.paths())
}

struct Search {
    visibility: Visibility,
    /// The folder of which visitors also see [`WELL_KNOWN`].
    top: Option<PathBuf>,
    deadline: Instant,
}

impl Search {
    fn finds<'a>(&self, chosen: impl Iterator<Item = &'a Path>) -> bool {
        let mut folders = VecDeque::new();
        for path in chosen {
            // What was chosen may be a link.
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => folders.push_back(path.to_owned()),
                Ok(metadata) if self.is_over() || !is_here(&metadata) => {}
                Ok(metadata) if metadata.is_file() && is_photo(path) && self.says_where(path) => {
                    return true;
                }
                _ => {}
            }
        }
        // The upper levels first.
        while let Some(folder) = folders.pop_front() {
            if self.is_over() {
                return false;
            }
            if self.finds_in(&folder, &mut folders) {
                return true;
            }
        }
        false
    }

    fn finds_in(&self, folder: &Path, folders: &mut VecDeque<PathBuf>) -> bool {
        let mut photos = Vec::new();
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.take(NAMES_OF_A_FOLDER) {
            if self.is_over() {
                return false;
            }
            let name = entry.file_name();
            let bytes = name.as_encoded_bytes();
            let is_well_known = bytes == WELL_KNOWN && self.top.as_deref() == Some(folder);
            if self.visibility.hides(bytes) && !is_well_known {
                continue;
            }
            // Links lead elsewhere, or to what is found anyway.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && folders.len() < FOLDERS_MAX => {
                    folders.push_back(entry.path());
                }
                Ok(kind) if kind.is_file() && is_photo(Path::new(&name)) => {
                    photos.push(entry);
                }
                _ => {}
            }
        }
        let step = photos.len().div_ceil(PHOTOS_OF_A_FOLDER).max(1);
        photos.iter().step_by(step).any(|photo| {
            !self.is_over()
                && photo.metadata().is_ok_and(|it| is_here(&it))
                && self.says_where(&photo.path())
        })
    }

    fn says_where(&self, path: &Path) -> bool {
        let Ok(file) = File::open(path) else {
            return false;
        };
        let Ok(size) = file.metadata().map(|metadata| metadata.len()) else {
            return false;
        };
        let read = |at: u64, buffer: &mut [u8]| {
            if self.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            read_at(&file, at, buffer)
        };
        Place::of(&mut Window::new(&read, size, READ_BYTES)).is_some()
    }

    fn is_over(&self) -> bool {
        Instant::now() > self.deadline
    }
}

fn is_photo(name: &Path) -> bool {
    let extension = name.extension().unwrap_or_default();
    PHOTOS
        .iter()
        .any(|photo| extension.eq_ignore_ascii_case(photo))
}

/// Fills the buffer, as far as the file goes.
fn read_at(mut file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Whether the content is on this computer. Reading a file of OneDrive or iCloud that isn't would
/// download it.
#[cfg(windows)]
fn is_here(metadata: &Metadata) -> bool {
    use std::os::windows::fs::MetadataExt;

    // FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN and _RECALL_ON_DATA_ACCESS
    metadata.file_attributes() & 0x0044_1000 == 0
}

#[cfg(target_os = "macos")]
fn is_here(metadata: &Metadata) -> bool {
    use std::os::macos::fs::MetadataExt;

    // SF_DATALESS
    metadata.st_flags() & 0x4000_0000 == 0
}

#[cfg(not(any(windows, target_os = "macos")))]
fn is_here(_metadata: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{exif_at, photo_named};

    fn say_where(path: &Path, serves_hidden: bool) -> bool {
        super::say_where(&Target::Folder(path.to_owned()), serves_hidden)
    }

    #[test]
    fn a_photo_with_a_place_is_found_wherever_visitors_see_it() {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path();
        fs::create_dir_all(shared.join("2026/.cache")).unwrap();
        for number in 0..200 {
            fs::write(shared.join(format!("{number}.JPG")), b"\xff\xd8\xff\xd9").unwrap();
        }
        fs::write(shared.join("2026/.cache/a.jpg"), exif_at(52, 13)).unwrap();
        fs::write(shared.join("2026/a.txt"), exif_at(52, 13)).unwrap();
        assert!(!say_where(shared, false));
        assert!(say_where(shared, true));
        let photo = shared.join("2026/b.tif");
        fs::write(&photo, exif_at(0, 0)).unwrap();
        assert!(!say_where(shared, false), "a camera without a signal");
        fs::write(&photo, exif_at(0, 13)).unwrap();
        assert!(say_where(shared, false));
        let files = Target::Files {
            first: shared.join("2026/a.txt"),
            others: vec![photo],
        };
        assert!(super::say_where(&files, false));
    }

    #[test]
    fn what_visitors_never_see_is_not_searched() {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path();
        let photo_in = |folder: &str| {
            let folder = shared.join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("a.tif"), exif_at(52, 13)).unwrap();
        };
        for trash in ["$RECYCLE.BIN", ".Trash-1000", "a/.well-known"] {
            photo_in(trash);
        }
        assert!(!say_where(shared, false));
        fs::remove_dir_all(shared.join("a")).unwrap();
        assert!(!say_where(shared, true));
        photo_in(".well-known");
        assert!(say_where(shared, false));
    }

    #[test]
    fn the_place_is_found_in_each_kind_of_photo() {
        for extension in PHOTOS {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(format!("a.{extension}"));
            fs::write(&file, photo_named(extension, &exif_at(52, 13))).unwrap();
            assert!(say_where(dir.path(), false), "{extension}");
            fs::write(&file, photo_named(extension, &exif_at(0, 0))).unwrap();
            assert!(!say_where(dir.path(), false), "{extension}");
        }
    }

    #[test]
    fn the_search_ends_in_time() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jpg"), exif_at(52, 13)).unwrap();
        let finds_until = |deadline| {
            let search = Search {
                visibility: Visibility::Usual,
                top: None,
                deadline,
            };
            search.finds(std::iter::once(dir.path()))
        };
        let now = Instant::now();
        assert!(finds_until(now + TIME_LIMIT * 60));
        assert!(!finds_until(now));
    }
}
