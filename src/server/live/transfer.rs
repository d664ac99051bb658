//! A transfer, from its first byte to its last.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::view::{Direction, TransferId, TransferView, VisitorId};
use crate::app::visible;

/// The longest name of a file that is kept, in characters.
const MAX_FILE: usize = 120;

/// The speed is that of this time.
const WINDOW: Duration = Duration::from_secs(4);
/// Between two looks at the speed is at least this time.
const LOOKS: Duration = Duration::from_millis(200);

/// What is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub direction: Direction,
    /// Its name.
    pub file: String,
    /// The same for all parts of it, and for nothing else.
    pub item: u64,
    /// The first byte that this part sends, or expects.
    pub start: u64,
    /// In bytes, if known.
    pub size: Option<u64>,
}

/// What makes parts one transfer.
pub type Key = (VisitorId, Direction, u64);

/// What one connection sends of a transfer.
#[derive(Debug, Default)]
pub struct Part {
    moved: AtomicU64,
}

/// A transfer and its parts.
#[derive(Debug)]
pub struct Transfer {
    id: TransferId,
    visitor: VisitorId,
    direction: Direction,
    file: String,
    size: Option<u64>,
    /// In milliseconds since 1970.
    started: u64,
    parts: Vec<Arc<Part>>,
    /// The first byte of the first part.
    start: u64,
    /// What parts that are over have moved.
    moved: u64,
    /// When the last part was over, while there is none.
    pub idle_since: Option<Instant>,
    end: watch::Sender<bool>,
    /// How far it was, and when.
    looks: VecDeque<(Instant, u64)>,
}

impl Part {
    /// So many more bytes were given to the system, or have come in.
    pub fn add(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Transfer {
    /// A transfer that begins now.
    pub fn new(id: TransferId, visitor: VisitorId, subject: &Subject, now: (Instant, u64)) -> Self {
        Self {
            id,
            visitor,
            direction: subject.direction,
            file: short(&subject.file),
            size: subject.size,
            started: now.1,
            parts: Vec::new(),
            start: subject.start,
            moved: 0,
            idle_since: Some(now.0),
            end: watch::Sender::new(false),
            looks: VecDeque::from([(now.0, subject.start)]),
        }
    }

    pub fn id(&self) -> TransferId {
        self.id
    }

    pub fn visitor(&self) -> VisitorId {
        self.visitor
    }

    /// Whether the owner sees it: an upload in several requests has pauses, and nothing comes in a pause
    /// of a download.
    pub fn is_shown(&self) -> bool {
        let is_running = !self.parts.is_empty() || self.direction == Direction::Up;
        is_running && !self.has_ended()
    }

    /// Adds a part, and returns it with what tells it of the end.
    pub fn begin(&mut self, subject: &Subject, now: Instant) -> (Arc<Part>, watch::Receiver<bool>) {
        self.size = subject.size.or(self.size);
        if self.parts.is_empty() {
            // What came before is here, whoever counted it.
            self.start = subject.start;
            self.moved = 0;
            self.looks = VecDeque::from([(now, subject.start)]);
        } else if subject.start < self.start {
            self.start = subject.start;
        }
        self.idle_since = None;
        let part = Arc::new(Part::default());
        self.parts.push(Arc::clone(&part));
        (part, self.end.subscribe())
    }

    /// A part is over.
    pub fn part_is_over(&mut self, part: &Arc<Part>, now: Instant) {
        if let Some(at) = self.parts.iter().position(|other| Arc::ptr_eq(other, part)) {
            let part = self.parts.swap_remove(at);
            self.moved += part.moved.load(Ordering::Relaxed);
        }
        if self.parts.is_empty() {
            self.idle_since = Some(now);
        }
    }

    /// Cuts off its parts, those to come included.
    pub fn end(&self) {
        self.end.send_replace(true);
    }

    pub fn has_ended(&self) -> bool {
        *self.end.borrow()
    }

    /// How far it is.
    fn bytes(&self) -> u64 {
        let parts = self.parts.iter();
        let running: u64 = parts.map(|part| part.moved.load(Ordering::Relaxed)).sum();
        let bytes = self
            .start
            .saturating_add(self.moved)
            .saturating_add(running);
        self.size.map_or(bytes, |size| bytes.min(size))
    }

    /// Whether all of it is there.
    pub fn is_whole(&self) -> bool {
        self.size == Some(self.bytes())
    }

    /// As the owner sees it.
    pub fn view(&mut self, visitor_name: String, now: Instant) -> TransferView {
        let bytes = self.bytes();
        TransferView {
            id: self.id,
            visitor: self.visitor,
            visitor_name,
            direction: self.direction,
            file: self.file.clone(),
            bytes,
            size: self.size,
            started: self.started,
            speed: self.speed(bytes, now),
        }
    }

    /// Bytes in a second.
    fn speed(&mut self, bytes: u64, now: Instant) -> u64 {
        let age = |look: &(Instant, u64)| now.saturating_duration_since(look.0);
        // One look that is older than the window stays, to compare with.
        while self
            .looks
            .get(1)
            .is_some_and(|second| age(second) >= WINDOW)
        {
            self.looks.pop_front();
        }
        let speed = self.looks.front().map(|first| {
            let millis = u64::try_from(age(first).as_millis()).unwrap_or(u64::MAX);
            let moved = bytes.saturating_sub(first.1);
            moved.saturating_mul(1000).checked_div(millis).unwrap_or(0)
        });
        if self.looks.back().is_none_or(|last| age(last) >= LOOKS) {
            self.looks.push_back((now, bytes));
        }
        speed.unwrap_or(0)
    }
}

fn short(name: &str) -> String {
    let name = visible(name);
    match name.char_indices().nth(MAX_FILE) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}
