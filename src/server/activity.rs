//! Whether bytes flow between shares and their visitors.
//!
//! Counting is cheap, and needs no timer: the first notable amount wakes whoever waits for it, who
//! then looks from time to time until nothing flows any more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::Notify, time::sleep};

/// Fewer bytes within a window are no flow. They keep a web socket open or check a link.
const NOTABLE_BYTES: u32 = 16 * 1024;
const WINDOW: Duration = Duration::from_secs(10);

/// After this time without a flow, it has ended.
const QUIET: Duration = Duration::from_secs(20);
/// How often to look whether it has.
const CHECK: Duration = Duration::from_secs(10);

/// Counts the bytes to and from visitors. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Counters>);

/// Counts the bytes of one connection, and adds them to the [`Activity`] now and then: looking at the
/// clock and at a number that all threads write costs more than a small request should.
#[derive(Debug)]
pub struct ActivityMeter {
    activity: Activity,
    /// Bytes that were not added yet.
    bytes: u64,
    /// When bytes were last added.
    since: Instant,
}

impl ActivityMeter {
    /// Counts for this activity.
    pub fn new(activity: Activity) -> Self {
        Self {
            activity,
            bytes: 0,
            since: Instant::now(),
        }
    }

    /// So many bytes went to or came from a visitor.
    pub fn add(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= NOTABLE_BYTES.into() {
            self.flush();
        }
    }

    /// A request came at this time. What came long before is no part of the same flow.
    pub fn tick(&mut self, now: Instant) {
        if now.duration_since(self.since) >= WINDOW {
            self.since = now;
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.activity.add(std::mem::take(&mut self.bytes));
    }
}

impl Drop for ActivityMeter {
    fn drop(&mut self) {
        self.flush();
    }
}

#[derive(Debug)]
struct Counters {
    epoch: Instant,
    /// The number of the window in the upper half, and the bytes in it in the lower half.
    window: AtomicU64,
    /// When bytes last flowed, in milliseconds since the epoch.
    last: AtomicU64,
    is_flowing: AtomicBool,
    begun: Notify,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            window: AtomicU64::default(),
            last: AtomicU64::default(),
            is_flowing: AtomicBool::default(),
            begun: Notify::default(),
        }
    }
}

impl Activity {
    /// So many bytes went to or came from a visitor.
    pub fn add(&self, bytes: u64) {
        if bytes > 0 {
            self.add_at(bytes, self.0.epoch.elapsed());
        }
    }

    fn add_at(&self, bytes: u64, now: Duration) {
        let counters = &*self.0;
        let number = now.as_secs() / WINDOW.as_secs();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let counted = |window: u64| {
            let before = if window >> 32 == number {
                window as u32
            } else {
                0
            };
            before.saturating_add(bytes)
        };
        let before = counters
            .window
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |window| {
                Some(number << 32 | u64::from(counted(window)))
            });
        // The update always succeeds.
        let (Ok(window) | Err(window)) = before;
        if counted(window) < NOTABLE_BYTES {
            return;
        }
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        counters.last.store(now, Ordering::SeqCst);
        if !counters.is_flowing.load(Ordering::SeqCst)
            && !counters.is_flowing.swap(true, Ordering::SeqCst)
        {
            counters.begun.notify_one();
        }
    }

    /// Waits until bytes flow.
    pub async fn begins(&self) {
        while !self.0.is_flowing.load(Ordering::SeqCst) {
            self.0.begun.notified().await;
        }
    }

    /// Waits until no bytes have flowed for 20 to 30 seconds.
    pub async fn ends(&self) {
        loop {
            sleep(CHECK).await;
            if self.is_quiet() {
                self.0.is_flowing.store(false, Ordering::SeqCst);
                // Bytes that came in between saw the old value and woke nobody.
                if self.is_quiet() {
                    return;
                }
                self.0.is_flowing.store(true, Ordering::SeqCst);
            }
        }
    }

    fn is_quiet(&self) -> bool {
        let last = Duration::from_millis(self.0.last.load(Ordering::SeqCst));
        self.0.epoch.elapsed().saturating_sub(last) >= QUIET
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_flowing(activity: &Activity) -> bool {
        activity.0.is_flowing.load(Ordering::SeqCst)
    }

    #[test]
    fn a_trickle_is_no_flow() {
        let activity = Activity::default();
        for minute in 0..1000 {
            activity.add_at(1000, Duration::from_secs(60 * minute));
        }
        assert!(!is_flowing(&activity));
    }

    #[test]
    fn much_at_once_and_little_by_little_are_a_flow() {
        let (at_once, by_little) = (Activity::default(), Activity::default());
        at_once.add_at(u64::MAX, Duration::from_secs(7));
        for second in 10..17 {
            by_little.add_at(3000, Duration::from_secs(second));
        }
        assert!(is_flowing(&at_once) && is_flowing(&by_little));
    }

    #[test]
    fn a_connection_that_trickles_is_no_flow_and_one_that_flows_is() {
        let (trickle, flow) = (Activity::default(), Activity::default());
        let mut meter = ActivityMeter::new(trickle.clone());
        let begun = Instant::now();
        for minute in 1..1000 {
            meter.tick(begun + Duration::from_secs(60 * minute));
            // As if all came in the same window, which it may on a slow machine.
            trickle.0.window.store(0, Ordering::Relaxed);
            meter.add(1000);
        }
        let mut meter = ActivityMeter::new(flow.clone());
        for _ in 0..17 {
            meter.tick(begun);
            meter.add(1000);
        }
        assert!(!is_flowing(&trickle) && is_flowing(&flow));
    }

    #[test]
    fn short_connections_are_a_flow_together() {
        let activity = Activity::default();
        // Two windows, in case one begins meanwhile.
        for _ in 0..33 {
            ActivityMeter::new(activity.clone()).add(1000);
        }
        assert!(is_flowing(&activity));
    }

    #[tokio::test]
    async fn a_flow_wakes_who_waits_for_it() {
        let activity = Activity::default();
        let waiting = tokio::spawn({
            let activity = activity.clone();
            async move { activity.begins().await }
        });
        tokio::task::yield_now().await;
        activity.add(1 << 20);
        waiting.await.unwrap();
    }
}
