//! Who opens a share.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::server::transport::Visitor;

/// Who comes back after this time visits again.
const LASTS: Duration = Duration::from_secs(30 * 60);

/// More visitors are not remembered: the half that was seen longest ago is forgotten, and visits again
/// if still there.
const MAX_VISITORS: usize = 4096;

/// The visits to one share.
#[derive(Default)]
pub struct Visits {
    /// Whether anybody wants to know. Until then nothing is remembered.
    is_watched: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When each visitor was last seen.
    seen: HashMap<Option<Visitor>, Instant>,
    report: Option<Arc<dyn Fn(Option<IpAddr>) + Send + Sync>>,
}

impl Visits {
    /// Calls `report` for each visit, from any thread. It must not wait.
    pub fn on_visit(&self, report: impl Fn(Option<IpAddr>) + Send + Sync + 'static) {
        self.state().report = Some(Arc::new(report));
        self.is_watched.store(true, Ordering::Relaxed);
    }

    /// A visitor with this address was shown something. `is_wanted` tells whether anybody wanted to see
    /// it, and is asked only if this would be a visit.
    pub fn seen(&self, address: Option<IpAddr>, is_wanted: impl FnOnce() -> bool) {
        if self.is_watched.load(Ordering::Relaxed) {
            self.seen_at(address, is_wanted, Instant::now());
        }
    }

    fn seen_at(&self, address: Option<IpAddr>, is_wanted: impl FnOnce() -> bool, now: Instant) {
        let visitor = address.map(Visitor::new);
        let mut state = self.state();
        let before = state.seen.get_mut(&visitor);
        let is_here = |seen: &&mut Instant| now.saturating_duration_since(**seen) < LASTS;
        if let Some(seen) = before.filter(is_here) {
            *seen = now;
            return;
        }
        if !is_wanted() {
            return;
        }
        state.seen.insert(visitor, now);
        state.make_room(now);
        let report = state.report.clone();
        drop(state);
        if let Some(report) = report {
            report(address);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets who has left, and half of the others if there are too many.
    fn make_room(&mut self, now: Instant) {
        if self.seen.len() <= MAX_VISITORS {
            return;
        }
        self.seen
            .retain(|_, seen| now.saturating_duration_since(*seen) < LASTS);
        if self.seen.len() <= MAX_VISITORS {
            return;
        }
        let mut times: Vec<Instant> = self.seen.values().copied().collect();
        let (_, middle, _) = times.select_nth_unstable(MAX_VISITORS / 2);
        let middle = *middle;
        self.seen.retain(|_, seen| *seen > middle);
    }
}

impl fmt::Debug for Visits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visits")
            .field("visitors", &self.state().seen.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, sync::mpsc};

    use super::*;

    fn visitor(number: u32) -> Option<IpAddr> {
        Some(Ipv4Addr::from_bits(number).into())
    }

    fn see(visits: &Visits, address: Option<IpAddr>, now: Instant) {
        visits.seen_at(address, || true, now);
    }

    fn watched() -> (Visits, mpsc::Receiver<Option<IpAddr>>) {
        let (sender, reports) = mpsc::channel();
        let visits = Visits::default();
        visits.on_visit(move |address| {
            let _ = sender.send(address);
        });
        (visits, reports)
    }

    #[test]
    fn a_visit_lasts_until_its_visitor_was_away_for_half_an_hour() {
        let (visits, reports) = watched();
        let begun = Instant::now();
        for minute in 0..120 {
            see(
                &visits,
                visitor(1),
                begun + Duration::from_secs(60 * minute),
            );
        }
        see(&visits, None, begun);
        visits.seen_at(visitor(2), || false, begun);
        let last = begun + Duration::from_secs(60 * 119);
        see(&visits, visitor(1), last + LASTS);
        let reported: Vec<_> = reports.try_iter().collect();
        assert_eq!(reported, [visitor(1), None, visitor(1)]);
    }

    #[test]
    fn a_crowd_takes_bounded_memory_and_hides_nobody() {
        let (visits, reports) = watched();
        let begun = Instant::now();
        for number in 0..50_000 {
            let now = begun + Duration::from_micros(number.into());
            see(&visits, visitor(number), now);
            see(&visits, visitor(number), now);
        }
        assert_eq!(reports.try_iter().count(), 50_000);
        assert!(visits.state().seen.len() <= MAX_VISITORS);
    }
}
