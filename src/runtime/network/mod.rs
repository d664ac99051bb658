//! Shares that are open to the local network. They follow it: Wi-Fi changes, a VPN comes up, a cable is
//! pulled. While no share is open to it, nobody looks at it and nothing is announced.

mod announcer;
#[cfg_attr(target_os = "linux", path = "changes_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "changes_elsewhere.rs")]
mod changes;
mod share_listeners;
mod watch;

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    time::Duration,
};

use tokio::task::JoinSet;

use self::{announcer::Announcer, share_listeners::ShareListeners, watch::Watch};
use super::events::{Events, Message};
use crate::{
    app::{Event, NetworkReport, ShareId},
    lan::Addresses,
    server::{NetworkOpener, PublicNames},
};

/// How often, and how many times, to try again to open a listener that couldn't be opened. The system checks
/// for a second or two whether a new IPv6 address is free.
const RETRY: Duration = Duration::from_secs(1);
const RETRIES: u32 = 5;

/// The shares that are open to the local network.
pub struct Network {
    shares: HashMap<ShareId, Shared>,
    watch: Option<Watch>,
    /// `None` until they are known.
    addresses: Option<Addresses>,
    announcer: Option<Announcer>,
    /// Announcers that are saying goodbye. The program waits for them before it ends.
    goodbyes: JoinSet<()>,
    retries: u32,
    events: Events,
}

/// What to open to the local network.
pub struct Open {
    /// What it is announced as.
    pub name: String,
    pub opener: NetworkOpener,
    /// The names that its server answers to.
    pub names: PublicNames,
    /// The port that it had before.
    pub port: Option<u16>,
}

struct Shared {
    name: String,
    names: PublicNames,
    listeners: ShareListeners,
    /// The host name that another host's makes necessary.
    given_host: Option<String>,
    told: Option<NetworkReport>,
}

impl Network {
    pub fn new(events: Events) -> Self {
        Self {
            shares: HashMap::new(),
            watch: None,
            addresses: None,
            announcer: None,
            goodbyes: JoinSet::new(),
            retries: 0,
            events,
        }
    }

    /// Opens a share.
    pub fn open(&mut self, share: ShareId, open: Open) {
        let shared = Shared {
            name: open.name,
            names: open.names,
            listeners: ShareListeners::new(open.opener, open.port),
            given_host: None,
            told: None,
        };
        self.shares.insert(share, shared);
        if self.watch.is_none() {
            self.watch = Some(Watch::start(&self.events));
        }
        self.retries = RETRIES;
        self.follow();
    }

    /// Closes a share, and ends the connections from there.
    pub fn close(&mut self, share: ShareId) {
        let Some(shared) = self.shares.remove(&share) else {
            return;
        };
        shared.names.set_network_names(Vec::new());
        if let Some(announcer) = &mut self.announcer {
            announcer.withdraw(share);
        }
        if self.shares.is_empty() {
            self.watch = None;
            self.addresses = None;
            self.end_announcer();
        }
    }

    /// This computer has these addresses now.
    pub fn addresses_are(&mut self, addresses: Addresses) {
        // Shares may have been closed meanwhile.
        if self.watch.is_some() {
            // Names of networks tell where somebody is, and the log is sent to others.
            let count = addresses.private.len();
            tracing::info!(count, "the addresses in the local network have changed");
            self.addresses = Some(addresses);
            self.retries = RETRIES;
            // It knows the interfaces that there were at its start.
            self.end_announcer();
            self.follow();
        }
    }

    /// The owner opens a share to the network in which this computer is, public or not.
    pub fn confirm(&mut self, share: ShareId) {
        if let Some(shared) = self.shares.get_mut(&share) {
            shared.listeners.confirm();
            // What has become of it is news, whatever it is.
            shared.told = None;
            // It doesn't speak there yet.
            self.end_announcer();
            self.follow();
        }
    }

    /// Another host has the name that was wanted for a share.
    pub fn name_is(&mut self, wanted: &str, given: &str) {
        let announcer = self.announcer.as_ref();
        let share = announcer.and_then(|announcer| announcer.share_called(wanted));
        if let Some(shared) = share.and_then(|share| self.shares.get_mut(&share)) {
            shared.given_host = Some(given.trim_end_matches('.').to_owned());
            self.follow();
        }
    }

    /// Opens and closes what is necessary, and tells what has become of it.
    pub fn follow(&mut self) {
        let Some(addresses) = &self.addresses else {
            return;
        };
        let mut has_failed = false;
        for shared in self.shares.values_mut() {
            shared.listeners.follow(addresses);
            has_failed |= shared.listeners.has_failed();
        }
        if self.announcer.is_none() {
            let open = self.shares.values().flat_map(|it| it.listeners.open_at());
            let at: BTreeSet<IpAddr> = open.map(|(address, _)| address).collect();
            if !at.is_empty() {
                self.announcer = Announcer::start(&self.events, at.into_iter().collect());
            }
        }
        for (id, shared) in &mut self.shares {
            let hosts = match &mut self.announcer {
                Some(announcer) => shared.announce(*id, announcer),
                None => Vec::new(),
            };
            let report = shared.listeners.report(addresses, hosts.first().cloned());
            shared.names.set_network_names(hosts);
            if shared.told.as_ref() != Some(&report) {
                self.events.send(Event::Network(*id, report.clone()));
                shared.told = Some(report);
            }
        }
        if has_failed && self.retries > 0 {
            self.retries -= 1;
            let events = self.events.clone();
            tokio::spawn(async move {
                tokio::time::sleep(RETRY).await;
                events.send_message(Message::RetryNetwork);
            });
        }
    }

    fn end_announcer(&mut self) {
        while self.goodbyes.try_join_next().is_some() {}
        for shared in self.shares.values_mut() {
            shared.given_host = None;
        }
        if let Some(announcer) = self.announcer.take() {
            self.goodbyes.spawn(announcer.close());
        }
    }

    /// Closes everything, and says goodbye.
    pub async fn end(mut self) {
        self.shares.clear();
        self.end_announcer();
        while self.goodbyes.join_next().await.is_some() {}
    }
}

impl Shared {
    /// Announces it where it is open, and returns its host names there, the one to tell first. In one of two
    /// networks another host may have the name that was wanted.
    fn announce(&self, share: ShareId, announcer: &mut Announcer) -> Vec<String> {
        let open: Vec<(IpAddr, u16)> = self.listeners.open_at().collect();
        let Some((_, port)) = open.first() else {
            announcer.withdraw(share);
            return Vec::new();
        };
        let addresses = open.iter().map(|(address, _)| *address).collect();
        let host = announcer.announce(share, &self.name, addresses, *port);
        self.given_host.clone().into_iter().chain([host]).collect()
    }
}
