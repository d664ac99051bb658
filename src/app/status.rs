//! A share as commands and other programs see it. The JSON form is a contract.

use serde::{Deserialize, Serialize};

use super::{
    incoming::{Incoming, Received},
    moment::Moment,
    network::NetworkReport,
    share::{EVENTS_HELD_BACK, Phase, SHARE_ANYWAY, Share, command},
    target::Target,
    under_way::UnderWay,
};

/// The status of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Distinct among all shares.
    pub name: String,
    /// What it shares. Names that are not Unicode are shown as closely as possible.
    pub paths: Vec<String>,
    /// The port, if it shares a site.
    pub port: Option<u16>,
    pub state: StateWord,
    /// The state in words, with its progress: `also trying HTTP/2…`.
    pub status_text: String,
    /// The public link, if it works or will work again soon.
    pub link: Option<String>,
    /// Its address on this computer.
    pub local_link: Option<String>,
    /// False if visitors can't see the shared site, or the files are missing.
    pub reachable: bool,
    /// Visitors need a password.
    pub protected: bool,
    /// The seconds until it ends by itself, or null.
    pub ends_in_s: Option<u64>,
    /// The complete downloads until it ends by itself, or null.
    pub downloads_left: Option<u32>,
    /// The complete deliveries until it ends by itself, or null.
    pub deliveries_left: Option<u32>,
    /// Visitors only hand in files, and see nothing.
    pub inbox: bool,
    /// Visitors may hand in files.
    pub uploads: bool,
    /// Visitors see hidden files, too.
    pub hidden: bool,
    /// Scripts of other websites may read it while it needs no password.
    pub cors: bool,
    /// Visitors are told where photos were taken.
    #[serde(default)]
    pub show_places: bool,
    /// Photos in it say where they were taken, as far as was looked; null until that has happened.
    #[serde(default)]
    pub has_places: Option<bool>,
    /// The owner opens it to the local network.
    pub lan: bool,
    /// Its links there while it is open, the one that most likely works first.
    pub network_links: Vec<String>,
    /// Why it isn't open there although the owner wants that, and what to do.
    pub network_problem: Option<String>,
    /// The bytes that visitors may hand in, or null.
    pub max_size: Option<u64>,
    /// What visitors who hand in files read.
    pub message: String,
    /// The bytes in a second that all visitors are sent together, or null.
    pub limit: Option<u64>,
    /// What is coming in.
    pub receiving: Incoming,
    /// What has come in.
    pub received: Received,
    /// The visitors' requests that are being answered. They keep the disk busy.
    pub under_way: UnderWay,
    /// What is wrong: why there is no link or visitors can't see the site, and what to do about it; which
    /// files are missing; or which private files it would make public.
    pub problem: Option<String>,
}

impl Status {
    /// Why a share waits for confirmation: `contains private files.`
    pub fn why_it_asks(&self) -> &str {
        self.status_text.trim_end_matches(SHARE_ANYWAY).trim_end()
    }

    /// The command that shares it.
    pub fn command(&self) -> &'static str {
        command(self.inbox)
    }
}

/// The names of a share's phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    Starting,
    /// Waits for confirmation, because it would make private content public.
    Asking,
    Connecting,
    Online,
    Reconnecting,
    LocalOnly,
    /// A limit was reached; running downloads may finish.
    Ending,
    Stopping,
}

impl Status {
    /// The status of a share at this moment.
    pub fn of(share: &Share, now: Moment) -> Self {
        let (state, problem) = match &share.phase {
            Phase::Starting => (StateWord::Starting, None),
            Phase::Asking(private) => (StateWord::Asking, Some(private.sentence())),
            Phase::Connecting(_) => (StateWord::Connecting, None),
            Phase::Online => (
                StateWord::Online,
                (share.site_trouble())
                    .or_else(|| share.missing_items())
                    .or_else(|| (share.holds_back_events()).then(|| EVENTS_HELD_BACK.to_owned())),
            ),
            Phase::Reconnecting => (StateWord::Reconnecting, None),
            Phase::LocalOnly(problem) => {
                (StateWord::LocalOnly, Some(share.problem_in_words(problem)))
            }
            Phase::Ending(_) => (StateWord::Ending, None),
            Phase::Stopping => (StateWord::Stopping, None),
        };
        let port = match share.target {
            Target::Site(port) => Some(port),
            Target::Folder(_)
            | Target::Files { .. }
            | Target::Spooled(_)
            | Target::Text(_)
            | Target::Inbox(_) => None,
        };
        Self {
            name: share.name(),
            paths: share
                .target
                .paths()
                .map(|path| path.display().to_string())
                .collect(),
            port,
            state,
            status_text: match &share.phase {
                Phase::LocalOnly(problem) if share.is_unavailable() => {
                    format!("{}; no link: {}", share.status_text(), problem.short)
                }
                Phase::LocalOnly(problem) => {
                    format!("{}: {}", share.status_text(), problem.short)
                }
                _ => share.status_text(),
            },
            link: share.offered_link().map(str::to_owned),
            local_link: share.local_link(),
            protected: share.wants_password,
            ends_in_s: share.limits.time_left(now).map(|left| left.as_secs()),
            downloads_left: share.limits.downloads_left(),
            deliveries_left: share.limits.deliveries_left(),
            inbox: share.is_inbox(),
            uploads: share.takes_files(),
            hidden: share.hidden,
            cors: share.cors,
            show_places: share.places,
            has_places: share.has_places,
            lan: share.lan,
            network_links: share
                .network_place()
                .map(|place| place.links())
                .unwrap_or_default(),
            network_problem: match &share.network {
                Some(NetworkReport::Closed(why)) => Some(why.sentence()),
                _ => None,
            },
            max_size: share.max_size.filter(|_| share.takes_files()),
            message: share.message.clone(),
            limit: share.speed_limit,
            receiving: share.incoming,
            received: share.received,
            reachable: !share.is_site_unavailable() && !share.is_missing,
            under_way: share.under_way.clone(),
            problem,
        }
    }
}
