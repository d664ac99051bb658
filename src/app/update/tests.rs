//! What the user is notified of, and when.

use super::update;
use crate::app::{
    download::Download,
    effect::Effect,
    event::{DownloadReport, Event, PickResult, TunnelReport},
    network::{NetworkPlace, NetworkReport},
    notification::Notifications,
    photo_places::SAY_WHERE,
    private_content::PrivateContent,
    settings::Changes,
    share::{Problem, STILL_AVAILABLE, ShareId},
    site::SiteState,
    state::State,
    status::Status,
    target::Target,
};

const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";

/// A share that is connecting, without photos.
fn share(state: &mut State, folder: &str) -> ShareId {
    let id = searched(state, folder);
    update(state, Event::PlacesSearched(id, false));
    id
}

/// A share that is connecting, and is still searched for photos.
fn searched(state: &mut State, folder: &str) -> ShareId {
    update(state, Event::Share(Target::Folder(folder.into())));
    let id = state.shares[state.shares.len() - 1].id;
    update(state, Event::ServerStarted(id, ([127, 0, 0, 1], 1).into()));
    id
}

fn online(state: &mut State, id: ShareId) {
    let report = TunnelReport::Online {
        link: LINK.into(),
        is_checked: true,
    };
    update(state, Event::Tunnel(id, report));
}

fn titles(effects: &[Effect]) -> Vec<&str> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Notify(notice) => Some(notice.title.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_left_click_opens_the_dashboard_or_the_dialog_while_nothing_is_shared() {
    let mut state = State::default();
    let clicked = update(&mut state, Event::IconClicked);
    assert!(matches!(clicked[..], [Effect::Pick { .. }]), "{clicked:?}");
    update(&mut state, Event::Picked(PickResult::Cancelled));
    let id = share(&mut state, "/folder");
    let clicked = update(&mut state, Event::IconClicked);
    assert_eq!(clicked, [Effect::OpenDashboard]);
    update(&mut state, Event::Stop(id));
    let clicked = update(&mut state, Event::IconClicked);
    assert!(matches!(clicked[..], [Effect::Pick { .. }]), "{clicked:?}");
}

#[test]
fn a_long_name_leaves_room_for_the_rest_of_the_title() {
    let mut state = State::default();
    let id = share(&mut state, &format!("/{}", "long ".repeat(50)));
    let clicked = update(&mut state, Event::CopyLink(id));
    assert!(titles(&clicked)[0].chars().count() < 60, "{clicked:?}");
    assert!(titles(&clicked)[0].ends_with(" has no link yet"));
}

#[test]
fn notices_tell_shares_of_the_same_name_apart() {
    let mut state = State::default();
    let shop = share(&mut state, "/shop/dist");
    share(&mut state, "/blog/dist");
    let clicked = update(&mut state, Event::CopyLink(shop));
    assert_eq!(titles(&clicked), ["dist – /shop has no link yet"]);
}

#[test]
fn only_a_program_with_a_tray_mentions_its_menu() {
    let bodies = |state: &mut State| -> String {
        let id = share(state, "/Photos");
        let down = TunnelReport::Down(Problem {
            short: "cloudflared is missing".into(),
            sentence: "Run `spot-serve sidecar fetch`.".into(),
            retry_in: None,
            needs_download: true,
        });
        let told = update(state, Event::Tunnel(id, down));
        let ended = update(state, Event::ServerStopped(id));
        let all = told.into_iter().chain(ended);
        all.filter_map(|effect| match effect {
            Effect::Notify(notice) => Some(notice.body),
            _ => None,
        })
        .collect()
    };
    let mut tray = State::default();
    let said = bodies(&mut tray);
    assert!(said.contains("Help > Open Log"), "{said}");
    let mut terminal = State {
        ends_with_share: true,
        ..State::default()
    };
    let mut without_tray = State::default();
    update(&mut without_tray, Event::NoTrayHost);
    for state in [&mut terminal, &mut without_tray] {
        let said = bodies(state);
        assert!(!said.contains("menu") && !said.contains("Help >"), "{said}");
    }
}

#[test]
fn only_a_site_that_answers_is_called_available_on_this_computer() {
    let told = |site: Option<SiteState>| {
        let mut state = State::default();
        update(&mut state, Event::ShareConfirmed(Target::Site(5173)));
        let id = state.shares[0].id;
        update(
            &mut state,
            Event::ServerStarted(id, ([127, 0, 0, 1], 40000).into()),
        );
        if let Some(site) = site {
            update(&mut state, Event::SiteState(id, site));
        }
        let down = TunnelReport::Down(Problem {
            short: "no network".into(),
            sentence: format!("There is no network. {STILL_AVAILABLE}"),
            retry_in: None,
            needs_download: false,
        });
        let effects = update(&mut state, Event::Tunnel(id, down));
        let problem = Status::of(&state.shares[0], state.now).problem.unwrap();
        match &effects[..] {
            [Effect::SetPublicName(..), Effect::Notify(notice)] => (notice.body.clone(), problem),
            _ => panic!("{effects:?}"),
        }
    };
    let (notice, problem) = told(Some(SiteState::Https));
    assert_eq!(
        notice,
        "There is no network. Your site is on this computer only, at https://localhost:5173/."
    );
    assert!(problem.ends_with(STILL_AVAILABLE), "{problem}");
    let down =
        "There is no network. Visitors couldn't see it anyway: nothing answers on port 5173.";
    assert_eq!(told(Some(SiteState::Down)), (down.into(), down.into()));
    let unknown = "There is no network.";
    assert_eq!(told(None), (unknown.into(), unknown.into()));
}

#[test]
fn a_reported_failure_is_followed_by_a_notice_when_it_is_over() {
    for report in [TunnelReport::Down, TunnelReport::StillReconnecting] {
        let mut state = State::default();
        let id = share(&mut state, "/Photos");
        online(&mut state, id);
        let problem = Problem {
            short: "no network".into(),
            sentence: "There is no network.".into(),
            retry_in: None,
            needs_download: false,
        };
        update(&mut state, Event::Tunnel(id, TunnelReport::Reconnecting));
        update(&mut state, Event::Tunnel(id, report(problem)));
        let back = TunnelReport::Online {
            link: LINK.into(),
            is_checked: true,
        };
        let effects = update(&mut state, Event::Tunnel(id, back.clone()));
        assert_eq!(titles(&effects), ["Photos is online again"]);
        // A loss that was not reported needs no notice either.
        update(&mut state, Event::Tunnel(id, TunnelReport::Reconnecting));
        let effects = update(&mut state, Event::Tunnel(id, back));
        assert_eq!(titles(&effects), Vec::<&str>::new());
    }
}

#[test]
fn a_share_that_ends_unexpectedly_is_reported_and_a_stopped_one_is_not() {
    for is_unexpected in [true, false] {
        let mut state = State::default();
        let id = share(&mut state, "/Photos");
        online(&mut state, id);
        if !is_unexpected {
            update(&mut state, Event::Stop(id));
        }
        let mut effects = update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
        effects.extend(update(&mut state, Event::ServerStopped(id)));
        let expected: &[&str] = if is_unexpected {
            &["Photos stopped being shared unexpectedly"]
        } else {
            &[]
        };
        assert_eq!(titles(&effects), expected);
        assert!(state.shares.is_empty());
    }
}

#[test]
fn a_link_to_what_is_no_website_is_announced_when_a_website_takes_its_place() {
    for is_known_first in [true, false] {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Site(22)));
        let id = state.shares[0].id;
        update(
            &mut state,
            Event::ServerStarted(id, ([127, 0, 0, 1], 1).into()),
        );
        let report = TunnelReport::Online {
            link: LINK.into(),
            is_checked: true,
        };
        let mut effects = Vec::new();
        if is_known_first {
            effects.extend(update(&mut state, Event::SiteState(id, SiteState::NotHttp)));
        }
        effects.extend(update(&mut state, Event::Tunnel(id, report)));
        let is_announced = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Announce { .. }));
        assert_eq!(is_announced, !is_known_first);
        effects.extend(update(&mut state, Event::SiteState(id, SiteState::NotHttp)));
        assert_eq!(titles(&effects), ["Visitors can't see localhost:22"]);

        let effects = update(&mut state, Event::SiteState(id, SiteState::Https));
        assert_eq!(effects[0], Effect::WithdrawNotice(id));
        assert_eq!(effects.len(), if is_known_first { 2 } else { 1 });
        let local = state.shares[0].local_link();
        assert_eq!(local.as_deref(), Some("https://localhost:22/"));
    }
}

#[test]
fn a_missing_cloudflared_is_downloaded_after_one_question() {
    let mut state = State {
        download: Some(Download::offered(40_129_756)),
        ..State::default()
    };
    let down = || {
        TunnelReport::Down(Problem {
            short: "cloudflared is missing".into(),
            sentence: "cloudflared is not installed.".into(),
            retry_in: None,
            needs_download: true,
        })
    };
    let offered = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Notify(notice) => Some((notice.offer, notice.body.clone())),
            _ => None,
        })
    };
    let id = share(&mut state, "/Photos");
    let effects = update(&mut state, Event::Tunnel(id, down()));
    assert!(
        !effects.contains(&Effect::DownloadSidecar),
        "not without an answer"
    );
    let (offer, body) = offered(&effects).unwrap();
    let offer = offer.unwrap();
    assert_eq!(offer.label(), "Download (40 MB)");
    assert!(body.contains("can do that for you now (40 MB)"), "{body}");
    assert_eq!(update(&mut state, offer.into()), [Effect::DownloadSidecar]);
    // Another share asks nothing meanwhile.
    let other = share(&mut state, "/Music");
    let effects = update(&mut state, Event::Tunnel(other, down()));
    let (offer, body) = offered(&effects).unwrap();
    assert_eq!(offer, None);
    assert!(body.contains("is being downloaded"), "{body}");
    let done = update(&mut state, Event::Download(DownloadReport::Done));
    assert_eq!(done, [Effect::RetryTunnel(id), Effect::RetryTunnel(other)]);
}

#[test]
fn the_first_start_says_where_the_icon_is_and_without_one_offers_the_dialog() {
    let mut state = State::default();
    let place = "in your desktop's panel";
    let effects = update(&mut state, Event::Welcome { place });
    let [Effect::Notify(notice), Effect::RememberWelcome] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(notice.body.contains(place) && notice.body.contains("Click it"));
    let effects = update(&mut state, Event::NoTrayHost);
    let [Effect::Notify(notice)] = &effects[..] else {
        panic!("{effects:?}")
    };
    let offer = notice.offer.unwrap();
    assert_eq!(offer.label(), "Share a Folder…");
    let picked = update(&mut state, offer.into());
    assert!(matches!(picked[..], [Effect::Pick { .. }]), "{picked:?}");
}

#[test]
fn a_link_to_a_site_that_is_not_running_is_announced_as_such() {
    let mut state = State::default();
    update(&mut state, Event::Share(Target::Site(5173)));
    let id = state.shares[0].id;
    update(
        &mut state,
        Event::ServerStarted(id, ([127, 0, 0, 1], 1).into()),
    );
    update(&mut state, Event::SiteState(id, SiteState::Down));
    let report = TunnelReport::Online {
        link: LINK.into(),
        is_checked: true,
    };
    let effects = update(&mut state, Event::Tunnel(id, report));
    let notes: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Announce { note, .. } => note.as_deref(),
            _ => None,
        })
        .collect();
    assert_eq!(notes, ["Nothing answers on port 5173 yet."]);
}

#[test]
fn hidden_files_that_would_make_private_content_public_stay_hidden_until_the_user_agrees() {
    let show = Changes {
        hidden: Some(true),
        ..Changes::default()
    };
    let mut state = State::default();
    let id = share(&mut state, "/photos");
    let effects = update(&mut state, Event::Change(id, show.clone()));
    assert!(!effects.contains(&Effect::SetHidden(id, true)), "not yet");
    update(&mut state, Event::PrivateHidden(id, None));
    let effects = update(&mut state, Event::Change(id, show.clone()));
    assert_eq!(effects[0], Effect::SetHidden(id, true));
    let id = share(&mut state, "/project");
    let private = PrivateContent {
        things: vec!["keys (.ssh)".into()],
        places: Vec::new(),
    };
    update(&mut state, Event::PrivateHidden(id, Some(private)));
    let effects = update(&mut state, Event::Change(id, show.clone()));
    assert_eq!(titles(&effects), ["Hidden files in project stay hidden"]);
    assert!(!effects.contains(&Effect::SetHidden(id, true)));
    let agreed = Event::ShareWith {
        target: Target::Folder("/project".into()),
        is_confirmed: true,
        changes: show,
    };
    assert!(update(&mut state, agreed).contains(&Effect::SetHidden(id, true)));
}

/// What an event about a link tells of photos; `None` if it announces no link.
fn told_with_link(state: &mut State, event: Event) -> Option<Option<String>> {
    update(state, event)
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Announce { note, .. } => Some(note),
            _ => None,
        })
}

fn is_online(id: ShareId) -> Event {
    let report = TunnelReport::Online {
        link: LINK.into(),
        is_checked: false,
    };
    Event::Tunnel(id, report)
}

#[test]
fn the_owner_is_told_with_the_link_that_photos_say_where_they_were_taken() {
    let warning = Some(Some(SAY_WHERE.to_owned()));
    let mut state = State::default();
    let id = searched(&mut state, "/photos");
    assert_eq!(
        told_with_link(&mut state, Event::PlacesSearched(id, true)),
        None
    );
    assert_eq!(told_with_link(&mut state, is_online(id)), warning);
    // The link waits for it.
    for (folder, found, note) in [("/holidays", true, warning), ("/plans", false, Some(None))] {
        let id = searched(&mut state, folder);
        assert_eq!(told_with_link(&mut state, is_online(id)), None);
        let effects = update(&mut state, Event::PlacesSearched(id, found));
        let [
            Effect::Announce {
                is_checked,
                note: told,
                ..
            },
        ] = &effects[..]
        else {
            panic!("{effects:?}");
        };
        assert_eq!((*is_checked, Some(told.clone())), (false, note));
        assert_eq!(update(&mut state, Event::PlacesSearched(id, found)), []);
    }
    // Who wants visitors to know is not warned.
    state.defaults.places = true;
    let id = searched(&mut state, "/trips");
    update(&mut state, Event::PlacesSearched(id, true));
    assert_eq!(told_with_link(&mut state, is_online(id)), Some(None));
}

#[test]
fn photos_that_become_public_later_are_told_of_beside_the_notification_of_the_link() {
    let mut state = State::default();
    let id = share(&mut state, "/photos");
    online(&mut state, id);
    let effects = update(&mut state, Event::PlacesSearched(id, true));
    let [Effect::Notify(notice)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(notice.body, SAY_WHERE);
    assert!(notice.stands_alone);
    // Once, and nothing takes it back.
    for found in [true, false] {
        assert_eq!(update(&mut state, Event::PlacesSearched(id, found)), []);
    }
    // Nor does it need the notification of the link, which the owner may not want.
    state.notifications = Notifications::of([]);
    let id = searched(&mut state, "/holidays");
    let effects = update(&mut state, Event::PlacesSearched(id, true));
    assert_eq!(
        titles(&effects),
        ["Photos in holidays say where they were taken"]
    );
    let has_places = Status::of(&state.shares[0], state.now).has_places;
    assert_eq!(has_places, Some(true));
}

#[test]
fn a_link_in_the_network_waits_for_what_is_said_of_photos_too() {
    let mut state = State::default();
    state.defaults.lan = true;
    let id = searched(&mut state, "/photos");
    let place = NetworkPlace {
        addresses: vec![([192, 168, 1, 5], 48630).into()],
        name: None,
    };
    update(&mut state, Event::Network(id, NetworkReport::Open(place)));
    let problem = Problem {
        short: "no network".into(),
        sentence: "There is no network.".into(),
        retry_in: None,
        needs_download: false,
    };
    let told = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::AnnounceOnNetwork(announcement) => Some(announcement.note),
            _ => None,
        })
    };
    let down = Event::Tunnel(id, TunnelReport::Down(problem));
    assert_eq!(told(update(&mut state, down)), None);
    let searched = Event::PlacesSearched(id, true);
    assert_eq!(told(update(&mut state, searched)), Some(Some(SAY_WHERE)));
}
