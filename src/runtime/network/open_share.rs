//! One share that is open to the local network: a door for each private address, all with the same port.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    net::{IpAddr, SocketAddr},
};

use crate::{
    app::{NetworkClosed, NetworkPlace, NetworkReport},
    lan::{Address, Addresses, PORTS},
    server::{Door, Doorway},
};

/// The doors of one share.
#[derive(Debug)]
pub struct OpenShare {
    doorway: Doorway,
    /// Stays the same once a door was open.
    port: Option<u16>,
    is_port_certain: bool,
    doors: BTreeMap<IpAddr, Door>,
    /// Why the last door that couldn't be opened couldn't.
    failure: Option<io::Error>,
    /// The public networks to which the owner opens it anyway.
    confirmed: HashSet<String>,
}

impl OpenShare {
    /// Closed everywhere. It had this port before, which it gets again if that is free.
    pub fn new(doorway: Doorway, port: Option<u16>) -> Self {
        Self {
            doorway,
            port,
            is_port_certain: false,
            doors: BTreeMap::new(),
            failure: None,
            confirmed: HashSet::new(),
        }
    }

    /// The owner opens it to the public networks in which it is now.
    pub fn confirm(&mut self, addresses: &Addresses) {
        let networks = addresses.private.iter();
        let networks = networks.filter_map(|address| address.public_network.clone());
        self.confirmed.extend(networks);
    }

    /// The addresses at which it may be opened: none as long as this computer is in a public network to
    /// which the owner has not agreed. People there may reach the other addresses through this computer,
    /// and the owner means the network that the others at the table are in.
    pub fn allowed(&self, addresses: &Addresses) -> Vec<IpAddr> {
        allowed(&addresses.private, &self.confirmed)
    }

    /// Opens and closes doors so that there is one for each private address.
    pub fn follow(&mut self, addresses: &Addresses) {
        let addresses = &self.allowed(addresses)[..];
        self.failure = None;
        self.doors.retain(|address, _| addresses.contains(address));
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
            if let Some(door) = self.doors.values().next()
                && !is_taken
            {
                self.port = Some(door.address().port());
                self.is_port_certain = true;
                return;
            }
            self.doors.clear();
            if !is_taken {
                return;
            }
        }
    }

    /// Opens the doors that are missing, at this port or, with port 0, all at the same free one. Returns
    /// whether another program has the port at one of the addresses.
    fn open_all(&mut self, addresses: &[IpAddr], mut port: u16) -> bool {
        let mut is_taken = false;
        for address in addresses {
            if self.doors.contains_key(address) {
                continue;
            }
            match self.doorway.open(SocketAddr::new(*address, port)) {
                Ok(door) => {
                    port = door.address().port();
                    self.doors.insert(*address, door);
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
        let doors = self.doors.iter();
        doors.map(|(address, door)| (*address, door.address().port()))
    }

    /// Whether it is open anywhere.
    pub fn is_open(&self) -> bool {
        !self.doors.is_empty()
    }

    /// Whether a door couldn't be opened, which may be possible soon: a new address can't be used at once.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Where it is, or why it is nowhere.
    pub fn report(&self, addresses: &Addresses, name: Option<String>) -> NetworkReport {
        let open = addresses.private.iter();
        let open: Vec<SocketAddr> = open
            .filter_map(|address| Some(self.doors.get(&address.ip)?.address()))
            .collect();
        let mut public = addresses.private.iter();
        let public = public.find_map(|address| address.public_network.clone());
        if !open.is_empty() {
            return NetworkReport::Open(NetworkPlace {
                addresses: open,
                name,
            });
        }
        NetworkReport::Closed(match (&self.failure, public) {
            (Some(error), _) => NetworkClosed::Failed(error.to_string()),
            (None, Some(name)) => NetworkClosed::PublicNetwork(name),
            (None, None) if addresses.has_public => NetworkClosed::OnlyPublic,
            (None, None) => NetworkClosed::NoNetwork,
        })
    }
}

fn allowed(addresses: &[Address], confirmed: &HashSet<String>) -> Vec<IpAddr> {
    let is_allowed = |address: &Address| {
        let network = address.public_network.as_ref();
        network.is_none_or(|network| confirmed.contains(network))
    };
    let all = addresses.iter().all(is_allowed).then_some(addresses);
    let all = all.unwrap_or_default().iter();
    all.map(|address| address.ip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_public_network_closes_all_addresses_until_the_owner_agrees() {
        let wifi = IpAddr::from([192, 168, 0, 7]);
        let docker = IpAddr::from([172, 17, 0, 1]);
        let in_cafe = [Address::at(wifi, Some("Café")), Address::at(docker, None)];
        assert!(allowed(&in_cafe, &HashSet::new()).is_empty());
        let agreed = HashSet::from(["Café".to_owned()]);
        assert_eq!(allowed(&in_cafe, &agreed), [wifi, docker]);
        let at_home = [Address::at(wifi, None), Address::at(docker, None)];
        assert_eq!(allowed(&at_home, &HashSet::new()), [wifi, docker]);
    }
}
