//! Visits to a share and complete downloads, as events. Thousands a second are told in few.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};

use super::events::Events;
use crate::{
    app::{Event, ShareId, Visits},
    server::Download,
};

/// What happens within this time is told together.
const TOGETHER: Duration = Duration::from_millis(500);

/// Whether the owner wants to be told. Clones are switched together.
#[derive(Debug, Clone, Default)]
pub struct WantsVisits(Arc<AtomicBool>);

impl WantsVisits {
    pub fn set(&self, wants: bool) {
        self.0.store(wants, Ordering::Relaxed);
    }

    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Tells the program of visitors of one share. Clones belong together.
#[derive(Debug, Clone)]
pub struct VisitReports {
    share: ShareId,
    wants: WantsVisits,
    events: Events,
    runtime: Handle,
    /// What was not told yet. A task does that soon if there is anything.
    untold: Arc<Mutex<Option<Visits>>>,
}

impl VisitReports {
    /// Must be called within the runtime of the program.
    pub fn of(share: ShareId, wants: WantsVisits, events: Events) -> Self {
        Self {
            share,
            wants,
            events,
            runtime: Handle::current(),
            untold: Arc::default(),
        }
    }

    /// Whether the owner wants to be told.
    pub fn are_wanted(&self) -> bool {
        self.wants.get()
    }

    /// Somebody with this address visits, from any thread. The owner's own visits are none.
    pub fn visited(&self, address: Option<IpAddr>) {
        if !is_own(address) {
            self.add(|untold| untold.visits = untold.visits.saturating_add(1));
        }
    }

    /// A download is complete.
    pub fn downloaded(&self, download: &Download) {
        if !is_own(download.visitor) {
            self.add(|untold| {
                untold.downloads = untold.downloads.saturating_add(1);
                untold.file = Some(download.name.clone());
            });
        }
    }

    fn add(&self, to: impl FnOnce(&mut Visits)) {
        if !self.wants.get() {
            return;
        }
        let mut untold = self.untold();
        let is_first = untold.is_none();
        to(untold.get_or_insert_default());
        drop(untold);
        if is_first {
            let reports = self.clone();
            self.runtime.spawn(async move {
                sleep(TOGETHER).await;
                let untold = reports.untold().take();
                if let Some(visits) = untold {
                    reports.events.send(Event::Visited(reports.share, visits));
                }
            });
        }
    }

    fn untold(&self) -> MutexGuard<'_, Option<Visits>> {
        // No panic under this lock can leave it inconsistent.
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request came from this computer.
fn is_own(address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::events::Message;

    const SHARE: ShareId = ShareId(1);

    #[tokio::test(start_paused = true)]
    async fn many_visits_are_told_of_together_and_only_if_somebody_wants_to_know() {
        let (events, mut inbox) = Events::channel();
        let wants = WantsVisits::default();
        let reports = VisitReports::of(SHARE, wants.clone(), events);
        reports.visited(None);
        wants.set(true);
        for number in 0..1000_u32 {
            reports.visited(Some(IpAddr::from(number.to_be_bytes())));
            // The owner's own.
            reports.visited("127.0.0.1".parse().ok());
        }
        let Some(Message::Event(event)) = inbox.recv().await else {
            panic!("they are told of");
        };
        let visits = Visits {
            visits: 1000,
            ..Visits::default()
        };
        assert_eq!(event, Event::Visited(SHARE, visits));
        sleep(10 * TOGETHER).await;
        assert!(inbox.try_recv().is_err(), "once");
    }
}
