//! One share that is open to the local network: a listener for each private address, all with the same port.

use std::{
    collections::{BTreeMap, HashSet},
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
        }
    }

    /// The owner opens it to the networks in which it is now, public or not.
    pub fn confirm(&mut self, addresses: &Addresses) {
        let networks = addresses.private.iter().filter_map(Unconfirmed::of);
        self.confirmed.extend(networks);
    }

    /// The addresses at which it may be opened: none as long as this computer is in a network
    /// that isn't known to be private and to which the owner has not agreed. People there may reach the
    /// other addresses through this computer, and the owner means the network that the others at the table
    /// are in.
    pub fn allowed(&self, addresses: &Addresses) -> Vec<IpAddr> {
        allowed(&addresses.private, &self.confirmed)
    }

    /// Opens and closes listeners so that there is one for each private address.
    pub fn follow(&mut self, addresses: &Addresses) {
        let addresses = &self.allowed(addresses)[..];
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
    pub fn report(&self, addresses: &Addresses, name: Option<String>) -> NetworkReport {
        let open = addresses.private.iter();
        let open: Vec<SocketAddr> = open
            .filter_map(|address| Some(self.listeners.get(&address.ip)?.address()))
            .collect();
        let asked_about = addresses.private.iter().find_map(Unconfirmed::of);
        if !open.is_empty() {
            return NetworkReport::Open(NetworkPlace {
                addresses: open,
                name,
            });
        }
        NetworkReport::Closed(match (&self.failure, asked_about) {
            (Some(error), _) => NetworkClosed::Failed(error.to_string()),
            (
                None,
                Some(Unconfirmed {
                    name, is_public, ..
                }),
            ) => NetworkClosed::Unconfirmed { name, is_public },
            (None, None) if addresses.has_public => NetworkClosed::OnlyPublic,
            (None, None) => NetworkClosed::NoNetwork,
        })
    }
}

/// A network that isn't known to be private. There may be others with its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Unconfirmed {
    interface: String,
    /// The interface, if it has none.
    name: String,
    /// The system calls it public.
    is_public: bool,
}

impl Unconfirmed {
    /// The network of this address, unless it is private.
    fn of(address: &Address) -> Option<Self> {
        let (name, is_public) = match &address.standing {
            Standing::Private => return None,
            Standing::Public(name) => (name, true),
            Standing::Unknown => (&address.interface, false),
        };
        let name = if name.is_empty() {
            &address.interface
        } else {
            name
        };
        Some(Self {
            interface: address.interface.clone(),
            name: name.clone(),
            is_public,
        })
    }
}

fn allowed(addresses: &[Address], confirmed: &HashSet<Unconfirmed>) -> Vec<IpAddr> {
    let is_allowed = |address: &Address| {
        Unconfirmed::of(address).is_none_or(|network| confirmed.contains(&network))
    };
    let all = addresses.iter().all(is_allowed).then_some(addresses);
    let all = all.unwrap_or_default().iter();
    all.map(|address| address.ip).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const WIFI: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 0, 7));
    const DOCKER: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 17, 0, 1));

    /// A laptop with containers, in a network of which the system says this.
    fn laptop(standing: Standing) -> [Address; 2] {
        [
            Address::at(WIFI, "wlan0", standing),
            Address::at(DOCKER, "docker0", Standing::Private),
        ]
    }

    #[test]
    fn one_network_that_may_be_public_closes_all_addresses_until_the_owner_agrees() {
        let private = laptop(Standing::Private);
        assert_eq!(allowed(&private, &HashSet::new()), [WIFI, DOCKER]);
        for standing in [Standing::Public("Café".into()), Standing::Unknown] {
            let addresses = laptop(standing);
            assert!(allowed(&addresses, &HashSet::new()).is_empty());
            let agreed = addresses.iter().filter_map(Unconfirmed::of).collect();
            assert_eq!(allowed(&addresses, &agreed), [WIFI, DOCKER]);
        }
    }

    #[test]
    fn a_consent_holds_for_that_network_only() {
        let agreed = laptop(Standing::Unknown);
        let agreed = agreed.iter().filter_map(Unconfirmed::of).collect();
        let other = laptop(Standing::Public("wlan0".into()));
        assert!(allowed(&other, &agreed).is_empty());
        let usb = [Address::at(WIFI, "usb0", Standing::Unknown)];
        assert!(allowed(&usb, &agreed).is_empty());
    }
}
