//! What the owner is told of visitors, and what not.

use std::time::Duration;

use proptest::prelude::*;
use spot_serve::app::{
    Effect, Event, Moment, Notice, NotificationKind, Notifications, ShareId, State, Target,
    TunnelReport, Visits, update,
};

use super::{LINKS, address};

const PAUSE: Duration = Duration::from_secs(10 * 60);

/// A folder that is online, whose owner wants these notifications.
fn online(notifications: Notifications) -> (State, ShareId) {
    let mut state = State {
        notifications,
        ..State::default()
    };
    update(
        &mut state,
        Event::Share(Target::Folder("/tmp/Photos".into())),
    );
    let id = state.shares[0].id;
    update(&mut state, Event::ServerStarted(id, address()));
    let report = TunnelReport::Online {
        link: LINKS[0].into(),
        is_checked: true,
    };
    update(&mut state, Event::Tunnel(id, report));
    (state, id)
}

fn visits(visits: u32, downloads: u32) -> Visits {
    Visits {
        visits,
        downloads,
        file: (downloads > 0).then(|| "plan.pdf".into()),
    }
}

/// What is shown at this time, after an event and whatever time brings.
fn shown(state: &mut State, now: Moment, event: Event) -> Vec<Notice> {
    let mut effects = update(state, Event::Now(now));
    effects.extend(update(state, event));
    let notices = effects.into_iter().filter_map(|effect| match effect {
        Effect::Notify(notice) => Some(notice),
        _ => None,
    });
    notices.collect()
}

proptest! {
    #[test]
    fn visitors_are_told_of_at_once_when_they_are_the_first_and_else_now_and_then(
        steps in prop::collection::vec((0_u64..900, 0_u32..3, 0_u32..3), 1..60),
        wants_visits in any::<bool>(),
        wants_downloads in any::<bool>(),
    ) {
        let mut kinds = vec![NotificationKind::Online];
        kinds.extend(wants_visits.then_some(NotificationKind::Visit));
        kinds.extend(wants_downloads.then_some(NotificationKind::Download));
        let (mut state, id) = online(Notifications::of(kinds.clone()));
        let mut now = Moment::after_start(Duration::from_secs(1));
        let (mut firsts, mut last) = (Vec::new(), None::<Moment>);
        let mut all = (0, 0);
        for (seconds, more_visits, more_downloads) in steps {
            now = now.after(Duration::from_secs(seconds));
            all.0 += more_visits;
            all.1 += more_downloads;
            let event = Event::Visited(id, visits(more_visits, more_downloads));
            let notices = shown(&mut state, now, event);
            // The program looks again when there is something to tell.
            prop_assert!(state.next_look().is_none_or(|look| look > now));
            for notice in notices {
                let kind = notice.kind.unwrap();
                prop_assert!(kinds.contains(&kind), "{notice:?}");
                prop_assert_eq!(notice.share, Some(id), "one for each share");
                if notice.is_quiet {
                    let since = now.since(last.unwrap());
                    prop_assert!(since >= PAUSE, "{since:?}");
                } else {
                    prop_assert!(!firsts.contains(&kind), "once");
                    firsts.push(kind);
                }
                last = Some(now);
            }
        }
        let told_first = |kind| firsts.contains(&kind);
        if wants_downloads {
            prop_assert_eq!(told_first(NotificationKind::Download), all.1 > 0);
        }
        // A download is a visit that has done more.
        if wants_visits && !told_first(NotificationKind::Download) {
            prop_assert_eq!(told_first(NotificationKind::Visit), all.0 > 0);
        }
    }
}

#[test]
fn each_kind_of_notification_can_be_switched_off() {
    for off in NotificationKind::ALL {
        let on = NotificationKind::ALL
            .into_iter()
            .filter(|kind| *kind != off);
        let (mut state, id) = online(Notifications::of(on));
        let now = Moment::after_start(Duration::from_secs(1));
        let mut notices = Vec::new();
        let mut show = |event| notices.extend(shown(&mut state, now, event));
        show(Event::ShowNotice(spot_serve::app::online(
            id,
            "Photos",
            LINKS[0].into(),
            true,
            None,
            true,
        )));
        show(Event::Visited(id, visits(1, 0)));
        show(Event::Visited(id, visits(0, 1)));
        show(Event::Delivered {
            share: id,
            files: 1,
            bytes: 1,
            sender: None,
            is_last: false,
        });
        show(Event::ContentAvailability(
            id,
            spot_serve::app::Availability::MissingForLong,
        ));
        let kinds: Vec<_> = notices.iter().filter_map(|notice| notice.kind).collect();
        let expected = NotificationKind::ALL
            .into_iter()
            .filter(|kind| *kind != off);
        assert_eq!(kinds, expected.collect::<Vec<_>>(), "without {off:?}");
    }
}

#[test]
fn what_the_user_has_just_asked_for_is_answered_whatever_is_switched_off() {
    let (mut state, _) = online(Notifications::of([]));
    let now = Moment::after_start(Duration::from_secs(1));
    let answers = [
        Event::About,
        Event::ActionFailed("It is gone.".into()),
        Event::NoTrayHost,
    ];
    for event in answers {
        assert_eq!(shown(&mut state, now, event).len(), 1);
    }
}

#[test]
fn visitors_hide_no_trouble() {
    let (mut state, id) = online(Notifications::default());
    let now = Moment::after_start(Duration::from_secs(1));
    let missing = Event::ContentAvailability(id, spot_serve::app::Availability::MissingForLong);
    assert_eq!(shown(&mut state, now, missing).len(), 1);
    assert!(shown(&mut state, now, Event::Visited(id, visits(1, 1))).is_empty());
    let back = Event::ContentAvailability(id, spot_serve::app::Availability::Available);
    shown(&mut state, now, back);
    let news = shown(&mut state, now, Event::Now(now));
    assert!(news.len() <= 1);
}
