//! Shares that are also on the local network.

use super::*;

const LINK: &str = "http://192.168.1.5:48630/";

fn place(address: &str) -> NetworkReport {
    NetworkReport::Open(NetworkPlace {
        addresses: vec![address.parse().unwrap()],
        name: None,
    })
}

fn lan(is_on: bool) -> Changes {
    Changes {
        lan: Some(is_on),
        ..Changes::default()
    }
}

fn served_now(changes: Changes) -> (State, ShareId, Vec<Effect>) {
    let mut state = State::default();
    let (id, effects) = served(&mut state, changes);
    (state, id, effects)
}

fn announced(effects: &[Effect]) -> Option<&NetworkAnnouncement> {
    effects.iter().find_map(|effect| match effect {
        Effect::AnnounceOnNetwork(announcement) => Some(announcement),
        _ => None,
    })
}

fn down(id: ShareId) -> Event {
    Event::Tunnel(id, TunnelReport::Down(problem("no network")))
}

#[test]
fn a_share_is_opened_with_its_server_and_switched_off_at_once() {
    let (mut state, id, effects) = served_now(lan(true));
    let open = Effect::OpenToNetwork {
        share: id,
        name: "Photos".into(),
        port: None,
    };
    assert!(effects.contains(&open), "{effects:?}");
    update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    assert_eq!(state.shares[0].network_link().as_deref(), Some(LINK));
    let off = update(&mut state, Event::Change(id, lan(false)));
    assert!(off.contains(&Effect::CloseToNetwork(id)), "{off:?}");
    assert_eq!(state.shares[0].network_link(), None);
    // The same port as before.
    let on = update(&mut state, Event::Change(id, lan(true)));
    let open = Effect::OpenToNetwork {
        share: id,
        name: "Photos".into(),
        port: Some(48630),
    };
    assert!(on.contains(&open), "{on:?}");
}

#[test]
fn by_default_a_share_is_not_on_the_network() {
    let (mut state, id, effects) = served_now(Changes::default());
    let opens = |effects: &[Effect]| {
        let mut all = effects.iter();
        all.any(|effect| matches!(effect, Effect::OpenToNetwork { .. }))
    };
    assert!(!opens(&effects), "{effects:?}");
    // A report that comes too late changes nothing.
    update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    assert_eq!(state.shares[0].network_link(), None);
    state.defaults.lan = true;
    let inbox = Target::Inbox("/home/somebody/Inbox".into());
    for (target, is_opened) in [(inbox, true), (Target::Site(3000), false)] {
        update(&mut state, Event::Share(target));
        let id = state.shares.last().unwrap().id;
        let effects = update(&mut state, Event::ServerStarted(id, address()));
        assert_eq!(opens(&effects), is_opened, "{effects:?}");
    }
}

#[test]
fn without_a_public_link_the_one_in_the_network_is_announced_once() {
    let (mut state, id, _) = served_now(lan(true));
    let open = update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    assert_eq!(announced(&open), None, "a public link may come");
    let effects = update(&mut state, down(id));
    let announcement = announced(&effects).expect("it is announced");
    assert_eq!(announcement.link, LINK);
    assert_eq!(announcement.why, "no network");
    assert_eq!(state.shares[0].status_text(), "on your network only");
    assert!(announced(&update(&mut state, down(id))).is_none());
    let copied = update(&mut state, Event::CopyLink(id));
    assert!(
        matches!(&copied[..], [Effect::Copy { text, .. }] if text == LINK),
        "{copied:?}"
    );
    // Once the public link works, it is announced as usual.
    let online = TunnelReport::Online {
        link: LINKS[0].into(),
        is_checked: true,
    };
    let effects = update(&mut state, Event::Tunnel(id, online));
    let is_announced =
        |effect: &Effect| matches!(effect, Effect::Announce { link, .. } if link == LINKS[0]);
    assert!(effects.iter().any(is_announced), "{effects:?}");
    // Losing it later is a problem to tell of. The clipboard is the user's.
    let effects = update(&mut state, down(id));
    assert_eq!(announced(&effects), None);
    let tells =
        |effect: &Effect| matches!(effect, Effect::Notify(notice) if notice.body.contains(LINK));
    assert!(effects.iter().any(tells), "{effects:?}");
}

#[test]
fn a_network_that_comes_later_is_announced_and_followed() {
    let (mut state, id, _) = served_now(lan(true));
    let none = NetworkReport::Closed(NetworkClosed::NoNetwork);
    update(&mut state, Event::Network(id, none));
    let effects = update(&mut state, down(id));
    assert_eq!(announced(&effects), None, "it is open nowhere");
    let effects = update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    assert_eq!(announced(&effects).unwrap().link, LINK);
    let effects = update(&mut state, Event::Network(id, place("10.0.0.7:48630")));
    let now = announced(&effects).unwrap();
    assert_eq!(now.link, "http://10.0.0.7:48630/");
}

#[test]
fn the_link_in_the_network_is_copied_and_shown_as_a_picture() {
    let (mut state, id, _) = served_now(lan(true));
    let rows = |state: &State| format!("{:?}", menu(state));
    assert!(!rows(&state).contains("Network Link"));
    update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    for row in ["Copy Network Link", "Show Network QR Code"] {
        assert!(rows(&state).contains(row), "{row}");
    }
    let copied = update(&mut state, Event::CopyNetworkLink(id));
    let is_link = |effect: &Effect| matches!(effect, Effect::Copy { text, is_secret: false, .. } if text == LINK);
    assert!(copied.iter().any(is_link), "{copied:?}");
    let shown = update(&mut state, Event::ShowNetworkQrCode(id));
    let link = LINK.to_owned();
    assert!(shown.contains(&Effect::ShowQrCode { share: id, link }));
    // It goes with the link.
    let off = update(&mut state, Event::Change(id, lan(false)));
    assert!(off.contains(&Effect::RemoveQrCode(id)), "{off:?}");
}

#[test]
fn a_machine_with_public_addresses_only_says_why_it_is_not_opened() {
    let (mut state, id, _) = served_now(lan(true));
    let public = NetworkReport::Closed(NetworkClosed::OnlyPublic);
    update(&mut state, Event::Network(id, public));
    let rows = format!("{:?}", menu(&state));
    assert!(
        rows.contains("Not on your network: all addresses here are public"),
        "{rows}"
    );
    assert!(!rows.contains("Copy Network Link"), "{rows}");
}

#[test]
fn a_public_network_needs_the_owners_consent() {
    let (mut state, id, _) = served_now(lan(true));
    let public = NetworkReport::Closed(NetworkClosed::Unconfirmed {
        name: "Café".into(),
        is_public: true,
    });
    let asked = update(&mut state, Event::Network(id, public.clone()));
    let asks = |effect: &Effect| matches!(effect, Effect::Notify(notice) if notice.body.contains("calls the network Café public"));
    assert!(asked.iter().any(asks), "{asked:?}");
    assert_eq!(update(&mut state, Event::Network(id, public)), []);
    assert!(format!("{:?}", menu(&state)).contains("Open on This Network Anyway"));
    let open = Effect::OpenToNetworkAnyway(id);
    // To share it again is no answer.
    let again = Event::ShareWith {
        target: state.shares[0].target.clone(),
        is_confirmed: true,
        changes: lan(true),
    };
    assert!(!update(&mut state, again).contains(&open));
    let agreed = update(&mut state, Event::Change(id, lan(true)));
    assert!(agreed.contains(&open), "{agreed:?}");
    update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    assert_eq!(state.shares[0].network_link().as_deref(), Some(LINK));
    // Only then is there something to agree to.
    let again = update(&mut state, Event::Change(id, lan(true)));
    assert!(!again.contains(&open), "{again:?}");
    let off = update(&mut state, Event::Change(id, lan(false)));
    assert!(off.contains(&Effect::CloseToNetwork(id)), "{off:?}");
}

#[test]
fn in_a_terminal_the_owner_agrees_beforehand() {
    let mut state = State {
        ends_with_share: true,
        agrees_to_networks: true,
        ..State::default()
    };
    let (id, _) = served(&mut state, lan(true));
    let unknown = NetworkReport::Closed(NetworkClosed::Unconfirmed {
        name: "wlan0".into(),
        is_public: false,
    });
    let effects = update(&mut state, Event::Network(id, unknown));
    assert_eq!(effects, [Effect::OpenToNetworkAnyway(id)]);
}

#[test]
fn a_share_with_a_password_says_that_others_could_listen() {
    let (mut state, id, _) = served_now(Changes {
        password: Some(PasswordChange::Generate),
        ..lan(true)
    });
    update(&mut state, Event::Network(id, place("192.168.1.5:48630")));
    let rows = format!("{:?}", menu(&state));
    assert!(
        rows.contains("others on your network could listen"),
        "{rows}"
    );
    assert!(
        announced(&update(&mut state, down(id)))
            .unwrap()
            .is_protected
    );
}
