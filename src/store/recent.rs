//! The file format of the recent folders: an array of paths, newest first.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// A path: text if it is Unicode, otherwise serde's form, such as `{"Unix":[47,255]}`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredPath {
    Text(String),
    Other(OsString),
}

/// Reads the recent folders. `None` if there is no list, or it is broken.
pub fn load_recent(file: &Path) -> Option<Vec<PathBuf>> {
    let stored: Vec<StoredPath> = super::file::load(file)?;
    let path = |stored| match stored {
        StoredPath::Text(text) => text.into(),
        StoredPath::Other(other) => other.into(),
    };
    Some(stored.into_iter().map(path).collect())
}

/// The list in the format that [`load_recent`] reads.
pub fn recent_as_json(folders: Vec<PathBuf>) -> impl Serialize {
    let stored = |folder: PathBuf| match folder.into_os_string().into_string() {
        Ok(text) => StoredPath::Text(text),
        Err(other) => StoredPath::Other(other),
    };
    folders.into_iter().map(stored).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_list_is_restored_whatever_the_names() {
        use std::os::unix::ffi::OsStringExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("recent.json");
        let folders = vec![
            PathBuf::from("/a b"),
            PathBuf::from("/写真"),
            OsString::from_vec(b"/caf\xe9".to_vec()).into(),
        ];
        let json = serde_json::to_vec(&recent_as_json(folders.clone())).unwrap();
        std::fs::write(&file, &json).unwrap();
        assert_eq!(load_recent(&file), Some(folders));
        assert!(json.starts_with("[\"/a b\",\"/写真\",".as_bytes()));
    }
}
