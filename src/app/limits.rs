//! When a share ends by itself: after a time, or after a number of downloads or deliveries.

use std::time::Duration;

use super::{
    duration,
    moment::Moment,
    settings::{Changes, Left, Limit},
};

const HOUR: u64 = 60 * 60;

/// The times that the menu and the dashboard offer.
pub const TIMES: [Duration; 4] = [
    Duration::from_secs(HOUR),
    Duration::from_secs(8 * HOUR),
    Duration::from_secs(24 * HOUR),
    Duration::from_secs(7 * 24 * HOUR),
];

/// The limits of a share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    time: Option<TimeLimit>,
    downloads: Option<CountLimit>,
    deliveries: Option<CountLimit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TimeLimit {
    /// What the owner chose.
    chosen: Duration,
    ends_at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CountLimit {
    /// What the owner chose.
    chosen: u32,
    left: u32,
}

/// Why a share has ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The limit of this long was reached.
    Time(Duration),
    /// This many downloads are complete.
    Downloads(u32),
    /// This many deliveries are complete.
    Deliveries(u32),
}

impl Limits {
    /// Sets those limits that the changes name.
    pub fn apply(&mut self, changes: &Changes, now: Moment) {
        if let Some(limit) = changes.stop_after {
            self.time = limit.value().map(|chosen| TimeLimit {
                chosen,
                ends_at: now.after(changes.left.time.unwrap_or(chosen)),
            });
        }
        if let Some(limit) = changes.downloads {
            self.downloads = CountLimit::of(limit, changes.left.downloads);
        }
        if let Some(limit) = changes.deliveries {
            self.deliveries = CountLimit::of(limit, changes.left.deliveries);
        }
    }

    /// The changes that set the same limits from the start, or what is left of them.
    pub fn changes(&self, now: Moment, is_resumed: bool) -> Changes {
        let left = if is_resumed {
            Left {
                time: self.time_left(now),
                downloads: self.downloads_left(),
                deliveries: self.deliveries_left(),
                ..Left::default()
            }
        } else {
            Left::default()
        };
        Changes {
            stop_after: Some(Limit::of(self.time.map(|limit| limit.chosen))),
            downloads: Some(Limit::of(self.downloads.map(|limit| limit.chosen))),
            deliveries: Some(Limit::of(self.deliveries.map(|limit| limit.chosen))),
            left,
            ..Changes::default()
        }
    }

    /// One more download is complete.
    pub fn count_download(&mut self) {
        CountLimit::count(&mut self.downloads);
    }

    /// One more delivery is complete.
    pub fn count_delivery(&mut self) {
        CountLimit::count(&mut self.deliveries);
    }

    /// Why the share ends now, if it does.
    pub fn reached(&self, now: Moment) -> Option<EndReason> {
        let is_reached = |limit: &CountLimit| limit.left == 0;
        let downloads = self.downloads.filter(is_reached);
        let deliveries = self.deliveries.filter(is_reached);
        let time = self.time.filter(|limit| limit.ends_at <= now);
        downloads
            .map(|limit| EndReason::Downloads(limit.chosen))
            .or(deliveries.map(|limit| EndReason::Deliveries(limit.chosen)))
            .or(time.map(|limit| EndReason::Time(limit.chosen)))
    }

    /// The chosen time, if there is a limit.
    pub fn stop_after(&self) -> Option<Duration> {
        self.time.map(|limit| limit.chosen)
    }

    pub fn time_left(&self, now: Moment) -> Option<Duration> {
        self.time.map(|limit| limit.ends_at.since(now))
    }

    pub fn downloads_left(&self) -> Option<u32> {
        self.downloads.map(|limit| limit.left)
    }

    pub fn deliveries_left(&self) -> Option<u32> {
        self.deliveries.map(|limit| limit.left)
    }

    /// Whether a download or delivery was complete since their number was limited.
    pub fn has_counted(&self) -> bool {
        let mut limits = self.downloads.iter().chain(&self.deliveries);
        limits.any(|limit| limit.left < limit.chosen)
    }

    /// When to look at the time again: when it is up, or the words about it change.
    pub fn next_look(&self, now: Moment) -> Option<Moment> {
        let left = self.time_left(now)?;
        Some(now.after(duration::until_other_words(left)))
    }

    /// What is left, in words: `58 min left`; `None` without a limit.
    pub fn words(&self, now: Moment) -> Option<String> {
        let (downloads, deliveries) = (self.downloads_left(), self.deliveries_left());
        left_in_words(self.time_left(now), downloads, deliveries)
    }
}

impl CountLimit {
    fn of(limit: Limit<u32>, left: Option<u32>) -> Option<Self> {
        limit.value().map(|chosen| Self {
            chosen,
            left: left.unwrap_or(chosen),
        })
    }

    fn count(limit: &mut Option<Self>) {
        if let Some(limit) = limit {
            limit.left = limit.left.saturating_sub(1);
        }
    }
}

/// What is left of a share's limits, in words: `58 min left`; `None` without a limit.
pub fn left_in_words(
    time: Option<Duration>,
    downloads: Option<u32>,
    deliveries: Option<u32>,
) -> Option<String> {
    let time = time.map(|left| format!("{} left", duration::in_words(left)));
    let downloads = downloads.map(|left| match left {
        1 => "ends after the next download".to_owned(),
        _ => format!("{left} downloads left"),
    });
    let deliveries = deliveries.map(|left| match left {
        1 => "ends after the next delivery".to_owned(),
        _ => format!("{left} deliveries left"),
    });
    let words: Vec<String> = [time, downloads, deliveries]
        .into_iter()
        .flatten()
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

impl EndReason {
    /// A few words for a title: `3 downloads`.
    pub fn short(self) -> String {
        match self {
            Self::Time(_) => "time is up".into(),
            Self::Downloads(1) => "1 download".into(),
            Self::Downloads(count) => format!("{count} downloads"),
            Self::Deliveries(1) => "1 delivery".into(),
            Self::Deliveries(count) => format!("{count} deliveries"),
        }
    }

    /// A sentence.
    pub fn sentence(self) -> String {
        match self {
            Self::Time(time) => {
                format!(
                    "The time limit of {} was reached.",
                    duration::in_words(time)
                )
            }
            Self::Downloads(1) => "The limit of 1 download was reached.".into(),
            Self::Downloads(count) => format!("The limit of {count} downloads was reached."),
            Self::Deliveries(1) => "The limit of 1 delivery was reached.".into(),
            Self::Deliveries(count) => format!("The limit of {count} deliveries was reached."),
        }
    }
}
