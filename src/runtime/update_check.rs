//! Asks for newer versions, and remembers when to ask next.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{clock, events::Events};
use crate::{
    app::{Event, Moment, UpdateAnswer, WeeklyCheck},
    http::Client,
    paths::Paths,
    store::{self, Writer},
    updates::{self, installation::Installation},
};

/// A date in the file that is later than this makes no sense: the clock was wrong.
const LATEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What the next run has to know.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Saved {
    /// When to ask next, in seconds since 1970. The computer may restart, so it can't be a [`Moment`].
    ask_at: u64,
    /// The version that the owner was told of.
    #[serde(default)]
    told: Option<String>,
}

/// Asks for newer versions. The answer arrives as an event.
///
/// It has its own thread with a small async runtime: it reads certificates and writes a file, and the
/// program must be able to end without waiting for it.
pub fn ask(client: Client, paths: &Paths, events: Events) {
    let memory = paths.feed_file();
    let to_thread = events.clone();
    let started = thread::Builder::new()
        .name("update check".into())
        .spawn(move || {
            let tokio = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let answer = match tokio {
                Ok(tokio) => tokio.block_on(updates::answer::answer(&client, &memory)),
                Err(error) => UpdateAnswer::Failed(error.to_string()),
            };
            if let UpdateAnswer::Failed(sentence) = &answer {
                tracing::warn!("{sentence}");
            }
            to_thread.send(Event::UpdateAnswer(answer));
        });
    if let Err(error) = started {
        let sentence = format!(
            "This computer has no resources left ({error}). Close some programs and try again."
        );
        events.send(Event::UpdateAnswer(UpdateAnswer::Failed(sentence)));
    }
}

/// Looks up when to ask next; `None` if this copy is updated by something else. May wait for a disk.
pub fn load(paths: &Paths) -> Option<WeeklyCheck> {
    let installation = Installation::find();
    if installation.is_updated_by_shop() {
        tracing::info!(
            ?installation,
            "update_check has no effect: something else updates this copy"
        );
        return None;
    }
    let saved: Option<Saved> = store::load(&paths.update_check_file());
    Some(weekly(saved, unix_time(), clock::now()))
}

fn weekly(saved: Option<Saved>, unix_time: u64, now: Moment) -> WeeklyCheck {
    let (ask_at, told) = saved.map_or((0, None), |saved| (saved.ask_at, saved.told));
    let left = Duration::from_secs(ask_at.saturating_sub(unix_time)).min(LATEST);
    WeeklyCheck {
        due: now.after(left),
        told,
    }
}

/// Saves when to ask next.
pub fn save(writer: &Writer, weekly: &WeeklyCheck) {
    let left = weekly.due.since(clock::now());
    writer.save(&Saved {
        ask_at: unix_time().saturating_add(left.as_secs()),
        told: weekly.told.clone(),
    });
}

fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: u64 = 7 * 24 * 60 * 60;

    fn left(ask_at: u64, unix_time: u64) -> u64 {
        let saved = Saved { ask_at, told: None };
        let now = Moment::after_start(Duration::from_secs(50));
        weekly(Some(saved), unix_time, now).due.since(now).as_secs()
    }

    #[test]
    fn a_restart_does_not_ask_again_within_the_week() {
        assert_eq!(left(10_000 + WEEK, 10_000), WEEK);
        assert_eq!(left(10_000 + WEEK, 10_000 + WEEK - 1), 1);
        assert_eq!(
            left(10_000, 20_000),
            0,
            "it is asked as soon as the program runs"
        );
    }

    #[test]
    fn a_clock_that_was_wrong_puts_it_off_for_a_week_at_most() {
        assert_eq!(left(u64::MAX, 10_000), WEEK);
    }

    #[test]
    fn the_first_question_comes_at_the_start() {
        let now = Moment::after_start(Duration::from_secs(50));
        assert_eq!(weekly(None, 10_000, now).due, now);
    }
}
