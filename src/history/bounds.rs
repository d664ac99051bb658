//! How many entries are kept, and for how long.

use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};

use super::entry::{Entry, Kind};

/// More entries are not kept.
pub const MAX_ENTRIES: usize = 10_000;

/// Older entries are not kept.
pub const MAX_DAYS: u64 = 90;

/// Which of these entries are kept, the oldest first.
///
/// Of too many, the oldest of one kind and share go, of which there are the most. So no stranger can
/// push out more than what is like what they do: visits to a share, but not what it received, and
/// nothing of other shares.
pub fn kept(entries: &[Entry], now: DateTime<Utc>) -> Vec<bool> {
    kept_of(entries, now, MAX_ENTRIES)
}

fn kept_of(entries: &[Entry], now: DateTime<Utc>, max: usize) -> Vec<bool> {
    let oldest = now.checked_sub_days(Days::new(MAX_DAYS));
    let is_recent = |entry: &Entry| oldest.is_none_or(|oldest| entry.time >= oldest);
    let mut groups: HashMap<(Kind, &str), usize> = HashMap::new();
    let recent = entries.iter().filter(|entry| is_recent(entry));
    for entry in recent {
        *groups.entry((entry.kind, &entry.share)).or_default() += 1;
    }
    let most = most_of_each(groups.values().copied(), max);
    let mut left: HashMap<_, _> = groups
        .into_iter()
        .map(|(group, count)| (group, count.min(most)))
        .collect();
    // The newest come first.
    let mut kept: Vec<bool> = entries
        .iter()
        .rev()
        .map(|entry| {
            let group = left.get_mut(&(entry.kind, entry.share.as_str()));
            match group.filter(|left| is_recent(entry) && **left > 0) {
                Some(left) => {
                    *left -= 1;
                    true
                }
                None => false,
            }
        })
        .collect();
    kept.reverse();
    kept
}

/// How many of each group there may be, so that there are at most `max` in all.
fn most_of_each(counts: impl Iterator<Item = usize> + Clone, max: usize) -> usize {
    let total = |most: usize| counts.clone().map(|count| count.min(most)).sum::<usize>();
    if total(max) <= max {
        return max;
    }
    // The total grows with this, and is 0 at first.
    let (mut fits, mut is_too_much) = (0, max);
    while is_too_much - fits > 1 {
        let middle = fits.midpoint(is_too_much);
        if total(middle) <= max {
            fits = middle;
        } else {
            is_too_much = middle;
        }
    }
    fits
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entries(kind: Kind, share: &str, count: usize) -> Vec<Entry> {
        vec![Entry::now(kind, share, share); count]
    }

    fn count(entries: &[Entry], kept: &[bool], kind: Kind, share: &str) -> usize {
        let all = entries.iter().zip(kept);
        all.filter(|(entry, kept)| **kept && entry.kind == kind && entry.share == share)
            .count()
    }

    #[test]
    fn a_flood_pushes_out_only_what_is_like_it() {
        let entries = [
            entries(Kind::FileReceived, "homework", 30),
            entries(Kind::Visit, "photos", 20),
            entries(Kind::Visit, "homework", 500),
        ]
        .concat();
        let kept = kept_of(&entries, Utc::now(), 100);
        assert_eq!(count(&entries, &kept, Kind::FileReceived, "homework"), 30);
        assert_eq!(count(&entries, &kept, Kind::Visit, "photos"), 20);
        assert_eq!(count(&entries, &kept, Kind::Visit, "homework"), 50);
        assert!(!kept[50] && kept[549], "the newest stay");
    }

    #[test]
    fn there_are_never_more_than_allowed_and_old_ones_go() {
        let mut all = Vec::new();
        for share in 0..200 {
            all.extend(entries(Kind::Visit, &share.to_string(), share));
        }
        let kept = kept_of(&all, Utc::now(), 150);
        assert!(kept.iter().filter(|kept| **kept).count() <= 150);
        let mut few = entries(Kind::Visit, "photos", 3);
        few[0].time -= Duration::from_secs(MAX_DAYS * 24 * 60 * 60 + 60);
        few[1].time += Duration::from_secs(1 << 30);
        assert_eq!(kept_of(&few, Utc::now(), 150), [false, true, true]);
        assert_eq!(kept_of(&few, Utc::now(), 1), [false, false, true]);
    }
}
