//! Files that visitors hand in: what the owner is told, and what visitors may do.

use super::*;

fn at(seconds: u64) -> Event {
    Event::Now(Moment::after_start(Duration::from_secs(seconds)))
}

/// An inbox that is online.
fn inbox(changes: Changes) -> (State, ShareId) {
    online(Target::Inbox("/home/somebody/Homework".into()), changes)
}

fn online(target: Target, changes: Changes) -> (State, ShareId) {
    let mut state = State::default();
    update(&mut state, at(1000));
    let share = Event::ShareWith {
        target,
        is_confirmed: true,
        changes,
    };
    update(&mut state, share);
    let id = state.shares[0].id;
    update(&mut state, Event::ServerStarted(id, address()));
    let online = TunnelReport::Online {
        link: LINKS[0].into(),
        is_checked: true,
    };
    update(&mut state, Event::Tunnel(id, online));
    (state, id)
}

fn delivery(share: ShareId, files: u32, bytes: u64, sender: Option<&str>) -> Event {
    Event::Delivered {
        share,
        files,
        bytes,
        sender: sender.map(str::to_owned),
        is_last: false,
    }
}

fn file(share: ShareId, bytes: u64) -> Event {
    Event::Received(share, Received { files: 1, bytes })
}

/// The title and body of each notice.
fn notices(effects: &[Effect]) -> Vec<(&str, &str)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Notify(notice) => Some((&*notice.title, &*notice.body)),
            _ => None,
        })
        .collect()
}

#[test]
fn agreeing_to_receive_files_shares_nothing() {
    for (target, command) in [
        (Target::Inbox("/home/somebody".into()), "receive --yes"),
        (Target::Folder("/home/somebody".into()), "share --yes"),
    ] {
        let mut state = State::default();
        update(&mut state, Event::NoTrayHost);
        update(&mut state, Event::Share(target));
        let found = Event::FoundPrivate(state.shares[0].id, private());
        let effects = update(&mut state, found);
        let words = format!("run `spot-serve {command}`");
        assert!(notices(&effects)[0].1.contains(&words), "{effects:?}");
    }
}

fn uploads(is_on: bool) -> Changes {
    Changes {
        uploads: Some(is_on),
        ..Changes::default()
    }
}

#[test]
fn a_delivery_is_told_and_its_notice_opens_the_folder() {
    let (mut state, id) = inbox(Changes::default());
    let effects = update(&mut state, delivery(id, 3, 1_200_000_000, Some("Anna")));
    assert_eq!(
        notices(&effects),
        [(
            "3 files (1.2 GB) received for Homework",
            "From Anna. Open the folder to see them."
        )]
    );
    let opens_folder =
        |effect: &Effect| matches!(effect, Effect::Notify(notice) if notice.opens_folder);
    assert!(effects.iter().any(opens_folder));
    assert_eq!(
        update(&mut state, Event::OpenFolder(id)),
        [Effect::OpenPath("/home/somebody/Homework".into())]
    );
}

#[test]
fn many_deliveries_are_summed_up_and_told_now_and_then() {
    let (mut state, id) = inbox(Changes::default());
    let first = update(&mut state, delivery(id, 1, 10, None));
    assert_eq!(notices(&first).len(), 1);
    for _ in 0..100 {
        let more = update(&mut state, delivery(id, 2, 10, Some("Ben")));
        assert_eq!(notices(&more), []);
    }
    let due = state.next_look().expect("there is something to tell");
    assert_eq!(due, Moment::after_start(Duration::from_secs(1010)));
    let told = update(&mut state, Event::Now(due));
    assert_eq!(
        notices(&told),
        [(
            "201 files (1 kB) received for Homework",
            "In 101 deliveries, from Ben and others. Open the folder to see them."
        )]
    );
    assert_eq!(state.next_look(), None, "nothing is left to tell");
    update(&mut state, Event::OpenFolder(id));
    update(&mut state, at(1100));
    let next = update(&mut state, delivery(id, 1, 10, None));
    assert_eq!(
        notices(&next),
        [(
            "1 file (10 bytes) received for Homework",
            "Open the folder to see it."
        )]
    );
}

#[test]
fn a_terminal_shows_a_line_for_each_delivery() {
    let (mut state, id) = inbox(Changes::default());
    state.ends_with_share = true;
    for _ in 0..2 {
        let effects = update(&mut state, delivery(id, 2, 1000, Some("A\u{1b}[2J")));
        assert_eq!(
            notices(&effects)[0].1,
            "2 files (1 kB) received from A\u{fffd}[2J"
        );
    }
    assert_eq!(state.next_look(), None);
}

#[test]
fn an_inbox_ends_after_its_deliveries_and_says_what_came_in() {
    let (mut state, id) = inbox(Changes {
        deliveries: Some(Limit::After(1)),
        ..Changes::default()
    });
    for _ in 0..3 {
        update(&mut state, file(id, 1000));
    }
    let effects = update(
        &mut state,
        Event::Delivered {
            share: id,
            files: 3,
            bytes: 3000,
            sender: None,
            is_last: true,
        },
    );
    assert!(effects.contains(&Effect::EndServing(id)), "{effects:?}");
    assert_eq!(
        notices(&effects),
        [(
            "3 files (3 kB) received for Homework",
            "Open the folder to see them."
        )]
    );
    assert_eq!(
        state.shares[0].status_text(),
        "ending; running uploads may finish"
    );
    // Somebody else's upload was under way.
    update(&mut state, file(id, 1000));
    update(&mut state, delivery(id, 1, 1000, None));
    update(&mut state, Event::Drained(id));
    update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
    let effects = update(&mut state, Event::ServerStopped(id));
    assert_eq!(
        notices(&effects),
        [(
            "Homework has ended: 1 delivery",
            "4 files (4 kB) received. The limit of 1 delivery was reached. Share Again shares it again with the same settings."
        )]
    );
    assert_eq!(
        update(&mut state, Event::OpenFolder(id)),
        [Effect::OpenPath("/home/somebody/Homework".into())],
        "also after its end"
    );
    let again = update(&mut state, Event::ShareAgain(id));
    let [
        Effect::StartServer {
            deliveries,
            uploads: Some(uploads),
            ..
        },
    ] = &again[..]
    else {
        panic!("it starts again: {again:?}");
    };
    assert_eq!(*deliveries, Some(1));
    assert_eq!(uploads.before, Received::default());
}

#[test]
fn what_visitors_may_hand_in_changes_under_the_same_link() {
    let (mut state, id) = online(
        Target::Folder("/home/somebody/Photos".into()),
        Changes::default(),
    );
    let on = update(&mut state, Event::Change(id, uploads(true)));
    let rules = UploadSettings::default();
    assert_eq!(
        on,
        [
            Effect::SetUploads(id, Some(rules)),
            Effect::SaveSettings(id)
        ]
    );
    let limited = Changes {
        max_size: Some(Limit::After(5000)),
        message: Some("Until Friday, please.".into()),
        ..Changes::default()
    };
    let effects = update(&mut state, Event::Change(id, limited));
    let rules = UploadSettings {
        max_size: Some(5000),
        message: "Until Friday, please.".into(),
        before: Received::default(),
    };
    assert!(effects.contains(&Effect::SetUploads(id, Some(rules))));
    let off = update(&mut state, Event::Change(id, uploads(false)));
    assert!(off.contains(&Effect::SetUploads(id, None)), "{off:?}");
    assert_eq!(state.shares[0].offered_link(), Some(LINKS[0]));
}

#[test]
fn visitors_can_not_add_files_where_they_could_do_harm_unless_the_owner_insists() {
    let target = Target::Folder("/home/somebody".into());
    let (mut state, id) = online(target.clone(), Changes::default());
    update(&mut state, Event::NoUploads(id, no_uploads()));
    assert!(!format!("{:?}", menu(&state)).contains("Visitors May Add Files"));
    let effects = update(&mut state, Event::Change(id, uploads(true)));
    assert_eq!(
        notices(&effects),
        [(
            "Visitors can't add files to somebody",
            "Anyone with the link could put files into your home folder, where programs may use them. To allow it anyway, run `spot-serve share --uploads --yes` with its path."
        )]
    );
    assert!(!state.shares[0].takes_files());
    let insists = Event::ShareWith {
        target,
        is_confirmed: true,
        changes: uploads(true),
    };
    update(&mut state, insists);
    assert!(state.shares[0].takes_files());
}

#[test]
fn a_resumed_inbox_counts_what_came_in_before() {
    let (mut state, id) = inbox(Changes {
        max_size: Some(Limit::After(5000)),
        deliveries: Some(Limit::After(3)),
        message: Some("Hello".into()),
        ..Changes::default()
    });
    update(&mut state, file(id, 1000));
    update(&mut state, delivery(id, 1, 1000, None));
    let changes = state.shares[0].settings_for_resuming(state.now);
    let (mut resumed, id) = inbox(changes);
    let share = &resumed.shares[0];
    assert_eq!(share.limits.deliveries_left(), Some(2));
    let before = Received {
        files: 1,
        bytes: 1000,
    };
    let settings = share.upload_settings().expect("it takes files");
    assert_eq!(settings.before, before);
    assert_eq!(settings.message, "Hello");
    update(&mut resumed, file(id, 500));
    let share = &resumed.shares[0];
    assert_eq!(share.received.in_words().unwrap(), "2 files (1.5 kB)");
    assert_eq!(
        share.upload_settings(),
        Some(settings),
        "the server counts what comes in now"
    );
}

#[test]
fn settings_that_a_share_can_not_have_are_refused() {
    let folder = Target::Folder("/a".into());
    let inbox = Target::Inbox("/a".into());
    let files = Target::Files {
        first: "/a".into(),
        others: Vec::new(),
    };
    let count = |is_delivery: bool| {
        let limit = Some(Limit::After(1));
        Changes {
            deliveries: limit.filter(|_| is_delivery),
            downloads: limit.filter(|_| !is_delivery),
            ..Changes::default()
        }
    };
    for (target, changes, is_refused) in [
        (&folder, uploads(true), false),
        (&folder, count(true), true),
        (&folder, count(false), false),
        (&inbox, uploads(false), true),
        (&inbox, count(true), false),
        (&inbox, count(false), true),
        (&files, uploads(true), true),
        (&files, uploads(false), false),
        (&Target::Site(80), uploads(true), true),
        (&Target::Site(80), count(false), true),
    ] {
        let refused = changes.refused_for(target);
        assert_eq!(refused.is_some(), is_refused, "{target:?} {changes:?}");
    }
}

#[test]
fn the_dialog_for_received_files_opens_in_their_usual_folder() {
    let mut state = State {
        inbox: Some("/home/somebody/Downloads/Received Files".into()),
        ..State::default()
    };
    let effects = update(&mut state, Event::PickInbox);
    assert!(
        matches!(&effects[..], [Effect::Pick { start: Some(start), .. }] if Some(start) == state.inbox.as_ref()),
        "{effects:?}"
    );
    assert_eq!(update(&mut state, Event::PickFolder), [], "one at a time");
    let chosen = PickResult::Chosen("/home/somebody/Homework".into());
    assert_eq!(
        update(&mut state, Event::Picked(chosen.clone())),
        [Effect::ResolveAndReceive("/home/somebody/Homework".into())]
    );
    update(&mut state, Event::PickFolder);
    assert_eq!(
        update(&mut state, Event::Picked(chosen)),
        [Effect::ResolveAndShare("/home/somebody/Homework".into())]
    );
}
