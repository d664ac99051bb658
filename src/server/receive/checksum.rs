//! Whether bytes arrived as they were sent.

use sha1::{Digest, Sha1};
use sha2::Sha256;

/// What a visitor says the hash of a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// A hash that grows with the bytes that come.
#[derive(Clone, Debug)]
pub struct Hashing {
    expected: Checksum,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The algorithms that are known, as tus lists them.
    pub const ALGORITHMS: &'static str = "sha1,sha256";

    /// A hash by the name of its algorithm; `None` if that is not known, or has another length.
    pub fn new(algorithm: &str, hash: &[u8]) -> Option<Self> {
        match algorithm {
            "sha1" => hash.try_into().ok().map(Self::Sha1),
            "sha256" => hash.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }
}

impl Hashing {
    /// Of bytes that should have this hash.
    pub fn new(expected: Checksum) -> Self {
        let state = match expected {
            Checksum::Sha1(_) => State::Sha1(Sha1::new()),
            Checksum::Sha256(_) => State::Sha256(Sha256::new()),
        };
        Self { expected, state }
    }

    /// Bytes have come.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
        }
    }

    /// Whether all bytes together are what was sent.
    pub fn matches(self) -> bool {
        match (self.state, self.expected) {
            (State::Sha1(state), Checksum::Sha1(expected)) => state.finalize()[..] == expected,
            (State::Sha256(state), Checksum::Sha256(expected)) => state.finalize()[..] == expected,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_what_was_sent_matches() {
        let sha1 = [
            0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
            0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
        ];
        let sha256: [u8; 32] = Sha256::digest(b"abc").into();
        for (algorithm, hash) in [("sha1", &sha1[..]), ("sha256", &sha256[..])] {
            let checksum = Checksum::new(algorithm, hash).unwrap();
            let mut right = Hashing::new(checksum);
            let mut wrong = right.clone();
            right.update(b"a");
            right.update(b"bc");
            wrong.update(b"abd");
            assert!(right.matches() && !wrong.matches(), "{algorithm}");
            assert_eq!(Checksum::new(algorithm, &hash[1..]), None);
        }
        assert_eq!(Checksum::new("md5", &[0; 16]), None);
    }
}
