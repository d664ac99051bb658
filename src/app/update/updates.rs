//! Newer versions of the program. Nothing asks for them unless the owner has said so.

use crate::app::{
    effect::Effect,
    notice,
    state::State,
    updates::{Asker, PACE, PACE_AFTER_FAILURE, UpdateAnswer, WeeklyCheck},
};

/// The owner wants to know now.
pub fn check(state: &mut State) -> Vec<Effect> {
    ask(state, Asker::Owner)
}

/// Asks if a week has passed.
pub fn time_is(state: &mut State) -> Vec<Effect> {
    let at = state.asks_for_updates_at();
    if at.is_some_and(|at| at <= state.now) {
        ask(state, Asker::Week)
    } else {
        Vec::new()
    }
}

/// Asks once a week from now on, or no more.
pub fn set_weekly(state: &mut State, weekly: Option<WeeklyCheck>) -> Vec<Effect> {
    state.updates.weekly = weekly;
    time_is(state)
}

fn ask(state: &mut State, asker: Asker) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    match &mut state.updates.asking {
        Some(already) => {
            // The answer that is on its way is for the owner, too.
            if asker == Asker::Owner {
                *already = asker;
            }
            Vec::new()
        }
        None => {
            state.updates.asking = Some(asker);
            vec![Effect::AskForUpdates]
        }
    }
}

pub fn answered(state: &mut State, answer: UpdateAnswer) -> Vec<Effect> {
    let Some(asker) = state.updates.asking.take() else {
        return Vec::new();
    };
    let is_waiting = asker == Asker::Owner;
    let mut effects = Vec::new();
    let mut is_told = false;
    if let Some(weekly) = &mut state.updates.weekly {
        let pace = match &answer {
            UpdateAnswer::Failed(_) => PACE_AFTER_FAILURE,
            UpdateAnswer::UpToDate | UpdateAnswer::New(_) => PACE,
        };
        weekly.due = state.now.after(pace);
        if let UpdateAnswer::New(new) = &answer {
            let before = weekly.told.replace(new.version.clone());
            is_told = before.as_ref() == Some(&new.version);
        }
        effects.push(Effect::SaveWeeklyCheck);
    }
    let notice = match answer {
        UpdateAnswer::New(new) => {
            state.updates.page = Some(new.page.clone());
            (is_waiting || !is_told).then(|| notice::new_version(&new, !is_waiting))
        }
        // What nobody waits for is in the log.
        UpdateAnswer::UpToDate => is_waiting.then(notice::up_to_date),
        UpdateAnswer::Failed(sentence) => is_waiting.then(|| notice::not_checked(sentence)),
    };
    effects.extend(notice.map(Effect::Notify));
    effects
}

/// Opens the page of the newest release.
pub fn open_release(state: &State) -> Vec<Effect> {
    let page = state.updates.page.clone();
    page.map(Effect::OpenUrl).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::update, *};
    use crate::app::{event::Event, moment::Moment, offer::Offer, updates::NewVersion};

    const DAY: u64 = 24 * 60 * 60;

    fn at(seconds: u64) -> Event {
        Event::Now(Moment::after_start(Duration::from_secs(seconds)))
    }

    fn weekly(state: &mut State) -> Vec<Effect> {
        let due = state.now;
        let weekly = WeeklyCheck { due, told: None };
        update(state, Event::CheckWeekly(Some(weekly)))
    }

    fn new(version: &str) -> Event {
        Event::UpdateAnswer(UpdateAnswer::New(NewVersion {
            version: version.into(),
            notes: vec!["Faster. ".repeat(100)],
            how: "Get it there.".into(),
            page: "https://github.com/a/b/releases/tag/v2".into(),
        }))
    }

    fn told(effects: &[Effect]) -> Vec<&str> {
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::Notify(notice) => Some(notice.title.as_str()),
            _ => None,
        });
        told.collect()
    }

    #[test]
    fn nobody_is_asked_unless_the_owner_says_so() {
        let mut state = State::default();
        assert_eq!(state.asks_for_updates_at(), None);
        for day in 0..30 {
            assert_eq!(update(&mut state, at(day * DAY)), []);
        }
        assert_eq!(
            update(&mut state, Event::CheckForUpdates),
            [Effect::AskForUpdates]
        );
        assert_eq!(update(&mut state, Event::CheckForUpdates), [], "once");
    }

    #[test]
    fn each_answer_is_told_to_an_owner_who_asked() {
        let mut state = State::default();
        for (answer, title) in [
            (UpdateAnswer::UpToDate, "Spot Serve is up to date"),
            (UpdateAnswer::Failed("No.".into()), "No news about updates"),
        ] {
            update(&mut state, Event::CheckForUpdates);
            let effects = update(&mut state, Event::UpdateAnswer(answer));
            assert_eq!(told(&effects), [title]);
        }
        for _ in 0..2 {
            update(&mut state, Event::CheckForUpdates);
            let effects = update(&mut state, new("2.0.0"));
            assert_eq!(told(&effects), ["Spot Serve 2.0.0 is available"]);
            let [Effect::Notify(notice)] = &effects[..] else {
                panic!("{effects:?}")
            };
            assert_eq!(notice.offer, Some(Offer::OpenRelease));
            assert!(
                !notice.is_quiet && notice.body.len() < 300,
                "{}",
                notice.body
            );
            assert!(
                notice.body.ends_with("Faster.…\nGet it there."),
                "{}",
                notice.body
            );
        }
        let opened = update(&mut state, Event::OpenRelease);
        let page = "https://github.com/a/b/releases/tag/v2".to_owned();
        assert_eq!(opened, [Effect::OpenUrl(page)]);
    }

    #[test]
    fn a_weekly_check_asks_at_the_start_and_then_once_a_week() {
        let mut state = State::default();
        assert_eq!(weekly(&mut state), [Effect::AskForUpdates]);
        assert_eq!(state.asks_for_updates_at(), None, "an answer is on its way");
        let effects = update(&mut state, Event::UpdateAnswer(UpdateAnswer::UpToDate));
        assert_eq!(effects, [Effect::SaveWeeklyCheck], "nothing is said");
        assert_eq!(update(&mut state, at(7 * DAY - 1)), []);
        assert_eq!(update(&mut state, at(7 * DAY)), [Effect::AskForUpdates]);
        let failed = UpdateAnswer::Failed("No network.".into());
        let effects = update(&mut state, Event::UpdateAnswer(failed));
        assert_eq!(effects, [Effect::SaveWeeklyCheck], "nobody waits for it");
        assert_eq!(update(&mut state, at(8 * DAY - 1)), []);
        assert_eq!(update(&mut state, at(8 * DAY)), [Effect::AskForUpdates]);
        update(&mut state, Event::CheckWeekly(None));
        update(&mut state, new("2.0.0"));
        assert_eq!(update(&mut state, at(99 * DAY)), []);
    }

    #[test]
    fn a_new_version_is_told_once_and_quietly() {
        let mut state = State::default();
        weekly(&mut state);
        let effects = update(&mut state, new("2.0.0"));
        assert_eq!(told(&effects), ["Spot Serve 2.0.0 is available"]);
        assert!(
            effects
                .iter()
                .any(|it| matches!(it, Effect::Notify(notice) if notice.is_quiet))
        );
        update(&mut state, at(7 * DAY));
        let effects = update(&mut state, new("2.0.0"));
        assert_eq!(effects, [Effect::SaveWeeklyCheck]);
        update(&mut state, at(14 * DAY));
        let effects = update(&mut state, new("2.0.1"));
        assert_eq!(told(&effects), ["Spot Serve 2.0.1 is available"]);
    }

    #[test]
    fn an_owner_who_asks_while_the_week_does_gets_the_answer() {
        let mut state = State::default();
        weekly(&mut state);
        assert_eq!(update(&mut state, Event::CheckForUpdates), []);
        let effects = update(&mut state, Event::UpdateAnswer(UpdateAnswer::UpToDate));
        assert_eq!(told(&effects), ["Spot Serve is up to date"]);
    }

    #[test]
    fn a_program_that_is_ending_asks_nobody() {
        let mut state = State::default();
        weekly(&mut state);
        update(&mut state, Event::UpdateAnswer(UpdateAnswer::UpToDate));
        update(&mut state, Event::Quit);
        assert_eq!(state.asks_for_updates_at(), None);
        assert_eq!(update(&mut state, Event::CheckForUpdates), []);
    }
}
