//! Who has a place, so that nobody has too many.

use std::net::{IpAddr, Ipv6Addr};

/// A visitor, as far as addresses can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Visitor(IpAddr);

impl Visitor {
    /// The visitor with this address. A whole IPv6 network of 64 bits counts as one visitor,
    /// because anybody who has one of its addresses has all of them. In the local network, it is
    /// everybody, so each address counts.
    pub fn new(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) if !address.is_unique_local() => {
                let network = address.to_bits() & (u128::MAX << 64);
                Ipv6Addr::from_bits(network).into()
            }
            address => address,
        })
    }

    /// Its address; of an IPv6 network elsewhere, the first.
    pub fn address(self) -> IpAddr {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_visitor() {
        let visitor = |address: &str| Visitor::new(address.parse().unwrap());
        assert_eq!(visitor("2001:db8::1"), visitor("2001:db8::ffff:0:0:2"));
        assert_ne!(visitor("2001:db8::1"), visitor("2001:db8:0:1::1"));
        assert_eq!(visitor("::ffff:192.0.2.1"), visitor("192.0.2.1"));
        assert_ne!(visitor("192.0.2.1"), visitor("192.0.2.2"));
        assert_ne!(visitor("fd00::1"), visitor("fd00::2"));
    }
}
