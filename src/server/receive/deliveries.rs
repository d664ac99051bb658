//! What visitors hand in together. Pure: the time is given.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use tokio::time::Instant;

use super::{
    id::DeliveryId,
    upload::{DeliveryStatus, ReceivedFile},
};

/// After this time without a byte, a delivery is complete though nobody has said so.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(10 * 60);

/// How many files of one delivery are named to its visitor.
const MAX_NAMED: usize = 10_000;

/// How many deliveries are remembered.
const MAX: usize = 10_000;

/// The deliveries of one share.
#[derive(Debug, Default)]
pub struct Deliveries(HashMap<DeliveryId, Delivery>);

/// What the owner is told of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: u32,
    pub bytes: u64,
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
    untold: Summary,
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
            untold: Summary::default(),
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
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.open = delivery.open.saturating_sub(1);
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

    /// A file is in its place. Returns what the owner is told if that completes the delivery.
    pub fn placed(
        &mut self,
        id: DeliveryId,
        file: ReceivedFile,
        from: &Summary,
    ) -> Option<Summary> {
        let delivery = self.0.get_mut(&id)?;
        delivery.unplaced = delivery.unplaced.saturating_sub(1);
        delivery.add(file, from);
        delivery.told_if(delivery.is_said && delivery.unplaced == 0)
    }

    /// A complete file from before a restart. `is_told`: the owner knows.
    pub fn restore(&mut self, id: DeliveryId, file: ReceivedFile, from: &Summary, now: Instant) {
        self.begin(id, now);
        self.end(id);
        if let Some(delivery) = self.0.get_mut(&id) {
            delivery.add(file, from);
        }
    }

    /// The visitor says that a delivery is complete; whether it is known. What comes back is told to the
    /// owner.
    pub fn say(&mut self, id: DeliveryId) -> Option<Option<Summary>> {
        let delivery = self.0.get_mut(&id)?;
        delivery.is_said = true;
        Some(delivery.told_if(delivery.unplaced == 0))
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
    pub fn given_up(&mut self, now: Instant) -> Vec<Summary> {
        let deliveries = self.0.values_mut();
        deliveries
            .filter_map(|delivery| {
                let is_due = delivery.given_up_at().is_some_and(|at| at <= now);
                delivery.told_if(is_due)
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
        let oldest = done.min_by_key(|(_, delivery)| delivery.touched);
        if let Some(id) = oldest.map(|(id, _)| *id) {
            self.0.remove(&id);
        }
    }
}

impl Delivery {
    fn add(&mut self, file: ReceivedFile, from: &Summary) {
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

    fn told_if(&mut self, is_complete: bool) -> Option<Summary> {
        let is_new = is_complete && self.untold.files > 0;
        is_new.then(|| {
            let sender = self.untold.sender.clone();
            let told = std::mem::take(&mut self.untold);
            self.untold.sender = sender;
            told
        })
    }

    fn given_up_at(&self) -> Option<Instant> {
        let waits = self.open == 0 && self.unplaced == 0 && self.untold.files > 0;
        waits.then_some(self.touched + GIVEN_UP_AFTER)
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

    fn from(sender: Option<&str>) -> Summary {
        Summary {
            sender: sender.map(Into::into),
            ..Summary::default()
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
        let expected = Summary {
            files: 2,
            bytes: 4,
            sender: Some("Ann".into()),
            visitor: None,
        };
        assert_eq!(told, expected);
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
        assert_eq!(deliveries.say(id).unwrap().unwrap().files, 1);
        deliveries.begin(id, now);
        deliveries.whole(id, now);
        let told = deliveries.placed(id, file("b"), &from(None)).unwrap();
        assert_eq!((told.files, told.bytes), (1, 2));
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
        assert_eq!(deliveries.next_given_up(), None, "one is still open");
        deliveries.end(id);
        let due = now + GIVEN_UP_AFTER;
        assert_eq!(deliveries.next_given_up(), Some(due));
        assert_eq!(deliveries.given_up(due - Duration::from_secs(1)), []);
        assert_eq!(deliveries.given_up(due)[0].files, 1);
        assert_eq!(deliveries.given_up(due), []);
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
        deliveries.begin(first, now);
        deliveries.end(first);
        for number in 1..=MAX as u64 {
            let id = id();
            deliveries.begin(id, now + Duration::from_millis(number));
            deliveries.end(id);
        }
        assert_eq!(deliveries.status(first), None);
        assert_eq!(deliveries.0.len(), MAX);
    }
}
