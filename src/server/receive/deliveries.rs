//! What visitors hand in together. Pure: the time is given.

use std::{collections::HashMap, mem, net::IpAddr, time::Duration};

use tokio::time::Instant;

use super::{
    id::DeliveryId,
    upload::{DeliveryStatus, ReceivedFile},
};
use crate::server::uploads::Delivered;

/// After this time without a byte, a delivery is complete though nobody has said so.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(10 * 60);

/// After this time without a byte, the owner is told of the files that are there, although others of the
/// delivery are not complete.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(30 * 60);

/// How many files of one delivery are named to its visitor.
const MAX_NAMED: usize = 10_000;

/// How many deliveries are remembered.
const MAX: usize = 10_000;

/// The deliveries of one share.
#[derive(Debug, Default)]
pub struct Deliveries(HashMap<DeliveryId, Delivery>);

/// What the owner is told of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub id: DeliveryId,
    pub delivered: Delivered,
}

/// Who sends a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentBy {
    pub sender: Option<String>,
    pub visitor: Option<IpAddr>,
}

#[derive(Debug)]
struct Delivery {
    /// Complete files.
    files: Vec<ReceivedFile>,
    /// Uploads that are not complete.
    open: usize,
    /// Complete files that are not in their places.
    unplaced: usize,
    /// What the owner was not told yet.
    untold: Delivered,
    is_said: bool,
    touched: Instant,
}

impl Deliveries {
    /// An upload of a delivery begins.
    pub fn begin(&mut self, id: DeliveryId, now: Instant) {
        if self.0.len() >= MAX && !self.0.contains_key(&id) {
            self.forget_one();
        }
        let delivery = self.0.entry(id).or_insert_with(|| Delivery {
            files: Vec::new(),
            open: 0,
            unplaced: 0,
            untold: Delivered::default(),
            is_said: false,
            touched: now,
        });
        delivery.open += 1;
        delivery.touched = now;
    }

    /// Bytes of a delivery came.
    pub fn touch(&mut self, id: DeliveryId, now: Instant) {
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.touched = now;
        }
    }

    /// An upload was given up.
    pub fn end(&mut self, id: DeliveryId) {
        let Some(delivery) = self.0.get_mut(&id) else {
            return;
        };
        delivery.open = delivery.open.saturating_sub(1);
        // Nothing has come of it.
        if delivery.open == 0 && delivery.unplaced == 0 && delivery.files.is_empty() {
            self.0.remove(&id);
        }
    }

    /// All bytes of an upload are here.
    pub fn whole(&mut self, id: DeliveryId, now: Instant) {
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.open = delivery.open.saturating_sub(1);
            delivery.unplaced += 1;
            delivery.touched = now;
        }
    }

    /// The bytes of a complete file are lost, and have to come again.
    pub fn reopen(&mut self, id: DeliveryId) {
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.unplaced = delivery.unplaced.saturating_sub(1);
            delivery.open += 1;
        }
    }

    /// A file is in its place. Returns what the owner is told if that completes the delivery.
    pub fn placed(&mut self, id: DeliveryId, file: ReceivedFile, from: &SentBy) -> Option<Told> {
        let delivery = self.0.get_mut(&id)?;
        delivery.unplaced = delivery.unplaced.saturating_sub(1);
        delivery.add(file, from);
        delivery.tell_if(id, delivery.is_said && delivery.unplaced == 0)
    }

    /// A complete file from before a restart, which the owner may know of.
    pub fn restore(
        &mut self,
        id: DeliveryId,
        file: ReceivedFile,
        from: &SentBy,
        is_told: bool,
        now: Instant,
    ) {
        self.begin(id, now);
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.open -= 1;
            let bytes = file.bytes;
            delivery.add(file, from);
            if is_told {
                delivery.untold.files -= 1;
                delivery.untold.bytes -= bytes;
            }
        }
    }

    /// The visitor says that a delivery is complete; whether it is known. What comes back is told to the
    /// owner.
    pub fn say(&mut self, id: DeliveryId) -> Option<Option<Told>> {
        let delivery = self.0.get_mut(&id)?;
        delivery.is_said = true;
        Some(delivery.tell_if(id, delivery.unplaced == 0))
    }

    /// What has come of a delivery.
    pub fn status(&self, id: DeliveryId) -> Option<DeliveryStatus> {
        let delivery = self.0.get(&id)?;
        Some(DeliveryStatus {
            files: delivery.files.clone(),
            is_complete: delivery.is_said,
        })
    }

    /// Deliveries of visitors who left without a word.
    pub fn given_up(&mut self, now: Instant) -> Vec<Told> {
        let deliveries = self.0.iter_mut();
        deliveries
            .filter_map(|(id, delivery)| {
                let is_due = delivery.given_up_at().is_some_and(|at| at <= now);
                delivery.tell_if(*id, is_due)
            })
            .collect()
    }

    /// When the next delivery is given up.
    pub fn next_given_up(&self) -> Option<Instant> {
        self.0.values().filter_map(Delivery::given_up_at).min()
    }

    /// Makes room for another one.
    fn forget_one(&mut self) {
        let done = self
            .0
            .iter()
            .filter(|(_, delivery)| delivery.open == 0 && delivery.unplaced == 0);
        // The owner knows of most of them.
        let oldest = done.min_by_key(|(_, delivery)| (delivery.untold.files > 0, delivery.touched));
        if let Some(id) = oldest.map(|(id, _)| *id) {
            self.0.remove(&id);
        }
    }
}

impl Delivery {
    fn add(&mut self, file: ReceivedFile, from: &SentBy) {
        self.untold.files += 1;
        self.untold.bytes += file.bytes;
        if from.sender.is_some() {
            self.untold.sender.clone_from(&from.sender);
        }
        self.untold.visitor = from.visitor;
        if self.files.len() < MAX_NAMED {
            self.files.push(file);
        }
    }

    fn tell_if(&mut self, id: DeliveryId, is_due: bool) -> Option<Told> {
        if !is_due || self.untold.files == 0 {
            return None;
        }
        let sender = self.untold.sender.clone();
        let mut delivered = mem::take(&mut self.untold);
        delivered.is_complete = self.is_said || self.open == 0;
        self.untold.sender = sender;
        Some(Told { id, delivered })
    }

    fn given_up_at(&self) -> Option<Instant> {
        let waits = self.unplaced == 0 && self.untold.files > 0;
        let after = if self.open == 0 {
            GIVEN_UP_AFTER
        } else {
            INTERRUPTED_AFTER
        };
        waits.then_some(self.touched + after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> ReceivedFile {
        ReceivedFile {
            name: name.into(),
            bytes: 2,
        }
    }

    fn from(sender: Option<&str>) -> SentBy {
        SentBy {
            sender: sender.map(Into::into),
            visitor: None,
        }
    }

    fn id() -> DeliveryId {
        DeliveryId::random().unwrap()
    }

    #[test]
    fn a_delivery_is_complete_when_its_visitor_says_so_and_its_files_are_in_place() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        for _ in 0..2 {
            deliveries.begin(id, now);
            deliveries.whole(id, now);
        }
        assert_eq!(deliveries.placed(id, file("a"), &from(Some("Ann"))), None);
        assert_eq!(deliveries.say(id), Some(None));
        let told = deliveries.placed(id, file("b"), &from(None)).unwrap();
        let expected = Delivered {
            files: 2,
            bytes: 4,
            sender: Some("Ann".into()),
            visitor: None,
            is_complete: true,
        };
        assert_eq!(told.delivered, expected);
        // Once is enough.
        assert_eq!(deliveries.say(id), Some(None));
        let status = deliveries.status(id).unwrap();
        assert!(status.is_complete && status.files == [file("a"), file("b")]);
    }

    #[test]
    fn what_comes_after_the_end_is_told_too() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        deliveries.begin(id, now);
        deliveries.whole(id, now);
        deliveries.placed(id, file("a"), &from(None));
        assert_eq!(deliveries.say(id).unwrap().unwrap().delivered.files, 1);
        deliveries.begin(id, now);
        deliveries.whole(id, now);
        let told = deliveries.placed(id, file("b"), &from(None)).unwrap();
        assert_eq!((told.delivered.files, told.delivered.bytes), (1, 2));
    }

    #[test]
    fn a_visitor_who_leaves_has_delivered_what_came_after_ten_minutes() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        assert_eq!(deliveries.next_given_up(), None);
        deliveries.begin(id, now);
        assert_eq!(deliveries.next_given_up(), None, "nothing has come");
        deliveries.whole(id, now);
        deliveries.begin(id, now);
        deliveries.placed(id, file("a"), &from(None));
        let interrupted = now + INTERRUPTED_AFTER;
        assert_eq!(
            deliveries.next_given_up(),
            Some(interrupted),
            "one is still open"
        );
        deliveries.end(id);
        let due = now + GIVEN_UP_AFTER;
        assert_eq!(deliveries.next_given_up(), Some(due));
        assert_eq!(deliveries.given_up(due - Duration::from_secs(1)), []);
        let told = deliveries.given_up(due);
        assert!(told[0].delivered.files == 1 && told[0].delivered.is_complete);
        assert_eq!(deliveries.given_up(due), []);
    }

    #[test]
    fn files_are_told_of_although_another_one_of_the_delivery_never_comes() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        deliveries.begin(id, now);
        deliveries.begin(id, now);
        deliveries.whole(id, now);
        deliveries.placed(id, file("a"), &from(None));
        let told = deliveries.given_up(now + INTERRUPTED_AFTER);
        assert!(told[0].delivered.files == 1 && !told[0].delivered.is_complete);
        assert_eq!(deliveries.next_given_up(), None);
    }

    #[test]
    fn after_a_restart_the_owner_is_told_only_of_what_is_new() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        for (name, is_told) in [("a", true), ("b", false), ("c", true)] {
            deliveries.restore(id, file(name), &from(Some("Ann")), is_told, now);
        }
        let told = deliveries.say(id).unwrap().unwrap();
        assert_eq!((told.delivered.files, told.delivered.bytes), (1, 2));
        assert_eq!(told.delivered.sender.as_deref(), Some("Ann"));
        deliveries.restore(self::id(), file("a"), &from(None), true, now);
        assert_eq!(deliveries.given_up(now + INTERRUPTED_AFTER), []);
    }

    #[test]
    fn a_file_whose_bytes_are_lost_is_waited_for_again() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        deliveries.begin(id, now);
        deliveries.whole(id, now);
        deliveries.reopen(id);
        assert_eq!(deliveries.say(id), Some(None));
        deliveries.whole(id, now);
        let told = deliveries.placed(id, file("a"), &from(None)).unwrap();
        assert!(told.delivered.is_complete);
    }

    #[test]
    fn nothing_is_known_of_a_delivery_that_never_began() {
        let mut deliveries = Deliveries::default();
        assert_eq!(deliveries.say(id()), None);
        assert_eq!(deliveries.status(id()), None);
    }

    #[test]
    fn old_deliveries_are_forgotten_for_new_ones() {
        let (mut deliveries, now) = (Deliveries::default(), Instant::now());
        let first = id();
        let untold = id();
        deliveries.restore(untold, file("a"), &from(None), false, now);
        let mut told = |id, number| {
            let now = now + Duration::from_millis(number);
            deliveries.restore(id, file("a"), &from(None), true, now);
        };
        told(first, 1);
        for number in 2..=MAX as u64 {
            told(id(), number);
        }
        assert_eq!(deliveries.status(first), None);
        assert!(
            deliveries.status(untold).is_some(),
            "the owner doesn't know"
        );
        assert_eq!(deliveries.0.len(), MAX);
    }

    #[test]
    fn nothing_is_remembered_of_a_delivery_of_which_nothing_came() {
        let (mut deliveries, id, now) = (Deliveries::default(), id(), Instant::now());
        deliveries.begin(id, now);
        deliveries.end(id);
        assert!(deliveries.0.is_empty());
    }
}
