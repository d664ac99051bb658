//! Shares by names that are the same in every run, so that one can be found again.

use std::{path::PathBuf, time::Duration};

use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    app::{Target, file_name},
    tunnel::ShareKey,
};

/// How often, and how many times, it is looked for what is not there at the start.
const PACE: Duration = Duration::from_secs(5);
const TRIES: u32 = 24;

/// The key of what is shared; `None` for a path that JSON can't hold.
pub fn key(target: &Target) -> Option<ShareKey> {
    let site;
    let (kind, first, others) = match target {
        Target::Folder(folder) => ("folder", folder, &[][..]),
        Target::Files { first, others } => ("files", first, &others[..]),
        Target::Site(port) => {
            site = PathBuf::from(port.to_string());
            ("site", &site, &[][..])
        }
    };
    let mut words = vec![kind, first.to_str()?];
    for other in others {
        words.push(other.to_str()?);
    }
    serde_json::to_string(&words).ok()
}

/// What the key stands for, as soon as all of it is there: at login a disk may come a little later.
pub async fn find(key: &str) -> Option<Target> {
    for tries in 0..TRIES {
        if tries > 0 {
            sleep(PACE).await;
        }
        let key = key.to_owned();
        // A disk that is not there may take its time, and only this share's.
        if let Ok(Some(target)) = spawn_blocking(move || target(&key)).await {
            return Some(target);
        }
    }
    None
}

/// What people call the share of this key.
pub fn name(key: &str) -> String {
    let words: Vec<String> = serde_json::from_str(key).unwrap_or_default();
    let path = words.get(1).map(PathBuf::from).unwrap_or_default();
    file_name(&path)
}

/// What the key stands for, if all of it is still there.
fn target(key: &str) -> Option<Target> {
    let words: Vec<String> = serde_json::from_str(key).ok()?;
    let (kind, paths) = words.split_first()?;
    let mut paths = paths.iter().map(PathBuf::from);
    let first = paths.next()?;
    let others: Vec<_> = paths.collect();
    if kind == "site" {
        return first.to_str()?.parse().ok().map(Target::Site);
    }
    let is_there = first.exists() && others.iter().all(|other| other.exists());
    match kind.as_str() {
        "folder" if is_there && others.is_empty() => Some(Target::Folder(first)),
        "files" if is_there => Some(Target::Files { first, others }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_found_again_while_it_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Target::Folder(dir.path().to_owned());
        let files = Target::Files {
            first: dir.path().to_owned(),
            others: vec![dir.path().to_owned()],
        };
        for shared in [folder, files, Target::Site(5173)] {
            let key = key(&shared).unwrap();
            assert_eq!(target(&key), Some(shared));
        }
        let gone = Target::Folder(dir.path().join("gone"));
        assert_eq!(target(&key(&gone).unwrap()), None);
    }
}
