//! Whom a guess comes from.

use std::net::{IpAddr, Ipv6Addr};

use crate::server::transport::Visitor;

/// A visitor, and the network that an IPv6 address is in.
///
/// Elsewhere it is one of 48 bits: many providers give a customer a whole one, which has 65,536 networks
/// that count as a visitor each. In the local network it is one of 64 bits, in which everybody has as many
/// addresses as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    visitor: Option<Visitor>,
    network: Option<Visitor>,
    is_local: bool,
}

impl Source {
    /// Where this address is. All whose address isn't known are one visitor.
    pub fn of(address: Option<IpAddr>) -> Self {
        let v6 = match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => Some(address),
            _ => None,
        };
        let is_local = v6.is_some_and(|address| address.is_unique_local());
        let host_bits = if is_local { 64 } else { 80 };
        let network = v6.map(|address| {
            let network = address.to_bits() & (u128::MAX << host_bits);
            Visitor::new(Ipv6Addr::from_bits(network).into())
        });
        Self {
            visitor: address.map(Visitor::new),
            network,
            is_local,
        }
    }

    /// The visitor.
    pub fn visitor(self) -> Option<Visitor> {
        self.visitor
    }

    /// The network, if it is in one.
    pub fn network(self) -> Option<Visitor> {
        self.network
    }

    /// Whether that is a local network, which is that of everybody there.
    pub fn is_local(self) -> bool {
        self.is_local
    }

    /// Who waits in a queue: the network of an IPv6 address elsewhere, otherwise the visitor.
    pub fn party(self) -> Option<Visitor> {
        self.network.filter(|_| !self.is_local).or(self.visitor)
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
        assert_ne!(one.party(), other.party());
        assert_eq!(one.network(), other.network());
        assert_ne!(one.network(), source("fd00:0:0:1::1").network());
        assert!(one.is_local() && !source("2001:db8::1").is_local());
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
