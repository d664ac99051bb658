//! The rules, the limit and the reports of one share.

use std::{
    fmt, mem,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use super::{
    flow::Flow,
    report::{Delivered, Incoming, UploadReport},
    rules::UploadRules,
};
use crate::server::{countdown::Countdown, traffic::Traffic};

/// The shortest time between two reports of what comes in.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);

/// What visitors may hand in, and what has come in. Clones belong to the same share. By default,
/// nothing may be handed in.
#[derive(Clone, Debug, Default)]
pub struct Uploads(Arc<Inner>);

#[derive(Default)]
struct Inner {
    traffic: Traffic,
    state: Mutex<State>,
    /// What comes in has changed.
    changed: Notify,
}

#[derive(Default)]
struct State {
    rules: Option<Arc<UploadRules>>,
    /// Counts the complete deliveries.
    left: Countdown,
    report: Option<Report>,
    flow: Flow,
    /// Complete files that are not in their places yet.
    unplaced: usize,
    /// Whether a task reports what comes in.
    is_reporting: bool,
}

type Report = Arc<dyn Fn(UploadReport) + Send + Sync>;

/// An upload that comes in, until this is dropped.
#[derive(Debug)]
pub struct UploadProgress {
    uploads: Uploads,
    number: u64,
    is_unplaced: bool,
}

impl Uploads {
    /// Those of a share with this traffic, which ends with the last delivery.
    pub fn of(traffic: Traffic) -> Self {
        Self(Arc::new(Inner {
            traffic,
            ..Inner::default()
        }))
    }

    /// Changes what may be handed in, or that nothing may. Takes effect at once, also for files that
    /// are on their way.
    pub fn set_rules(&self, rules: Option<UploadRules>) {
        self.0.state().rules = rules.map(Arc::new);
    }

    /// What may be handed in; `None` if nothing may.
    pub fn rules(&self) -> Option<Arc<UploadRules>> {
        self.0.state().rules.clone()
    }

    /// Ends the share's traffic as soon as so many more deliveries are complete, counted from now.
    pub fn set_limit(&self, deliveries: Option<u32>) {
        self.0.state().left.set(deliveries, &self.0.traffic);
    }

    /// Whether the share takes nothing new, because it ends.
    pub fn have_ended(&self) -> bool {
        self.0.traffic.has_ended()
    }

    /// Calls `report` for each event, from any thread. It must not wait.
    pub fn on_report(&self, report: impl Fn(UploadReport) + Send + Sync + 'static) {
        self.0.state().report = Some(Arc::new(report));
    }

    /// Waits until no upload was written to for a minute, and every complete file is in its place.
    pub async fn settled(&self) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            // What happens from here on is not missed.
            changed.as_mut().enable();
            let next = {
                let mut state = self.0.state();
                state.flow.forget_old(Instant::now());
                let next = state.flow.next_old();
                if next.is_none() && state.unplaced == 0 {
                    return;
                }
                next
            };
            match next {
                Some(next) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(next) => {}
                },
                None => changed.await,
            }
        }
    }

    /// An upload that begins, or goes on after a restart.
    pub fn begin(&self) -> UploadProgress {
        UploadProgress {
            number: self.0.state().flow.number(),
            uploads: self.clone(),
            is_unplaced: false,
        }
    }

    /// A file is in its place.
    pub fn received(
        &self,
        name: String,
        bytes: u64,
        sender: Option<String>,
        visitor: Option<IpAddr>,
    ) {
        self.0.report(UploadReport::Received {
            name,
            bytes,
            sender,
            visitor,
        });
    }

    /// Something was delivered. Ends the share if it was the last delivery that the owner wants.
    pub fn delivered(&self, delivered: Delivered) {
        let is_last = delivered.is_complete && self.0.state().left.count(&self.0.traffic);
        self.0.report(UploadReport::Delivered {
            files: delivered.files,
            bytes: delivered.bytes,
            sender: delivered.sender,
            visitor: delivered.visitor,
            is_last,
        });
    }
}

impl UploadProgress {
    /// So much of it is here now.
    pub fn progress(&self, received: u64, expected: Option<u64>) {
        let mut state = self.uploads.0.state();
        state
            .flow
            .progress(self.number, received, expected, Instant::now());
        let starts = !state.is_reporting && state.report.is_some();
        if starts && let Ok(runtime) = Handle::try_current() {
            state.is_reporting = true;
            runtime.spawn(report_incoming(Arc::downgrade(&self.uploads.0)));
        }
        drop(state);
        self.uploads.0.changed.notify_waiters();
    }

    /// Nothing more comes.
    pub fn end(&self) {
        self.uploads.0.state().flow.end(self.number);
        self.uploads.0.changed.notify_waiters();
    }

    /// All of it is here, and it is put in its place.
    pub fn is_whole(&mut self) {
        let mut state = self.uploads.0.state();
        if !self.is_unplaced {
            self.is_unplaced = true;
            state.unplaced += 1;
        }
        state.flow.end(self.number);
        drop(state);
        self.uploads.0.changed.notify_waiters();
    }

    /// It has to come again.
    pub fn is_open(&mut self) {
        if mem::take(&mut self.is_unplaced) {
            self.uploads.0.state().unplaced -= 1;
            self.uploads.0.changed.notify_waiters();
        }
    }
}

impl Drop for UploadProgress {
    fn drop(&mut self) {
        let mut state = self.uploads.0.state();
        state.flow.end(self.number);
        if self.is_unplaced {
            state.unplaced -= 1;
        }
        drop(state);
        self.uploads.0.changed.notify_waiters();
    }
}

/// Reports what comes in while something does.
async fn report_incoming(uploads: Weak<Inner>) {
    /// Lets another task report if this one ends with its thread.
    struct Reporting(Weak<Inner>);
    impl Drop for Reporting {
        fn drop(&mut self) {
            if let Some(inner) = self.0.upgrade() {
                inner.state().is_reporting = false;
            }
        }
    }
    let _reporting = Reporting(uploads.clone());
    let mut last = Incoming::default();
    loop {
        let Some(inner) = uploads.upgrade() else {
            return;
        };
        let (incoming, next) = {
            let mut state = inner.state();
            state.flow.forget_old(Instant::now());
            let incoming = state.flow.incoming(Instant::now());
            if incoming.files == 0 {
                // Under the same lock, so that what comes next starts another task.
                state.is_reporting = false;
            }
            (incoming, state.flow.next_old())
        };
        if incoming != last {
            last = incoming;
            inner.report(UploadReport::Incoming(incoming));
        }
        let Some(next) = next else { return };
        drop(inner);
        sleep(REPORT_INTERVAL).await;
        let Some(inner) = uploads.upgrade() else {
            return;
        };
        loop {
            let mut changed = pin!(inner.changed.notified());
            changed.as_mut().enable();
            let now = inner.state().flow.incoming(Instant::now());
            if now != last || now.files == 0 {
                break;
            }
            tokio::select! {
                () = changed => {}
                () = sleep_until(next) => break,
            }
        }
    }
}

impl Inner {
    fn report(&self, report: UploadReport) {
        let to = self.state().report.clone();
        if let Some(to) = to {
            to(report);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter
            .debug_struct("Uploads")
            .field("rules", &state.rules)
            .field("left", &state.left)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{sync::mpsc, time::timeout};

    use super::*;

    fn watched() -> (Uploads, mpsc::UnboundedReceiver<UploadReport>) {
        let uploads = Uploads::default();
        let (sender, receiver) = mpsc::unbounded_channel();
        uploads.on_report(move |report| drop(sender.send(report)));
        (uploads, receiver)
    }

    fn files(report: Option<UploadReport>) -> u32 {
        match report {
            Some(UploadReport::Incoming(incoming)) => incoming.files,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_is_reported_at_most_twice_a_second() {
        let (uploads, mut reports) = watched();
        let upload = uploads.begin();
        let start = Instant::now();
        for received in 0..1000 {
            upload.progress(received, Some(1000));
            sleep(Duration::from_millis(10)).await;
        }
        drop(upload);
        let mut count = 0;
        while files(reports.recv().await) > 0 {
            count += 1;
        }
        let time = start.elapsed();
        assert!(count <= 2 * time.as_secs() + 2, "{count} in {time:?}");
        assert!(count > 5, "{count}");
        let incoming = uploads.0.state().flow.incoming(Instant::now());
        assert_eq!(incoming, Incoming::default());
        // The next one is reported again.
        uploads.begin().progress(1, None);
        let next = uploads.begin();
        next.progress(1, None);
        assert_eq!(files(reports.recv().await), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_stalls_comes_in_no_more_after_a_minute() {
        let (uploads, mut reports) = watched();
        let upload = uploads.begin();
        let start = Instant::now();
        upload.progress(1, Some(2));
        assert_eq!(files(reports.recv().await), 1);
        assert_eq!(files(reports.recv().await), 0);
        assert!(start.elapsed() >= Duration::from_secs(60));
        upload.progress(2, Some(2));
        assert_eq!(files(reports.recv().await), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn it_has_settled_when_nothing_came_for_a_minute_and_all_is_in_place() {
        let uploads = Uploads::default();
        uploads.settled().await;
        let open = uploads.begin();
        let mut whole = uploads.begin();
        let start = Instant::now();
        open.progress(1, None);
        whole.is_whole();
        let settled = timeout(Duration::from_secs(3600), uploads.settled());
        assert!(settled.await.is_err(), "a file is not in its place");
        drop(whole);
        uploads.settled().await;
        assert!(start.elapsed() >= Duration::from_secs(60));
    }

    #[tokio::test]
    async fn the_last_delivery_ends_the_share() {
        let traffic = Traffic::default();
        let uploads = Uploads::of(traffic.clone());
        let (sender, mut reports) = mpsc::unbounded_channel();
        uploads.on_report(move |report| drop(sender.send(report)));
        uploads.set_limit(Some(2));
        let delivered = |is_complete| Delivered {
            files: 1,
            bytes: 5,
            sender: Some("Ann".into()),
            visitor: None,
            is_complete,
        };
        // More is expected.
        uploads.delivered(delivered(false));
        assert!(reports.recv().await.is_some() && !traffic.has_ended());
        for expected in [false, true] {
            uploads.delivered(delivered(true));
            let report = UploadReport::Delivered {
                files: 1,
                bytes: 5,
                sender: Some("Ann".into()),
                visitor: None,
                is_last: expected,
            };
            assert_eq!(reports.recv().await, Some(report));
            assert_eq!(traffic.has_ended(), expected);
        }
    }

    #[test]
    fn nothing_may_be_handed_in_until_the_owner_says_so() {
        let uploads = Uploads::default();
        assert_eq!(uploads.rules(), None);
        let rules = UploadRules {
            max_files: Some(3),
            ..UploadRules::default()
        };
        uploads.set_rules(Some(rules.clone()));
        assert_eq!(uploads.clone().rules().as_deref(), Some(&rules));
        uploads.set_rules(None);
        assert_eq!(uploads.rules(), None);
    }
}
