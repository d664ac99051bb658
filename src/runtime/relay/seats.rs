//! The places for connections, and which of them is given up when all are taken. While nobody waits
//! for a place, nobody loses one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A new connection has so long to send its first request.
const GRACE: Duration = Duration::from_millis(500);
/// A visitor who takes nothing of an answer for so long may lose the place.
const STALL: Duration = Duration::from_secs(60);
/// A place is waited for so long.
const WAIT: Duration = Duration::from_secs(2);
/// How often to look for somebody who can leave.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// All connections.
#[derive(Debug)]
pub struct Seats {
    taken: Mutex<Vec<Arc<Seat>>>,
    free: Arc<Semaphore>,
    waiting: Semaphore,
}

/// What a connection does, for others who need its place.
#[derive(Debug)]
pub struct Seat {
    occupation: Mutex<Occupation>,
    told: Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occupation {
    /// It has not asked for anything yet.
    New(Instant),
    /// Its last request was answered.
    Idle(Instant),
    /// It has asked for something.
    Busy,
    /// It takes nothing of what it has asked for.
    Blocked(Instant),
    /// It has to leave.
    Told,
}

/// The place of a connection, until this is dropped.
#[derive(Debug)]
pub struct Place {
    pub seat: Arc<Seat>,
    seats: Arc<Seats>,
    _permit: OwnedSemaphorePermit,
}

impl Seats {
    /// Places for `places` connections at a time. `waiting` more may wait for one.
    pub fn new(places: usize, waiting: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            free: Arc::new(Semaphore::new(places)),
            waiting: Semaphore::new(waiting),
        })
    }

    /// A place for a new connection; `None` if there is none, and nobody can leave.
    pub async fn place(self: &Arc<Self>) -> Option<Place> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        let seat = Arc::new(Seat::new());
        self.taken().push(Arc::clone(&seat));
        Some(Place {
            seat,
            seats: Arc::clone(self),
            _permit: permit,
        })
    }

    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        let _waiting = self.waiting.try_acquire().ok()?;
        let permit = async {
            loop {
                self.tell_one(Instant::now());
                let free = Arc::clone(&self.free).acquire_owned();
                if let Ok(permit) = timeout(LOOK_INTERVAL, free).await {
                    // It is never closed.
                    return permit.ok();
                }
            }
        };
        timeout(WAIT, permit).await.ok()?
    }

    /// Tells the one to leave that has been idle for the longest, or else blocked.
    fn tell_one(&self, now: Instant) {
        let taken = self.taken();
        let since = |passed: fn(Occupation, Instant) -> Option<Instant>| {
            taken
                .iter()
                .filter_map(|seat| Some((passed(*seat.occupation(), now)?, seat)))
                .min_by_key(|(since, _)| *since)
                .map(|(_, seat)| seat)
        };
        if let Some(seat) = since(Occupation::idle).or_else(|| since(Occupation::stalled)) {
            *seat.occupation() = Occupation::Told;
            seat.told.notify_one();
        }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupation {
    /// Since when it has been idle, if it had time to ask for something.
    fn idle(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Idle(since) => Some(since),
            Self::New(since) if now.duration_since(since) >= GRACE => Some(since),
            _ => None,
        }
    }

    /// Since when it has been blocked, if that is long.
    fn stalled(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Blocked(since) if now.duration_since(since) >= STALL => Some(since),
            _ => None,
        }
    }
}

impl Seat {
    pub fn new() -> Self {
        Self {
            occupation: Mutex::new(Occupation::New(Instant::now())),
            told: Notify::new(),
        }
    }

    pub fn set_busy(&self) {
        *self.occupation() = Occupation::Busy;
    }

    pub fn set_idle(&self) {
        *self.occupation() = Occupation::Idle(Instant::now());
    }

    /// Waits until the connection, which is idle, has to leave.
    pub async fn told(&self) {
        loop {
            self.told.notified().await;
            // It may have been told before it was busy.
            if *self.occupation() == Occupation::Told {
                return;
            }
        }
    }

    /// Waits until the connection, which takes nothing from now on, has to leave.
    pub async fn cut_off(&self) {
        struct Blocked<'a>(&'a Seat);
        impl Drop for Blocked<'_> {
            fn drop(&mut self) {
                let mut occupation = self.0.occupation();
                if let Occupation::Blocked(_) = *occupation {
                    *occupation = Occupation::Busy;
                }
            }
        }
        *self.occupation() = Occupation::Blocked(Instant::now());
        let _blocked = Blocked(self);
        self.told().await;
    }

    fn occupation(&self) -> MutexGuard<'_, Occupation> {
        self.occupation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seats
            .taken()
            .retain(|seat| !Arc::ptr_eq(seat, &self.seat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_told(place: &Place) -> bool {
        *place.seat.occupation() == Occupation::Told
    }

    #[tokio::test]
    async fn the_one_that_has_been_idle_for_the_longest_makes_room() {
        let seats = Seats::new(3, 1);
        let (first, second, third) = tokio::join!(seats.place(), seats.place(), seats.place());
        let (first, second, third) = (first.unwrap(), second.unwrap(), third.unwrap());
        first.seat.set_busy();
        third.seat.set_idle();
        second.seat.set_idle();
        let leaving = async {
            third.seat.told().await;
            assert!(!is_told(&first) && !is_told(&second));
            drop(third);
        };
        let (fourth, ()) = tokio::join!(seats.place(), leaving);
        assert!(fourth.is_some());
    }

    #[tokio::test]
    async fn nobody_loses_a_place_while_there_are_others_or_something_is_asked_for() {
        let seats = Seats::new(2, 0);
        let idle = seats.place().await.unwrap();
        idle.seat.set_idle();
        let busy = seats.place().await.unwrap();
        assert!(!is_told(&idle));
        busy.seat.set_busy();
        idle.seat.set_busy();
        seats.tell_one(Instant::now());
        assert!(!is_told(&idle) && !is_told(&busy));
        assert!(seats.place().await.is_none());
    }

    #[tokio::test]
    async fn a_new_connection_has_time_to_ask_and_a_blocked_one_a_minute() {
        let seats = Seats::new(2, 1);
        let (new, blocked) = (seats.place().await.unwrap(), seats.place().await.unwrap());
        let now = Instant::now();
        *new.seat.occupation() = Occupation::New(now);
        *blocked.seat.occupation() = Occupation::Blocked(now);
        seats.tell_one(now);
        assert!(!is_told(&new) && !is_told(&blocked));
        seats.tell_one(now + GRACE);
        assert!(is_told(&new) && !is_told(&blocked));
        seats.tell_one(now + GRACE);
        assert!(!is_told(&blocked));
        seats.tell_one(now + STALL);
        assert!(is_told(&blocked));
    }

    #[tokio::test]
    async fn who_is_told_too_late_stays() {
        let seats = Seats::new(1, 0);
        let place = seats.place().await.unwrap();
        place.seat.set_idle();
        seats.tell_one(Instant::now());
        place.seat.set_busy();
        let cut_off = timeout(Duration::from_millis(50), place.seat.cut_off());
        assert!(cut_off.await.is_err());
        assert_eq!(*place.seat.occupation(), Occupation::Busy);
    }
}
