//! Whom a guess comes from.

use std::net::{IpAddr, Ipv6Addr};

use crate::server::transport::Visitor;

/// A visitor, and the network of 48 bits that an IPv6 address is in: many providers give a customer
/// a whole one, which has 65,536 networks that count as a visitor each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    visitor: Option<Visitor>,
    network: Option<Visitor>,
}

impl Source {
    /// Where this address is. All whose address isn't known are one visitor.
    pub fn of(address: Option<IpAddr>) -> Self {
        let network = match address.map(|address| address.to_canonical()) {
            // In the local network, it is everybody.
            Some(IpAddr::V6(address)) if !address.is_unique_local() => {
                let network = address.to_bits() & (u128::MAX << 80);
                Some(Visitor::new(Ipv6Addr::from_bits(network).into()))
            }
            _ => None,
        };
        Self {
            visitor: address.map(Visitor::new),
            network,
        }
    }

    /// The visitor.
    pub fn visitor(self) -> Option<Visitor> {
        self.visitor
    }

    /// The network of 48 bits, if it is in one.
    pub fn network(self) -> Option<Visitor> {
        self.network
    }

    /// Who waits in a queue: the network if there is one, otherwise the visitor.
    pub fn party(self) -> Option<Visitor> {
        self.network.or(self.visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_local_network_each_address_is_a_visitor() {
        let source = |address: &str| Source::of(Some(address.parse().unwrap()));
        let (one, other) = (source("fd00::1"), source("fd00::2"));
        assert_ne!(one.visitor(), other.visitor());
        assert_eq!(one.network(), None);
        assert_ne!(one.party(), other.party());
    }

    #[test]
    fn an_ipv6_address_is_of_a_visitor_in_a_larger_network() {
        let source = |address: &str| Source::of(Some(address.parse().unwrap()));
        let (one, other) = (source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_ne!(one.visitor(), other.visitor());
        assert_eq!(one.party(), other.party());
        assert_ne!(one.party(), source("2001:db8:2:2::1").party());
        let four = source("::ffff:192.0.2.1");
        assert_eq!(four, source("192.0.2.1"));
        assert_eq!(four.network(), None);
        assert_ne!(four.party(), source("192.0.2.2").party());
        assert_ne!(four.party(), Source::of(None).party());
    }
}
