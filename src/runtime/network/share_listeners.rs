//! One share that is open to the local network: a listener for each private address, all with the same port.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io,
    net::{IpAddr, SocketAddr},
};

use crate::{
    app::{NetworkClosed, NetworkPlace, NetworkReport},
    lan::{Address, Addresses, PORTS, Standing},
    server::{NetworkListener, NetworkOpener},
};

/// The listeners of one share.
#[derive(Debug)]
pub struct ShareListeners {
    opener: NetworkOpener,
    /// Stays the same once a listener was open.
    port: Option<u16>,
    is_port_certain: bool,
    listeners: BTreeMap<IpAddr, NetworkListener>,
    /// Why the last listener that couldn't be opened couldn't.
    failure: Option<io::Error>,
    /// The networks to which the owner opens it anyway.
    confirmed: HashSet<Unconfirmed>,
    /// The one that the owner was asked about last.
    asked_about: Option<Unconfirmed>,
}

impl ShareListeners {
    /// Closed everywhere. It had this port before, which it gets again if that is free.
    pub fn new(opener: NetworkOpener, port: Option<u16>) -> Self {
        Self {
            opener,
            port,
            is_port_certain: false,
            listeners: BTreeMap::new(),
            failure: None,
            confirmed: HashSet::new(),
            asked_about: None,
        }
    }

    /// The owner opens it to the network that was asked about.
    pub fn confirm(&mut self) {
        self.confirmed.extend(self.asked_about.take());
    }

    /// Opens and closes listeners so that there is one for each private address.
    pub fn follow(&mut self, addresses: &Addresses) {
        // Where this computer was is no network of now.
        let now: Vec<_> = unconfirmed(addresses).collect();
        self.confirmed
            .retain(|it| it.id.is_some() || now.contains(it));
        let addresses = &allowed(addresses, &self.confirmed)[..];
        self.failure = None;
        self.listeners
            .retain(|address, _| addresses.contains(address));
        if self.is_port_certain {
            let port = self.port.unwrap_or_default();
            self.open_all(addresses, port);
            return;
        }
        // The port before, one of ours, or any.
        let ports = self.port.into_iter().chain(PORTS).chain([0]);
        for port in ports {
            self.failure = None;
            let is_taken = self.open_all(addresses, port);
            if let Some(listener) = self.listeners.values().next()
                && !is_taken
            {
                self.port = Some(listener.address().port());
                self.is_port_certain = true;
                return;
            }
            self.listeners.clear();
            if !is_taken {
                return;
            }
        }
    }

    /// Opens the listeners that are missing, at this port or, with port 0, all at the same free one. Returns
    /// whether another program has the port at one of the addresses.
    fn open_all(&mut self, addresses: &[IpAddr], mut port: u16) -> bool {
        let mut is_taken = false;
        for address in addresses {
            if self.listeners.contains_key(address) {
                continue;
            }
            match self.opener.open(SocketAddr::new(*address, port)) {
                Ok(listener) => {
                    port = listener.address().port();
                    self.listeners.insert(*address, listener);
                }
                Err(error) => {
                    tracing::info!(%error, port, "can't open a share to one of the addresses");
                    is_taken |= error.kind() == io::ErrorKind::AddrInUse;
                    self.failure = Some(error);
                }
            }
        }
        is_taken
    }

    /// Where it is open.
    pub fn open_at(&self) -> impl Iterator<Item = (IpAddr, u16)> {
        let listeners = self.listeners.iter();
        listeners.map(|(address, listener)| (*address, listener.address().port()))
    }

    /// Whether a listener couldn't be opened, which may be possible soon: a new address can't be used at once.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Where it is, or why it is nowhere.
    pub fn report(&mut self, addresses: &Addresses, name: Option<String>) -> NetworkReport {
        let open = addresses.private.iter();
        let open: Vec<SocketAddr> = open
            .filter_map(|address| Some(self.listeners.get(&address.ip)?.address()))
            .collect();
        if !open.is_empty() {
            self.asked_about = None;
            return NetworkReport::Open(NetworkPlace {
                addresses: open,
                name,
            });
        }
        self.asked_about = unconfirmed(addresses).find(|it| !self.confirmed.contains(it));
        NetworkReport::Closed(match (&self.failure, &self.asked_about) {
            (Some(error), _) => NetworkClosed::Failed(error.to_string()),
            (None, Some(_)) if !addresses.is_settled => NetworkClosed::Looking,
            (
                None,
                Some(Unconfirmed {
                    name, is_public, ..
                }),
            ) => NetworkClosed::Unconfirmed {
                name: name.clone(),
                is_public: *is_public,
            },
            (None, None) if addresses.has_public => NetworkClosed::OnlyPublic,
            (None, None) => NetworkClosed::NoNetwork,
        })
    }
}

/// A network that isn't known to be private.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Unconfirmed {
    interface: String,
    /// The interface, if it has none.
    name: String,
    /// The system calls it public.
    is_public: bool,
    /// Tells it from others with this name, if the system can.
    id: Option<String>,
    /// The addresses there, if it can't.
    places: BTreeSet<IpAddr>,
}

/// The networks that aren't known to be private, except those inside this computer.
fn unconfirmed(addresses: &Addresses) -> impl Iterator<Item = Unconfirmed> {
    let outside = addresses.interfaces.iter().filter(|it| !it.is_inside);
    outside.filter_map(|interface| {
        let (name, id, is_public) = match &interface.standing {
            Standing::Private => return None,
            Standing::Public { name, id } => (name, id.clone(), true),
            Standing::Unknown => (&interface.name, None, false),
        };
        let name = if name.is_empty() {
            &interface.name
        } else {
            name
        };
        let places = if id.is_some() {
            BTreeSet::new()
        } else {
            interface.places.clone()
        };
        Some(Unconfirmed {
            interface: interface.name.clone(),
            name: name.clone(),
            is_public,
            id,
            places,
        })
    })
}

/// The addresses at which a share may be opened: none as long as this computer is in a network that isn't
/// known to be private and to which the owner has not agreed. People there may reach the other addresses
/// through this computer, and the owner means the network that the others at the table are in.
fn allowed(addresses: &Addresses, confirmed: &HashSet<Unconfirmed>) -> Vec<IpAddr> {
    if unconfirmed(addresses).any(|network| !confirmed.contains(&network)) {
        return Vec::new();
    }
    let is_inside = |address: &&Address| {
        let interface = addresses.interface(&address.interface);
        interface.is_some_and(|it| it.is_inside)
    };
    // Virtual machines and containers are nobody at the next desk.
    if addresses.private.iter().all(|address| is_inside(&address)) {
        return Vec::new();
    }
    let is_private = |address: &&Address| {
        let interface = addresses.interface(&address.interface);
        !is_inside(address) || interface.is_some_and(|it| it.standing == Standing::Private)
    };
    let open = addresses.private.iter().filter(is_private);
    open.map(|address| address.ip).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::lan::Interface;

    const WIFI: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 0, 7));
    const DOCKER: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 17, 0, 1));

    fn public(id: Option<&str>) -> Standing {
        Standing::Public {
            name: "Café".into(),
            id: id.map(str::to_owned),
        }
    }

    /// These addresses at interfaces, and what the system says of their networks.
    fn at(interfaces: &[(&str, IpAddr, Standing)]) -> Addresses {
        let private = interfaces.iter().map(|(name, ip, _)| Address {
            ip: *ip,
            interface: (*name).to_owned(),
        });
        let interface = |(name, ip, standing): &(&str, IpAddr, Standing)| Interface {
            name: (*name).to_owned(),
            standing: standing.clone(),
            is_inside: name.starts_with("docker"),
            places: [*ip].into(),
        };
        Addresses {
            private: private.collect(),
            interfaces: interfaces.iter().map(interface).collect(),
            has_public: false,
            is_settled: true,
        }
    }

    /// A laptop with containers, in a network of which the system says this.
    fn laptop(standing: Standing) -> Addresses {
        at(&[
            ("wlan0", WIFI, standing),
            ("docker0", DOCKER, Standing::Private),
        ])
    }

    #[test]
    fn one_network_that_may_be_public_closes_all_addresses_until_the_owner_agrees() {
        let private = laptop(Standing::Private);
        assert_eq!(allowed(&private, &HashSet::new()), [WIFI, DOCKER]);
        for standing in [public(None), public(Some("1")), Standing::Unknown] {
            let addresses = laptop(standing);
            assert!(allowed(&addresses, &HashSet::new()).is_empty());
            let agreed = unconfirmed(&addresses).collect();
            assert_eq!(allowed(&addresses, &agreed), [WIFI, DOCKER]);
        }
    }

    #[test]
    fn a_public_network_counts_although_all_addresses_there_are_public() {
        let mut campus = laptop(public(None));
        campus.private.remove(0);
        assert!(allowed(&campus, &HashSet::new()).is_empty());
    }

    #[test]
    fn what_is_inside_this_computer_is_nobody_else_and_never_asked_about() {
        let alone = at(&[("docker0", DOCKER, Standing::Private)]);
        assert!(allowed(&alone, &HashSet::new()).is_empty());
        let nobody_knows = at(&[
            ("wlan0", WIFI, Standing::Private),
            ("docker0", DOCKER, Standing::Unknown),
        ]);
        assert_eq!(unconfirmed(&nobody_knows).count(), 0);
        assert_eq!(allowed(&nobody_knows, &HashSet::new()), [WIFI]);
    }

    #[test]
    fn a_consent_holds_for_that_network_only() {
        let agreed = |addresses: &Addresses| unconfirmed(addresses).collect::<HashSet<_>>();
        let home = agreed(&laptop(Standing::Unknown));
        let elsewhere = IpAddr::from([10, 1, 2, 3]);
        for other in [
            laptop(public(None)),
            at(&[("wlan0", elsewhere, Standing::Unknown)]),
            at(&[("usb0", WIFI, Standing::Unknown)]),
        ] {
            assert!(allowed(&other, &home).is_empty());
        }
        // The same network on another day.
        let known = agreed(&laptop(public(Some("1"))));
        let again = at(&[("wlan0", elsewhere, public(Some("1")))]);
        assert_eq!(allowed(&again, &known), [elsewhere]);
        let namesake = at(&[("wlan0", elsewhere, public(Some("2")))]);
        assert!(allowed(&namesake, &known).is_empty());
    }
}
