//! Watches whether the shared files exist, and wakes up only when something on their path changes.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::{io, path::PathBuf, time::Duration};

use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

use self::platform::PathWatcher;
use crate::{
    app::Availability,
    server::{Look, Presence},
};

/// One change causes several events.
const SETTLES_WITHIN: Duration = Duration::from_millis(50);
/// A build takes a moment to recreate its folder. Files that are missing for longer are reported.
const REPORT_AFTER: Duration = Duration::from_secs(5);
/// A drive that fails may only stutter.
const REPORT_FAILING_AFTER: Duration = Duration::from_secs(1);
/// How often to check if the system has no watches left, or can't tell what is there.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
/// How often to check because visitors can't read something.
const DOUBT_INTERVAL: Duration = Duration::from_secs(1);

/// Watches until it is dropped.
#[derive(Debug)]
pub struct ContentWatch(AbortHandle);

impl Drop for ContentWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reports whether the shared files are there whenever that changes.
pub fn watch(presence: Presence, report: impl Fn(Availability) + Send + 'static) -> ContentWatch {
    ContentWatch(tokio::spawn(follow(presence, report)).abort_handle())
}

async fn follow(presence: Presence, report: impl Fn(Availability)) {
    let mut was_present = true;
    let mut report_at = None;
    loop {
        // Starts watching before it checks, so that no change is missed in between.
        let steps = presence.steps();
        let watcher = PathWatcher::new(&steps);
        let look = presence.look().await;
        let looked = Instant::now();
        let is_present = look == Look::Present;
        if is_present != was_present {
            was_present = is_present;
            report(if is_present {
                Availability::Available
            } else {
                Availability::Missing
            });
            report_at = match look {
                Look::Present => None,
                Look::Absent => Some(looked + REPORT_AFTER),
                Look::Failing => Some(looked + REPORT_FAILING_AFTER),
            };
        }
        if presence.steps() != steps {
            // A link has changed. What it leads to now has to be watched as well.
            sleep(SETTLES_WITHIN).await;
            continue;
        }
        tokio::select! {
            () = changed(watcher, &steps) => sleep(SETTLES_WITHIN).await,
            () = presence.doubted() => sleep_until(looked + DOUBT_INTERVAL).await,
            () = sleep(POLL_INTERVAL), if look == Look::Failing => {}
            () = sleep_until(report_at.unwrap_or(looked)), if report_at.is_some() => {
                report_at = None;
                report(Availability::MissingForLong);
            }
        }
    }
}

async fn changed(watcher: io::Result<PathWatcher>, steps: &[PathBuf]) {
    match watcher {
        Ok(mut watcher) => watcher.changed().await,
        Err(error) => {
            tracing::debug!(%error, ?steps, "can't watch the paths");
            sleep(POLL_INTERVAL).await;
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

    /// Only matters if a test fails.
    const LIMIT: Duration = Duration::from_secs(60);

    struct Reports(mpsc::UnboundedReceiver<Availability>);

    impl Reports {
        async fn next(&mut self) -> Result<Option<Availability>, Elapsed> {
            timeout(LIMIT, self.0.recv()).await
        }
    }

    fn watched(folder: &std::path::Path) -> (ContentWatch, Reports) {
        let content = Content::Folder(folder.to_owned());
        let presence = Presence::open(&content, false).unwrap();
        let (sender, reports) = mpsc::unbounded_channel();
        let watch = watch(presence, move |availability| {
            sender.send(availability).unwrap_or(());
        });
        (watch, Reports(reports))
    }

    #[tokio::test]
    async fn a_folder_that_disappears_and_comes_back_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b/dist");
        fs::create_dir_all(&folder).unwrap();
        let (_watch, mut reports) = watched(&folder);
        for _ in 0..3 {
            fs::remove_dir(&folder).unwrap();
            assert_eq!(reports.next().await, Ok(Some(Availability::Missing)));
            fs::create_dir(&folder).unwrap();
            assert_eq!(reports.next().await, Ok(Some(Availability::Available)));
        }
    }

    #[tokio::test]
    async fn renaming_a_folder_far_above_makes_the_shared_one_missing() {
        let dir = tempfile::tempdir().unwrap();
        let (above, away) = (dir.path().join("a"), dir.path().join("away"));
        let folder = above.join("b/c/dist");
        fs::create_dir_all(&folder).unwrap();
        let (_watch, mut reports) = watched(&folder);
        fs::rename(&above, &away).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Missing)));
        fs::rename(&away, &above).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Available)));
        // Recreated step by step.
        fs::remove_dir_all(&above).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Missing)));
        for step in [&above, &above.join("b"), &above.join("b/c"), &folder] {
            fs::create_dir(step).unwrap();
        }
        assert_eq!(reports.next().await, Ok(Some(Availability::Available)));
    }

    #[tokio::test]
    async fn a_folder_that_stays_missing_is_reported_once_more() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("dist");
        fs::create_dir(&folder).unwrap();
        let (_watch, mut reports) = watched(&folder);
        fs::remove_dir(&folder).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Missing)));
        assert_eq!(reports.next().await, Ok(Some(Availability::MissingForLong)));
        fs::create_dir(&folder).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Available)));
    }
}
