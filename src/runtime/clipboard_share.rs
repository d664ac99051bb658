//! What is on the clipboard, as something to share.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    app::{Target, visible},
    desktop::clipboard::{ClipboardError, Content},
    paths,
    spool::{self, Spooled},
    target,
};

const TEXT_NAME: &str = "clipboard.txt";
const PICTURE_NAME: &str = "clipboard.png";

/// Nothing of the clipboard is shared.
#[derive(Debug, thiserror::Error)]
pub enum NotShared {
    #[error(
        "There is nothing on the clipboard that can be shared. Copy a text, a picture or files first."
    )]
    Nothing,
    #[error("Couldn't read the clipboard: {}. Spot Serve needs a desktop session for it; \
         `spot-serve doctor` says what is missing.", .0.reason())]
    // Not a source, since the message already says the same.
    Clipboard(ClipboardError),
    #[error(
        "Couldn't keep what is on the clipboard in {}: {error}. Free some space and try again.",
        visible(&spool.display().to_string())
    )]
    NotKept { spool: PathBuf, error: io::Error },
}

/// The target for what is there. A text and a picture are kept in the spool; whoever shares them keeps what this
/// returns with the target. May wait for the disk.
///
/// # Errors
/// Why there is none.
pub fn keep(
    content: Result<Content, ClipboardError>,
    spool: &Path,
) -> Result<(Target, Option<Spooled>), NotShared> {
    let keep = |name, bytes: &[u8]| {
        let written = spool::create(spool, name).and_then(|(mut file, spooled)| {
            file.write_all(bytes)?;
            Ok(spooled)
        });
        written.map_err(|error| NotShared::NotKept {
            spool: spool.to_owned(),
            error,
        })
    };
    match content.map_err(NotShared::Clipboard)? {
        Content::Nothing => Err(NotShared::Nothing),
        Content::Text(text) => {
            let spooled = keep(TEXT_NAME, text.as_bytes())?;
            Ok((Target::Text(spooled.path().to_owned()), Some(spooled)))
        }
        Content::Picture(png) => {
            let spooled = keep(PICTURE_NAME, &png)?;
            Ok((Target::Spooled(spooled.path().to_owned()), Some(spooled)))
        }
        Content::Files(files) => {
            let chosen = files.into_iter();
            let chosen = chosen.map(|file| paths::as_chosen(&file).unwrap_or(file));
            let target = target::of_chosen(chosen.collect()).ok_or(NotShared::Nothing)?;
            Ok((target, None))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_text_and_a_picture_are_kept_and_files_are_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let (text, kept) = keep(Ok(Content::Text("hello".into())), &spool).unwrap();
        let path = kept.as_ref().unwrap().path();
        assert_eq!(text, Target::Text(path.to_owned()));
        assert_eq!(fs::read(path).unwrap(), b"hello");
        let (picture, kept) = keep(Ok(Content::Picture(vec![1])), &spool).unwrap();
        let path = kept.as_ref().unwrap().path();
        assert_eq!(picture, Target::Spooled(path.to_owned()));
        let folder = paths::real(dir.path()).unwrap();
        let (files, kept) = keep(Ok(Content::Files(vec![folder.clone()])), &spool).unwrap();
        assert_eq!(files, Target::Folder(folder));
        assert!(kept.is_none());
        let nothing = keep(Ok(Content::Nothing), &spool).unwrap_err().to_string();
        assert!(nothing.contains("Copy a text, a picture or files first."));
    }
}
