//! What the owner is told of files that were handed in: one notice for each share, replaced by the
//! next one, which sums up what came in while nobody looked.

use std::time::Duration;

use super::{incoming::Received, label, moment::Moment};

/// The next notice about a share comes after this time. What comes in meanwhile is in it.
const PAUSE: Duration = Duration::from_secs(10);

/// After this time without a delivery, the owner has seen what was told of before.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// More senders than these are not named.
const NAMED: usize = 3;

/// The deliveries that the next notice is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    received: Received,
    deliveries: u32,
    /// The first ones, without duplicates.
    senders: Vec<String>,
    /// Others sent something, too.
    has_others: bool,
    last: Option<Moment>,
    told: Option<Moment>,
    is_due: bool,
}

impl Arrivals {
    /// A delivery is complete.
    pub fn add(&mut self, now: Moment, delivery: Received, sender: Option<&str>) {
        if self.last.is_some_and(|last| now.since(last) >= QUIET) {
            self.forget();
        }
        self.last = Some(now);
        self.is_due = true;
        self.received.add(delivery.files, delivery.bytes);
        self.deliveries = self.deliveries.saturating_add(1);
        match sender.and_then(shown_sender) {
            Some(sender) if self.senders.contains(&sender) => {}
            Some(sender) if self.senders.len() < NAMED => self.senders.push(sender),
            _ => self.has_others = true,
        }
    }

    /// The owner knows of what has come in so far.
    pub fn forget(&mut self) {
        *self = Self {
            told: self.told,
            ..Self::default()
        };
    }

    /// When the owner has to be told; `None` if there is nothing to tell.
    pub fn due(&self, now: Moment) -> Option<Moment> {
        let after_pause = self.told.map(|told| told.after(PAUSE));
        self.is_due
            .then(|| after_pause.map_or(now, |moment| moment.max(now)))
    }

    /// The owner is told now.
    pub fn tell(&mut self, now: Moment) {
        self.told = Some(now);
        self.is_due = false;
    }

    /// The next notice needn't wait.
    pub fn hurry(&mut self) {
        self.told = None;
    }

    pub fn received(&self) -> Received {
        self.received
    }

    /// Who sent it: `From Anna.`, `In 7 deliveries, from Anna, Ben and others.` Empty for a single
    /// delivery by nobody in particular.
    pub fn sentence(&self) -> String {
        let others = self.has_others.then_some("others");
        let mut names: Vec<&str> = self.senders.iter().map(String::as_str).collect();
        if !names.is_empty() {
            names.extend(others);
        }
        let names = match names.split_last() {
            None => None,
            Some((only, [])) => Some((*only).to_owned()),
            Some((last, before)) => Some(format!("{} and {last}", before.join(", "))),
        };
        match (self.deliveries, names) {
            (0 | 1, None) => String::new(),
            (0 | 1, Some(names)) => format!("From {names}."),
            (count, None) => format!("In {count} deliveries."),
            (count, Some(names)) => format!("In {count} deliveries, from {names}."),
        }
    }
}

/// The name that a visitor gave, made safe and short; `None` if nothing of it can be seen.
pub fn shown_sender(name: &str) -> Option<String> {
    let name = label::shortened(&label::visible(name.trim()));
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: u64, bytes: u64) -> Received {
        Received { files, bytes }
    }

    fn at(seconds: u64) -> Moment {
        Moment::after_start(Duration::from_secs(seconds))
    }

    #[test]
    fn the_first_delivery_is_told_at_once_and_the_next_ones_together() {
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.due(at(100)), None);
        arrivals.add(at(100), files(3, 1000), Some("Anna"));
        assert_eq!(arrivals.due(at(100)), Some(at(100)));
        arrivals.tell(at(100));
        assert_eq!(arrivals.due(at(105)), None);
        arrivals.add(at(105), files(1, 500), None);
        arrivals.add(at(106), files(1, 500), Some("Ben"));
        assert_eq!(arrivals.due(at(106)), Some(at(110)));
        arrivals.tell(at(110));
        assert_eq!(arrivals.received(), files(5, 2000));
        assert_eq!(
            arrivals.sentence(),
            "In 3 deliveries, from Anna, Ben and others."
        );
    }

    #[test]
    fn what_the_owner_has_seen_is_not_told_again() {
        let mut arrivals = Arrivals::default();
        arrivals.add(at(100), files(3, 1000), None);
        arrivals.forget();
        assert_eq!(arrivals.due(at(100)), None);
        arrivals.add(at(200), files(1, 10), None);
        assert_eq!(arrivals.received().files, 1);
        arrivals.add(at(200).after(QUIET), files(2, 10), None);
        assert_eq!(arrivals.received().files, 2);
        assert_eq!(arrivals.sentence(), "");
    }

    #[test]
    fn senders_are_named_once_and_can_not_steer_what_shows_them() {
        let mut arrivals = Arrivals::default();
        for name in ["  ", "A\nB\u{202e}", "A\nB\u{202e}", &"x".repeat(500)] {
            arrivals.add(at(1), files(1, 1), Some(name));
        }
        let sentence = arrivals.sentence();
        assert!(sentence.starts_with("In 4 deliveries, from A\u{fffd}B\u{fffd}, xxx"));
        assert!(sentence.ends_with(" and others."));
        assert!(sentence.chars().count() < 120, "{sentence}");
        for name in ["Cleo", "Dora", "Emil"] {
            arrivals.add(at(1), files(1, 1), Some(name));
        }
        assert!(arrivals.sentence().contains("Cleo and others."));
    }
}
