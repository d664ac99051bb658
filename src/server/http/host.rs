//! Which Host a request may name.
//!
//! A share answers to its public name, and to loopback names with its own port. In the local network,
//! it answers to the address that the connection came to, and to the name announced there. Otherwise
//! any web page in a browser could reach the share by pointing its own name at 127.0.0.1 or at an
//! address in the network (DNS rebinding).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
};

pub use crate::server::origin::RequestOrigin;

/// The public name of a share, set by its tunnel, and its names in the local network. Clones share
/// these names.
#[derive(Clone, Debug, Default)]
pub struct PublicNames {
    public: Arc<RwLock<Option<Box<str>>>>,
    network: Arc<RwLock<Vec<String>>>,
}

impl PublicNames {
    /// Sets the public host name, such as `quiet-river.trycloudflare.com`, or clears it.
    pub fn set(&self, name: Option<String>) {
        let name = name.map(|name| name.to_ascii_lowercase().into_boxed_str());
        *self.public.write().unwrap_or_else(PoisonError::into_inner) = name;
    }

    /// Sets the names in the local network, such as `photos.local`. In different networks it may have
    /// different ones.
    pub fn set_network_names(&self, names: Vec<String>) {
        *self.network.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// The origin of a request with this Host header on a connection to `at`, an address of this
    /// computer in the local network, if the header names the share there.
    pub fn network_origin(&self, host: &str, at: SocketAddr) -> Option<RequestOrigin> {
        let (name, port) = split_port(host)?;
        let is_address = || {
            let within = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let address = match within {
                Some(within) => within.parse::<Ipv6Addr>().map(IpAddr::V6),
                None => name.parse::<Ipv4Addr>().map(IpAddr::V4),
            };
            address == Ok(at.ip())
        };
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        let is_name = || {
            let mut names = network.iter();
            names.any(|network| name.eq_ignore_ascii_case(network))
        };
        let is_ours = port.unwrap_or(80) == at.port() && (is_address() || is_name());
        is_ours.then_some(RequestOrigin::Network)
    }

    /// The origin of a request with this Host header, if the header names the share.
    pub fn origin(&self, host: &str, port: u16) -> Option<RequestOrigin> {
        let (name, host_port) = split_port(host)?;
        // Port 80 may be omitted, because a share can be set to listen on it.
        let is_own_port = host_port.unwrap_or(80) == port;
        let is_loopback =
            name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost");
        if is_loopback {
            return is_own_port.then_some(RequestOrigin::Loopback);
        }
        let public = self.public.read().unwrap_or_else(PoisonError::into_inner);
        let is_public = public
            .as_deref()
            .is_some_and(|public| name.eq_ignore_ascii_case(public));
        (is_public && matches!(host_port, None | Some(443))).then_some(RequestOrigin::Tunnel)
    }
}

fn split_port(host: &str) -> Option<(&str, Option<u16>)> {
    let end_of_name = if host.starts_with('[') {
        host.find(']')? + 1
    } else {
        host.find(':').unwrap_or(host.len())
    };
    let (name, port) = host.split_at(end_of_name);
    if port.is_empty() {
        return Some((name, None));
    }
    let digits = port.strip_prefix(':')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((name, Some(digits.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_with_the_right_port_and_the_public_name_are_ours() {
        let names = PublicNames::default();
        for host in [
            "127.0.0.1:8000",
            "localhost:8000",
            "LocalHost:8000",
            "[::1]:8000",
        ] {
            assert_eq!(
                names.origin(host, 8000),
                Some(RequestOrigin::Loopback),
                "{host}"
            );
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:8001",
            "localhost",
            "localhost.:8000",
            "evil.example:8000",
            "127.0.0.1:8000:1",
            "127.0.0.1:",
            "[::1",
            "[::1]8000",
            "127.0.0.2:8000",
            "127.1:8000",
            "127.0.0.1:+8000",
            "127.0.0.1:99999",
            "evil@127.0.0.1:8000",
            "a.trycloudflare.com",
        ] {
            assert_eq!(names.origin(host, 8000), None, "{host}");
        }
        names.set(Some("A.trycloudflare.com".to_owned()));
        for host in ["a.trycloudflare.com", "A.TryCloudflare.com:443"] {
            assert_eq!(
                names.origin(host, 8000),
                Some(RequestOrigin::Tunnel),
                "{host}"
            );
        }
        for host in [
            "a.trycloudflare.com:8000",
            "b.trycloudflare.com",
            "a.trycloudflare.com.",
            "x.a.trycloudflare.com",
        ] {
            assert_eq!(names.origin(host, 8000), None, "{host}");
        }
        names.set(None);
        assert_eq!(names.origin("a.trycloudflare.com", 8000), None);
    }

    #[test]
    fn in_the_network_only_the_address_and_the_name_there_are_ours() {
        let names = PublicNames::default();
        names.set(Some("a.trycloudflare.com".to_owned()));
        names.set_network_names(vec!["photos.local".into(), "photos-2.local".into()]);
        let at: SocketAddr = "192.168.1.5:48630".parse().unwrap();
        let at6: SocketAddr = "[fd00::5]:48630".parse().unwrap();
        for (host, at) in [
            ("192.168.1.5:48630", at),
            ("Photos.local:48630", at),
            ("photos-2.local:48630", at),
            ("[fd00::5]:48630", at6),
            ("[FD00:0::0005]:48630", at6),
            ("photos.local:48630", at6),
        ] {
            let network = Some(RequestOrigin::Network);
            assert_eq!(names.network_origin(host, at), network, "{host}");
        }
        for host in [
            "",
            "192.168.1.5",
            "192.168.1.5:80",
            "192.168.1.6:48630",
            "192.168.1.5.evil.example:48630",
            "evil.example:48630",
            "localhost:48630",
            "127.0.0.1:48630",
            "[::1]:48630",
            "[fd00::5]:48630",
            "[::ffff:192.168.1.5]:48630",
            "192.168.261:48630",
            "photos.local",
            "photos.local.:48630",
            "x.photos.local:48630",
            "a.trycloudflare.com",
            "a.trycloudflare.com:48630",
        ] {
            assert_eq!(names.network_origin(host, at), None, "{host}");
        }
        for host in ["192.168.1.5:48630", "photos.local:48630", "[fd00::5]:48630"] {
            assert_eq!(names.origin(host, 48630), None, "{host}");
        }
        names.set_network_names(Vec::new());
        assert_eq!(names.network_origin("photos.local:48630", at), None);
    }

    #[test]
    fn port_80_may_be_omitted() {
        let names = PublicNames::default();
        assert_eq!(names.origin("localhost", 80), Some(RequestOrigin::Loopback));
    }
}
