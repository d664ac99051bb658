//! What the owner is told of visitors: the first visit and the first complete download at once, and
//! after that, quietly, how many there were. One notice for each share, replaced by the next one.

use std::time::Duration;

use super::{
    label,
    moment::Moment,
    notification::{NotificationKind, Notifications},
};

/// Between two notices is at least this time, but for the first visit and the first download.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// Visits and complete downloads since they were last reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visits {
    pub visits: u32,
    pub downloads: u32,
    /// The name of the last download.
    pub file: Option<String>,
}

/// The visitors of one share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visitors {
    visits: u32,
    downloads: u32,
    file: String,
    told_visits: u32,
    told_downloads: u32,
    told: Option<Moment>,
}

/// A notice about visitors: its title, its text, and whether it can be overlooked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub kind: NotificationKind,
    pub title: String,
    pub body: String,
    pub is_quiet: bool,
}

impl Visitors {
    /// There were more.
    pub fn add(&mut self, more: &Visits) {
        self.visits = self.visits.saturating_add(more.visits);
        self.downloads = self.downloads.saturating_add(more.downloads);
        if let Some(file) = &more.file {
            self.file = label::shortened(&label::visible(file));
        }
    }

    /// When the owner has to be told; `None` if there is nothing to tell.
    pub fn due(&self, now: Moment, wanted: &Notifications) -> Option<Moment> {
        if self.is_first(wanted).is_some() {
            return Some(now);
        }
        let is_new = |kind, count, told| wanted.have(kind) && count > told;
        let has_news = is_new(NotificationKind::Visit, self.visits, self.told_visits)
            || is_new(
                NotificationKind::Download,
                self.downloads,
                self.told_downloads,
            );
        let after_pause = self.told.map_or(now, |told| told.after(PAUSE).max(now));
        has_news.then_some(after_pause)
    }

    /// What the owner is told now.
    pub fn tell(&mut self, share: &str, now: Moment, wanted: &Notifications) -> News {
        let news = match self.is_first(wanted) {
            Some(NotificationKind::Download) => News {
                kind: NotificationKind::Download,
                title: format!("First download from {share}"),
                body: format!("{} was downloaded.", self.file),
                is_quiet: false,
            },
            Some(kind) => News {
                kind,
                title: format!("First visit to {share}"),
                body: "Somebody has opened the link.".to_owned(),
                is_quiet: false,
            },
            None => self.summary(share, wanted),
        };
        self.told = Some(now);
        self.told_visits = self.visits;
        self.told_downloads = self.downloads;
        news
    }

    /// Which kind happens for the first time.
    fn is_first(&self, wanted: &Notifications) -> Option<NotificationKind> {
        let is_first = |kind, count: u32, told: u32| wanted.have(kind) && told == 0 && count > 0;
        if is_first(
            NotificationKind::Download,
            self.downloads,
            self.told_downloads,
        ) {
            Some(NotificationKind::Download)
        } else if is_first(NotificationKind::Visit, self.visits, self.told_visits) {
            Some(NotificationKind::Visit)
        } else {
            None
        }
    }

    fn summary(&self, share: &str, wanted: &Notifications) -> News {
        let counts = [
            (NotificationKind::Visit, self.visits, "visit"),
            (NotificationKind::Download, self.downloads, "download"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(kind, count, _)| wanted.have(*kind) && *count > 0)
            .map(|(_, count, what)| match count {
                1 => format!("1 {what}"),
                count => format!("{count} {what}s"),
            })
            .collect();
        let has_downloads = self.downloads > 0 && wanted.have(NotificationKind::Download);
        News {
            kind: if has_downloads {
                NotificationKind::Download
            } else {
                NotificationKind::Visit
            },
            title: format!("{share}: {}", counts.join(", ")),
            body: if has_downloads {
                format!("The last download was {}.", self.file)
            } else {
                "In all, since it was shared.".to_owned()
            },
            is_quiet: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::after_start(Duration::from_secs(seconds))
    }

    fn visits(visits: u32) -> Visits {
        Visits {
            visits,
            ..Visits::default()
        }
    }

    fn downloads(downloads: u32) -> Visits {
        Visits {
            downloads,
            file: Some("plan.pdf".into()),
            ..Visits::default()
        }
    }

    #[test]
    fn the_first_visit_and_the_first_download_are_told_at_once_and_the_rest_quietly() {
        let (mut visitors, all) = (Visitors::default(), Notifications::default());
        assert_eq!(visitors.due(at(100), &all), None);
        visitors.add(&visits(1));
        assert_eq!(visitors.due(at(100), &all), Some(at(100)));
        let news = visitors.tell("Photos", at(100), &all);
        assert_eq!(
            (&*news.title, news.is_quiet),
            ("First visit to Photos", false)
        );
        assert_eq!(visitors.due(at(101), &all), None);
        visitors.add(&downloads(1));
        assert_eq!(visitors.due(at(102), &all), Some(at(102)));
        let news = visitors.tell("Photos", at(102), &all);
        assert_eq!(news.title, "First download from Photos");
        assert_eq!(news.body, "plan.pdf was downloaded.");
        visitors.add(&visits(5));
        visitors.add(&downloads(2));
        assert_eq!(visitors.due(at(103), &all), Some(at(702)));
        let news = visitors.tell("Photos", at(702), &all);
        assert_eq!(
            (&*news.title, news.is_quiet),
            ("Photos: 6 visits, 3 downloads", true)
        );
        assert_eq!(news.body, "The last download was plan.pdf.");
        assert_eq!(visitors.due(at(9999), &all), None);
    }

    #[test]
    fn what_is_not_wanted_is_not_told() {
        let only_downloads = Notifications::of([NotificationKind::Download]);
        let mut visitors = Visitors::default();
        visitors.add(&visits(7));
        assert_eq!(visitors.due(at(1), &only_downloads), None);
        visitors.add(&downloads(1));
        let news = visitors.tell("Photos", at(1), &only_downloads);
        assert_eq!(news.title, "First download from Photos");
        visitors.add(&visits(7));
        assert_eq!(visitors.due(at(1), &only_downloads), None);
        visitors.add(&downloads(1));
        let news = visitors.tell("Photos", at(9999), &only_downloads);
        assert_eq!(news.title, "Photos: 2 downloads");
        let none = Notifications::of([]);
        visitors.add(&downloads(1));
        assert_eq!(visitors.due(at(99999), &none), None);
    }

    #[test]
    fn names_of_files_can_not_steer_what_shows_them() {
        let (mut visitors, all) = (Visitors::default(), Notifications::default());
        visitors.add(&Visits {
            file: Some(format!("a\n\u{202e}{}", "x".repeat(500))),
            ..downloads(1)
        });
        let news = visitors.tell("Photos", at(1), &all);
        assert!(news.body.starts_with("a\u{fffd}\u{fffd}xxx") && news.body.len() < 100);
    }
}
