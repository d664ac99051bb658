//! Whether files can be received where they go if no folder is chosen.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use super::finding::Finding;
use crate::owner_only;

const CHECK: &str = "received files";
const ADVICE: &str = "Choose another folder when you receive files, or set `folder` under [receive] in the settings.";

/// Looks at the folder. Makes nothing that stays. May wait for the disk.
pub fn examine(inbox: Option<PathBuf>) -> Finding {
    let Some(inbox) = inbox else {
        return Finding::warning(CHECK, "There is no folder for them.", ADVICE);
    };
    let there = inbox.ancestors().find(|folder| folder.exists());
    let tried = match there {
        Some(folder) if !folder.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        Some(folder) => try_to_write(folder),
        None => Err(io::ErrorKind::NotFound.into()),
    };
    let shown = inbox.display();
    match tried {
        Ok(()) if inbox.exists() => Finding::ok(CHECK, shown.to_string()),
        Ok(()) => Finding::ok(CHECK, format!("{shown}, which is made when it is needed")),
        Err(error) => Finding::warning(CHECK, format!("Can't write to {shown}: {error}."), ADVICE),
    }
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".spot-serve-check-{}", process::id()));
    owner_only::open_options()
        .write(true)
        .create_new(true)
        .open(&file)?;
    fs::remove_file(&file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn a_folder_that_can_be_made_is_fine_and_nothing_stays_of_the_check() {
        let dir = tempfile::tempdir().unwrap();
        let found = examine(Some(dir.path().join("Downloads/Received Files")));
        assert_eq!(found.level, Level::Ok);
        assert!(found.message.ends_with("made when it is needed"));
        assert_eq!(examine(Some(dir.path().into())).level, Level::Ok);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_can_not_be_made_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        for unusable in [Some(file.join("Inbox")), None] {
            assert_eq!(examine(unusable).level, Level::Warning);
        }
    }
}
