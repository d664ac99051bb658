//! The addresses of this computer, by who can reach them.

use std::{
    cmp::Reverse,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use if_addrs::{Interface, get_if_addrs};

use super::{
    route::own_addresses,
    standing::{Networks, Standing},
};

/// A computer may have very many, for example for containers. A share listens on no more.
const MAX: usize = 64;

/// How the names of interfaces begin behind which there are virtual machines, containers or private
/// networks elsewhere, rather than the desk next door.
const VIRTUAL: [&str; 13] = [
    "br-",
    "docker",
    "ham",
    "podman",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "vbox",
    "veth",
    "virbr",
    "vmnet",
    "wg",
];

/// The addresses that this computer has now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Those that only people in the same network can reach. What others most likely reach comes first.
    pub private: Vec<Address>,
    /// There are others, which strangers may reach.
    pub has_public: bool,
}

/// An address that only people in the same network can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub ip: IpAddr,
    pub interface: String,
    /// What the system says of its network.
    pub standing: Standing,
}

#[cfg(test)]
impl Address {
    pub fn at(ip: IpAddr, interface: &str, standing: Standing) -> Self {
        Self {
            ip,
            interface: interface.to_owned(),
            standing,
        }
    }
}

impl Addresses {
    /// Notes what the system says of their networks.
    pub fn note(&mut self, networks: &Networks) {
        for address in &mut self.private {
            address.standing = networks.behind(&address.interface).clone();
        }
    }

    /// Whether the system has said nothing yet of some of their networks.
    pub fn has_unknown(&self) -> bool {
        let mut private = self.private.iter();
        private.any(|address| address.standing == Standing::Unknown)
    }
}

/// Who can reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Only this computer, or nobody with a link.
    Nobody,
    /// Those at the other end of a cable, where nobody gives out addresses.
    Cable,
    /// Those in the same network.
    Network,
    /// Perhaps anybody.
    Anybody,
}

/// The addresses that this computer has now.
///
/// # Errors
/// The system doesn't say.
pub fn at_hand() -> io::Result<Addresses> {
    let interfaces = get_if_addrs()?.into_iter().filter(Interface::is_oper_up);
    let all = interfaces.map(|interface| (interface.name.clone(), interface.ip()));
    Ok(sorted(all, own_addresses()))
}

/// These addresses of interfaces, by who can reach them. Packets to the internet come from `usual` ones.
fn sorted(
    all: impl IntoIterator<Item = (String, IpAddr)>,
    usual: [Option<IpAddr>; 2],
) -> Addresses {
    let (mut private, mut cables, mut has_public) = (Vec::new(), Vec::new(), false);
    for (interface, address) in all {
        match reach(address) {
            Reach::Nobody => {}
            Reach::Network => private.push((interface, address)),
            Reach::Cable => cables.push((interface, address)),
            Reach::Anybody => has_public = true,
        }
    }
    if !private.iter().any(|(_, address)| address.is_ipv4()) {
        private.append(&mut cables);
    }
    private.sort_by_key(|(interface, address)| {
        let interface = interface.to_ascii_lowercase();
        let is_virtual = VIRTUAL.iter().any(|start| interface.starts_with(start));
        let is_usual = usual.contains(&Some(*address));
        (Reverse(is_usual), is_virtual, *address)
    });
    let private = private.into_iter().map(|(interface, ip)| Address {
        ip,
        interface,
        standing: Standing::default(),
    });
    let mut private: Vec<Address> = private.collect();
    private.dedup_by_key(|address| address.ip);
    private.truncate(MAX);
    Addresses {
        private,
        has_public,
    }
}

/// Whether this is the address of somebody in the same network, or on this computer.
pub fn is_nearby(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V6(address) if address.is_unicast_link_local() => true,
        address if address.is_loopback() => true,
        address => matches!(reach(address), Reach::Network | Reach::Cable),
    }
}

fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_of_v4(address),
        IpAddr::V6(address) => reach_of_v6(address),
    }
}

/// Addresses that providers share among their customers (100.64.0.0/10) are no private ones: behind
/// them there may be other customers.
fn reach_of_v4(address: Ipv4Addr) -> Reach {
    if address.is_loopback()
        || address.is_multicast()
        || address.is_broadcast()
        || address.octets()[0] == 0
    {
        Reach::Nobody
    } else if address.is_private() {
        Reach::Network
    } else if address.is_link_local() {
        Reach::Cable
    } else {
        Reach::Anybody
    }
}

/// Browsers can't open link-local addresses: these need the name of an interface.
fn reach_of_v6(address: Ipv6Addr) -> Reach {
    if address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address.to_ipv4_mapped().is_some()
    {
        Reach::Nobody
    } else if address.is_unique_local() {
        Reach::Network
    } else {
        Reach::Anybody
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(all: &[(&str, &str)], usual: Option<&str>) -> (Vec<String>, bool) {
        let all = all.iter();
        let all = all.map(|(name, address)| ((*name).to_owned(), address.parse().unwrap()));
        let usual = [usual.map(|address| address.parse().unwrap()), None];
        let found = sorted(all, usual);
        let private = found.private.iter().map(|it| it.ip.to_string()).collect();
        (private, found.has_public)
    }

    #[test]
    fn only_private_addresses_are_for_the_network() {
        for (address, expected) in [
            ("10.0.0.1", Reach::Network),
            ("172.16.0.1", Reach::Network),
            ("172.31.255.255", Reach::Network),
            ("172.32.0.1", Reach::Anybody),
            ("192.168.1.5", Reach::Network),
            ("192.169.1.5", Reach::Anybody),
            ("169.254.7.7", Reach::Cable),
            ("100.64.0.1", Reach::Anybody),
            ("100.127.255.255", Reach::Anybody),
            ("203.0.113.1", Reach::Anybody),
            ("127.0.0.1", Reach::Nobody),
            ("0.0.0.0", Reach::Nobody),
            ("224.0.0.251", Reach::Nobody),
            ("fd00::5", Reach::Network),
            ("fc00::1", Reach::Network),
            ("fe80::1", Reach::Nobody),
            ("fec0::1", Reach::Anybody),
            ("2001:db8::1", Reach::Anybody),
            ("::1", Reach::Nobody),
            ("::ffff:192.168.1.5", Reach::Nobody),
            ("ff02::fb", Reach::Nobody),
        ] {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn only_private_addresses_and_this_computer_are_nearby() {
        for address in [
            "192.168.1.5",
            "::ffff:10.0.0.1",
            "169.254.7.7",
            "fd00::5",
            "fe80::1",
            "::1",
            "127.0.0.1",
        ] {
            assert!(is_nearby(address.parse().unwrap()), "{address}");
        }
        for address in [
            "203.0.113.1",
            "::ffff:203.0.113.1",
            "100.64.0.1",
            "2001:db8::1",
            "0.0.0.0",
        ] {
            assert!(!is_nearby(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_others_most_likely_reach_comes_first() {
        let all = [
            ("lo", "127.0.0.1"),
            ("docker0", "172.17.0.1"),
            ("tun0", "10.8.0.2"),
            ("wlan0", "fd00::5"),
            ("wlan0", "192.168.1.5"),
            ("wlan0", "2001:db8::5"),
        ];
        let (private, has_public) = of(&all, None);
        assert_eq!(
            private,
            ["192.168.1.5", "fd00::5", "10.8.0.2", "172.17.0.1"]
        );
        assert!(has_public);
        let (private, _) = of(&all, Some("10.8.0.2"));
        assert_eq!(private[0], "10.8.0.2");
    }

    #[test]
    fn the_address_of_a_cable_counts_if_there_is_no_other() {
        let cable = ("eth0", "169.254.7.7");
        assert_eq!(of(&[cable], None).0, ["169.254.7.7"]);
        let both = [cable, ("wlan0", "192.168.1.5")];
        assert_eq!(of(&both, None).0, ["192.168.1.5"]);
        let (private, has_public) = of(&[("eth0", "203.0.113.1")], None);
        assert!(private.is_empty() && has_public);
    }

    #[test]
    fn what_the_system_says_of_a_network_holds_for_the_addresses_in_it() {
        let all = [("wlan0", "192.168.1.5"), ("eth0", "10.0.0.5")];
        let all = all.map(|(name, ip)| (name.to_owned(), ip.parse().unwrap()));
        let mut found = sorted(all, [None, None]);
        let cafe = Standing::Public("Café".into());
        found.note(&Networks {
            known: [("wlan0".to_owned(), cafe.clone())].into(),
            others: Standing::Private,
        });
        let standings = found.private.iter().map(|it| it.standing.clone());
        assert_eq!(standings.collect::<Vec<_>>(), [Standing::Private, cafe]);
        assert!(!found.has_unknown());
        found.note(&Networks::unknown());
        assert!(found.has_unknown());
    }

    proptest! {
        #[test]
        fn no_public_address_is_ever_opened(address in any::<u32>()) {
            let address = Ipv4Addr::from(address);
            let found = sorted([("eth0".to_owned(), address.into())], [None, None]);
            let [a, b, ..] = address.octets();
            let is_private = a == 10
                || (a == 172 && (16..32).contains(&b))
                || (a, b) == (192, 168)
                || (a, b) == (169, 254);
            prop_assert_eq!(!found.private.is_empty(), is_private);
        }

        #[test]
        fn no_public_ipv6_address_is_ever_opened(address in any::<u128>()) {
            let address = Ipv6Addr::from(address);
            let found = sorted([("eth0".to_owned(), address.into())], [None, None]);
            prop_assert_eq!(!found.private.is_empty(), address.octets()[0] & 0xfe == 0xfc);
        }
    }
}
