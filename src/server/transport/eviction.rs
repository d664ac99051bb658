//! Makes connections leave when others wait for a place, or for room in the tunnel. While nobody
//! waits, none has to.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    patience::Patience,
    ranking::{Asking, Needs, choose},
    seat::{Occupation, Seat},
    visitor::Visitor,
};

/// How often a connection is chosen that has gone on before it was told to leave.
const MAX_CHOICES: u32 = 4;

/// All connections of a share that have a place.
#[derive(Debug, Default)]
pub struct Eviction {
    patience: Patience,
    seats: Mutex<Vec<Arc<Seat>>>,
    told: Mutex<Told>,
}

/// Which connection was told to leave for whom. An entry stays while the connection is on its way
/// out, and until somebody has taken the place that it left. So no waiter tells a second one
/// because the first has left and its place is not taken yet.
#[derive(Debug, Default)]
struct Told {
    /// By the number of the waiter.
    seats: BTreeMap<u64, Arc<Seat>>,
    /// How many waiters there have been.
    waiters: u64,
}

/// A connection's place, until this is dropped.
#[derive(Debug)]
pub struct Place {
    eviction: Arc<Eviction>,
    seat: Arc<Seat>,
}

/// Somebody waiting for a place, until this is dropped.
#[derive(Debug)]
pub struct Waiter {
    eviction: Arc<Eviction>,
    number: u64,
}

impl Eviction {
    /// Without any connections.
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            ..Self::default()
        }
    }

    /// The place of a new connection.
    pub fn place(self: &Arc<Self>) -> Place {
        let seat = Arc::new(Seat::new());
        self.seats().push(Arc::clone(&seat));
        Place {
            eviction: Arc::clone(self),
            seat,
        }
    }

    /// Somebody new who waits.
    pub fn waiter(self: &Arc<Self>) -> Waiter {
        let mut told = self.told();
        told.waiters += 1;
        Waiter {
            eviction: Arc::clone(self),
            number: told.waiters,
        }
    }

    /// To be called when a place was taken without a waiter: whoever it was left for has to ask
    /// again.
    pub fn place_is_taken(&self) {
        self.told().take_place(None);
    }

    /// Ends a request through the tunnel in favour of one of `visitor`, if one has to end. Returns
    /// whether one does.
    pub fn make_room_in_tunnel(&self, visitor: Option<Visitor>) -> bool {
        self.tell_one(&self.seats(), visitor, Needs::Tunnel)
            .is_some()
    }

    /// Tells one connection to leave for `visitor`, if one has to.
    fn tell_one(
        &self,
        seats: &[Arc<Seat>],
        visitor: Option<Visitor>,
        needs: Needs,
    ) -> Option<Arc<Seat>> {
        for _ in 0..MAX_CHOICES {
            let asking = Asking {
                visitor,
                needs,
                patience: self.patience,
                now: Instant::now(),
            };
            let may_help = |seat: &&Arc<Seat>| needs != Needs::Tunnel || !seat.is_direct();
            let occupied = seats.iter().filter(may_help);
            let occupied = occupied.filter_map(|seat| Some((seat, seat.occupation()?)));
            let (seat, occupation) = choose(occupied, &asking)?;
            if seat.tell(occupation) {
                return Some(Arc::clone(seat));
            }
        }
        None
    }

    /// The visitors who are being answered, as far as they are known.
    pub fn visitors(&self) -> BTreeSet<Visitor> {
        let seats = self.seats();
        let occupations = seats.iter().filter_map(|seat| seat.occupation());
        let visitors = occupations.filter_map(|occupation| match occupation {
            Occupation::Answering { visitor, .. } => visitor,
            Occupation::Idle { .. } => None,
        });
        visitors.collect()
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// Somebody has taken a place: one that was left, if there is any. `own` is the connection that
    /// was to leave for them. If another one left, `own` leaves for those who waited for that one. If
    /// none did, it need not leave.
    fn take_place(&mut self, own: Option<Arc<Seat>>) {
        if own.as_ref().is_some_and(|seat| seat.is_gone()) {
            return;
        }
        let mut others = self.seats.iter();
        let left = others.find(|(_, seat)| seat.is_gone());
        match (left.map(|(number, _)| *number), own) {
            (Some(number), Some(own)) => {
                self.seats.insert(number, own);
            }
            (Some(number), None) => {
                self.seats.remove(&number);
            }
            (None, Some(own)) => own.take_back(),
            (None, None) => {}
        }
    }
}

impl Place {
    /// How long it may be kept.
    pub fn patience(&self) -> Patience {
        self.eviction.patience
    }

    /// All connections of the share.
    pub fn eviction(&self) -> &Arc<Eviction> {
        &self.eviction
    }
}

impl Deref for Place {
    type Target = Arc<Seat>;

    fn deref(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seat.set_gone();
        let mut seats = self.eviction.seats();
        if let Some(index) = seats.iter().position(|it| Arc::ptr_eq(it, &self.seat)) {
            seats.swap_remove(index);
        }
    }
}

impl Waiter {
    /// Makes a connection leave for `visitor`, if one is known. Call this again until a place is
    /// free: a connection may become idle later, and one that was told may have received a request.
    pub fn ask(&mut self, visitor: Option<Visitor>) {
        let mut told = self.eviction.told();
        let seat = told.seats.get(&self.number);
        if !seat.is_some_and(|seat| seat.is_told() || seat.is_gone()) {
            let seats = self.eviction.seats();
            let needs = Needs::Place { of: seats.len() };
            match self.eviction.tell_one(&seats, visitor, needs) {
                Some(seat) => told.seats.insert(self.number, seat),
                None => told.seats.remove(&self.number),
            };
        }
    }

    /// The wait is over: a place was free.
    pub fn take_place(self) {
        let mut told = self.eviction.told();
        let own = told.seats.remove(&self.number);
        told.take_place(own);
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(seat) = self.eviction.told().seats.remove(&self.number) {
            seat.take_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{task::Waker, time::Duration};

    use super::*;

    fn visitor(number: u8) -> Visitor {
        Visitor::new([192, 0, 2, number].into())
    }

    fn without_patience() -> Arc<Eviction> {
        Arc::new(Eviction::new(Patience {
            grace: Duration::ZERO,
            stall: Duration::ZERO,
            ..Patience::default()
        }))
    }

    fn answering(eviction: &Arc<Eviction>, number: u8) -> Place {
        let place = eviction.place();
        place.set_answering(Waker::noop());
        place.set_visitor(visitor(number));
        place
    }

    #[test]
    fn each_of_several_waiters_gets_an_idle_place() {
        let eviction = without_patience();
        let mut waiters: Vec<_> = (0..3).map(|_| eviction.waiter()).collect();
        for waiter in &mut waiters {
            waiter.ask(None);
        }
        let places: Vec<_> = (0..4).map(|_| eviction.place()).collect();
        for waiter in &mut waiters {
            waiter.ask(None);
            waiter.ask(None);
        }
        let told = |places: &[Place]| places.iter().map(|it| it.is_told()).collect::<Vec<_>>();
        assert_eq!(told(&places), [true, true, true, false]);
        drop(waiters);
        assert_eq!(told(&places), [false; 4], "nobody waits any longer");
    }

    #[test]
    fn whoever_asks_in_time_keeps_the_place_and_another_leaves() {
        let eviction = without_patience();
        let places = [eviction.place(), eviction.place()];
        let mut waiter = eviction.waiter();
        waiter.ask(None);
        places[0].set_answering(Waker::noop());
        assert!(!places[0].makes_room());
        waiter.ask(None);
        assert!(places[1].makes_room() && !places[1].is_cut_off());
    }

    #[test]
    fn nobody_else_leaves_until_the_place_that_was_left_is_taken() {
        let eviction = without_patience();
        let mut places: Vec<_> = (0..4).map(|_| eviction.place()).collect();
        let told = |places: &[Place]| places.iter().filter(|it| it.is_told()).count();
        let mut waiters: Vec<_> = (0..2).map(|_| eviction.waiter()).collect();
        for waiter in &mut waiters {
            waiter.ask(None);
        }
        assert!(places[0].is_told() && places[1].is_told());
        drop(places.remove(0));
        for waiter in &mut waiters {
            waiter.ask(None);
        }
        assert_eq!(told(&places), 1, "its place is still free");
        // The place that was left for the first waiter goes to the second.
        let mut first = waiters.remove(0);
        assert!(places[0].makes_room());
        waiters.remove(0).take_place();
        first.ask(None);
        assert_eq!(told(&places), 1, "the first gets the place of the other");
        // Both places go to others.
        drop(places.remove(0));
        eviction.place_is_taken();
        first.ask(None);
        assert_eq!(told(&places), 1, "the first still needs a place");
        first.take_place();
        assert_eq!(told(&places), 0, "another place was free");
    }

    #[test]
    fn a_new_connection_has_time_to_ask() {
        let eviction = Arc::new(Eviction::default());
        let place = eviction.place();
        let mut waiter = eviction.waiter();
        waiter.ask(None);
        assert!(!place.is_told());
        place.set_answering(Waker::noop());
        place.set_idle(Instant::now(), true, Waker::noop());
        waiter.ask(None);
        assert!(place.is_told());
    }

    #[test]
    fn only_a_visitor_who_receives_nothing_has_stalled() {
        let eviction = without_patience();
        let places = [answering(&eviction, 1), answering(&eviction, 2)];
        places[1].set_blocked(Some(Instant::now()));
        let mut waiter = eviction.waiter();
        waiter.ask(None);
        assert!(places[1].is_told() && !places[0].is_told());
        let patient = Arc::new(Eviction::default());
        let place = answering(&patient, 1);
        place.set_blocked(Some(Instant::now()));
        patient.waiter().ask(Some(visitor(2)));
        assert!(!place.is_told());
    }

    #[test]
    fn nobody_has_more_than_a_fair_share_while_others_wait() {
        let eviction = Arc::new(Eviction::default());
        let mut places: Vec<_> = (0..6).map(|_| answering(&eviction, 1)).collect();
        places.extend((0..2).map(|_| answering(&eviction, 2)));
        let told = |places: &[Place]| places.iter().filter(|it| it.is_told()).count();
        let mut own = eviction.waiter();
        own.ask(Some(visitor(1)));
        assert_eq!(told(&places), 0, "it has the most itself");
        let mut others: Vec<_> = (0..8).map(|_| eviction.waiter()).collect();
        for other in &mut others {
            other.ask(Some(visitor(3)));
        }
        // A fair share of eight places is two for each of three visitors.
        assert_eq!((told(&places[..6]), told(&places[6..])), (4, 0));
        drop(others);
        eviction.waiter().ask(None);
        assert_eq!(told(&places), 0, "it is not known who waits");
    }

    #[test]
    fn a_single_download_is_never_more_than_a_fair_share() {
        let eviction = Arc::new(Eviction::default());
        let places: Vec<_> = (0..8).map(|number| answering(&eviction, number)).collect();
        let mut waiter = eviction.waiter();
        waiter.ask(Some(visitor(100)));
        assert!(places.iter().all(|place| !place.is_told()));
    }
}
