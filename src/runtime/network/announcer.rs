//! Announces shares in the local network, by mDNS: a host name such as `photos.local` for each, and a web
//! service that file managers and phones list. Other programs that answer on the same port, such as the
//! system's own service, stay undisturbed.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use mdns_sd::{DaemonEvent, IfKind, Receiver, ServiceDaemon, ServiceInfo};
use tokio::time::timeout;

use crate::{
    app::ShareId,
    lan::{distinct, label, service},
    runtime::events::{Events, Message},
};

/// What each share is: a website.
const SERVICE: &str = "_http._tcp.local.";

/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_millis(500);

/// What a share is announced as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its name, as people read it.
    service: String,
    /// Its name as a host: `photos`.
    host: String,
    addresses: Vec<IpAddr>,
    port: u16,
}

/// Announces shares until this is closed.
pub struct Announcer {
    daemon: ServiceDaemon,
    shares: HashMap<ShareId, Announced>,
}

impl Announcer {
    /// Announces nothing yet, and speaks only at these addresses. Reports the names that shares have got.
    pub fn start(events: &Events, at: Vec<IpAddr>) -> Option<Self> {
        let started = ServiceDaemon::new().and_then(|daemon| {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(at)?;
            // The network is followed anyway: a new announcer is started when it changes.
            daemon.set_ip_check_interval(0)?;
            let monitor = daemon.monitor()?;
            tokio::spawn(follow(monitor, events.clone()));
            Ok(daemon)
        });
        let daemon = started.inspect_err(|error| {
            tracing::warn!(%error, "can't announce shares in the local network");
        });
        Some(Self {
            daemon: daemon.ok()?,
            shares: HashMap::new(),
        })
    }

    /// Announces a share with this name at these addresses, in place of what was announced before. Returns
    /// its host name, which may have to change if another host has it.
    pub fn announce(
        &mut self,
        share: ShareId,
        name: &str,
        addresses: Vec<IpAddr>,
        port: u16,
    ) -> String {
        let others = || self.shares.iter().filter(|(id, _)| **id != share);
        let host = distinct(
            &label(name),
            |count| format!("-{count}"),
            |host| others().any(|(_, it)| it.host == host),
        );
        let service = distinct(
            &service(name),
            |count| format!(" ({count})"),
            |service| others().any(|(_, it)| it.service == service),
        );
        let wanted = Announced {
            service,
            host,
            addresses,
            port,
        };
        let host = format!("{}.local", wanted.host);
        if self.shares.get(&share) == Some(&wanted) {
            return host;
        }
        self.withdraw(share);
        let properties = [("path", "/")];
        let info = ServiceInfo::new(
            SERVICE,
            &wanted.service,
            &format!("{host}."),
            &wanted.addresses[..],
            port,
            &properties[..],
        );
        if let Err(error) = info.and_then(|info| self.daemon.register(info)) {
            tracing::warn!(%error, "can't announce a share in the local network");
        }
        self.shares.insert(share, wanted);
        host
    }

    /// Says goodbye for a share.
    pub fn withdraw(&mut self, share: ShareId) {
        if let Some(announced) = self.shares.remove(&share) {
            // Fails if the announcer has ended.
            let _ = self
                .daemon
                .unregister(&format!("{}.{SERVICE}", announced.service));
        }
    }

    /// The share that is announced with this host name.
    pub fn share_called(&self, host: &str) -> Option<ShareId> {
        let mut shares = self.shares.iter();
        let found = shares.find(|(_, it)| host == format!("{}.local.", it.host));
        found.map(|(share, _)| *share)
    }

    /// Says goodbye for all shares, and ends.
    pub async fn close(self) {
        if let Ok(ended) = self.daemon.shutdown() {
            // It ends in any case.
            let _ = timeout(GOODBYE, ended.recv_async()).await;
        }
    }
}

/// Reports which names shares have got: another host may have had the wanted one.
async fn follow(monitor: Receiver<DaemonEvent>, events: Events) {
    while let Ok(event) = monitor.recv_async().await {
        match event {
            DaemonEvent::NameChange(change) => {
                events.send_message(Message::NetworkName {
                    wanted: change.original,
                    given: change.new_name,
                });
            }
            DaemonEvent::Error(error) => tracing::info!(%error, "mDNS"),
            _ => {}
        }
    }
}
