//! Digests of secrets, by which they are recognised.
//!
//! A secret that a visitor sends is never compared itself: how long that takes could tell how much of
//! it is right. Its digest depends on a key that only this process has, so nobody can choose a
//! secret for its digest.

use std::{
    hash::{Hash, Hasher},
    sync::LazyLock,
};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

const BYTES: usize = 32;

/// None if the system has no random bytes. Then nothing is recognised.
static KEY: LazyLock<Option<[u8; BYTES]>> = LazyLock::new(random);

/// The digest of a secret.
#[derive(Clone, Copy, Eq)]
pub struct Digest([u8; BYTES]);

impl Digest {
    /// The digest of this secret.
    pub fn of(secret: &[u8]) -> Option<Self> {
        let key = KEY.as_ref()?;
        let digest = Sha256::new().chain_update(key).chain_update(secret);
        Some(Self(digest.finalize().into()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Takes the same time wherever they differ.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Bytes that nobody can guess; none if the system has none.
pub fn random() -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_its_secret_only() {
        let digest = |secret: &str| Digest::of(secret.as_bytes()).unwrap();
        assert!(digest("secret") == digest("secret"));
        for other in ["", "Secret", "secres", "secret "] {
            assert!(digest("secret") != digest(other), "{other}");
        }
    }

    #[test]
    fn without_the_key_a_digest_says_nothing() {
        let plain: [u8; BYTES] = Sha256::digest(b"secret").into();
        assert_ne!(Digest::of(b"secret").unwrap().as_bytes(), plain);
    }
}
