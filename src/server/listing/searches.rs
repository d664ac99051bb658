//! The searches of a share's visitors, of which each has few at a time.
//!
//! Who types on begins one search after the other. A browser ends those that it no longer wants, but it
//! may take a moment until that is known here.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    json::push_found,
    search::{Cut, Search},
};
use crate::server::transport::{ChunkSource, Visitor};

/// How many go on at the same moment.
const AT_A_TIME: usize = 2;

/// How many there are at all.
const PLACES: usize = 16;

/// How many of them are those of one visitor.
const PLACES_EACH: usize = 3;

/// The searches of one share that have not ended.
#[derive(Debug)]
pub struct Searches {
    turns: Arc<Semaphore>,
    places: Arc<Mutex<Vec<Place>>>,
}

#[derive(Debug)]
struct Place {
    visitor: Option<Visitor>,
    /// Another search has the place.
    is_lost: Arc<AtomicBool>,
}

impl Default for Searches {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Arc::default(),
        }
    }
}

impl Searches {
    /// The body of an answer to this visitor. If there are too many, the oldest one of the visitor with
    /// most of them ends.
    pub fn begin(&self, search: Search, visitor: Option<Visitor>) -> FoundRows {
        let mut places = lock(&self.places);
        let count = |visitor| {
            let of_visitor = places.iter().filter(|place| place.visitor == visitor);
            of_visitor.count()
        };
        let loser = if count(visitor) >= PLACES_EACH {
            Some(visitor)
        } else if places.len() >= PLACES {
            let visitors = places.iter().map(|place| place.visitor);
            visitors.rev().max_by_key(|visitor| count(*visitor))
        } else {
            None
        };
        let oldest = loser.and_then(|loser| places.iter().position(|place| place.visitor == loser));
        if let Some(oldest) = oldest {
            places.remove(oldest).is_lost.store(true, Ordering::Relaxed);
        }
        let is_lost = Arc::new(AtomicBool::new(false));
        places.push(Place {
            visitor,
            is_lost: Arc::clone(&is_lost),
        });
        FoundRows {
            search,
            turns: Arc::clone(&self.turns),
            places: Arc::clone(&self.places),
            is_lost,
            is_over: false,
        }
    }
}

/// Writes what a search finds, one row per line, and at last how it ended.
pub struct FoundRows {
    search: Search,
    turns: Arc<Semaphore>,
    places: Arc<Mutex<Vec<Place>>>,
    is_lost: Arc<AtomicBool>,
    is_over: bool,
}

impl ChunkSource for FoundRows {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_over {
            return Ok(None);
        }
        if self.is_lost.load(Ordering::Relaxed) {
            self.search.end(Cut::Replaced);
        }
        let mut text = String::new();
        match self.search.step() {
            Some(hits) => hits.iter().for_each(|hit| push_found(hit, &mut text)),
            None => {
                self.is_over = true;
                let cut = self.search.cut().map(|cut| match cut {
                    Cut::Hits => "hits",
                    Cut::Time => "time",
                    Cut::Size => "size",
                    Cut::Replaced => "replaced",
                });
                let end = json!({ "cut": cut, "looked": self.search.looked_at() });
                text.push_str(&end.to_string());
                text.push('\n');
            }
        }
        Ok(Some(text.into()))
    }

    fn turns(&self) -> Option<&Arc<Semaphore>> {
        Some(&self.turns)
    }
}

impl Drop for FoundRows {
    fn drop(&mut self) {
        lock(&self.places).retain(|place| !Arc::ptr_eq(&place.is_lost, &self.is_lost));
    }
}

fn lock(places: &Mutex<Vec<Place>>) -> MutexGuard<'_, Vec<Place>> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{folding::Sought, source::ListingSource},
        *,
    };

    #[test]
    fn who_types_on_has_few_searches() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let source = || ListingSource::of_dir(dir.path());
        let searches = Searches::default();
        let visitor = |number: u8| Some(Visitor::new([192, 0, 2, number].into()));
        let begin = |number| {
            let search = Search::new(source(), Sought::new("f").unwrap(), 10);
            searches.begin(search, visitor(number))
        };
        let text = |rows: &mut FoundRows| {
            let mut text = Vec::new();
            while let Some(chunk) = rows.next().unwrap() {
                text.extend_from_slice(&chunk);
            }
            String::from_utf8(text).unwrap()
        };
        let (mut other, mut typed) = (begin(2), Vec::new());
        for _ in 0..10 {
            typed.push(begin(1));
        }
        assert_eq!(lock(&searches.places).len(), 1 + PLACES_EACH);
        assert_eq!(text(&mut typed[0]), "{\"cut\":\"replaced\",\"looked\":0}\n");
        for rows in [&mut typed[9], &mut other] {
            let text = text(rows);
            assert!(text.starts_with("[\"file\","), "{text}");
            assert!(text.ends_with("{\"cut\":null,\"looked\":1}\n"), "{text}");
        }
        let many: Vec<_> = (3..60).map(begin).collect();
        assert_eq!(lock(&searches.places).len(), PLACES);
        drop((many, other, typed));
        assert!(lock(&searches.places).is_empty());
    }
}
