//! Makes few entries of what happens by the thousand, so that strangers can neither keep the disk busy
//! nor fill the history.
//!
//! The first things that a visitor does within a minute have an entry each, at once. The rest of that
//! minute becomes one entry at its end. The same goes for all visitors of a share together.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::entry::{Entry, Kind};
use crate::server::Visitor;

/// How long the same things are gathered.
const WINDOW: Duration = Duration::from_secs(60);

/// So many things of one kind have an entry each, of all visitors of a share within a minute.
const OF_ALL: u32 = 200;

/// A download that was not continued for so long is broken.
const CONTINUES_WITHIN: Duration = Duration::from_secs(10 * 60);

/// More downloads that may be continued are not remembered.
const MAX_BROKEN: usize = 300;

/// How often to look for what is due, while much happens.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What has happened lately.
#[derive(Debug, Default)]
pub struct Gatherer {
    windows: HashMap<Key, Window>,
    broken: HashMap<BrokenKey, Broken>,
    last_look: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    share: String,
    kind: Kind,
    who: Who,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    One(Option<Visitor>),
    All,
}

/// A minute of the same things.
#[derive(Debug)]
struct Window {
    begun: Instant,
    /// So many have an entry each.
    written: u32,
    /// All others.
    rest: Option<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct BrokenKey {
    share: String,
    visitor: Option<Visitor>,
    file: Option<String>,
}

/// A download that may be continued.
#[derive(Debug)]
struct Broken {
    entry: Entry,
    last: Instant,
}

impl Gatherer {
    /// Something happens. Returns the entries that are to be written now.
    pub fn add(&mut self, entry: Entry, now: Instant) -> Vec<Entry> {
        let is_long_ago = |last: Instant| now.saturating_duration_since(last) >= LOOK_INTERVAL;
        let mut ready = if self.last_look.is_none_or(is_long_ago) {
            self.due(now)
        } else {
            Vec::new()
        };
        match entry.kind {
            Kind::ShareStarted => ready.push(entry),
            Kind::ShareEnded => {
                ready.extend(self.end(|share| *share == entry.share));
                ready.push(entry);
            }
            Kind::BrokenDownload => ready.extend(self.broken(entry, now)),
            Kind::Download => {
                self.broken.remove(&BrokenKey::of(&entry));
                ready.extend(self.limit(entry, now));
            }
            _ => ready.extend(self.limit(entry, now)),
        }
        ready
    }

    /// The entries whose time has come.
    pub fn due(&mut self, now: Instant) -> Vec<Entry> {
        self.last_look = Some(now);
        let over = self.windows.extract_if(|_, window| window.ends() <= now);
        let mut ready: Vec<Entry> = over.filter_map(|(_, window)| window.rest).collect();
        let broken = self.broken.extract_if(|_, broken| broken.ends() <= now);
        let broken: Vec<Entry> = broken.map(|(_, broken)| broken.entry).collect();
        for entry in broken {
            ready.extend(self.limit(entry, now));
        }
        in_order(ready)
    }

    /// When the next entry is due, if nothing happens until then.
    pub fn next_due(&self) -> Option<Instant> {
        let windows = self.windows.values();
        let windows = windows.filter(|window| window.rest.is_some());
        let broken = self.broken.values().map(Broken::ends);
        windows.map(Window::ends).chain(broken).min()
    }

    /// Everything that is not written yet, at the end of the program.
    pub fn finish(&mut self) -> Vec<Entry> {
        self.end(|_| true)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Everything that is not written yet of these shares.
    fn end(&mut self, is_meant: impl Fn(&String) -> bool) -> Vec<Entry> {
        let windows = self.windows.extract_if(|key, _| is_meant(&key.share));
        let rests = windows.filter_map(|(_, window)| window.rest);
        let broken = self.broken.extract_if(|key, _| is_meant(&key.share));
        in_order(
            rests
                .chain(broken.map(|(_, broken)| broken.entry))
                .collect(),
        )
    }

    /// The entry, if it is to be written now.
    fn limit(&mut self, entry: Entry, now: Instant) -> Option<Entry> {
        let one = Key::of(&entry, Who::One(entry.visitor.map(Visitor::new)));
        let limit = of_one(entry.kind);
        let known = self.windows.get_mut(&one);
        if let Some(rest) = known.and_then(|window| window.rest.as_mut()) {
            rest.absorb(entry);
            return None;
        }
        let all = Key::of(&entry, Who::All);
        let all = self.windows.entry(all).or_insert_with(|| Window::new(now));
        if all.written >= OF_ALL {
            all.add_to_rest(entry.by(None));
            return None;
        }
        all.written += 1;
        let one = self.windows.entry(one).or_insert_with(|| Window::new(now));
        if one.written >= limit {
            one.add_to_rest(entry);
            return None;
        }
        one.written += 1;
        Some(entry)
    }

    /// A part of a download was sent. Another part of it may follow.
    fn broken(&mut self, entry: Entry, now: Instant) -> Option<Entry> {
        let key = BrokenKey::of(&entry);
        let broken = Broken { entry, last: now };
        let is_new = self.broken.insert(key, broken).is_none();
        if !is_new || self.broken.len() <= MAX_BROKEN {
            return None;
        }
        let oldest = self.broken.iter().min_by_key(|(_, broken)| broken.last);
        let oldest = oldest.map(|(key, _)| key.clone())?;
        let oldest = self.broken.remove(&oldest)?;
        self.limit(oldest.entry, now)
    }
}

/// So many things of one kind have an entry each, of one visitor within a minute.
fn of_one(kind: Kind) -> u32 {
    match kind {
        Kind::PasswordRefused | Kind::Visit => 1,
        Kind::FileReceived => 100,
        _ => 20,
    }
}

fn in_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| entry.time);
    entries
}

impl Key {
    fn of(entry: &Entry, who: Who) -> Self {
        Self {
            share: entry.share.clone(),
            kind: entry.kind,
            who,
        }
    }
}

impl Window {
    fn new(now: Instant) -> Self {
        Self {
            begun: now,
            written: 0,
            rest: None,
        }
    }

    fn ends(&self) -> Instant {
        self.begun + WINDOW
    }

    fn add_to_rest(&mut self, entry: Entry) {
        match &mut self.rest {
            Some(rest) => rest.absorb(entry),
            None => self.rest = Some(entry),
        }
    }
}

impl BrokenKey {
    fn of(entry: &Entry) -> Self {
        Self {
            share: entry.share.clone(),
            visitor: entry.visitor.map(Visitor::new),
            file: entry.file.clone(),
        }
    }
}

impl Broken {
    fn ends(&self) -> Instant {
        self.last + CONTINUES_WITHIN
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::*;

    fn entry(kind: Kind, visitor: u32) -> Entry {
        let visitor = IpAddr::from(Ipv4Addr::from_bits(visitor));
        Entry::now(kind, "0a1b", "Photos").by(Some(visitor))
    }

    fn file(kind: Kind, visitor: u32, name: &str) -> Entry {
        entry(kind, visitor).with_file(name, 10)
    }

    /// How many things there were.
    fn total(entries: &[Entry]) -> u64 {
        entries.iter().map(|entry| entry.count).sum()
    }

    #[test]
    fn wrong_passwords_of_a_visitor_are_counted_in_one_entry_a_minute() {
        let (mut gatherer, begun) = (Gatherer::default(), Instant::now());
        let mut written = Vec::new();
        for second in 0..600_u64 {
            for _ in 0..10 {
                let now = begun + Duration::from_secs(second);
                written.extend(gatherer.add(entry(Kind::PasswordRefused, 1), now));
            }
        }
        assert_eq!(written[0].count, 1, "the first is written at once");
        written.extend(gatherer.finish());
        assert_eq!(total(&written), 6000, "none is lost");
        assert!(written.len() <= 20, "{}", written.len());
    }

    #[test]
    fn others_are_written_at_once_whatever_one_visitor_does() {
        let (mut gatherer, now) = (Gatherer::default(), Instant::now());
        for number in 0..10_000 {
            gatherer.add(file(Kind::Download, 1, &number.to_string()), now);
        }
        let other = gatherer.add(file(Kind::Download, 2, "a"), now);
        assert_eq!(other.len(), 1);
        let due = gatherer.next_due().unwrap();
        assert_eq!(due, now + WINDOW);
        let rest = gatherer.due(due);
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].count, 10_000 - u64::from(of_one(Kind::Download)));
        assert!(rest[0].visitor.is_some() && rest[0].file.is_none());
        assert_eq!(gatherer.next_due(), None, "no timer runs any more");
    }

    #[test]
    fn a_crowd_makes_a_bounded_number_of_entries_and_none_is_lost() {
        let (mut gatherer, begun) = (Gatherer::default(), Instant::now());
        let mut written = Vec::new();
        for visitor in 0..100_000 {
            let now = begun + Duration::from_millis(visitor.into());
            written.extend(gatherer.add(entry(Kind::Visit, visitor), now));
            assert!(gatherer.windows.len() <= 2 * (OF_ALL as usize + 1));
        }
        written.extend(gatherer.finish());
        assert_eq!(total(&written), 100_000);
        assert!(
            written.len() <= 2 * (OF_ALL as usize + 1),
            "{}",
            written.len()
        );
    }

    #[test]
    fn an_ipv6_network_is_one_visitor() {
        let (mut gatherer, now) = (Gatherer::default(), Instant::now());
        let written: Vec<Entry> = (0..100)
            .flat_map(|number| {
                let address = Ipv6Addr::from_bits(0x2001_0db8 << 96 | number);
                let refused = Entry::now(Kind::PasswordRefused, "0a1b", "Photos");
                gatherer.add(refused.by(Some(address.into())), now)
            })
            .collect();
        assert_eq!(written.len(), 1);
    }

    #[test]
    fn a_download_is_broken_only_if_it_is_not_continued() {
        let (mut gatherer, now) = (Gatherer::default(), Instant::now());
        assert!(
            gatherer
                .add(file(Kind::BrokenDownload, 1, "a"), now)
                .is_empty()
        );
        assert!(
            gatherer
                .add(file(Kind::BrokenDownload, 1, "b"), now)
                .is_empty()
        );
        assert_eq!(gatherer.add(file(Kind::Download, 1, "a"), now).len(), 1);
        let due = gatherer.next_due().unwrap();
        assert_eq!(due, now + CONTINUES_WITHIN);
        let broken = gatherer.due(due);
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0].file.as_deref(), Some("b"));
        assert_eq!(gatherer.next_due(), None);
    }

    #[test]
    fn broken_downloads_are_bounded_too() {
        let (mut gatherer, begun) = (Gatherer::default(), Instant::now());
        let mut written = Vec::new();
        for number in 0..5000_u32 {
            let now = begun + Duration::from_millis(number.into());
            let part = file(Kind::BrokenDownload, 1, &number.to_string());
            written.extend(gatherer.add(part, now));
        }
        assert!(gatherer.broken.len() <= MAX_BROKEN);
        assert!(
            written.len() <= of_one(Kind::BrokenDownload) as usize,
            "{}",
            written.len()
        );
    }

    #[test]
    fn what_was_gathered_comes_before_the_end_of_its_share() {
        let (mut gatherer, now) = (Gatherer::default(), Instant::now());
        for _ in 0..5 {
            gatherer.add(entry(Kind::PasswordRefused, 1), now);
        }
        gatherer.add(file(Kind::BrokenDownload, 1, "a"), now);
        let other = Entry::now(Kind::ShareEnded, "other", "Other");
        assert_eq!(gatherer.add(other, now).len(), 1);
        let ended = gatherer.add(entry(Kind::ShareEnded, 0), now);
        let kinds: Vec<Kind> = ended.iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds.len(), 3);
        assert_eq!(kinds.last(), Some(&Kind::ShareEnded));
        assert_eq!(gatherer.next_due(), None);
    }
}
