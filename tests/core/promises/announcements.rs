//! What the user is told about a link, and how often.

use super::*;

/// The link of a share works.
fn comes_online(id: ShareId, link: &str) -> Event {
    let online = TunnelReport::Online {
        link: link.into(),
        is_checked: true,
    };
    Event::Tunnel(id, online)
}

fn online() -> (State, ShareId) {
    let mut state = State::default();
    update(
        &mut state,
        Event::Share(Target::Folder("/home/somebody/Photos".into())),
    );
    let id = state.shares[0].id;
    update(&mut state, Event::ServerStarted(id, address()));
    update(&mut state, Event::PlacesSearched(id, false));
    let link = LINKS[0].to_owned();
    update(&mut state, Event::Tunnel(id, TunnelReport::Named { link }));
    update(&mut state, comes_online(id, LINKS[0]));
    (state, id)
}

#[test]
fn a_reconnect_with_the_same_link_is_not_announced_again() {
    let (mut state, id) = online();
    assert_eq!(
        update(&mut state, Event::Tunnel(id, TunnelReport::Reconnecting)),
        []
    );
    let effects = update(&mut state, comes_online(id, LINKS[0]));
    assert!(
        !effects.iter().any(|e| matches!(
            e,
            Effect::Announce { .. } | Effect::AnnounceNewLink { .. } | Effect::Notify(_)
        )),
        "{effects:?}"
    );
}

#[test]
fn a_new_link_is_announced_together_with_the_one_it_replaces() {
    let (mut state, id) = online();
    let effects = update(&mut state, comes_online(id, LINKS[1]));
    assert!(
        effects.iter().any(|e| matches!(e, Effect::AnnounceNewLink { link, old, .. } if link == LINKS[1] && old == LINKS[0])),
        "{effects:?}"
    );
}

#[test]
fn sharing_a_shared_folder_copies_its_link_instead_of_starting_twice() {
    let (mut state, _) = online();
    let effects = update(
        &mut state,
        Event::Share(Target::Folder("/home/somebody/Photos".into())),
    );
    assert!(
        matches!(&effects[..], [Effect::Copy { text, .. }] if text == LINKS[0]),
        "{effects:?}"
    );
    assert_eq!(state.shares.len(), 1);
}

#[test]
fn sharing_a_folder_that_is_stopping_restarts_it_after_the_stop() {
    let (mut state, id) = online();
    update(&mut state, Event::Stop(id));
    assert_eq!(
        update(
            &mut state,
            Event::Share(Target::Folder("/home/somebody/Photos".into()))
        ),
        []
    );
    assert_eq!(update(&mut state, Event::ServerStopped(id)), []);
    let effects = update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
    assert!(
        matches!(
            effects[..],
            [Effect::RecordEnd(ended, None), Effect::StartServer { share: new, .. }]
                if ended == id && new != id
        ),
        "{effects:?}"
    );
}

#[test]
fn a_problem_that_lasts_is_reported_once() {
    let (mut state, id) = online();
    let told = |state: &mut State| {
        update(
            state,
            Event::Tunnel(id, TunnelReport::Down(problem("no network"))),
        )
        .iter()
        .any(|effect| matches!(effect, Effect::Notify(_)))
    };
    assert!(told(&mut state));
    update(
        &mut state,
        Event::Tunnel(id, TunnelReport::Connecting("connecting…".into())),
    );
    assert!(!told(&mut state));
    update(&mut state, comes_online(id, LINKS[0]));
    assert!(told(&mut state), "after it worked, it is news again");
}

#[test]
fn a_notice_about_a_link_that_no_longer_works_is_not_shown() {
    use spot_serve::app::Notice;
    let (mut state, id) = online();
    let notice = Notice {
        share: Some(id),
        title: "Photos is online".into(),
        body: LINKS[0].into(),
        link: Some(LINKS[0].into()),
        ..Notice::default()
    };
    assert_eq!(
        update(&mut state, Event::ShowNotice(notice.clone())),
        [Effect::Notify(notice.clone())]
    );
    update(&mut state, Event::Stop(id));
    assert_eq!(update(&mut state, Event::ShowNotice(notice)), []);
}

#[test]
fn a_folder_that_stays_missing_is_reported_once_and_the_notice_withdrawn_when_it_is_back() {
    let (mut state, id) = online();
    let is = |availability| Event::ContentAvailability(id, availability);
    assert_eq!(update(&mut state, is(Availability::Missing)), []);
    assert_eq!(state.shares[0].status_text(), "the folder is missing");
    // A build that recreates its folder needs no notice.
    assert_eq!(update(&mut state, is(Availability::Available)), []);
    assert!(state.shares[0].status_text().starts_with("quiet-river"));

    update(&mut state, is(Availability::Missing));
    let told = update(&mut state, is(Availability::MissingForLong));
    assert!(
        matches!(&told[..], [Effect::Notify(notice)] if notice.title == "Photos is missing"),
        "{told:?}"
    );
    assert_eq!(
        state.shares[0].offered_link(),
        Some(LINKS[0]),
        "the link stays"
    );
    assert_eq!(
        update(&mut state, is(Availability::Available)),
        [Effect::WithdrawNotice(id)]
    );
}

#[test]
fn an_item_that_stays_missing_is_reported_while_visitors_see_the_others() {
    let (mut state, id) = online();
    let is = |availability| Event::ContentAvailability(id, availability);
    let without = |names: &[&str]| {
        let names = names.iter().map(|&name| name.into()).collect();
        is(Availability::PartlyMissing(names))
    };
    assert_eq!(update(&mut state, without(&["plan.pdf"])), []);
    let said = |state: &State| state.shares[0].reason();
    assert!(!state.shares[0].is_unavailable());
    assert_eq!(said(&state).as_deref(), Some("plan.pdf is missing"));
    let told = |effects: Vec<Effect>| match &effects[..] {
        [Effect::Notify(notice)] => (notice.title.clone(), notice.body.clone()),
        _ => panic!("{effects:?}"),
    };
    let (title, body) = told(update(&mut state, is(Availability::MissingForLong)));
    assert_eq!(title, "plan.pdf is missing");
    assert!(body.contains("see the rest of Photos"), "{body}");
    // What the notice says is no longer all.
    assert_eq!(
        update(&mut state, without(&["plan.pdf", "offer.pdf"])),
        [Effect::WithdrawNotice(id)]
    );
    let (title, _) = told(update(&mut state, is(Availability::MissingForLong)));
    assert_eq!(title, "2 items are missing");
    // Then all of it, and all but one again.
    update(&mut state, is(Availability::Missing));
    assert!(state.shares[0].is_unavailable());
    assert_eq!(
        update(&mut state, without(&["\u{202e}fdp.nalp"])),
        [Effect::WithdrawNotice(id)]
    );
    assert!(!state.shares[0].is_unavailable());
    assert_eq!(said(&state).as_deref(), Some("\u{fffd}fdp.nalp is missing"));
    assert_eq!(update(&mut state, is(Availability::Available)), []);
    assert_eq!(said(&state), None);
}

#[test]
fn a_link_is_not_announced_while_its_folder_is_missing() {
    let mut state = State::default();
    let folder = Target::Folder("/home/somebody/Photos".into());
    update(&mut state, Event::Share(folder));
    let id = state.shares[0].id;
    update(&mut state, Event::ServerStarted(id, address()));
    update(&mut state, Event::PlacesSearched(id, false));
    update(
        &mut state,
        Event::ContentAvailability(id, Availability::Missing),
    );
    let announces =
        |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Announce { .. }));
    let online = update(&mut state, comes_online(id, LINKS[0]));
    assert!(!announces(&online), "{online:?}");
    let back = update(
        &mut state,
        Event::ContentAvailability(id, Availability::Available),
    );
    assert!(announces(&back), "{back:?}");
}
