//! What was recorded, within its bounds.

use std::{collections::VecDeque, time::Instant};

use super::{
    exchange::{Asked, Exchange},
    view::RequestId,
};

/// More requests are not kept; the oldest goes.
const MAX_REQUESTS: usize = 1000;
/// They take no more than this together, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The requests to one site, the oldest first.
#[derive(Debug, Default)]
pub struct Book {
    exchanges: VecDeque<Exchange>,
    bytes: usize,
    last_id: u64,
}

impl Book {
    /// A request comes.
    pub fn begin(&mut self, asked: Asked, now: (Instant, u64)) -> RequestId {
        self.last_id += 1;
        let id = RequestId(self.last_id);
        let exchange = Exchange::new(id, asked, now);
        self.bytes += exchange.bytes;
        self.exchanges.push_back(exchange);
        self.make_room();
        id
    }

    /// Changes a request, unless it is forgotten.
    pub fn change(&mut self, id: RequestId, change: impl FnOnce(&mut Exchange)) {
        let Some(at) = self.position(id) else {
            return;
        };
        let exchange = &mut self.exchanges[at];
        let before = exchange.bytes;
        change(exchange);
        self.bytes = self.bytes + exchange.bytes - before;
        self.make_room();
    }

    pub fn get(&self, id: RequestId) -> Option<&Exchange> {
        self.position(id).map(|at| &self.exchanges[at])
    }

    /// All of them, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().rev()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.exchanges = VecDeque::new();
        self.bytes = 0;
    }

    fn position(&self, id: RequestId) -> Option<usize> {
        let found = self
            .exchanges
            .binary_search_by_key(&id, |exchange| exchange.id);
        found.ok()
    }

    fn make_room(&mut self) {
        while self.exchanges.len() > MAX_REQUESTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.exchanges.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_too_long_ones() {
        let mut book = Book::default();
        let now = (Instant::now(), 0);
        for _ in 0..5000 {
            book.begin(Asked::default(), now);
        }
        assert_eq!(book.exchanges.len(), MAX_REQUESTS);
        assert_eq!(
            book.newest_first().next().map(|newest| newest.id),
            Some(RequestId(5000))
        );
        assert!(book.get(RequestId(1)).is_none());
        let ids: Vec<_> = (0..200)
            .map(|_| book.begin(Asked::default(), now))
            .collect();
        for id in &ids {
            book.change(*id, |exchange| exchange.sent(&vec![0; 300_000]));
        }
        assert!(book.bytes <= MAX_BYTES && book.exchanges.len() < 100);
        let bytes: usize = book.exchanges.iter().map(|exchange| exchange.bytes).sum();
        assert_eq!(book.bytes, bytes);
        // Whoever still records a forgotten one does no harm.
        book.change(ids[0], |exchange| exchange.sent(b"x"));
        book.clear();
        assert_eq!((book.bytes, book.exchanges.len()), (0, 0));
    }
}
