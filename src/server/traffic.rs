//! The requests of a share that are under way: how many there may be at once, and the end of a
//! share, at which what is under way may finish and nothing else begins.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use thiserror::Error;
use tokio::sync::Notify;

use super::origin::RequestOrigin;

/// Everything that has to change at once is in one number: requests under way, those of them that
/// came through the tunnel, and the two flags.
const ONE: u64 = 1;
const ONE_OF_TUNNEL: u64 = 1 << 32;
const COUNT: u64 = ONE_OF_TUNNEL - 1;
const TUNNEL_COUNT: u64 = COUNT >> 2;
/// Nothing new begins.
const HAS_ENDED: u64 = 1 << 63;
/// Somebody waits until nothing is under way, or did.
const IS_AWAITED: u64 = 1 << 62;

/// No limit.
const UNLIMITED: usize = usize::MAX;

/// The requests of one share that are under way. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    state: AtomicU64,
    /// How many requests may be under way through the tunnel.
    limit: AtomicUsize,
    /// Nothing is under way, or the share has ended.
    changed: Notify,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            state: AtomicU64::default(),
            limit: AtomicUsize::new(UNLIMITED),
            changed: Notify::default(),
        }
    }
}

/// A request that is under way, until this is dropped: when the last byte of its answer was handed to
/// the system, or its visitor has left.
#[derive(Debug)]
pub struct UnderWay {
    traffic: Traffic,
    weight: u64,
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TurnedAway {
    /// As many requests as are allowed are under way.
    #[error("too many requests are under way")]
    Busy,
    /// The share is ending, or has ended.
    #[error("the share has ended")]
    Ended,
}

impl Traffic {
    /// How many requests through the tunnel are served at once. Those from this computer and its network
    /// don't count.
    /// What is under way may finish, even if it is more.
    pub fn set_limit(&self, at_once: Option<usize>) {
        let limit = at_once.unwrap_or(UNLIMITED);
        self.0.limit.store(limit, Ordering::Relaxed);
    }

    /// Counts a request until what this returns is dropped.
    ///
    /// # Errors
    /// Why the request is not served.
    pub fn begin(&self, origin: RequestOrigin) -> Result<UnderWay, TurnedAway> {
        self.count(origin, true, self.limit(origin))
    }

    /// Counts a request that goes on with something, which it may do after the end.
    ///
    /// # Errors
    /// As many requests as are allowed are under way.
    pub fn go_on(&self, origin: RequestOrigin) -> Result<UnderWay, TurnedAway> {
        self.count(origin, false, self.limit(origin))
    }

    /// Counts a request in the place of one that is about to end, so there is room for it. It is new,
    /// or goes on with something.
    ///
    /// # Errors
    /// The share is ending, or has ended, and the request is new.
    pub fn replace(&self, origin: RequestOrigin, is_new: bool) -> Result<UnderWay, TurnedAway> {
        self.count(origin, is_new, UNLIMITED)
    }

    fn limit(&self, origin: RequestOrigin) -> usize {
        match origin {
            RequestOrigin::Loopback | RequestOrigin::Network => UNLIMITED,
            RequestOrigin::Tunnel => self.0.limit.load(Ordering::Relaxed),
        }
    }

    fn count(
        &self,
        origin: RequestOrigin,
        is_new: bool,
        limit: usize,
    ) -> Result<UnderWay, TurnedAway> {
        let weight = match origin {
            RequestOrigin::Loopback | RequestOrigin::Network => ONE,
            RequestOrigin::Tunnel => ONE + ONE_OF_TUNNEL,
        };
        let turned_away = |state: u64| {
            if is_new && state & HAS_ENDED != 0 {
                return Some(TurnedAway::Ended);
            }
            let tunnel = (state / ONE_OF_TUNNEL) & TUNNEL_COUNT;
            (tunnel as usize >= limit).then_some(TurnedAway::Busy)
        };
        let counted = self
            .0
            .state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| {
                turned_away(state).is_none().then_some(state + weight)
            });
        match counted {
            Ok(_) => Ok(UnderWay {
                traffic: self.clone(),
                weight,
            }),
            Err(state) => Err(turned_away(state).unwrap_or(TurnedAway::Busy)),
        }
    }

    /// Lets nothing new begin from now on. What is under way may finish. A share that has ended stays
    /// so.
    pub fn end(&self) {
        self.0.state.fetch_or(HAS_ENDED, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Whether it was told to end.
    pub fn has_ended(&self) -> bool {
        self.0.state.load(Ordering::SeqCst) & HAS_ENDED != 0
    }

    /// Waits until it is told to end.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        self.clone().until(|state| state & HAS_ENDED != 0)
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        (self.0.state.load(Ordering::SeqCst) & COUNT) as usize
    }

    /// Waits until nothing is under way. Unless the share has ended, something new may begin right
    /// away.
    pub fn idle(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.state.fetch_or(IS_AWAITED, Ordering::SeqCst);
        self.clone().until(|state| state & COUNT == 0)
    }

    async fn until(self, is_reached: impl Fn(u64) -> bool + Send) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            // What happens from here on is not missed.
            changed.as_mut().enable();
            if is_reached(self.0.state.load(Ordering::SeqCst)) {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let counters = &self.traffic.0;
        let state = counters.state.fetch_sub(self.weight, Ordering::SeqCst) - self.weight;
        if state & IS_AWAITED != 0 && state & COUNT == 0 {
            counters.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use super::*;

    /// Whether a future is ready at once.
    async fn is_ready(future: impl Future<Output = ()>) -> bool {
        let mut future = pin!(future);
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
    }

    #[test]
    fn requests_through_the_tunnel_are_limited_and_those_of_this_computer_are_not() {
        let traffic = Traffic::default();
        traffic.set_limit(Some(2));
        let local: Vec<_> = (0..5)
            .map(|_| traffic.begin(RequestOrigin::Loopback).unwrap())
            .collect();
        let first = traffic.begin(RequestOrigin::Tunnel).unwrap();
        let second = traffic.begin(RequestOrigin::Tunnel).unwrap();
        assert_eq!(
            traffic.begin(RequestOrigin::Tunnel).unwrap_err(),
            TurnedAway::Busy
        );
        assert!(traffic.begin(RequestOrigin::Loopback).is_ok());
        drop(first);
        let third = traffic.begin(RequestOrigin::Tunnel).unwrap();
        assert_eq!(traffic.under_way(), 7);
        drop(traffic.replace(RequestOrigin::Tunnel, true).unwrap());
        traffic.set_limit(None);
        assert!(traffic.begin(RequestOrigin::Tunnel).is_ok());
        drop((local, second, third));
        assert_eq!(traffic.under_way(), 0);
    }

    #[test]
    fn nothing_begins_after_the_end_whatever_the_limit() {
        let traffic = Traffic::default();
        let running = traffic.begin(RequestOrigin::Tunnel).unwrap();
        traffic.end();
        traffic.set_limit(Some(0));
        for origin in [RequestOrigin::Tunnel, RequestOrigin::Loopback] {
            assert_eq!(traffic.begin(origin).unwrap_err(), TurnedAway::Ended);
        }
        assert_eq!(traffic.under_way(), 1);
        for (is_new, may_begin) in [(true, false), (false, true)] {
            let begun = traffic.replace(RequestOrigin::Tunnel, is_new);
            assert_eq!(begun.is_ok(), may_begin);
        }
        traffic.set_limit(None);
        let last = traffic.go_on(RequestOrigin::Tunnel).unwrap();
        assert_eq!(traffic.under_way(), 2, "what was begun goes on");
        drop((running, last));
        assert_eq!(traffic.under_way(), 0);
    }

    #[tokio::test]
    async fn it_is_idle_when_the_last_request_is_done() {
        let traffic = Traffic::default();
        assert!(is_ready(traffic.idle()).await);
        let requests = [RequestOrigin::Tunnel, RequestOrigin::Loopback];
        let [first, second] = requests.map(|origin| traffic.begin(origin).unwrap());
        let waiting = tokio::spawn(traffic.idle());
        tokio::task::yield_now().await;
        drop(first);
        assert!(!is_ready(traffic.idle()).await);
        drop(second);
        waiting.await.unwrap();
        assert!(is_ready(traffic.idle()).await);
    }

    #[tokio::test]
    async fn who_waits_for_the_end_is_told() {
        let traffic = Traffic::default();
        let waiting = tokio::spawn(traffic.ended());
        tokio::task::yield_now().await;
        assert!(!is_ready(traffic.ended()).await);
        traffic.end();
        waiting.await.unwrap();
        assert!(is_ready(traffic.ended()).await && traffic.has_ended());
    }

    #[test]
    fn requests_of_several_threads_never_exceed_the_limit() {
        let traffic = Traffic::default();
        traffic.set_limit(Some(3));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        let request = traffic.begin(RequestOrigin::Tunnel);
                        assert!(traffic.under_way() <= 3);
                        drop(request);
                    }
                });
            }
        });
        assert_eq!(traffic.under_way(), 0);
    }
}
