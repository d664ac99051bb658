//! The addresses of this computer, by who can reach them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use if_addrs::get_if_addrs;

use super::{
    route::own_addresses,
    standing::{Networks, Standing},
};

/// A computer may have very many, for example for containers. A share listens on no more.
const MAX: usize = 64;

/// How the names of interfaces begin behind which there are networks elsewhere, rather than the desk next
/// door.
const ELSEWHERE: [&str; 6] = ["ham", "tailscale", "tap", "tun", "utun", "wg"];

/// How the names of interfaces begin behind which there are virtual machines and containers of this computer.
const INSIDE: [&str; 11] = [
    "br-",
    "docker",
    "lxc",
    "podman",
    "vbox",
    "vethernet",
    "veth",
    "virbr",
    "virtualbox",
    "vmnet",
    "vmware",
];

/// The addresses that this computer has now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Those that only people in the same network can reach. What others most likely reach comes first.
    pub private: Vec<Address>,
    /// There are others, which strangers may reach.
    pub has_public: bool,
    /// Where these and the others are.
    pub interfaces: Vec<Interface>,
    /// The system is not still finding out what kind of networks these are.
    pub is_settled: bool,
}

/// An address that only people in the same network can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub ip: IpAddr,
    /// The name of its interface.
    pub interface: String,
}

/// An interface through which others can reach this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub name: String,
    /// What the system says of the network behind it.
    pub standing: Standing,
    /// There are only virtual machines and containers of this computer behind it.
    pub is_inside: bool,
    /// Its addresses; of an IPv6 address, the network of 64 bits, as the rest of it may change every day.
    pub places: BTreeSet<IpAddr>,
}

impl Addresses {
    /// Notes what the system says of the networks.
    pub fn note(&mut self, networks: &Networks) {
        for interface in &mut self.interfaces {
            interface.standing = networks.behind(&interface.name).clone();
        }
    }

    /// Whether the system has not said yet of a network what it is.
    pub fn has_unknown(&self) -> bool {
        let mut interfaces = self.interfaces.iter();
        interfaces.any(|it| it.standing == Standing::Unknown && !it.is_inside)
    }

    /// The interface with this name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|it| it.name == name)
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
    let interfaces = get_if_addrs()?;
    let interfaces = interfaces
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up);
    let all = interfaces.map(|interface| (interface.name.clone(), interface.ip()));
    Ok(sorted(all, own_addresses()))
}

/// These addresses of interfaces, by who can reach them. Packets to the internet come from `usual` ones.
fn sorted(
    all: impl IntoIterator<Item = (String, IpAddr)>,
    usual: [Option<IpAddr>; 2],
) -> Addresses {
    let (mut private, mut cables, mut has_public) = (Vec::new(), Vec::new(), false);
    let mut places: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for (interface, ip) in all {
        let reach = reach(ip);
        if reach != Reach::Nobody {
            places
                .entry(interface.clone())
                .or_default()
                .insert(place(ip));
        }
        match reach {
            Reach::Nobody => {}
            Reach::Network => private.push(Address { ip, interface }),
            Reach::Cable => cables.push(Address { ip, interface }),
            Reach::Anybody => has_public = true,
        }
    }
    if !private.iter().any(|address| address.ip.is_ipv4()) {
        private.append(&mut cables);
    }
    private.sort_by_key(|Address { ip, interface }| {
        let is_usual = usual.contains(&Some(*ip));
        let is_nearby = !begins(interface, &INSIDE) && !begins(interface, &ELSEWHERE);
        (Reverse(is_usual), Reverse(is_nearby), *ip)
    });
    private.dedup_by_key(|address| address.ip);
    private.truncate(MAX);
    let interfaces = places.into_iter().map(|(name, places)| Interface {
        is_inside: begins(&name, &INSIDE),
        name,
        standing: Standing::default(),
        places,
    });
    Addresses {
        private,
        has_public,
        interfaces: interfaces.collect(),
        is_settled: true,
    }
}

fn begins(interface: &str, starts: &[&str]) -> bool {
    let interface = interface.to_ascii_lowercase();
    starts.iter().any(|start| interface.starts_with(start))
}

fn place(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
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
    fn what_the_system_says_of_a_network_is_noted_whatever_the_addresses_in_it() {
        let all = [
            ("wlan0", "203.0.113.5"),
            ("wlan0", "2001:db8::5"),
            ("docker0", "172.17.0.1"),
            ("lo", "127.0.0.1"),
        ];
        let all = all.map(|(name, ip)| (name.to_owned(), ip.parse().unwrap()));
        let mut found = sorted(all, [None, None]);
        let campus = Standing::Public {
            name: "Campus".into(),
            id: None,
        };
        found.note(&Networks {
            known: [("wlan0".to_owned(), campus.clone())].into(),
            others: Standing::Unknown,
        });
        let interfaces = found.interfaces.iter();
        let interfaces: Vec<_> = interfaces.map(|it| (&*it.name, it.is_inside)).collect();
        assert_eq!(interfaces, [("docker0", true), ("wlan0", false)]);
        let wifi = found.interface("wlan0").unwrap();
        assert_eq!(wifi.standing, campus);
        let places = ["203.0.113.5", "2001:db8::"].map(|it| it.parse().unwrap());
        assert_eq!(wifi.places, places.into());
        // Of what is inside this computer, it need not say anything.
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
