//! Internals that the fuzz targets and benchmarks use. Not part of the public interface.

use std::{fs::File, future::pending, io, ops::Range, path::Path, sync::Arc, time::Duration};

use actix_web::http::header::HeaderMap;
use tokio::{runtime::Builder, sync::Semaphore};

pub use super::access::{basic_password, password as form_password, secrets, without_secrets};
pub use super::folder::{Folder, Found};
pub use super::http::conditional::{Precondition, Validators, allows_range, evaluate};
pub use super::http::encoding::{Accepted, Encoding};
pub use super::http::multipart::{Malformed, Multipart, Part, Piece};
pub use super::http::range::{MAX_PARTS, RequestedRange, parse_range};
pub use super::http::tus::{Metadata, checksum as upload_checksum, number as upload_number};
pub use super::path::{RequestPath, Rules};
use crate::{
    hidden_name::Visibility,
    media::{Place, Window, inside, photo, sound},
};

use super::{
    archive::{Form, Plan, Root, Selection, Tar, Zip},
    contents::{ArchiveKind, ListBody, Member, list},
    dav::{Asked, Multistatus},
    http::encoder::{Effort, Encoder},
    listing::Looked,
    live::Agent,
    page::{Words, html_of_markdown, html_of_notebook},
    receive::{Reserved, harmless_path, leading_down},
    share::FolderResource,
    thumbnail::{Made, Purpose, Wish, shrunk},
    transport::ChunkSource,
    work::{Budget, Keep, Limits, SharedWork},
};

/// More than the archive of any folder here takes.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(600),
    entries: usize::MAX,
    bytes: usize::MAX,
};

/// Pieces as they are sent to a visitor who accepts this encoding.
///
/// # Errors
/// If there is no memory.
pub fn compressed(encoding: Encoding, pieces: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(encoding, Effort::Usual, None)?;
    let mut out = Vec::new();
    for piece in pieces {
        encoder.add(piece, &mut out)?;
    }
    encoder.end(&mut out)?;
    Ok(out)
}

/// Whether visitors don't see a name, unless the share serves hidden files.
pub fn is_hidden(name: &[u8]) -> bool {
    Visibility::Usual.hides(name)
}

/// A visitor's user agent in words.
pub fn agent_in_words(header: &[u8]) -> String {
    Agent::of(header).words()
}

/// The answer to a PROPFIND with this body about a file or folder with this name; `None` if it asks for
/// nothing that is known, or for too much.
pub fn multistatus(body: &[u8], name: &[u8], is_folder: bool) -> Option<Vec<u8>> {
    let asked = Asked::parse(body).ok()?;
    let looked = Looked {
        is_folder,
        size: 5,
        modified_s: Some(784_111_777),
        version: Some(1),
        created: None,
    };
    let url = RequestPath::default().join(name).to_url();
    let mut status = Multistatus::new(&asked, url, name.to_vec(), looked);
    let mut bytes = Vec::new();
    // Nothing is read from a disk, so there is no error.
    while let Ok(Some(chunk)) = status.next() {
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

/// The places of files that visitors hand in to an empty folder, and that nobody removes.
#[derive(Default)]
pub struct HandedIn(Reserved);

impl HandedIn {
    /// The names of the folders down to the next file, and its own; `None` if it is refused.
    pub fn place(&self, path: &[Vec<u8>]) -> Option<Vec<String>> {
        let mut names = harmless_path(&leading_down(path)).ok()?;
        let file = names.pop()?;
        let name = self.0.reserve(&names.join("/"), &file, |_| false);
        names.push(name);
        Some(names)
    }
}

/// The archive of a folder.
pub struct Archive(Arc<Plan>);

impl Archive {
    /// Plans it.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn of(folder: &Path) -> io::Result<Self> {
        Self::planned(folder, Form::Zip)
    }

    /// Plans it as a tar.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn tar_of(folder: &Path) -> io::Result<Self> {
        Self::planned(folder, Form::Tar)
    }

    fn planned(folder: &Path, form: Form) -> io::Result<Self> {
        let folder = Folder::open_ambient(folder, false)?;
        let Found::Folder { path, dir } = folder.find(&RequestPath::default())? else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        let root = Root::folder(&FolderResource { folder, path, dir }, b"folder");
        let walks = SharedWork::new(Arc::new(Semaphore::new(1)), LIMITS);
        let plan = walks.get((), pending(), move |budget| {
            Ok((Plan::new(vec![root], form, budget)?, Keep::No))
        });
        Ok(Self(Builder::new_current_thread().build()?.block_on(plan)?))
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.0.length()
    }

    /// Reads a part of it, without anything cached.
    ///
    /// # Errors
    /// Those of reading its files.
    pub fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let plan = Arc::clone(&self.0);
        let mut archive: Box<dyn ChunkSource> = match plan.form() {
            Form::Zip => Box::new(Zip::new(plan, Arc::default(), range)),
            Form::Tar => Box::new(Tar::new(plan, range)),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = archive.next()? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

fn all_of(mut source: impl ChunkSource) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = source.next()? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The thumbnail of a picture as a JPEG; `None` if it is not a valid picture.
pub fn tile(picture: &[u8]) -> Option<Vec<u8>> {
    small(picture, Purpose::Tile)
}

/// What is known about a file, and the pictures inside it: whether there are any.
pub fn about(file: &[u8]) -> bool {
    let read = |at: u64, buffer: &mut [u8]| {
        let rest = file.get(at as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    };
    let window = || Window::new(&read, file.len() as u64, 6 << 20);
    let _ = photo(&mut window(), true);
    let _ = Place::of(&mut window());
    let sound = sound(&mut window());
    let parts = inside(&mut window());
    assert!(
        parts
            .iter()
            .all(|part| part.from + part.length <= file.len() as u64)
    );
    !parts.is_empty() || sound.is_some_and(|sound| sound.cover.is_some())
}

/// A picture as large as a screen; `None` if it is not a valid picture, or small anyway.
pub fn view(picture: &[u8]) -> Option<Vec<u8>> {
    small(picture, Purpose::View)
}

fn small(picture: &[u8], purpose: Purpose) -> Option<Vec<u8>> {
    // The encoder of WebP takes any pixels.
    shrunk(picture, Wish::new(purpose, true));
    match shrunk(picture, Wish::new(purpose, false)) {
        Made::Picture(made) => Some(made.into()),
        Made::Original | Made::Nothing => None,
    }
}

/// The paths of a selection, as a list of names or as a form; `None` if it is none.
pub fn selected(list: &[u8], is_form: bool) -> Option<Vec<Vec<u8>>> {
    let selection = if is_form {
        Selection::of_pairs(list)
    } else {
        Selection::of_lines(list)
    };
    let paths = selection
        .ok()?
        .paths()
        .map(|path| path.as_bytes().to_vec())
        .collect();
    Some(paths)
}

/// What is in an archive with this name, as JSON; `None` if it is none.
pub fn in_archive(name: &[u8], archive: &File) -> Option<Vec<u8>> {
    let size = archive.metadata().ok()?.len();
    let kind = ArchiveKind::of(name)?;
    let listed = list(archive, size, kind, &Budget::slice(&LIMITS)).ok()?;
    all_of(ListBody::new(Arc::new(listed))).ok()
}

/// A file in a zip; `None` if it is damaged, or not there.
pub fn taken_out(zip: File, name: &[u8]) -> Option<Vec<u8>> {
    let size = zip.metadata().ok()?.len();
    all_of(Member::of(zip, size, name, &Budget::slice(&LIMITS)).ok()?).ok()
}

/// Markdown as HTML, or a notebook if it is one.
pub fn rendered(file: &[u8], is_notebook: bool) -> Option<String> {
    let titles = &Words::of(&HeaderMap::new()).alert;
    if is_notebook {
        html_of_notebook(file, titles).map(|rendered| rendered.html)
    } else {
        Some(html_of_markdown(&String::from_utf8_lossy(file), titles).html)
    }
}
