//! What the dashboard shows: every share with its settings, as plain data.

use serde::Serialize;

use super::{
    download::Download,
    incoming::{Incoming, Received},
    label,
    limits::TIMES,
    link,
    moment::Moment,
    secret::Secret,
    share::{Phase, Share},
    state::State,
    status::{StateWord, Status},
    target::Target,
};

/// Everything that the dashboard shows of the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// In the order they were started.
    pub shares: Vec<Card>,
    /// Shares that have ended by themselves, and can be shared again.
    pub ended: Vec<Ended>,
    pub general: General,
}

/// What is about no share in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct General {
    /// The folder dialog is open.
    pub is_picking: bool,
    /// The program is ending.
    pub is_quitting: bool,
    /// The times to choose from, after which a share can end, in seconds.
    pub times: Vec<u64>,
    /// The bytes of cloudflared that have been downloaded, while that is under way.
    pub download: Option<u64>,
    /// The bytes of the whole download; `None` if there is none for this computer.
    pub download_size: Option<u64>,
}

/// A share that has ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    pub id: u64,
    pub name: String,
}

/// One share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    pub id: u64,
    pub name: String,
    pub kind: Kind,
    /// The path of what is shared, with `~` for the home folder; of several, the first.
    pub place: Option<String>,
    pub state: StateWord,
    /// How it is doing, for a colour.
    pub mood: Mood,
    /// What is wrong and what to do about it, or what it asks, in English.
    pub problem: Option<String>,
    pub link: Option<String>,
    pub local_link: Option<String>,
    /// The links in the local network, the one that most likely works first.
    pub network_links: Vec<String>,
    /// Why it isn't open there although the owner wants that, in English.
    pub network_problem: Option<String>,
    /// Whether the owner is asked to open it to a public network.
    pub asks_about_network: bool,
    /// When it ends by itself, in seconds since the start of the computer.
    pub ends_at: Option<u64>,
    pub received: Received,
    pub incoming: Incoming,
    /// What can be set now; `None` while that makes no sense.
    pub settings: Option<Settings>,
    /// What can be done now.
    pub actions: Vec<CardAction>,
}

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Folder,
    Files,
    Text,
    Site,
    Inbox,
}

/// How a share is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mood {
    /// Visitors can see it.
    Good,
    /// On its way there, or to its end.
    Busy,
    /// Something is wrong, or it waits for an answer.
    Troubled,
}

/// The settings of a share, each with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    pub protected: bool,
    /// A change of the password is not in effect yet.
    pub is_password_changing: bool,
    /// The password, if it is known.
    pub password: Option<Secret>,
    /// The link that works without entering it.
    pub link_with_password: Option<Secret>,
    /// Whether visitors may add files; `None` if that can't be set.
    pub uploads: Option<bool>,
    /// Whether visitors see hidden files; `None` if that can't be set.
    pub hidden: Option<bool>,
    /// Whether visitors are told where photos were taken; `None` if it has no photos.
    pub places: Option<bool>,
    /// Whether it is open to the local network; `None` if that can't be set.
    pub lan: Option<bool>,
    /// The seconds after which it ends.
    pub stop_after: Option<u64>,
    /// What is counted, if anything can be.
    pub counts: Option<Counts>,
    /// What visitors who hand in files read; `None` if they can't.
    pub message: Option<String>,
    /// The bytes that visitors may hand in.
    pub max_size: Option<u64>,
    /// The bytes in a second that all visitors are sent together.
    pub limit: Option<u64>,
}

/// After how many complete downloads or deliveries a share ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub what: Counted,
    pub left: Option<u32>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    Downloads,
    Deliveries,
}

/// What can be done with a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardAction {
    Confirm,
    Retry,
    DownloadSidecar,
    OpenFolder,
    Stop,
}

/// The dashboard for this state.
pub fn overview(state: &State) -> Overview {
    Overview {
        shares: state
            .shares
            .iter()
            .map(|share| card(state, share))
            .collect(),
        ended: state
            .ended
            .iter()
            .map(|ended| Ended {
                id: ended.id.0,
                name: ended.name.clone(),
            })
            .collect(),
        general: General {
            is_picking: state.picking.is_some(),
            is_quitting: state.quitting,
            times: TIMES.iter().map(|time| time.as_secs()).collect(),
            download: state.download.and_then(|download| download.received),
            download_size: state.download.map(|download| download.size),
        },
    }
}

fn card(state: &State, share: &Share) -> Card {
    let status = Status::of(share, state.now);
    let home = state.home.as_deref();
    let place = share
        .target
        .place()
        .map(|path| label::with_tilde(path, home));
    let left = share
        .limits
        .time_left(state.now)
        .filter(|_| share.counts_down());
    Card {
        id: share.id.0,
        name: share.name(),
        kind: match share.target {
            Target::Folder(_) => Kind::Folder,
            Target::Files { .. } | Target::Spooled(_) => Kind::Files,
            Target::Text(_) => Kind::Text,
            Target::Site(_) => Kind::Site,
            Target::Inbox(_) => Kind::Inbox,
        },
        place,
        state: status.state,
        mood: mood(share),
        problem: problem(share, &status),
        link: status.link,
        local_link: status.local_link,
        network_links: status.network_links,
        network_problem: status.network_problem,
        asks_about_network: share.asks_about_network(),
        ends_at: left.map(|left| seconds(state.now.after(left))),
        received: share.received,
        incoming: share.incoming,
        settings: share.counts_down().then(|| settings(share)),
        actions: actions(state, share),
    }
}

fn seconds(moment: Moment) -> u64 {
    moment.since_start().as_secs()
}

fn mood(share: &Share) -> Mood {
    let is_asking = matches!(share.phase, Phase::Asking(_));
    if share.reason().is_some() || share.is_unavailable() || is_asking {
        Mood::Troubled
    } else if share.phase == Phase::Online {
        Mood::Good
    } else {
        Mood::Busy
    }
}

/// What is wrong, with as much as is known.
fn problem(share: &Share, status: &Status) -> Option<String> {
    let ending = share.ending_because().map(|end| end.sentence());
    let problem = ending.or_else(|| status.problem.clone());
    let problem = problem.or_else(|| share.reason());
    // The words for the state don't tell.
    let unavailable = || share.is_unavailable().then(|| share.status_text());
    let problem = problem.or_else(unavailable)?;
    let lines: Vec<String> = problem.lines().map(label::visible).collect();
    Some(lines.join("\n"))
}

fn settings(share: &Share) -> Settings {
    let password = share.known_password();
    let with_password = share
        .offered_link()
        .zip(password)
        .map(|(link, password)| link::with_password(link, password).into());
    let is_folder = matches!(share.target, Target::Folder(_));
    let can_take = is_folder && (share.uploads || share.no_uploads.is_none());
    let counts = match share.target {
        // A site has no downloads to count.
        Target::Site(_) => None,
        Target::Inbox(_) => Some(Counts {
            what: Counted::Deliveries,
            left: share.limits.deliveries_left(),
        }),
        Target::Folder(_) | Target::Files { .. } | Target::Spooled(_) | Target::Text(_) => {
            Some(Counts {
                what: Counted::Downloads,
                left: share.limits.downloads_left(),
            })
        }
    };
    Settings {
        protected: share.wants_password,
        is_password_changing: share.is_password_changing,
        password: password.map(Into::into),
        link_with_password: with_password,
        uploads: can_take.then_some(share.uploads),
        hidden: share.offered_hidden(),
        places: share.offered_places(),
        lan: share.can_be_on_network().then_some(share.lan),
        stop_after: share.limits.stop_after().map(|time| time.as_secs()),
        counts,
        message: share.takes_files().then(|| share.message.clone()),
        max_size: share.max_size,
        limit: share.speed_limit,
    }
}

fn actions(state: &State, share: &Share) -> Vec<CardAction> {
    if share.phase == Phase::Stopping {
        return Vec::new();
    }
    let mut actions = Vec::new();
    if matches!(share.phase, Phase::Asking(_)) {
        return vec![CardAction::Confirm, CardAction::Stop];
    }
    let is_downloading = |download: Download| download.received.is_some();
    if share.needs_download() && state.download.is_some_and(|it| !is_downloading(it)) {
        actions.push(CardAction::DownloadSidecar);
    }
    if share.can_retry() {
        actions.push(CardAction::Retry);
    }
    let is_folder = matches!(share.target, Target::Folder(_) | Target::Inbox(_));
    let is_folder_gone = share.is_missing && is_folder;
    if share.target.folder().is_some() && !is_folder_gone {
        actions.push(CardAction::OpenFolder);
    }
    actions.push(CardAction::Stop);
    actions
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use super::*;
    use crate::app::{
        event::{Event, TunnelReport},
        private_content::PrivateContent,
        settings::{Changes, Limit, Password},
        share::ShareId,
        update::update,
    };

    const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";

    fn online(state: &mut State, target: Target) -> ShareId {
        update(state, Event::Share(target));
        let id = ShareId(state.last_id);
        let address: SocketAddr = "127.0.0.1:40000".parse().unwrap();
        update(state, Event::ServerStarted(id, address));
        update(state, Event::PlacesSearched(id, false));
        let report = TunnelReport::Online {
            link: LINK.into(),
            is_checked: true,
        };
        update(state, Event::Tunnel(id, report));
        id
    }

    fn folder() -> Target {
        Target::Folder("/home/ada/Photos".into())
    }

    fn only(state: &State) -> Card {
        let mut cards = overview(state).shares;
        assert_eq!(cards.len(), 1);
        cards.remove(0)
    }

    #[test]
    fn a_share_that_is_online_has_a_link_and_all_its_settings() {
        let mut state = State {
            home: Some("/home/ada".into()),
            ..State::default()
        };
        online(&mut state, folder());
        let card = only(&state);
        assert_eq!((card.kind, card.mood), (Kind::Folder, Mood::Good));
        assert_eq!(card.place.as_deref(), Some("~/Photos"));
        assert_eq!(card.link.as_deref(), Some(LINK));
        assert_eq!(card.problem, None);
        let settings = card.settings.unwrap();
        assert!(!settings.protected);
        assert_eq!(settings.uploads, Some(false));
        assert_eq!(settings.message, None);
        let counts = settings.counts.unwrap();
        assert_eq!((counts.what, counts.left), (Counted::Downloads, None));
        assert_eq!(card.actions, [CardAction::OpenFolder, CardAction::Stop]);
    }

    #[test]
    fn a_password_is_shown_once_it_is_in_effect() {
        let mut state = State::default();
        let id = online(&mut state, folder());
        update(&mut state, Event::RequirePassword(id, true));
        let settings = only(&state).settings.unwrap();
        assert!(settings.protected && settings.is_password_changing);
        assert_eq!(settings.password, None);
        let password = Some(Password {
            text: Some("harbor violin".into()),
            hash: "hash".into(),
        });
        let event = Event::PasswordIs {
            share: id,
            password,
            is_settled: true,
        };
        update(&mut state, event);
        let settings = only(&state).settings.unwrap();
        assert_eq!(settings.password, Some("harbor violin".into()));
        let link = settings.link_with_password.unwrap();
        assert_eq!(link.reveal(), format!("{LINK}/#password=harbor%20violin"));
    }

    #[test]
    fn the_end_is_a_moment_that_stays_the_same_while_time_passes() {
        let mut state = State::default();
        let id = online(&mut state, folder());
        let changes = Changes {
            stop_after: Some(Limit::After(Duration::from_secs(3600))),
            ..Changes::default()
        };
        update(&mut state, Event::Change(id, changes));
        let before = only(&state);
        assert_eq!(before.ends_at, Some(3600));
        let later = Moment::after_start(Duration::from_secs(600));
        update(&mut state, Event::Now(later));
        assert_eq!(only(&state), before);
    }

    #[test]
    fn a_site_counts_nothing_and_takes_nothing() {
        let mut state = State::default();
        online(&mut state, Target::Site(3000));
        let card = only(&state);
        assert_eq!((card.kind, card.place), (Kind::Site, None));
        let settings = card.settings.unwrap();
        assert_eq!((settings.counts, settings.uploads), (None, None));
        assert_eq!(card.actions, [CardAction::Stop]);
    }

    #[test]
    fn a_share_that_asks_says_why_and_offers_only_the_answers() {
        let mut state = State::default();
        update(&mut state, Event::Share(folder()));
        let private = PrivateContent {
            things: vec!["SSH keys (\u{202e}.ssh)".into()],
            places: Vec::new(),
        };
        update(&mut state, Event::FoundPrivate(ShareId(1), private));
        let card = only(&state);
        assert_eq!(card.mood, Mood::Troubled);
        assert_eq!(
            card.problem.unwrap(),
            "Anyone with the link could see SSH keys (\u{fffd}.ssh)."
        );
        assert_eq!(card.settings, None);
        assert_eq!(card.actions, [CardAction::Confirm, CardAction::Stop]);
    }

    #[test]
    fn a_share_that_stops_can_do_nothing() {
        let mut state = State::default();
        let id = online(&mut state, folder());
        update(&mut state, Event::Stop(id));
        let card = only(&state);
        assert_eq!((card.settings, card.actions), (None, Vec::new()));
    }
}
