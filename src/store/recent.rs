//! The list of recent folders as it is kept: an array of paths, newest first.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// A path as text, as everybody can read it; one that is no Unicode in the form that serde has for
/// it, such as `{"Unix":[47,255]}`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Other(OsString),
}

/// Reads the recent folders: `None` when there never were any, or the list was broken.
pub fn load_recent(file: &Path) -> Option<Vec<PathBuf>> {
    let written: Vec<Written> = super::load(file)?;
    let path = |written| match written {
        Written::Text(text) => text.into(),
        Written::Other(other) => other.into(),
    };
    Some(written.into_iter().map(path).collect())
}

/// The list in the form that [`load_recent`] reads.
pub fn recent_as_json(folders: Vec<PathBuf>) -> impl Serialize {
    let written = |folder: PathBuf| match folder.into_os_string().into_string() {
        Ok(text) => Written::Text(text),
        Err(other) => Written::Other(other),
    };
    folders.into_iter().map(written).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_list_comes_back_whatever_the_names() {
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
