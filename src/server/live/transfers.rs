//! Everything that is on its way.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    transfer::{Key, Part, Subject, Transfer},
    view::{TransferId, TransferView, VisitorId},
};

/// More transfers than this are not shown. There are fewer connections.
const MAX_TRANSFERS: usize = 1024;

/// Between requests for parts of a file, or with such parts, are pauses.
const PAUSE: Duration = Duration::from_secs(5);

/// A transfer that the owner has ended stays so until nobody has tried to go on for this time.
/// Browsers and programs try on their own.
const ENDED: Duration = Duration::from_secs(60);

/// The transfers of one share.
#[derive(Debug, Default)]
pub struct Transfers {
    by_key: HashMap<Key, Transfer>,
    last_id: u64,
}

impl Transfers {
    /// Begins a part. `None` if there are too many.
    pub fn begin(
        &mut self,
        key: Key,
        subject: &Subject,
        now: (Instant, u64),
    ) -> Option<(Arc<Part>, watch::Receiver<bool>)> {
        match self.by_key.get(&key) {
            Some(transfer) if !is_over(transfer, now.0) => {}
            _ => {
                self.by_key.remove(&key);
                self.make_room(now.0)?;
            }
        }
        let last_id = &mut self.last_id;
        let transfer = self.by_key.entry(key).or_insert_with(|| {
            *last_id += 1;
            Transfer::new(TransferId(*last_id), key.0, subject, now)
        });
        Some(transfer.begin(subject, now.0))
    }

    /// A part is over.
    pub fn part_is_over(&mut self, key: Key, part: &Arc<Part>, now: Instant) {
        if let Some(transfer) = self.by_key.get_mut(&key) {
            transfer.part_is_over(part, now);
        }
    }

    /// Ends a transfer. Returns whether it is on its way.
    pub fn end(&self, id: TransferId) -> bool {
        let mut transfers = self.by_key.values();
        let found = transfers.find(|transfer| transfer.id() == id && !transfer.has_ended());
        found.inspect(|transfer| transfer.end()).is_some()
    }

    /// Ends those of a visitor.
    pub fn end_all_of(&self, is_visitor: impl Fn(VisitorId) -> bool) {
        let transfers = self.by_key.values();
        transfers
            .filter(|transfer| is_visitor(transfer.visitor()))
            .for_each(Transfer::end);
    }

    /// As the owner sees them, in the order in which they have begun.
    pub fn view(&mut self, name: impl Fn(VisitorId) -> String, now: Instant) -> Vec<TransferView> {
        self.tidy(now);
        let transfers = self.by_key.values_mut();
        let shown = transfers.filter(|transfer| transfer.is_shown());
        let mut views: Vec<_> = shown
            .map(|transfer| transfer.view(name(transfer.visitor()), now))
            .collect();
        views.sort_unstable_by_key(|view| view.id);
        views
    }

    /// Forgets what is over.
    fn tidy(&mut self, now: Instant) {
        self.by_key.retain(|_, transfer| !is_over(transfer, now));
    }

    /// Makes room for another one: what has been idle for longest goes, and last what the owner has ended.
    /// Otherwise requests that are broken off at once could hide others. `None` if all are running.
    fn make_room(&mut self, now: Instant) -> Option<()> {
        if self.by_key.len() < MAX_TRANSFERS {
            return Some(());
        }
        self.tidy(now);
        if self.by_key.len() < MAX_TRANSFERS {
            return Some(());
        }
        let idle = self.by_key.iter().filter_map(|(key, transfer)| {
            let since = transfer.idle_since?;
            Some(((transfer.has_ended(), since), *key))
        });
        let (_, longest) = idle.min_by_key(|(order, _)| *order)?;
        self.by_key.remove(&longest);
        Some(())
    }
}

/// Whether nothing more is expected of a transfer.
fn is_over(transfer: &Transfer, now: Instant) -> bool {
    let Some(since) = transfer.idle_since else {
        return false;
    };
    let stays = if transfer.has_ended() {
        ENDED
    } else if transfer.is_whole() {
        Duration::ZERO
    } else {
        PAUSE
    };
    now.saturating_duration_since(since) >= stays
}

#[cfg(test)]
mod tests {
    use super::super::view::Direction;
    use super::*;

    const VISITOR: VisitorId = VisitorId(1);

    fn subject(direction: Direction, start: u64) -> Subject {
        Subject {
            direction,
            file: "film.mkv".into(),
            item: 7,
            start,
            size: Some(1000),
        }
    }

    fn view(transfers: &mut Transfers, now: Instant) -> Vec<TransferView> {
        transfers.view(|_| "somebody".into(), now)
    }

    #[test]
    fn parts_that_are_taken_at_once_are_one_transfer() {
        let (mut transfers, now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Down, 7);
        let mut begin = |start| {
            let subject = subject(Direction::Down, start);
            transfers.begin(key, &subject, (now, 0)).unwrap().0
        };
        let (first, second) = (begin(500), begin(0));
        first.add(100);
        second.add(200);
        let [transfer] = &view(&mut transfers, now)[..] else {
            panic!("one");
        };
        assert_eq!((transfer.bytes, transfer.size), (300, Some(1000)));
        transfers.part_is_over(key, &second, now);
        assert_eq!(view(&mut transfers, now)[0].bytes, 300);
        transfers.part_is_over(key, &first, now);
        assert_eq!(view(&mut transfers, now), []);
    }

    #[test]
    fn a_resumed_download_is_as_far_as_it_was() {
        let (mut transfers, now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Down, 7);
        let begun = transfers.begin(key, &subject(Direction::Down, 400), (now, 0));
        begun.unwrap().0.add(100);
        let transfer = &view(&mut transfers, now + Duration::from_secs(2))[0];
        assert_eq!((transfer.bytes, transfer.speed), (500, 50));
    }

    #[test]
    fn a_download_in_one_range_after_the_other_is_one_transfer_without_its_pauses() {
        let (mut transfers, mut now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Down, 7);
        let mut seen = Vec::new();
        for start in [0, 400, 200] {
            let begun = transfers.begin(key, &subject(Direction::Down, start), (now, 0));
            let (part, _) = begun.unwrap();
            part.add(300);
            let views = view(&mut transfers, now);
            seen.extend(views.iter().map(|view| (view.id, view.bytes)));
            transfers.part_is_over(key, &part, now);
            assert_eq!(view(&mut transfers, now), []);
            now += Duration::from_secs(1);
        }
        let id = TransferId(1);
        assert_eq!(seen, [(id, 300), (id, 700), (id, 500)]);
    }

    #[test]
    fn an_upload_in_several_requests_is_one_transfer() {
        let (mut transfers, now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Up, 7);
        let mut ids = Vec::new();
        for start in [0, 400, 800] {
            let begun = transfers.begin(key, &subject(Direction::Up, start), (now, 0));
            let (part, _) = begun.unwrap();
            part.add(200);
            transfers.part_is_over(key, &part, now);
            let views = view(&mut transfers, now);
            ids.extend(views.iter().map(|view| (view.id, view.bytes)));
        }
        // The last one is all of it.
        assert_eq!(ids, [(TransferId(1), 200), (TransferId(1), 600)]);
    }

    #[test]
    fn what_was_ended_stays_so_while_somebody_tries() {
        let (mut transfers, mut now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Down, 7);
        let subject = subject(Direction::Down, 0);
        let (part, ended) = transfers.begin(key, &subject, (now, 0)).unwrap();
        let id = view(&mut transfers, now)[0].id;
        assert!(transfers.end(id) && *ended.borrow());
        assert!(!transfers.end(TransferId(99)));
        transfers.part_is_over(key, &part, now);
        for _ in 0..10 {
            now += Duration::from_secs(50);
            let (part, ended) = transfers.begin(key, &subject, (now, 0)).unwrap();
            assert!(*ended.borrow() && view(&mut transfers, now).is_empty());
            transfers.part_is_over(key, &part, now);
        }
        now += Duration::from_secs(61);
        let (_, ended) = transfers.begin(key, &subject, (now, 0)).unwrap();
        assert!(!*ended.borrow());
    }

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let (mut transfers, mut now) = (Transfers::default(), Instant::now());
        let key = (VISITOR, Direction::Down, 7);
        let subject = Subject {
            size: None,
            ..subject(Direction::Down, 0)
        };
        let (part, _) = transfers.begin(key, &subject, (now, 0)).unwrap();
        for (rate, seconds) in [(1000, 20), (100, 20)] {
            for _ in 0..seconds * 4 {
                now += Duration::from_millis(250);
                part.add(rate / 4);
                view(&mut transfers, now);
            }
            let speed = view(&mut transfers, now)[0].speed;
            assert!(speed.abs_diff(rate) <= rate / 10, "{speed} of {rate}");
        }
        now += Duration::from_secs(10);
        view(&mut transfers, now);
        assert_eq!(
            view(&mut transfers, now + Duration::from_secs(5))[0].speed,
            0
        );
    }

    #[test]
    fn there_are_not_too_many_and_none_is_hidden_by_those_that_were_broken_off() {
        let (mut transfers, now) = (Transfers::default(), Instant::now());
        let mut begin = |item| {
            let key = (VISITOR, Direction::Down, item);
            let part = transfers.begin(key, &subject(Direction::Down, 0), (now, 0));
            part.map(|(part, _)| (key, part))
        };
        let (running, _part) = begin(0).unwrap();
        let broken: Vec<_> = (1..MAX_TRANSFERS as u64).filter_map(&mut begin).collect();
        assert!(begin(9999).is_none(), "all are running");
        for (key, part) in broken {
            transfers.part_is_over(key, &part, now);
        }
        for item in 10_000..15_000 {
            let key = (VISITOR, Direction::Down, item);
            let (part, _) = transfers
                .begin(key, &subject(Direction::Down, 0), (now, 0))
                .unwrap();
            transfers.part_is_over(key, &part, now);
        }
        assert!(transfers.by_key.len() <= MAX_TRANSFERS);
        assert!(transfers.by_key.contains_key(&running));
    }
}
