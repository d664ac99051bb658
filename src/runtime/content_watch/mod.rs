//! Watches whether the shared files exist, and wakes up only when something on their path changes.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::{future::pending, io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    task::{AbortHandle, spawn_blocking},
    time::{Instant, sleep, sleep_until, timeout},
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
/// How often to ask drives that may fail without any event. With the time that they may take to answer,
/// and [`REPORT_FAILING_AFTER`], the user knows of a failure within five seconds.
const ASK_INTERVAL: Duration = Duration::from_secs(2);
/// How long the folders on the way may take to be watched. They may be on a drive that doesn't answer.
const WATCH_TIME: Duration = Duration::from_secs(2);

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
    let mut reporter = Reporter::new(report);
    let turn = Arc::default();
    loop {
        // Starts watching before it checks, so that no change is missed in between.
        let steps = presence.steps();
        let mut watcher = watcher(steps.clone(), &turn).await;
        let mut look = presence.look().await;
        let looked = Instant::now();
        let until = changed(&mut watcher, &steps);
        tokio::pin!(until);
        loop {
            reporter.tell(look, presence.missing());
            if presence.steps() != steps {
                // A link has changed. What it leads to now has to be watched as well.
                sleep(SETTLES_WITHIN).await;
                break;
            }
            tokio::select! {
                () = &mut until => {
                    sleep(SETTLES_WITHIN).await;
                    break;
                }
                () = presence.doubted() => {
                    sleep_until(looked + DOUBT_INTERVAL).await;
                    break;
                }
                () = sleep_until(looked + POLL_INTERVAL), if look.is_failing() => break,
                () = sleep(ASK_INTERVAL), if presence.is_remote() => {
                    look = presence.ask_drives().await;
                }
                () = reached(reporter.tell_again_at) => reporter.tell_again(),
            }
        }
    }
}

/// Reports each change, and what is still missing after a while.
struct Reporter<R> {
    report: R,
    last: Availability,
    tell_again_at: Option<Instant>,
}

impl<R: Fn(Availability)> Reporter<R> {
    fn new(report: R) -> Self {
        Self {
            report,
            last: Availability::Available,
            tell_again_at: None,
        }
    }

    fn tell(&mut self, look: Look, missing: Vec<String>) {
        let now = match look {
            Look::Present => Availability::Available,
            Look::Partial { .. } => Availability::PartlyMissing(missing),
            Look::Absent | Look::Failing => Availability::Missing,
        };
        if now == self.last {
            return;
        }
        let time = if look.is_failing() {
            REPORT_FAILING_AFTER
        } else {
            REPORT_AFTER
        };
        self.tell_again_at = (look != Look::Present).then(|| Instant::now() + time);
        self.last = now.clone();
        (self.report)(now);
    }

    fn tell_again(&mut self) {
        self.tell_again_at = None;
        (self.report)(Availability::MissingForLong);
    }
}

async fn reached(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// A watcher for these places. It is made on another thread, since finding a place may wait for a drive
/// that doesn't answer. Such a thread keeps its `turn`, so that there is never more than one.
async fn watcher(steps: Vec<PathBuf>, turn: &Arc<Mutex<()>>) -> io::Result<PathWatcher> {
    let made = timeout(WATCH_TIME, async {
        let turn = Arc::clone(turn).lock_owned().await;
        let work = spawn_blocking(move || {
            let _turn = turn;
            PathWatcher::new(&steps)
        });
        work.await.map_err(io::Error::other)?
    });
    made.await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn changed(watcher: &mut io::Result<PathWatcher>, steps: &[PathBuf]) {
    match watcher {
        Ok(watcher) => watcher.changed().await,
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
        watched_content(&Content::Folder(folder.to_owned()))
    }

    fn watched_content(content: &Content) -> (ContentWatch, Reports) {
        let presence = Presence::open(content, false).unwrap();
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

    #[tokio::test]
    async fn each_item_that_goes_and_comes_back_is_reported_while_others_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["a.txt", "b.txt", "c"];
        let paths = names.map(|name| dir.path().join(name));
        fs::write(&paths[0], "").unwrap();
        fs::write(&paths[1], "").unwrap();
        fs::create_dir(&paths[2]).unwrap();
        let (_watch, mut reports) = watched_content(&Content::Files(paths.to_vec()));
        let missing = |names: &[&str]| {
            let names = names.iter().map(|&name| name.into()).collect();
            Ok(Some(Availability::PartlyMissing(names)))
        };
        fs::remove_file(&paths[1]).unwrap();
        assert_eq!(reports.next().await, missing(&["b.txt"]));
        assert_eq!(reports.next().await, Ok(Some(Availability::MissingForLong)));
        fs::remove_dir(&paths[2]).unwrap();
        assert_eq!(reports.next().await, missing(&["b.txt", "c"]));
        fs::remove_file(&paths[0]).unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Missing)));
        fs::create_dir(&paths[2]).unwrap();
        assert_eq!(reports.next().await, missing(&["a.txt", "b.txt"]));
        fs::write(&paths[0], "").unwrap();
        assert_eq!(reports.next().await, missing(&["b.txt"]));
        fs::write(&paths[1], "").unwrap();
        assert_eq!(reports.next().await, Ok(Some(Availability::Available)));
    }
}
