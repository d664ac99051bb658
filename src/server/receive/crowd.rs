//! Whether another upload may be open, and which one makes room for it. Pure.

use std::{cmp::Reverse, collections::HashMap, net::IpAddr, time::Duration};

use super::id::UploadId;

/// How many uploads of a share may be open.
pub const MAX_OPEN: usize = 1000;

/// How many of them may be one visitor's.
pub const MAX_OPEN_OF_VISITOR: usize = 200;

/// An upload that nobody has continued for this long makes room for another of its visitor, if little
/// would be lost.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// The same for one of which nothing is here. All who are behind one router are one visitor.
const EMPTY: Duration = Duration::from_secs(60);

/// After this time, it makes room for a visitor who has fewer, whatever would be lost.
const LONG_IDLE_IN_CROWD: Duration = Duration::from_secs(10 * 60);

/// So many bytes are little.
const LITTLE: u64 = 1024 * 1024;

/// An upload that is open.
#[derive(Clone, Copy, Debug)]
pub struct OpenUpload {
    pub id: UploadId,
    pub visitor: Option<IpAddr>,
    /// How much of it is here.
    pub bytes: u64,
    /// How long nobody has continued it; `None` while somebody does.
    pub idle: Option<Duration>,
}

/// Whether there is room for another upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Free,
    /// This one has to go first.
    After(UploadId),
    None,
}

/// Whether this visitor may open another upload.
pub fn room_for(visitor: Option<IpAddr>, open: &[OpenUpload]) -> Room {
    let mut counts: HashMap<Option<IpAddr>, usize> = HashMap::new();
    for upload in open {
        *counts.entry(upload.visitor).or_default() += 1;
    }
    let own = counts.get(&visitor).copied().unwrap_or(0);
    let forgotten = |of: Option<Option<IpAddr>>| {
        let is_forgotten = |upload: &&OpenUpload| {
            let patience = if upload.bytes == 0 { EMPTY } else { IDLE };
            upload.bytes < LITTLE
                && upload.idle.is_some_and(|idle| idle > patience)
                && of.is_none_or(|of| of == upload.visitor)
        };
        open.iter()
            .filter(is_forgotten)
            .max_by_key(|upload| upload.idle)
    };
    let goes = if own >= MAX_OPEN_OF_VISITOR {
        forgotten(Some(visitor))
    } else if open.len() < MAX_OPEN {
        return Room::Free;
    } else {
        // Whoever has many makes room for those who have few.
        let mut greedy: Vec<_> = counts
            .into_iter()
            .filter(|(_, count)| *count > own + 1)
            .collect();
        greedy.sort_unstable_by_key(|(_, count)| Reverse(*count));
        let mut in_crowd = greedy
            .into_iter()
            .filter_map(|(greedy, _)| least_of(greedy, open));
        forgotten(None).or_else(|| in_crowd.next())
    };
    goes.map_or(Room::None, |upload| Room::After(upload.id))
}

/// The upload of a visitor of which least is lost.
fn least_of(visitor: Option<IpAddr>, open: &[OpenUpload]) -> Option<&OpenUpload> {
    open.iter()
        .filter(|upload| upload.visitor == visitor)
        .filter_map(|upload| Some((upload, upload.idle?)))
        .filter(|(upload, idle)| upload.bytes < LITTLE || *idle > LONG_IDLE_IN_CROWD)
        .max_by_key(|(upload, idle)| (upload.bytes < LITTLE, *idle, Reverse(upload.bytes)))
        .map(|(upload, _)| upload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    fn uploads(visitor: u8, count: usize, bytes: u64, idle: Option<u64>) -> Vec<OpenUpload> {
        let upload = |_| OpenUpload {
            id: UploadId::random().unwrap(),
            visitor: address(visitor),
            bytes,
            idle: idle.map(Duration::from_secs),
        };
        (0..count).map(upload).collect()
    }

    #[test]
    fn a_visitor_has_so_many_and_no_more() {
        let mut open = uploads(1, MAX_OPEN_OF_VISITOR - 1, 1, Some(5));
        assert_eq!(room_for(address(1), &open), Room::Free);
        open.extend(uploads(1, 1, 1, Some(5)));
        assert_eq!(room_for(address(1), &open), Room::None);
        assert_eq!(room_for(address(2), &open), Room::Free);
        // Its own forgotten one makes room.
        open[7].idle = Some(IDLE * 2);
        assert_eq!(room_for(address(1), &open), Room::After(open[7].id));
        open[7].bytes = LITTLE;
        assert_eq!(room_for(address(1), &open), Room::None);
        // Nobody is kept out for long by many that are empty.
        (open[8].idle, open[8].bytes) = (Some(EMPTY * 2), 0);
        assert_eq!(room_for(address(1), &open), Room::After(open[8].id));
    }

    #[test]
    fn some_visitors_with_many_keep_nobody_out() {
        let mut open = Vec::new();
        for visitor in 1..=5 {
            open.extend(uploads(visitor, MAX_OPEN_OF_VISITOR, 1, Some(30)));
        }
        for count in 0..150 {
            let Room::After(goes) = room_for(address(9), &open) else {
                panic!("the visitor with {count} is kept out");
            };
            let index = open.iter().position(|upload| upload.id == goes).unwrap();
            assert_ne!(open.remove(index).visitor, address(9));
            open.extend(uploads(9, 1, 0, None));
        }
        // Nor do they take that from each other: all have as many.
        let mut even = Vec::new();
        for visitor in 1..=10 {
            even.extend(uploads(visitor, MAX_OPEN / 10, 1, Some(30)));
        }
        assert_eq!(room_for(address(1), &even), Room::None);
    }

    #[test]
    fn if_the_visitor_with_most_has_nothing_to_give_the_next_one_gives() {
        let mut open = uploads(1, MAX_OPEN_OF_VISITOR, LITTLE, Some(30));
        for visitor in 2..=6 {
            open.extend(uploads(visitor, MAX_OPEN_OF_VISITOR * 4 / 5, 1, Some(30)));
        }
        assert!(matches!(room_for(address(9), &open), Room::After(_)));
    }

    #[test]
    fn what_comes_in_or_is_much_stays() {
        let mut open = Vec::new();
        for visitor in 1..=5 {
            open.extend(uploads(visitor, MAX_OPEN_OF_VISITOR, 1, None));
        }
        assert_eq!(room_for(address(9), &open), Room::None);
        for upload in &mut open {
            (upload.idle, upload.bytes) = (Some(Duration::from_secs(30)), LITTLE);
        }
        assert_eq!(room_for(address(9), &open), Room::None);
        for upload in &mut open {
            upload.idle = Some(LONG_IDLE_IN_CROWD * 2);
        }
        assert!(matches!(room_for(address(9), &open), Room::After(_)));
    }
}
