//! Whatever a Host header is, it names a share only by an address or a name that is its own.
#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use spot_serve::server::{PublicNames, RequestOrigin};

const PUBLIC: &str = "quiet-river.trycloudflare.com";
const NETWORK: &str = "photos.local";
const PORT: u16 = 48630;

/// Both parts of `name:port`, read in the simplest way.
fn parts(host: &str) -> (String, Option<u16>) {
    let host = host.to_ascii_lowercase();
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name.to_owned(), port.parse().ok()),
        _ => (host, None),
    }
}

fuzz_target!(|input: (bool, &str)| {
    let (is_v6, host) = input;
    let names = PublicNames::default();
    names.set(Some(PUBLIC.to_owned()));
    names.set_network_names(vec![NETWORK.to_owned()]);
    let (name, port) = parts(host);
    let at = if is_v6 { "[fd00::5]" } else { "192.168.1.5" };
    let at: SocketAddr = format!("{at}:{PORT}").parse().unwrap();
    if let Some(origin) = names.network_origin(host, at) {
        assert_eq!(origin, RequestOrigin::Network);
        assert_eq!(port, Some(PORT));
        let is_address = name.trim_matches(['[', ']']).parse() == Ok(at.ip());
        assert!(is_address || name == NETWORK, "{host}");
    }
    match names.origin(host, PORT) {
        Some(RequestOrigin::Tunnel) => assert_eq!(name, PUBLIC),
        Some(RequestOrigin::Loopback) => {
            assert_eq!(port, Some(PORT));
            assert!(["127.0.0.1", "localhost", "[::1]"].contains(&&name[..]), "{host}");
        }
        Some(RequestOrigin::Network) => panic!("{host}"),
        None => {}
    }
});
