//! What a share's server says about uploads, as events. Thousands of small files a second are told in few.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};

use super::{events::Events, share_history::ShareHistory};
use crate::{
    app::{Event, Incoming, Received, ShareId},
    server::UploadReport,
};

/// What comes in within this time is told together.
const TOGETHER: Duration = Duration::from_millis(500);

/// Tells the program of uploads to one share. Clones belong together.
#[derive(Debug, Clone)]
pub struct UploadReports {
    share: ShareId,
    history: ShareHistory,
    events: Events,
    runtime: Handle,
    /// Whole files that were not told of yet. A task does that soon if there are any.
    untold: Arc<Mutex<Option<Received>>>,
}

impl UploadReports {
    /// Must be called within the runtime of the program.
    pub fn of(share: ShareId, history: ShareHistory, events: Events) -> Self {
        Self {
            share,
            history,
            events,
            runtime: Handle::current(),
            untold: Arc::default(),
        }
    }

    /// Tells of a report, from any thread.
    pub fn tell(&self, report: UploadReport) {
        self.history.uploaded(&report);
        match report {
            UploadReport::Incoming(now) => {
                let incoming = Incoming {
                    files: now.files,
                    received: now.received,
                    expected: now.expected,
                };
                self.events.send(Event::Incoming(self.share, incoming));
            }
            UploadReport::Received { bytes, .. } => self.received(bytes),
            UploadReport::Delivered {
                files,
                bytes,
                sender,
                is_last,
                ..
            } => {
                // The files of a delivery are told of before it is.
                self.tell_received();
                self.events.send(Event::Delivered {
                    share: self.share,
                    files,
                    bytes,
                    sender,
                    is_last,
                });
            }
        }
    }

    fn received(&self, bytes: u64) {
        let mut untold = self.untold();
        let is_first = untold.is_none();
        untold.get_or_insert_default().add(1, bytes);
        drop(untold);
        if is_first {
            let reports = self.clone();
            self.runtime.spawn(async move {
                sleep(TOGETHER).await;
                reports.tell_received();
            });
        }
    }

    fn tell_received(&self) {
        let untold = self.untold().take();
        if let Some(received) = untold {
            self.events.send(Event::Received(self.share, received));
        }
    }

    fn untold(&self) -> MutexGuard<'_, Option<Received>> {
        // No panic under this lock can leave it inconsistent.
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::events::Message;

    const SHARE: ShareId = ShareId(1);

    fn file(bytes: u64) -> UploadReport {
        UploadReport::Received {
            name: "a.txt".into(),
            bytes,
            sender: None,
            visitor: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_files_are_told_of_together() {
        let (events, mut inbox) = Events::channel();
        let reports = UploadReports::of(SHARE, ShareHistory::for_tests(), events);
        for _ in 0..1000 {
            reports.tell(file(10));
        }
        assert!(inbox.try_recv().is_err(), "not each file");
        let Some(Message::Event(event)) = inbox.recv().await else {
            panic!("they are told of");
        };
        let received = Received {
            files: 1000,
            bytes: 10_000,
        };
        assert_eq!(event, Event::Received(SHARE, received));
        sleep(10 * TOGETHER).await;
        assert!(inbox.try_recv().is_err(), "once");
    }

    #[tokio::test]
    async fn the_files_of_a_delivery_are_told_of_before_it() {
        let (events, mut inbox) = Events::channel();
        let reports = UploadReports::of(SHARE, ShareHistory::for_tests(), events);
        reports.tell(file(10));
        reports.tell(UploadReport::Delivered {
            files: 1,
            bytes: 10,
            sender: None,
            visitor: None,
            is_last: true,
        });
        for is_file in [true, false] {
            let Ok(Message::Event(event)) = inbox.try_recv() else {
                panic!("both are told of");
            };
            assert_eq!(matches!(event, Event::Received(..)), is_file, "{event:?}");
        }
    }
}
