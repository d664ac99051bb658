//! The promises of the program hold for any order of events.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use proptest::prelude::*;
use spot_serve::app::{
    Availability, Changes, Download, DownloadReport, Effect, Event, Incoming, Left, Limit, Moment,
    NetworkAnnouncement, NetworkClosed, NetworkPlace, NetworkReport, Password, PasswordChange,
    Phase, PickResult, PrivateContent, Problem, Received, Share, ShareId, SiteState, State, Target,
    TunnelReport, UploadSettings, Visits, menu, update, with_password,
};

mod announcements;
mod limits;
mod network;
mod receiving;
mod visitors;

const LINKS: [&str; 3] = [
    "https://quiet-river-lake-sand.trycloudflare.com",
    "https://warm-stone-field-blue.trycloudflare.com",
    "https://late-cloud-tower-mint.trycloudflare.com",
];

/// The size of cloudflared, in bytes.
const SIZE: u64 = 40_129_756;

/// The outside world as the core sees it: what was started and has not ended yet.
#[derive(Default)]
struct World {
    servers: HashSet<ShareId>,
    /// Servers that may still report private content.
    check_private: HashSet<ShareId>,
    tunnels: HashSet<ShareId>,
    asked_to_stop: HashSet<(ShareId, &'static str)>,
    downloads: u32,
    /// The saved pictures of QR codes, and the links in them.
    qr_codes: HashMap<ShareId, String>,
    /// Whether visitors will need a password, once all that was asked for is in effect.
    passwords: HashMap<ShareId, bool>,
    /// Shares with a change of the password that is not in effect yet.
    changing: HashSet<ShareId>,
    /// What visitors may hand in to each server.
    uploads: HashMap<ShareId, Option<UploadSettings>>,
    /// Shares that are to be open to the local network, and where they were reported to be.
    networks: HashMap<ShareId, Option<NetworkReport>>,
    /// Shares that were told to serve nothing new.
    ended: HashSet<ShareId>,
    /// Shares whose start is in the history, and whose end is not.
    recorded: HashSet<ShareId>,
    exited: bool,
}

fn address() -> SocketAddr {
    "127.0.0.1:40000".parse().unwrap()
}

fn private() -> PrivateContent {
    PrivateContent {
        things: vec!["SSH keys (.ssh)".into()],
        places: Vec::new(),
    }
}

fn problem(short: &str) -> Problem {
    Problem {
        short: short.into(),
        sentence: format!("There is {short}."),
        retry_in: Some(Duration::from_secs(5)),
        needs_download: short == "no sidecar",
    }
}

/// Any event about one of the first few shares, even one that makes no sense in the current state.
fn any_event() -> impl Strategy<Value = Event> {
    let id = (1_u64..6).prop_map(ShareId);
    let link = prop::sample::select(LINKS.to_vec()).prop_map(str::to_owned);
    let folder = (0..4).prop_map(|n| PathBuf::from(format!("/home/somebody/folder-{n}")));
    let report = prop_oneof![
        Just(TunnelReport::Connecting("connecting…".into())),
        link.clone().prop_map(|link| TunnelReport::Named { link }),
        link.prop_map(|link| TunnelReport::Online {
            link,
            is_checked: true
        }),
        Just(TunnelReport::Reconnecting),
        prop::sample::select(vec!["no network", "no sidecar"])
            .prop_map(|short| TunnelReport::Down(problem(short))),
        Just(TunnelReport::Ended),
    ];
    let minutes = (0_u64..300).prop_map(|minutes| Duration::from_secs(60 * minutes));
    let target = (folder.clone(), any::<bool>()).prop_map(|(folder, is_inbox)| match is_inbox {
        true => Target::Inbox(folder),
        false => Target::Folder(folder),
    });
    let incoming =
        (0_u32..4, prop::option::of(0_u64..2_000)).prop_map(|(files, expected)| Incoming {
            files,
            received: 1_000,
            expected,
        });
    let delivery = (
        id.clone(),
        1_u32..4,
        prop::option::of(".{0,50}"),
        any::<bool>(),
    )
        .prop_map(|(share, files, sender, is_last)| Event::Delivered {
            share,
            files,
            bytes: 1_000,
            sender,
            is_last,
        });
    let download = prop_oneof![
        3 => Just(Event::DownloadSidecar),
        2 => (0..SIZE).prop_map(|got| Event::Download(DownloadReport::Received(got))),
        1 => Just(Event::Download(DownloadReport::Done)),
        1 => Just(Event::Download(DownloadReport::Failed("It is gone.".into()))),
    ];
    prop_oneof![
        4 => folder.clone().prop_map(|folder| Event::Share(Target::Folder(folder))),
        1 => folder.clone().prop_map(|folder| Event::ShareConfirmed(Target::Folder(folder))),
        1 => Just(Event::Share(Target::Site(3000))),
        2 => folder.clone().prop_map(|folder| Event::Share(Target::Inbox(folder))),
        2 => (id.clone(), incoming).prop_map(|(id, incoming)| Event::Incoming(id, incoming)),
        2 => (id.clone(), 0_u64..5_000)
            .prop_map(|(id, bytes)| Event::Received(id, Received { files: 1, bytes })),
        3 => delivery,
        2 => (id.clone(), 0_u32..3, 0_u32..3).prop_map(|(id, visits, downloads)| Event::Visited(id, Visits {
            visits,
            downloads,
            file: (downloads > 0).then(|| "plan.pdf".into()),
        })),
        4 => (id.clone(), network()).prop_map(|(id, report)| Event::Network(id, report)),
        1 => id.clone().prop_map(Event::CopyNetworkLink),
        1 => id.clone().prop_map(Event::ShowNetworkQrCode),
        1 => id.clone().prop_map(|id| Event::NoUploads(id, no_uploads())),
        1 => id.clone().prop_map(|id| Event::PrivateHidden(id, Some(no_uploads()))),
        3 => (id.clone(), any::<bool>()).prop_map(|(id, found)| Event::PlacesSearched(id, found)),
        1 => id.clone().prop_map(Event::OpenFolder),
        1 => Just(Event::PickInbox),
        2 => (target, any::<bool>(), changes()).prop_map(|(target, is_confirmed, changes)| {
            Event::ShareWith { target, is_confirmed, changes }
        }),
        3 => (id.clone(), changes()).prop_map(|(id, changes)| Event::Change(id, changes)),
        2 => (id.clone(), any::<bool>()).prop_map(|(id, is_on)| Event::RequirePassword(id, is_on)),
        4 => id.clone().prop_map(|id| Event::PasswordIs { share: id, password: Some(password()), is_settled: true }),
        1 => id.clone().prop_map(|id| Event::PasswordFailed(id, "It is empty.".into())),
        1 => id.clone().prop_map(Event::CopyPassword),
        1 => id.clone().prop_map(Event::CopyLinkWithPassword),
        2 => (id.clone(), any::<bool>())
            .prop_map(|(share, is_last)| Event::Downloaded { share, is_last }),
        2 => id.clone().prop_map(Event::Drained),
        1 => id.clone().prop_map(Event::ShareAgain),
        3 => minutes.prop_map(|time| Event::Now(Moment::after_start(time))),
        1 => folder.clone().prop_map(Event::ShareRecent),
        1 => Just(Event::PickFolder),
        1 => folder.prop_map(|folder| Event::Picked(PickResult::Chosen(folder))),
        1 => Just(Event::Picked(PickResult::Cancelled)),
        2 => id.clone().prop_map(Event::CopyLink),
        1 => id.clone().prop_map(Event::OpenInBrowser),
        2 => id.clone().prop_map(Event::ShowQrCode),
        2 => id.clone().prop_map(Event::Stop),
        1 => Just(Event::StopAll),
        1 => Just(Event::IconClicked),
        1 => Just(Event::MenuOpens),
        6 => id.clone().prop_map(|id| Event::ServerStarted(id, address())),
        1 => id.clone().prop_map(|id| Event::ServerFailed(id, "It is gone.".into())),
        3 => id.clone().prop_map(Event::ServerStopped),
        2 => id.clone().prop_map(|id| Event::FoundPrivate(id, private())),
        2 => id.clone().prop_map(Event::ConfirmShare),
        1 => (id.clone(), site_state()).prop_map(|(id, state)| Event::SiteState(id, state)),
        1 => (id.clone(), any::<bool>()).prop_map(|(id, does)| Event::SiteStreamsEvents(id, does)),
        3 => (id.clone(), availability()).prop_map(|(id, is)| Event::ContentAvailability(id, is)),
        10 => (id, report).prop_map(|(id, report)| Event::Tunnel(id, report)),
        4 => download,
        1 => Just(Event::Quit),
    ]
}

fn no_uploads() -> PrivateContent {
    PrivateContent {
        things: Vec::new(),
        places: vec!["your home folder".into()],
    }
}

/// Shares a folder with these settings, which is served and connecting then.
fn served(state: &mut State, changes: Changes) -> (ShareId, Vec<Effect>) {
    let share = Event::ShareWith {
        target: Target::Folder("/home/somebody/Photos".into()),
        is_confirmed: true,
        changes,
    };
    update(state, share);
    let id = state.shares[0].id;
    update(state, Event::PlacesSearched(id, false));
    (id, update(state, Event::ServerStarted(id, address())))
}

fn password() -> Password {
    Password {
        text: Some("harbor-violin-dozen-maple".into()),
        hash: "hash".into(),
    }
}

fn changes() -> impl Strategy<Value = Changes> {
    let password = prop::sample::select(vec![
        None,
        Some(PasswordChange::Remove),
        Some(PasswordChange::Generate),
        Some(PasswordChange::Set("secret".into())),
        Some(PasswordChange::Restore(password())),
    ]);
    let time = prop::sample::select(vec![0_u64, 10, 60]);
    let time = prop::option::of(time.prop_map(|minutes| Duration::from_secs(60 * minutes)));
    let downloads = prop::option::of(1_u32..3);
    let (time, downloads) = (time.prop_map(Limit::of), downloads.prop_map(Limit::of));
    let deliveries = prop::option::of(1_u32..3).prop_map(Limit::of);
    let limits = (
        prop::option::of(time),
        prop::option::of(downloads),
        prop::option::of(deliveries),
    );
    let max_size = prop::option::of(1_000_u64..5_000).prop_map(Limit::of);
    let speed = prop::option::of(1_000_u64..5_000).prop_map(Limit::of);
    let others = (
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
        prop::option::of(max_size),
        prop::option::of("[a-z]{0,3}"),
        prop::option::of(any::<bool>()),
        prop::option::of(speed),
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
    );
    (password, limits, others).prop_map(|(password, limits, others)| {
        let (uploads, lan, max_size, message, hidden, speed_limit, cors, places) = others;
        let (stop_after, downloads, deliveries) = limits;
        Changes {
            password,
            stop_after,
            downloads,
            deliveries,
            uploads,
            hidden,
            cors,
            places,
            lan,
            max_size,
            message,
            speed_limit,
            inspect: None,
            left: Left::default(),
        }
    })
}

fn network() -> impl Strategy<Value = NetworkReport> {
    let open = prop::sample::select(vec!["192.168.1.5:48630", "10.0.0.7:48630"]);
    let open = open.prop_map(|address| {
        NetworkReport::Open(NetworkPlace {
            addresses: vec![address.parse().unwrap()],
            name: None,
        })
    });
    let closed = prop::sample::select(vec![
        NetworkClosed::NoNetwork,
        NetworkClosed::OnlyPublic,
        NetworkClosed::Unconfirmed {
            name: "Cafe".into(),
            is_public: true,
        },
    ]);
    prop_oneof![3 => open, 1 => closed.prop_map(NetworkReport::Closed)]
}

fn site_state() -> impl Strategy<Value = SiteState> {
    prop::sample::select(vec![
        SiteState::Http,
        SiteState::Https,
        SiteState::Down,
        SiteState::Silent,
        SiteState::NotHttp,
        SiteState::TlsFails,
    ])
}

fn availability() -> impl Strategy<Value = Availability> {
    prop::sample::select(vec![
        Availability::Available,
        Availability::PartlyMissing(vec!["plan.pdf".into()]),
        Availability::Missing,
        Availability::MissingForLong,
    ])
}

/// Servers, tunnels and downloads report their end once, and only if they were started.
fn can_happen(event: &Event, world: &World) -> bool {
    match event {
        Event::ServerStarted(id, _) | Event::ServerFailed(id, _) | Event::ServerStopped(id) => {
            world.servers.contains(id)
        }
        // Only reported before the server starts, and only if the user hasn't confirmed.
        Event::FoundPrivate(id, _) => {
            world.servers.contains(id) && world.check_private.contains(id)
        }
        Event::Tunnel(id, _) => world.tunnels.contains(id),
        Event::Download(_) => world.downloads == 1,
        Event::PasswordIs { share: id, .. } | Event::PasswordFailed(id, _) => {
            world.changing.contains(id)
        }
        Event::Downloaded { share, .. } => {
            world.servers.contains(share) && !world.ended.contains(share)
        }
        Event::Delivered { share: id, .. } => {
            world.servers.contains(id)
                && !world.ended.contains(id)
                && world.uploads.get(id).is_some_and(Option::is_some)
        }
        Event::Network(id, _) => world.networks.contains_key(id),
        // Uploads that are under way go on when the share has ended or takes no more.
        Event::Incoming(id, _) | Event::Received(id, _) => world.servers.contains(id),
        Event::NoUploads(id, _) | Event::PrivateHidden(id, _) | Event::PlacesSearched(id, _) => {
            world.servers.contains(id)
        }
        Event::Drained(id) => world.ended.contains(id),
        _ => true,
    }
}

fn take(world: &mut World, state: &mut State, event: Event) {
    let event = match event {
        // The world reports what was asked for last.
        Event::PasswordIs {
            share: id,
            password,
            ..
        } => {
            let is_locked = world.passwords.get(&id) == Some(&true);
            Event::PasswordIs {
                share: id,
                password: password.filter(|_| is_locked),
                is_settled: true,
            }
        }
        // The password before stays, whatever it is.
        Event::PasswordFailed(id, why) => {
            let before = state
                .share(id)
                .is_some_and(|share| share.password.is_some());
            world.passwords.insert(id, before);
            Event::PasswordFailed(id, why)
        }
        event => event,
    };
    match &event {
        Event::PasswordIs { share: id, .. } | Event::PasswordFailed(id, _) => {
            world.changing.remove(id);
        }
        Event::Downloaded {
            share,
            is_last: true,
        }
        | Event::Delivered {
            share,
            is_last: true,
            ..
        } => {
            world.ended.insert(*share);
        }
        Event::Network(id, report) => {
            world.networks.insert(*id, Some(report.clone()));
        }
        Event::ServerFailed(id, _) | Event::ServerStopped(id) | Event::FoundPrivate(id, _) => {
            world.networks.remove(id);
            world.servers.remove(id);
        }
        Event::ServerStarted(id, _) => {
            world.check_private.remove(id);
        }
        Event::Tunnel(id, TunnelReport::Ended) => {
            world.tunnels.remove(id);
        }
        Event::Download(DownloadReport::Done | DownloadReport::Failed(_)) => world.downloads = 0,
        _ => {}
    }
    let told_before: HashSet<String> = state
        .shares
        .iter()
        .filter_map(|share| share.announced.clone())
        .collect();
    let effects = update(state, event.clone());
    for effect in &effects {
        check(effect, state, world, &told_before);
    }
    check_download(&event, &effects, state, world);
    check_access(state, world);
    check_uploads(state, world);
    check_network(state, world);
    for (id, link) in &world.qr_codes {
        let offered = state.share(*id).is_some_and(|share| share.offers(link));
        assert!(offered, "a QR code goes with its link");
    }
    for share in &state.shares {
        assert_eq!(
            share.offered_link().is_some(),
            matches!(share.phase, Phase::Online | Phase::Reconnecting),
            "a link is offered exactly while it works or is about to work again: {share:?}"
        );
        let shown = format!("{:?}", menu(state));
        if let (None, Some(link)) = (share.offered_link(), &share.announced) {
            let is_offered_by_another = state
                .shares
                .iter()
                .any(|other| other.offered_link() == Some(link));
            assert!(
                is_offered_by_another || !shown.contains(link.trim_start_matches("https://")),
                "the menu shows a link that does not work: {shown}"
            );
        }
    }
}

/// A link in the local network is shown exactly while the share is open there.
fn check_network(state: &State, world: &World) {
    for share in &state.shares {
        if let Some(place) = share.network_place() {
            let open = world.networks.get(&share.id).cloned().flatten();
            assert_eq!(open, Some(NetworkReport::Open(place.clone())), "{share:?}");
        }
        let is_meant = world.networks.contains_key(&share.id);
        if share.counts_down() && !matches!(share.phase, Phase::Starting) {
            assert_eq!(is_meant, share.lan, "{share:?}");
        }
    }
}

/// Nothing is served beyond its limits, or without a password that is wanted.
fn check_access(state: &State, world: &World) {
    for share in &state.shares {
        if share.counts_down() {
            assert_eq!(share.limits.reached(state.now), None, "{share:?}");
            assert!(!world.ended.contains(&share.id), "{share:?}");
        }
        if world.servers.contains(&share.id) && share.counts_down() {
            let is_locked = world.passwords.get(&share.id) == Some(&true);
            assert_eq!(is_locked, share.wants_password, "{share:?}");
        }
        if let Some(known) = share.known_password() {
            assert_eq!(
                Some(known),
                password().text.as_ref().map(|text| text.reveal())
            );
            assert!(share.wants_password && !world.changing.contains(&share.id));
        }
    }
}

/// Visitors may hand in what the owner has set, and only to an inbox or a folder.
fn check_uploads(state: &State, world: &World) {
    for share in &state.shares {
        if world.servers.contains(&share.id) && share.counts_down() {
            let allowed = world.uploads.get(&share.id).cloned().flatten();
            assert_eq!(allowed, share.upload_settings(), "{share:?}");
        }
        match share.target {
            Target::Inbox(_) => assert!(share.takes_files() && !share.uploads),
            Target::Folder(_) => {}
            _ => assert!(!share.takes_files(), "{share:?}"),
        }
        if share.phase == Phase::Stopping {
            assert_eq!(share.incoming, Incoming::default());
        }
    }
}

/// The menu row matches the state of the download, and a downloaded sidecar is used.
fn check_download(event: &Event, effects: &[Effect], state: &State, world: &World) {
    let shown = format!("{:?}", menu(state));
    let lacking = state.shares.iter().filter(|share| share.needs_download());
    let lacking: Vec<ShareId> = lacking.map(|share| share.id).collect();
    let is_offered = shown.contains("Download cloudflared (40 MB)…");
    let is_running = shown.contains("Downloading cloudflared…");
    let has_row = !lacking.is_empty() && !state.quitting;
    assert_eq!(is_offered, has_row && world.downloads == 0, "{shown}");
    assert_eq!(is_running, has_row && world.downloads == 1, "{shown}");
    if state.quitting {
        return;
    }
    match event {
        Event::Download(DownloadReport::Done) => {
            let retried = |id| effects.contains(&Effect::RetryTunnel(id));
            assert!(lacking.into_iter().all(retried), "{effects:?}");
        }
        Event::Download(DownloadReport::Failed(why)) => {
            let is_told =
                |effect: &Effect| matches!(effect, Effect::Notify(notice) if notice.body == *why);
            assert!(effects.iter().any(is_told), "{effects:?}");
        }
        _ => {}
    }
}

/// Whether the text is the share's link, with the password or without.
fn opens(share: &Share, text: &str) -> bool {
    let Some(link) = share.offered_link() else {
        return false;
    };
    let password = share.known_password();
    text == link || password.is_some_and(|password| text == with_password(link, password))
}

fn check(effect: &Effect, state: &State, world: &mut World, told_before: &HashSet<String>) {
    match effect {
        Effect::StartServer {
            share: id,
            check_private,
            password,
            uploads,
            ..
        } => {
            world.uploads.insert(*id, uploads.clone());
            world.ended.remove(id);
            world.passwords.insert(*id, password.protects());
            if password.protects() {
                world.changing.insert(*id);
            }
            if *check_private {
                world.check_private.insert(*id);
            } else {
                world.check_private.remove(id);
            }
            assert!(!state.quitting, "nothing is started after Quit");
            assert!(world.servers.insert(*id), "no share is started twice");
        }
        Effect::StartTunnel(id, _) => {
            assert!(!state.quitting, "nothing is started after Quit");
            assert!(!world.ended.contains(id), "nothing is started at the end");
            assert!(world.tunnels.insert(*id));
        }
        Effect::RecordStart(id) => {
            assert!(world.servers.contains(id), "a share that is served");
            assert!(world.recorded.insert(*id), "it starts once");
        }
        Effect::RecordEnd(id, _) => {
            assert!(world.recorded.remove(id), "what has started ends once");
        }
        Effect::DownloadSidecar => {
            assert!(!state.quitting, "nothing is started after Quit");
            world.downloads += 1;
            assert_eq!(world.downloads, 1, "one download at a time");
        }
        Effect::ChangePassword(id, change) => {
            assert!(world.servers.contains(id), "a share that is served");
            world.passwords.insert(*id, change.protects());
            world.changing.insert(*id);
        }
        Effect::SetUploads(id, uploads) => {
            assert!(world.servers.contains(id), "a share that is served");
            world.uploads.insert(*id, uploads.clone());
        }
        Effect::LimitDeliveries(id, _) => {
            assert!(world.servers.contains(id), "a share that is served");
        }
        Effect::OpenToNetwork { share: id, .. } => {
            assert!(world.servers.contains(id), "a share that is served");
            assert!(state.share(*id).is_some_and(|share| share.lan));
            assert_eq!(world.networks.insert(*id, None), None);
        }
        Effect::OpenToNetworkAnyway(id) => {
            let told = world.networks.get(id).cloned().flatten();
            let is_public = |report: &NetworkReport| {
                matches!(
                    report,
                    NetworkReport::Closed(NetworkClosed::Unconfirmed { .. })
                )
            };
            assert!(told.as_ref().is_some_and(is_public), "it was asked for");
        }
        Effect::CloseToNetwork(id) => {
            assert!(world.networks.remove(id).is_some(), "it was open");
        }
        Effect::AnnounceOnNetwork(NetworkAnnouncement {
            share: id, link, ..
        }) => {
            let share = state.share(*id).expect("a share that is there");
            assert!(matches!(share.phase, Phase::LocalOnly(_)), "{share:?}");
            assert!(!share.is_missing, "no link to nothing is announced");
            assert!(share.has_places.is_some(), "what to say of photos is known");
            let open = world.networks.get(id).cloned().flatten();
            let place = match open {
                Some(NetworkReport::Open(place)) => place,
                other => panic!("only an open share is announced: {other:?}"),
            };
            assert_eq!(place.link().as_ref(), Some(link));
        }
        Effect::EndServing(id) => {
            assert!(world.servers.contains(id), "a share that is served");
            world.ended.insert(*id);
        }
        Effect::StopServer(id) => {
            world.networks.remove(id);
            world.asked_to_stop.insert((*id, "server"));
        }
        Effect::StopTunnel(id) => {
            world.asked_to_stop.insert((*id, "tunnel"));
        }
        Effect::Announce { share, link, .. } | Effect::AnnounceNewLink { share, link, .. } => {
            let share = state
                .share(*share)
                .expect("only a share that is there is announced");
            assert_eq!(
                share.phase,
                Phase::Online,
                "only an online share is announced"
            );
            assert!(!share.is_missing, "no link to nothing is announced");
            assert_eq!(share.site_trouble(), None, "nor one to what is no website");
            assert!(share.has_places.is_some(), "what to say of photos is known");
            if let (Effect::Announce { note, .. }, Some(warning)) =
                (effect, share.warning_of_places())
            {
                let is_told = note.as_ref().is_some_and(|note| note.contains(warning));
                assert!(is_told, "{note:?}");
            }
            assert_eq!(share.link.as_ref(), Some(link));
            let is_from_another = state
                .shares
                .iter()
                .filter(|s| s.announced.as_ref() == Some(link))
                .count()
                > 1;
            assert!(
                is_from_another || !told_before.contains(link),
                "a link is told once"
            );
        }
        Effect::Copy { text, .. } if text.starts_with("https:") => {
            assert!(
                state.shares.iter().any(|share| opens(share, text)),
                "only a link that works is copied"
            );
        }
        Effect::Copy { text, .. }
            if text.starts_with("http://1") && !text.contains("127.0.0.1") =>
        {
            let mut shares = state.shares.iter();
            assert!(
                shares.any(|share| share.network_link().as_ref() == Some(text)),
                "only a link that works is copied"
            );
        }
        Effect::ShowQrCode { share, link } => {
            let offered = state.share(*share).is_some_and(|share| share.offers(link));
            assert!(offered, "only a link that works is shown");
            world.qr_codes.insert(*share, link.clone());
        }
        Effect::RemoveQrCode(share) => {
            assert!(world.qr_codes.remove(share).is_some(), "there is a picture");
        }
        Effect::OpenUrl(url) if url.starts_with("https:") && !url.contains("//localhost:") => {
            assert!(
                state
                    .shares
                    .iter()
                    .any(|share| share.offered_link() == Some(url))
            );
        }
        Effect::Exit => {
            assert!(
                world.servers.is_empty() && world.tunnels.is_empty(),
                "nothing is left at the end"
            );
            assert!(world.qr_codes.is_empty(), "no QR code is left at the end");
            assert!(world.recorded.is_empty(), "every end is in the history");
            world.exited = true;
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_order_of_events_keeps_the_promises(events in prop::collection::vec(any_event(), 1..80)) {
        let mut state = State {
            download: Some(Download::offered(SIZE)),
            ..State::default()
        };
        let mut world = World::default();
        for event in events {
            if !world.exited && can_happen(&event, &world) {
                take(&mut world, &mut state, event);
            }
        }
        // Whatever happened before: after Quit, everything that is running was asked to stop,
        // and the program ends when it has.
        if !world.exited {
            take(&mut world, &mut state, Event::Quit);
        }
        for id in world.servers.clone() {
            // This includes servers that are still starting.
            prop_assert!(world.asked_to_stop.contains(&(id, "server")), "{id:?}");
        }
        for id in world.tunnels.clone() {
            prop_assert!(world.asked_to_stop.contains(&(id, "tunnel")), "{id:?}");
        }
        for id in world.servers.clone() {
            take(&mut world, &mut state, Event::ServerStopped(id));
        }
        for id in world.tunnels.clone() {
            take(&mut world, &mut state, Event::Tunnel(id, TunnelReport::Ended));
        }
        prop_assert!(world.exited, "the program ends: {state:?}");
    }
}
