//! One share: what it shares, and the phase of its life.

use std::{net::SocketAddr, time::Duration};

use super::{
    arrivals::Arrivals,
    incoming::{Incoming, Received},
    label,
    limits::{EndReason, Limits},
    moment::Moment,
    name::Name,
    network::{NetworkClosed, NetworkPlace, NetworkReport},
    notification::Notifications,
    private_content::PrivateContent,
    settings::{Changes, Password},
    site::SiteState,
    target::Target,
    under_way::UnderWay,
    visitors::Visitors,
};

/// Identifies a share while the program runs. An ID is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShareId(pub u64);

/// The end of each sentence about a share that is still served on this computer.
pub const STILL_AVAILABLE: &str = "Until then it is on this computer only.";

/// The same, for a share that is open to the local network.
const STILL_ON_NETWORK: &str = "Until then it is on your network only.";

/// Where the names of quick tunnels are.
const QUICK_DOMAIN: &str = ".trycloudflare.com";

/// What helps a site whose streams of events are held back.
pub const EVENTS_HELD_BACK: &str = "This site sends event streams, which a free trycloudflare.com link passes on only when they end. Your own tunnel, polling or WebSockets work.";

/// What a share that waits for confirmation asks.
pub const SHARE_ANYWAY: &str = "Share anyway?";

/// Why there is no public link, and when the program tries again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A few words for the menu row: `the DNS lookup failed`.
    pub short: String,
    /// One or two sentences: what failed, why, and what to do.
    pub sentence: String,
    /// Time until the next attempt; `None` if only the user can fix the problem.
    pub retry_in: Option<Duration>,
    /// cloudflared is missing, and downloading it would help.
    pub needs_download: bool,
}

/// Where a share is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The server is starting.
    Starting,
    /// The share would make private content public, or let strangers put files where they may do harm,
    /// and waits for the user's confirmation.
    Asking(PrivateContent),
    /// Served on this computer, and the tunnel is connecting. The text says how far it is.
    Connecting(String),
    /// The public link works.
    Online,
    /// The link is valid, but the tunnel has lost its connection for the moment.
    Reconnecting,
    /// Served on this computer only.
    LocalOnly(Problem),
    /// A limit was reached: nothing new is served, and what is under way may finish.
    Ending(EndReason),
    /// Stopping. The share is gone when both its server and its tunnel have ended.
    Stopping,
}

impl Phase {
    /// Whether nothing new is served any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ending(_) | Self::Stopping)
    }
}

/// One share: a target, its server, its tunnel and its public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub id: ShareId,
    pub target: Target,
    /// Its name among all shares. [`State`](super::State) keeps it distinct.
    pub(super) name: Name,
    pub phase: Phase,
    /// Where the server listens. For a site, this is the address of the relay.
    pub local: Option<SocketAddr>,
    /// `https://….trycloudflare.com`, while the tunnel has that name.
    pub link: Option<String>,
    /// The password that visitors need.
    pub password: Option<Password>,
    /// Whether there will be a password once all changes are in effect.
    pub wants_password: bool,
    /// A change of the password is not in effect yet.
    pub is_password_changing: bool,
    /// A new password is shown to the user as soon as it is in effect.
    pub shows_password: bool,
    /// The settings that it starts with, should it have to be confirmed first.
    pub starts_with: Changes,
    /// When it ends by itself.
    pub limits: Limits,
    /// Visitors of the folder may add files to it.
    pub uploads: bool,
    /// Visitors see hidden files, too.
    pub hidden: bool,
    /// Scripts of other websites may read it while it needs no password.
    pub cors: bool,
    /// Visitors are told where photos were taken.
    pub places: bool,
    /// Some of its photos say where they were taken; `None` until it is known. Its link is announced then.
    pub has_places: Option<bool>,
    /// The owner opens it to the local network.
    pub lan: bool,
    /// What has become of that; `None` until it is known.
    pub network: Option<NetworkReport>,
    /// Its port there, once it has been open.
    pub network_port: Option<u16>,
    /// The link there that was announced because there was no other.
    pub announced_on_network: Option<String>,
    /// The bytes of all files that visitors hand in.
    pub max_size: Option<u64>,
    /// What visitors who hand in files read.
    pub message: String,
    /// The bytes in a second that all visitors are sent together.
    pub speed_limit: Option<u64>,
    /// What has come in, also in earlier runs.
    pub received: Received,
    /// What of it came in before this run.
    pub received_before: Received,
    /// What is coming in.
    pub incoming: Incoming,
    /// What the owner is told of next.
    pub arrivals: Arrivals,
    /// What the owner is told of visitors.
    pub visitors: Visitors,
    /// Why visitors can't be allowed to add files under this link: what they could do to the folder.
    pub no_uploads: Option<PrivateContent>,
    /// What would become public with the hidden files; `None` until it is known.
    pub private_hidden: Option<Option<PrivateContent>>,
    /// Why it ends or has ended by itself.
    pub end_reason: Option<EndReason>,
    /// The link that was announced last. Each link is announced once.
    pub announced: Option<String>,
    /// The link was seen to work; otherwise it may take a minute to open.
    pub is_link_checked: bool,
    /// The problem that the user was notified of, while it lasts.
    pub reported_problem: Option<String>,
    /// The server is running or starting.
    pub has_server: bool,
    /// The tunnel is running or starting.
    pub has_tunnel: bool,
    /// The user shared the same target again while it was stopping.
    pub restart: Option<Restart>,
    /// What visitors of the shared site get; `None` until it is known.
    pub site: Option<SiteState>,
    /// The shared site speaks HTTPS, or did so when it was last up.
    pub is_site_https: bool,
    /// The requests to the shared site are recorded, whoever looks.
    pub inspects: bool,
    /// The shared site has answered with a stream of events.
    pub streams_events: bool,
    /// The user was notified that visitors can't see the site.
    pub site_was_reported: bool,
    /// The files were deleted or moved, or their disk or network drive was disconnected.
    pub is_missing: bool,
    /// What visitors were being sent when somebody last looked.
    pub under_way: UnderWay,
    /// The names of the chosen items that are missing while others are there.
    pub missing_items: Vec<String>,
    /// The user was notified of what is missing.
    pub missing_was_reported: bool,
}

/// Share the same target again once the share has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// The user has agreed to share private content.
    pub is_confirmed: bool,
    /// The settings that it gets.
    pub changes: Changes,
}

/// The command that shares something.
pub(super) fn command(is_inbox: bool) -> &'static str {
    if is_inbox { "receive" } else { "share" }
}

impl Share {
    pub fn new(id: ShareId, target: Target) -> Self {
        Self {
            id,
            name: Name::of(&target),
            target,
            phase: Phase::Starting,
            local: None,
            link: None,
            password: None,
            wants_password: false,
            is_password_changing: false,
            shows_password: false,
            starts_with: Changes::default(),
            limits: Limits::default(),
            uploads: false,
            hidden: false,
            cors: false,
            places: false,
            has_places: None,
            lan: false,
            network: None,
            network_port: None,
            announced_on_network: None,
            max_size: None,
            message: String::new(),
            speed_limit: None,
            received: Received::default(),
            received_before: Received::default(),
            incoming: Incoming::default(),
            arrivals: Arrivals::default(),
            visitors: Visitors::default(),
            no_uploads: None,
            private_hidden: None,
            end_reason: None,
            announced: None,
            is_link_checked: false,
            reported_problem: None,
            has_server: true,
            has_tunnel: false,
            restart: None,
            site: None,
            is_site_https: false,
            inspects: false,
            streams_events: false,
            site_was_reported: false,
            is_missing: false,
            under_way: UnderWay::default(),
            missing_items: Vec::new(),
            missing_was_reported: false,
        }
    }

    /// Whether its limits count. They don't before it was confirmed, nor at its end.
    pub fn counts_down(&self) -> bool {
        !self.phase.is_final() && !matches!(self.phase, Phase::Asking(_))
    }

    /// Why it is ending, if it is.
    pub fn ending_because(&self) -> Option<EndReason> {
        match self.phase {
            Phase::Ending(reason) => Some(reason),
            _ => None,
        }
    }

    /// The password, if it is in effect and known.
    pub fn known_password(&self) -> Option<&str> {
        let password = self
            .password
            .as_ref()
            .filter(|_| !self.is_password_changing)?;
        password.text.as_ref().map(|text| text.reveal())
    }

    /// Whether it can be shared again, or resumed. What was in no file is gone then.
    pub fn can_come_back(&self) -> bool {
        self.target.spooled().is_none()
    }

    /// Whether visitors only hand in files, and see nothing.
    pub fn is_inbox(&self) -> bool {
        matches!(self.target, Target::Inbox(_))
    }

    /// The command that shares it.
    pub fn command(&self) -> &'static str {
        command(self.is_inbox())
    }

    /// Whether visitors may hand in files.
    pub fn takes_files(&self) -> bool {
        self.is_inbox() || self.uploads
    }

    /// Whether it can be opened to the local network. A local site can do that by itself.
    pub fn can_be_on_network(&self) -> bool {
        !matches!(self.target, Target::Site(_))
    }

    /// Whether visitors see files in it, which scripts of other websites could read, and which may be
    /// photos.
    pub fn has_files(&self) -> bool {
        !matches!(self.target, Target::Site(_) | Target::Inbox(_))
    }

    /// Whether its server is running, and not about to end.
    pub(super) fn is_served(&self) -> bool {
        match self.phase {
            Phase::Connecting(_) | Phase::Online | Phase::Reconnecting | Phase::LocalOnly(_) => {
                true
            }
            Phase::Starting | Phase::Asking(_) | Phase::Ending(_) | Phase::Stopping => false,
        }
    }

    /// Where it is in the local network, while it is open there.
    pub fn network_place(&self) -> Option<&NetworkPlace> {
        match &self.network {
            Some(NetworkReport::Open(place)) if self.lan && self.is_served() => Some(place),
            _ => None,
        }
    }

    /// Whether the owner is asked about the network in which this computer is.
    pub fn asks_about_network(&self) -> bool {
        let closed = matches!(
            self.network,
            Some(NetworkReport::Closed(NetworkClosed::Unconfirmed { .. }))
        );
        closed && self.lan && self.is_served()
    }

    /// The link for people in the same network, while it works.
    pub fn network_link(&self) -> Option<String> {
        self.network_place()?.link()
    }

    /// Whether this link of it works for others, or will work again soon.
    pub fn offers(&self, link: &str) -> bool {
        self.offered_link() == Some(link) || self.network_link().as_deref() == Some(link)
    }

    /// The link to give to people if there is no public one: the one in the local network.
    pub(super) fn only_network_link(&self) -> Option<String> {
        match self.phase {
            Phase::LocalOnly(_) => self.network_link(),
            _ => None,
        }
    }

    /// What may be running there: `downloads`.
    pub fn transfers(&self) -> &'static str {
        match (self.is_inbox(), self.uploads) {
            (true, _) => "uploads",
            (false, true) => "transfers",
            (false, false) => "downloads",
        }
    }

    /// The name that tells it apart from all other shares.
    pub fn name(&self) -> String {
        self.name.full()
    }

    /// The name, shortened to fit a menu row or a title.
    pub fn short_name(&self) -> String {
        self.name.short()
    }

    /// The link to give to people now: one that works, or will work again soon.
    pub fn offered_link(&self) -> Option<&str> {
        match self.phase {
            Phase::Online | Phase::Reconnecting => self.link.as_deref(),
            _ => None,
        }
    }

    /// Visitors get nothing at the moment, whatever the tunnel does.
    pub fn is_unavailable(&self) -> bool {
        match self.phase {
            Phase::Online | Phase::LocalOnly(_) => self.is_site_unavailable() || self.is_missing,
            Phase::Connecting(_) | Phase::Reconnecting => self.is_missing,
            Phase::Starting | Phase::Asking(_) | Phase::Ending(_) | Phase::Stopping => false,
        }
    }

    /// Visitors can't see the shared site.
    pub fn is_site_unavailable(&self) -> bool {
        self.site.is_some_and(|site| !site.answers())
    }

    /// Why visitors can't see the shared site and what to do about it, if it is not likely to pass.
    pub fn site_trouble(&self) -> Option<String> {
        match self.target {
            Target::Site(port) => self.site?.advice(port),
            Target::Folder(_)
            | Target::Files { .. }
            | Target::Spooled(_)
            | Target::Text(_)
            | Target::Inbox(_) => None,
        }
    }

    /// The link is one of a quick tunnel, which passes a stream of events on only when it ends.
    pub fn holds_back_events(&self) -> bool {
        let is_quick = |link: &String| link.ends_with(QUICK_DOMAIN);
        self.streams_events && self.link.as_ref().is_some_and(is_quick)
    }

    /// What is wrong with the link, without saying that the share is available on this computer.
    pub fn problem_alone<'a>(&self, problem: &'a Problem) -> &'a str {
        problem
            .sentence
            .trim_end_matches(STILL_AVAILABLE)
            .trim_end()
    }

    /// What is wrong with the link, and whether the share is available on this computer.
    pub fn problem_in_words(&self, problem: &Problem) -> String {
        match (&self.target, self.problem_of_site()) {
            (_, Some(also)) => format!("{} {also}", self.problem_alone(problem)),
            // Nobody knows yet whether it answers.
            (Target::Site(_), None) if self.site.is_none() => self.problem_alone(problem).into(),
            _ if self.network_place().is_some() => {
                problem.sentence.replace(STILL_AVAILABLE, STILL_ON_NETWORK)
            }
            _ => problem.sentence.clone(),
        }
    }

    /// That visitors couldn't see the shared site even with a link.
    pub fn problem_of_site(&self) -> Option<String> {
        let Target::Site(port) = self.target else {
            return None;
        };
        let reason = self.site?.reason(port)?;
        Some(format!("Visitors couldn't see it anyway: {reason}."))
    }

    /// The tunnel is waiting, and the user may ask for another attempt now.
    pub fn can_retry(&self) -> bool {
        match self.phase {
            Phase::LocalOnly(_) => true,
            Phase::Reconnecting => self.reported_problem.is_some(),
            _ => false,
        }
    }

    /// Another attempt is running after one whose failure was reported.
    pub fn is_retrying(&self) -> bool {
        matches!(self.phase, Phase::Connecting(_)) && self.reported_problem.is_some()
    }

    /// Which of its items visitors can't get, while they get the others.
    pub fn missing_items(&self) -> Option<String> {
        match &self.missing_items[..] {
            [] => None,
            [name] => {
                let name = label::shortened(&label::visible(name));
                Some(format!("{name} is missing"))
            }
            names => Some(format!("{} items are missing", names.len())),
        }
    }

    /// Why the link doesn't work, or not for everything, in a few words; `None` if it works.
    pub fn reason(&self) -> Option<String> {
        match (&self.phase, &self.reported_problem) {
            (Phase::LocalOnly(problem), _) => Some(format!("No link: {}", problem.short)),
            (Phase::Connecting(_), Some(short)) => Some(format!("No link: {short}")),
            (Phase::Reconnecting, Some(short)) => Some(format!("Can't be reached: {short}")),
            _ => self.missing_items(),
        }
    }

    /// When the owner has to be told of visitors; `None` if there is nothing to tell.
    pub(super) fn visitors_due(&self, now: Moment, wanted: &Notifications) -> Option<Moment> {
        // Whatever is wrong is more important.
        let has_trouble = self.reported_problem.is_some() || self.is_unavailable();
        let is_told = !self.phase.is_final() && !has_trouble;
        let due = self.visitors.due(now, wanted);
        due.filter(|_| is_told)
    }

    /// There is no link because cloudflared is missing.
    pub fn needs_download(&self) -> bool {
        matches!(&self.phase, Phase::LocalOnly(problem) if problem.needs_download)
    }

    /// `http://127.0.0.1:PORT/` while the share is served. A site keeps its own address.
    pub fn local_link(&self) -> Option<String> {
        match (&self.phase, &self.target) {
            (Phase::Ending(_) | Phase::Stopping, _) => None,
            // Not yet known to be HTTP or HTTPS.
            (_, Target::Site(_)) if self.site.is_none() => None,
            (_, Target::Site(port)) => {
                let scheme = if self.is_site_https { "https" } else { "http" };
                Some(format!("{scheme}://localhost:{port}/"))
            }
            _ => self.local.map(|address| format!("http://{address}/")),
        }
    }

    /// The status in a few words. A share that is online shows its public name.
    pub fn status_text(&self) -> String {
        if self.is_unavailable() {
            return match &self.target {
                Target::Site(port) => {
                    let reason = self.site.and_then(|site| site.reason(*port));
                    reason.unwrap_or_default()
                }
                Target::Folder(_) | Target::Inbox(_) => "the folder is missing".into(),
                Target::Spooled(_) | Target::Text(_) => "the file is missing".into(),
                Target::Files { others, .. } if others.is_empty() => "the file is missing".into(),
                Target::Files { .. } => "the files are missing".into(),
            };
        }
        match &self.phase {
            Phase::Starting => "starting…".into(),
            Phase::Asking(private) if private.things.is_empty() => {
                format!("takes files where they could do harm. {SHARE_ANYWAY}")
            }
            Phase::Asking(_) => format!("contains private files. {SHARE_ANYWAY}"),
            Phase::Connecting(progress) => progress.clone(),
            Phase::Online => match &self.link {
                Some(link) => link.trim_start_matches("https://").to_owned(),
                None => "online".into(),
            },
            Phase::Reconnecting => "reconnecting…".into(),
            Phase::LocalOnly(_) if self.network_place().is_some() => "on your network only".into(),
            Phase::LocalOnly(_) => "on this computer only".into(),
            Phase::Ending(_) => format!("ending; running {} may finish", self.transfers()),
            Phase::Stopping => "stopping…".into(),
        }
    }
}
