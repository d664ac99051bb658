//! Whatever a Cookie header is, the session in it is found, and a local site sees all but that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::{
    RequestOrigin,
    fuzzing::{secrets, without_secrets},
};

const LOCAL: &str = "session-1";
const NAMES: [&[u8]; 2] = [b"__Host-share", LOCAL.as_bytes()];

/// The names and values of a header, read in the simplest way.
fn pairs(header: &[u8]) -> Vec<(&[u8], Option<&[u8]>)> {
    let pairs = header.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (
                pair[..at].trim_ascii_end(),
                Some(pair[at + 1..].trim_ascii()),
            ),
            None => (pair, None),
        })
        .collect()
}

fuzz_target!(|input: (bool, &[u8])| {
    let (through_tunnel, header) = input;
    let (origin, name) = if through_tunnel {
        (RequestOrigin::Tunnel, NAMES[0])
    } else {
        (RequestOrigin::Loopback, NAMES[1])
    };
    let found: Vec<_> = secrets(header, origin, LOCAL).collect();
    let expected: Vec<_> = pairs(header)
        .into_iter()
        .filter(|(other, _)| *other == name)
        .filter_map(|(_, value)| value)
        .take(4)
        .collect();
    assert_eq!(found, expected);

    let without = without_secrets(header, LOCAL);
    assert_ne!(without.as_deref(), Some(&b""[..]));
    let rest = without.unwrap_or_default();
    let is_other =
        |(name, value): &(&[u8], Option<&[u8]>)| value.is_none() || !NAMES.contains(name);
    let others: Vec<_> = pairs(header).into_iter().filter(is_other).collect();
    assert_eq!(pairs(&rest), others);
    for origin in [
        RequestOrigin::Tunnel,
        RequestOrigin::Loopback,
        RequestOrigin::Network,
    ] {
        assert_eq!(secrets(&rest, origin, LOCAL).count(), 0);
    }
});
