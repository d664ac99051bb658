//! Watches whether what is shared is there, and wakes up only when something has changed on the
//! way to it.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::{io, path::PathBuf, time::Duration};

use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, timeout_at},
};

use self::platform::Watch;
use crate::{app::Whereabouts, server::Presence};

/// A change comes in several pieces.
const SETTLES: Duration = Duration::from_millis(50);
/// A build that makes its folder anew takes a moment; what is gone for longer is told.
const TELL_AFTER: Duration = Duration::from_secs(5);
/// Where the system gives no more watches it is looked so often.
const PACE_WITHOUT: Duration = Duration::from_secs(10);

/// A watch that lasts until this is dropped.
#[derive(Debug)]
pub struct Watching(AbortHandle);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells where what is shared is, when that changes.
pub fn watch(presence: Presence, tell: impl Fn(Whereabouts) + Send + 'static) -> Watching {
    Watching(tokio::spawn(follow(presence, tell)).abort_handle())
}

async fn follow(presence: Presence, tell: impl Fn(Whereabouts)) {
    let places = presence.places();
    let mut was_there = true;
    let mut tell_at = None;
    loop {
        // Watched first: what changes after the look is not missed.
        let watch = Watch::on(&places);
        let looker = presence.clone();
        // An error means that the program is ending.
        let Ok(is_there) = tokio::task::spawn_blocking(move || looker.look()).await else {
            return;
        };
        if is_there != was_there {
            was_there = is_there;
            tell(match is_there {
                true => Whereabouts::There,
                false => Whereabouts::Missing,
            });
            tell_at = (!is_there).then(|| Instant::now() + TELL_AFTER);
        }
        let changed = changed(watch, &places);
        match tell_at {
            None => changed.await,
            Some(at) => {
                if timeout_at(at, changed).await.is_err() {
                    tell_at = None;
                    tell(Whereabouts::MissingForLong);
                }
            }
        }
        sleep(SETTLES).await;
    }
}

async fn changed(watch: io::Result<Watch>, places: &[PathBuf]) {
    match watch {
        Ok(mut watch) => watch.changed().await,
        Err(error) => {
            tracing::debug!(%error, ?places, "can't be watched");
            sleep(PACE_WITHOUT).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio::{
        sync::mpsc,
        time::{error::Elapsed, timeout},
    };

    use super::*;
    use crate::server::Content;

    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(60);

    struct Told(mpsc::UnboundedReceiver<Whereabouts>);

    impl Told {
        async fn next(&mut self) -> Result<Option<Whereabouts>, Elapsed> {
            timeout(LIMIT, self.0.recv()).await
        }
    }

    fn watched(folder: &std::path::Path) -> (Watching, Told) {
        let content = Content::Folder(folder.to_owned());
        let presence = Presence::open(&content, false).unwrap();
        let (sender, told) = mpsc::unbounded_channel();
        let watching = watch(presence, move |is| sender.send(is).unwrap_or(()));
        (watching, Told(told))
    }

    #[tokio::test]
    async fn a_folder_that_goes_and_comes_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b/dist");
        fs::create_dir_all(&folder).unwrap();
        let (_watching, mut told) = watched(&folder);
        for _ in 0..3 {
            fs::remove_dir(&folder).unwrap();
            assert_eq!(told.next().await, Ok(Some(Whereabouts::Missing)));
            fs::create_dir(&folder).unwrap();
            assert_eq!(told.next().await, Ok(Some(Whereabouts::There)));
        }
    }

    #[tokio::test]
    async fn a_folder_far_above_that_is_renamed_takes_it_away() {
        let dir = tempfile::tempdir().unwrap();
        let (above, away) = (dir.path().join("a"), dir.path().join("away"));
        let folder = above.join("b/c/dist");
        fs::create_dir_all(&folder).unwrap();
        let (_watching, mut told) = watched(&folder);
        fs::rename(&above, &away).unwrap();
        assert_eq!(told.next().await, Ok(Some(Whereabouts::Missing)));
        fs::rename(&away, &above).unwrap();
        assert_eq!(told.next().await, Ok(Some(Whereabouts::There)));
        // Made anew, step by step.
        fs::remove_dir_all(&above).unwrap();
        assert_eq!(told.next().await, Ok(Some(Whereabouts::Missing)));
        for step in [&above, &above.join("b"), &above.join("b/c"), &folder] {
            fs::create_dir(step).unwrap();
        }
        assert_eq!(told.next().await, Ok(Some(Whereabouts::There)));
    }

    #[tokio::test]
    async fn what_stays_away_is_told_once_more() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("dist");
        fs::create_dir(&folder).unwrap();
        let (_watching, mut told) = watched(&folder);
        fs::remove_dir(&folder).unwrap();
        assert_eq!(told.next().await, Ok(Some(Whereabouts::Missing)));
        assert_eq!(told.next().await, Ok(Some(Whereabouts::MissingForLong)));
        fs::create_dir(&folder).unwrap();
        assert_eq!(told.next().await, Ok(Some(Whereabouts::There)));
    }
}
