//! Shares that end by themselves, and what the owner is told.

use super::*;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn at(minutes: u64) -> Event {
    Event::Now(Moment::after_start(Duration::from_secs(60 * minutes)))
}

fn limited(changes: Changes) -> (State, ShareId) {
    let mut state = State::default();
    update(&mut state, at(10));
    let (id, _) = served(&mut state, changes);
    let online = TunnelReport::Online {
        link: LINKS[0].into(),
        is_checked: true,
    };
    update(&mut state, Event::Tunnel(id, online));
    (state, id)
}

fn for_an_hour() -> Changes {
    Changes {
        stop_after: Some(Limit::After(HOUR)),
        ..Changes::default()
    }
}

fn ended_notice(effects: &[Effect]) -> Option<(&str, &str)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Notify(notice) if notice.offers_again => Some((&*notice.title, &*notice.body)),
        _ => None,
    })
}

/// The share ends: what runs may finish, then its parts stop. Returns the last effects.
fn finish(state: &mut State, id: ShareId) -> Vec<Effect> {
    update(state, Event::Drained(id));
    assert_eq!(state.shares[0].phase, Phase::Stopping);
    update(state, Event::Tunnel(id, TunnelReport::Ended));
    update(state, Event::ServerStopped(id))
}

#[test]
fn a_share_ends_when_its_time_is_over_and_can_be_shared_again() {
    let (mut state, id) = limited(for_an_hour());
    assert_eq!(update(&mut state, at(69)), []);
    assert_eq!(state.tooltip(), "Spot Serve: 1 folder online, 1 min left");
    let effects = update(&mut state, at(70));
    assert!(effects.contains(&Effect::EndServing(id)), "{effects:?}");
    assert_eq!(state.shares[0].offered_link(), None);
    let effects = finish(&mut state, id);
    assert_eq!(
        ended_notice(&effects),
        Some((
            "Photos has ended: time is up",
            "The time limit of 1 h was reached. Share Again shares it again with the same settings."
        ))
    );
    let again = update(&mut state, Event::ShareAgain(id));
    assert!(
        matches!(
            again[..],
            [Effect::StartServer {
                check_private: true,
                ..
            }]
        ),
        "{again:?}"
    );
    let share = &state.shares[0];
    assert_eq!(share.limits.time_left(state.now), Some(HOUR));
    update(&mut state, Event::ShareAgain(id));
    assert_eq!(state.shares.len(), 1, "only once");
}

#[test]
fn share_again_is_offered_for_a_day() {
    let (mut state, id) = limited(for_an_hour());
    update(&mut state, at(70));
    finish(&mut state, id);
    let is_offered = |state: &State| format!("{:?}", menu(state)).contains("Share Photos Again");
    update(&mut state, at(70 + 24 * 60 - 1));
    assert!(is_offered(&state));
    update(&mut state, at(70 + 24 * 60));
    assert!(!is_offered(&state));
    let effects = update(&mut state, Event::ShareAgain(id));
    assert!(
        matches!(&effects[..], [Effect::Notify(notice)] if notice.body.contains("too long ago")),
        "{effects:?}"
    );
    assert_eq!(state.next_look(), None, "no timer runs");
}

#[test]
fn a_share_ends_after_the_last_download_that_is_allowed() {
    let (mut state, id) = limited(Changes {
        downloads: Some(Limit::After(2)),
        ..Changes::default()
    });
    let downloaded = |is_last| Event::Downloaded { share: id, is_last };
    update(&mut state, downloaded(false));
    assert!(format!("{:?}", menu(&state)).contains("(ends after the next download)"));
    let effects = update(&mut state, downloaded(true));
    assert!(effects.contains(&Effect::EndServing(id)), "{effects:?}");
    let effects = finish(&mut state, id);
    assert_eq!(
        ended_notice(&effects).unwrap().0,
        "Photos has ended: 2 downloads"
    );
}

#[test]
fn a_share_that_the_user_stops_has_not_ended_by_itself() {
    let (mut state, id) = limited(for_an_hour());
    update(&mut state, at(70));
    // It doesn't wait for downloads any more.
    let effects = update(&mut state, Event::Stop(id));
    assert!(effects.contains(&Effect::StopServer(id)), "{effects:?}");
    update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
    let effects = update(&mut state, Event::ServerStopped(id));
    assert_eq!(ended_notice(&effects), None);
}

#[test]
fn the_time_of_a_share_that_asks_runs_from_the_answer() {
    let mut state = State::default();
    update(
        &mut state,
        Event::ShareWith {
            target: Target::Folder("/home/somebody".into()),
            is_confirmed: false,
            changes: for_an_hour(),
        },
    );
    let id = state.shares[0].id;
    update(&mut state, Event::FoundPrivate(id, private()));
    update(&mut state, at(600));
    update(&mut state, Event::ConfirmShare(id));
    assert_eq!(state.shares[0].limits.time_left(state.now), Some(HOUR));
}

#[test]
fn settings_that_change_leave_the_others() {
    let (mut state, id) = limited(for_an_hour());
    let downloads = Changes {
        downloads: Some(Limit::After(3)),
        ..Changes::default()
    };
    update(&mut state, Event::Change(id, downloads));
    let limits = state.shares[0].limits;
    assert_eq!(limits.time_left(state.now), Some(HOUR));
    assert_eq!(limits.downloads_left(), Some(3));
    let never = Changes {
        stop_after: Some(Limit::None),
        ..Changes::default()
    };
    update(&mut state, Event::Change(id, never));
    assert_eq!(update(&mut state, at(600)), []);
}

#[test]
fn a_generated_password_is_shown_once_it_is_in_effect() {
    let (mut state, id) = limited(Changes::default());
    let effects = update(&mut state, Event::RequirePassword(id, true));
    assert!(
        effects.contains(&Effect::ChangePassword(id, PasswordChange::Generate)),
        "{effects:?}"
    );
    let rows = format!("{:?}", menu(&state));
    assert!(!rows.contains("Copy Password"), "not in effect: {rows}");
    let effects = update(
        &mut state,
        Event::PasswordIs {
            share: id,
            password: Some(password()),
            is_settled: true,
        },
    );
    let shows = |effect: &Effect| matches!(effect, Effect::Notify(notice) if notice.body.contains("harbor-violin-dozen-maple"));
    assert!(effects.iter().any(shows), "{effects:?}");
    let copied = update(&mut state, Event::CopyLinkWithPassword(id));
    let link = format!("{}/#password=harbor-violin-dozen-maple", LINKS[0]);
    assert!(
        matches!(&copied[..], [Effect::Copy { text, .. }] if *text == link),
        "{copied:?}"
    );
}

#[test]
fn sharing_a_shared_folder_with_other_settings_changes_them_under_the_same_link() {
    let (mut state, id) = limited(Changes::default());
    let target = state.shares[0].target.clone();
    let effects = update(
        &mut state,
        Event::ShareWith {
            target,
            is_confirmed: false,
            changes: for_an_hour(),
        },
    );
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Copy { text, .. } if text == LINKS[0])),
        "{effects:?}"
    );
    assert_eq!(state.shares[0].id, id);
    assert_eq!(state.shares[0].limits.time_left(state.now), Some(HOUR));
}

#[test]
fn a_share_that_was_over_before_it_was_resumed_keeps_its_password_for_share_again() {
    let mut state = State::default();
    let target = Target::Folder("/home/somebody/Photos".into());
    let changes = Changes {
        password: Some(PasswordChange::Restore(password())),
        stop_after: Some(Limit::After(HOUR)),
        left: Left {
            time: Some(Duration::ZERO),
            ..Left::default()
        },
        ..Changes::default()
    };
    let resume = Event::Resume {
        target: target.clone(),
        changes,
    };
    let effects = update(&mut state, resume);
    assert!(
        effects.contains(&Effect::ForgetSettings(target)),
        "{effects:?}"
    );
    assert!(ended_notice(&effects).is_some(), "{effects:?}");
    let id = state.ended[0].id;
    let again = update(&mut state, Event::ShareAgain(id));
    assert!(
        matches!(
            &again[..],
            [Effect::StartServer {
                password: PasswordChange::Restore(_),
                ..
            }]
        ),
        "{again:?}"
    );
}

#[test]
fn an_old_share_again_changes_nothing_about_a_new_share() {
    let (mut state, id) = limited(for_an_hour());
    update(&mut state, at(70));
    finish(&mut state, id);
    let changes = Changes {
        password: Some(PasswordChange::Generate),
        ..Changes::default()
    };
    let target = Target::Folder("/home/somebody/Photos".into());
    update(
        &mut state,
        Event::ShareWith {
            target,
            is_confirmed: true,
            changes,
        },
    );
    update(&mut state, Event::ShareAgain(id));
    assert!(state.shares[0].wants_password);
}

#[test]
fn a_share_that_the_user_has_started_is_not_resumed_over() {
    let (mut state, id) = limited(for_an_hour());
    let resume = Event::Resume {
        target: state.shares[0].target.clone(),
        changes: Changes::default(),
    };
    assert_eq!(update(&mut state, resume), []);
    assert_eq!(state.shares[0].id, id);
}

#[test]
fn the_last_download_is_saved_before_the_end() {
    let (mut state, id) = limited(Changes {
        downloads: Some(Limit::After(1)),
        ..Changes::default()
    });
    let last = Event::Downloaded {
        share: id,
        is_last: true,
    };
    let effects = update(&mut state, last);
    assert!(effects.contains(&Effect::SaveSettings(id)), "{effects:?}");
    let saved = state.shares[0].settings_for_resuming(state.now);
    assert_eq!(saved.left.downloads, Some(0));
}
