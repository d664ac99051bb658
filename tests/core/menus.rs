//! The menu in each state, as people see it.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use spot_serve::app::{
    Availability, Changes, Download, DownloadReport, Effect, Event, Icon, Incoming, Limit,
    MenuItem, Moment, Password, PasswordChange, PrivateContent, Problem, Received, RecentFolders,
    ShareId, Site, SiteState, State, Target, TunnelReport, UnderWay, menu, update,
};

const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";

fn rendered(state: &State) -> String {
    let mut text = format!("[{:?}] {}\n", state.icon(), state.tooltip());
    render(&menu(state).0, 0, &mut text);
    // The version changes with each release.
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn render(items: &[MenuItem], depth: usize, text: &mut String) {
    for item in items {
        let indent = "    ".repeat(depth);
        match item {
            MenuItem::Button { label, .. } => *text += &format!("{indent}{label}\n"),
            MenuItem::Note { label } => *text += &format!("{indent}({label})\n"),
            MenuItem::Check { label, checked, .. } => {
                let mark = if *checked { 'x' } else { ' ' };
                *text += &format!("{indent}{label} [{mark}]\n");
            }
            MenuItem::Choice { label, chosen, .. } => {
                let mark = if *chosen { 'o' } else { ' ' };
                *text += &format!("{indent}{label} ({mark})\n");
            }
            MenuItem::Submenu { label, items, .. } => {
                *text += &format!("{indent}{label} >\n");
                render(items, depth + 1, text);
            }
            MenuItem::Separator => *text += &format!("{indent}--------\n"),
        }
    }
}

fn sharing(reports: &[TunnelReport]) -> State {
    let mut state = State::default();
    share(&mut state, "/home/somebody/Pictures/Photos", reports);
    state
}

fn share(state: &mut State, folder: &str, reports: &[TunnelReport]) -> ShareId {
    update(state, Event::Share(Target::Folder(folder.into())));
    let id = state.shares.last().unwrap().id;
    let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
    update(state, Event::ServerStarted(id, address));
    update(state, Event::PlacesSearched(id, false));
    for report in reports {
        update(state, Event::Tunnel(id, report.clone()));
    }
    id
}

fn online() -> TunnelReport {
    TunnelReport::Online {
        link: LINK.into(),
        is_checked: true,
    }
}

#[test]
fn nothing_is_shared() {
    insta::assert_snapshot!(rendered(&State::default()));
}

#[test]
fn recent_folders_are_offered() {
    let mut state = State {
        recent: RecentFolders::new(
            [
                "/home/somebody/Pictures/Photos",
                "/mnt/disk/Photos",
                "/home/somebody/R&D/report_final <b>",
                "/home/somebody/a name that goes on and on and on and never seems to end.d",
                "/home/somebody/gone",
            ]
            .map(PathBuf::from),
        ),
        home: Some("/home/somebody".into()),
        autostart: true,
        ..State::default()
    };
    update(
        &mut state,
        Event::RecentChecked(vec![("/home/somebody/gone".into(), false)]),
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_share_is_starting() {
    let mut state = State::default();
    update(
        &mut state,
        Event::Share(Target::Folder("/home/somebody/Photos".into())),
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_share_is_connecting() {
    insta::assert_snapshot!(rendered(&sharing(&[TunnelReport::Named {
        link: LINK.into()
    }])));
}

#[test]
fn a_share_is_online() {
    insta::assert_snapshot!(rendered(&sharing(&[online()])));
}

#[test]
fn a_share_is_reconnecting() {
    insta::assert_snapshot!(rendered(&sharing(&[online(), TunnelReport::Reconnecting])));
}

#[test]
fn a_share_tries_again() {
    let state = sharing(&[
        TunnelReport::Down(Problem {
            short: "no network".into(),
            sentence: "There is no network.".into(),
            retry_in: None,
            needs_download: false,
        }),
        TunnelReport::Connecting("connecting…".into()),
    ]);
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_share_is_on_this_computer_only() {
    let problem = Problem {
        short: "no network".into(),
        sentence: "There is no network.".into(),
        retry_in: None,
        needs_download: false,
    };
    insta::assert_snapshot!(rendered(&sharing(&[TunnelReport::Down(problem)])));
}

fn without_a_sidecar() -> State {
    let mut state = State {
        download: Some(Download::offered(40_129_756)),
        ..State::default()
    };
    for folder in ["/home/somebody/Photos", "/home/somebody/Music"] {
        let problem = Problem {
            short: "cloudflared is missing".into(),
            sentence: "cloudflared was not found.".into(),
            retry_in: None,
            needs_download: true,
        };
        share(&mut state, folder, &[TunnelReport::Down(problem)]);
    }
    state
}

#[test]
fn two_shares_are_without_a_sidecar() {
    insta::assert_snapshot!(rendered(&without_a_sidecar()));
}

#[test]
fn the_sidecar_is_downloaded() {
    let mut state = without_a_sidecar();
    update(&mut state, Event::DownloadSidecar);
    update(
        &mut state,
        Event::Download(DownloadReport::Received(12_345_678)),
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_sidecar_that_cannot_be_downloaded_is_not_offered() {
    let mut state = without_a_sidecar();
    state.download = None;
    assert!(!rendered(&state).contains("ownload cloudflared"));
}

#[test]
fn a_share_is_stopping() {
    let mut state = sharing(&[online()]);
    update(&mut state, Event::StopAll);
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_share_would_make_private_content_public() {
    let mut state = State::default();
    update(
        &mut state,
        Event::Share(Target::Folder("/home/somebody".into())),
    );
    let id = state.shares[0].id;
    let things = ["your whole home folder", "a wallet (wallet.dat)"].map(str::to_owned);
    update(
        &mut state,
        Event::FoundPrivate(
            id,
            PrivateContent {
                things: things.into(),
                places: Vec::new(),
            },
        ),
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn a_confirmation_that_comes_while_the_share_stops_is_remembered() {
    for is_confirmed in [true, false] {
        let mut state = sharing(&[online()]);
        let (id, target) = (state.shares[0].id, state.shares[0].target.clone());
        update(&mut state, Event::Stop(id));
        let again = if is_confirmed {
            Event::ShareConfirmed(target.clone())
        } else {
            Event::Share(target.clone())
        };
        update(&mut state, again);
        update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
        let effects = update(&mut state, Event::ServerStopped(id));
        let asks = effects.iter().find_map(|effect| match effect {
            Effect::StartServer { check_private, .. } => Some(*check_private),
            _ => None,
        });
        assert_eq!(asks, Some(!is_confirmed));
    }
}

#[test]
fn a_file_is_not_called_a_folder() {
    let mut state = sharing(&[online()]);
    assert_eq!(state.tooltip(), "Spot Serve: 1 folder online");
    let file = Target::Files {
        first: "/home/somebody/plan.pdf".into(),
        others: Vec::new(),
    };
    update(&mut state, Event::Share(file));
    assert_eq!(state.tooltip(), "Spot Serve: 1 link online");
}

#[test]
fn local_sites_are_offered() {
    let mut state = State::default();
    let site = |port, program: &str| Site {
        port,
        program: program.into(),
    };
    update(
        &mut state,
        Event::FoundSites(vec![site(3000, "node"), site(8080, "evil\nname")]),
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn nothing_answers_on_the_port_of_a_site() {
    let mut state = State::default();
    update(&mut state, Event::Share(Target::Site(5173)));
    let id = state.shares[0].id;
    let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
    update(&mut state, Event::ServerStarted(id, address));
    update(&mut state, Event::Tunnel(id, online()));
    assert_eq!(state.icon(), Icon::Online);
    update(&mut state, Event::SiteState(id, SiteState::Down));
    assert_eq!(state.icon(), Icon::Problem);
    insta::assert_snapshot!(rendered(&state));
    for answers in [SiteState::Http, SiteState::Https] {
        update(&mut state, Event::SiteState(id, answers));
        assert_eq!(state.icon(), Icon::Online);
    }
}

#[test]
fn what_visitors_of_a_site_can_not_see_is_said_in_words() {
    for (site, words) in [
        (
            SiteState::Silent,
            "the program on port 22 closes connections without answering",
        ),
        (SiteState::NotHttp, "port 22 doesn't speak HTTP"),
        (SiteState::TlsFails, "HTTPS fails on port 22"),
    ] {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Site(22)));
        let id = state.shares[0].id;
        let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
        update(&mut state, Event::ServerStarted(id, address));
        update(&mut state, Event::SiteState(id, site));
        update(&mut state, Event::Tunnel(id, online()));
        assert_eq!(state.icon(), Icon::Problem);
        let rows = rendered(&state);
        assert!(rows.contains(&format!("localhost:22 – {words}")), "{rows}");
    }
}

#[test]
fn streams_of_events_are_held_back_by_quick_tunnels_only() {
    for (link, is_held_back) in [
        ("https://a-b.trycloudflare.com", true),
        ("https://share.example.org", false),
    ] {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Site(3000)));
        let id = state.shares[0].id;
        let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
        update(&mut state, Event::ServerStarted(id, address));
        update(&mut state, Event::SiteState(id, SiteState::Http));
        let online = TunnelReport::Online {
            link: link.into(),
            is_checked: true,
        };
        update(&mut state, Event::Tunnel(id, online));
        assert!(!rendered(&state).contains("event streams"));
        update(&mut state, Event::SiteStreamsEvents(id, true));
        let rows = rendered(&state);
        let marks = [
            "event streams are held back",
            "Your own tunnel, polling or WebSockets work.",
        ];
        for mark in marks {
            assert_eq!(rows.contains(mark), is_held_back, "{rows}");
        }
        assert_eq!(state.icon(), Icon::Online);
        update(&mut state, Event::SiteStreamsEvents(id, false));
        assert!(!rendered(&state).contains("event streams"));
    }
}

#[test]
fn the_folder_of_a_share_is_missing() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    update(
        &mut state,
        Event::ContentAvailability(id, Availability::Missing),
    );
    assert_eq!(state.icon(), Icon::Problem);
    insta::assert_snapshot!(rendered(&state));
    update(
        &mut state,
        Event::ContentAvailability(id, Availability::Available),
    );
    assert_eq!(state.icon(), Icon::Online);
}

#[test]
fn one_of_the_files_of_a_share_is_missing() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    let is = |availability| Event::ContentAvailability(id, availability);
    update(
        &mut state,
        is(Availability::PartlyMissing(vec!["plan.pdf".into()])),
    );
    assert_eq!(state.icon(), Icon::Problem);
    insta::assert_snapshot!(rendered(&state));
    update(&mut state, is(Availability::Available));
    assert_eq!(state.icon(), Icon::Online);
}

#[test]
fn a_share_has_a_password_and_limits() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    let changes = Changes {
        password: Some(PasswordChange::Generate),
        stop_after: Some(Limit::After(Duration::from_secs(90 * 60))),
        downloads: Some(Limit::After(3)),
        ..Changes::default()
    };
    update(&mut state, Event::Change(id, changes));
    let password = Password {
        text: Some("harbor-violin-dozen-maple".into()),
        hash: "hash".into(),
    };
    update(
        &mut state,
        Event::PasswordIs {
            share: id,
            password: Some(password),
            is_settled: true,
        },
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn the_time_of_a_share_is_over() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    let changes = Changes {
        stop_after: Some(Limit::After(Duration::from_secs(60 * 60))),
        ..Changes::default()
    };
    update(&mut state, Event::Change(id, changes));
    let over = Moment::after_start(Duration::from_secs(60 * 60));
    update(&mut state, Event::Now(over));
    let ending = rendered(&state);
    update(&mut state, Event::Drained(id));
    update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
    update(&mut state, Event::ServerStopped(id));
    insta::assert_snapshot!(format!("{ending}\n{}", rendered(&state)));
}

#[test]
fn the_first_complete_download_becomes_the_next_one_once_some_were_counted() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    let changes = Changes {
        downloads: Some(Limit::After(3)),
        ..Changes::default()
    };
    update(&mut state, Event::Change(id, changes));
    assert!(rendered(&state).contains("First Complete Download [ ]"));
    let downloaded = || Event::Downloaded {
        share: id,
        is_last: false,
    };
    update(&mut state, downloaded());
    let rows = rendered(&state);
    assert!(rows.contains("2 More Complete Downloads [x]"), "{rows}");
    assert!(rows.contains("Next Complete Download [ ]"), "{rows}");
    assert!(!rows.contains("First Complete Download"), "{rows}");
    update(&mut state, downloaded());
    let rows = rendered(&state);
    assert!(rows.contains("Next Complete Download [x]"), "{rows}");
}

#[test]
fn visitors_keep_the_disk_of_a_share_busy() {
    let mut state = sharing(&[online()]);
    let id = state.shares[0].id;
    let other = share(&mut state, "/home/somebody/Music", &[online()]);
    for (count, words) in [
        (1, "(1 request under way)"),
        (12, "(12 requests under way)"),
    ] {
        let under_way = UnderWay {
            count,
            visitors: Vec::new(),
        };
        let all = vec![(id, under_way), (other, UnderWay::default())];
        let effects = update(&mut state, Event::UnderWay(all));
        assert_eq!(effects, []);
        let rows = rendered(&state);
        assert_eq!(rows.matches(words).count(), 1, "{rows}");
        assert_eq!(rows.matches("under way").count(), 1, "{rows}");
    }
    update(&mut state, Event::UnderWay(Vec::new()));
    assert!(!rendered(&state).contains("under way"));
}

#[test]
fn two_shares_are_online() {
    let mut state = sharing(&[online()]);
    let link = "https://warm-stone-field-blue.trycloudflare.com".into();
    share(
        &mut state,
        "/home/somebody/Music",
        &[TunnelReport::Online {
            link,
            is_checked: true,
        }],
    );
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn shares_of_the_same_name_are_told_apart() {
    let mut state = State {
        home: Some("/home/somebody".into()),
        ..State::default()
    };
    let first = share(&mut state, "/home/somebody/shop/dist", &[online()]);
    share(&mut state, "/srv/blog/dist", &[]);
    insta::assert_snapshot!(rendered(&state));
    // Alone again, it needs no more than its name.
    update(&mut state, Event::Stop(first));
    update(&mut state, Event::Tunnel(first, TunnelReport::Ended));
    update(&mut state, Event::ServerStopped(first));
    assert_eq!(state.shares[0].name(), "dist");
}

#[test]
fn the_program_is_quitting() {
    let mut state = sharing(&[online()]);
    update(&mut state, Event::Quit);
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn files_come_in_to_an_inbox() {
    let mut state = State::default();
    let inbox = Target::Inbox("/home/somebody/Homework".into());
    let changes = Changes {
        deliveries: Some(Limit::After(3)),
        ..Changes::default()
    };
    update(
        &mut state,
        Event::ShareWith {
            target: inbox,
            is_confirmed: true,
            changes,
        },
    );
    let id = state.shares[0].id;
    let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
    update(&mut state, Event::ServerStarted(id, address));
    update(&mut state, Event::Tunnel(id, online()));
    let received = Received {
        files: 1,
        bytes: 1_200_000_000,
    };
    update(&mut state, Event::Received(id, received));
    let incoming = Incoming {
        files: 3,
        received: 540_000_000,
        expected: Some(1_200_000_000),
    };
    update(&mut state, Event::Incoming(id, incoming));
    let visitors = vec!["192.0.2.7".parse().unwrap()];
    let under_way = UnderWay { count: 1, visitors };
    update(&mut state, Event::UnderWay(vec![(id, under_way)]));
    insta::assert_snapshot!(rendered(&state));
}

#[test]
fn visitors_may_add_files_to_a_folder() {
    let mut state = sharing(&[online()]);
    let changes = Changes {
        uploads: Some(true),
        ..Changes::default()
    };
    let id = state.shares[0].id;
    update(&mut state, Event::Change(id, changes));
    insta::assert_snapshot!(rendered(&state));
}
