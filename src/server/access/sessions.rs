//! Visitors who have entered the password, by a secret that their browsers keep.

use std::{collections::HashMap, fmt};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

use super::digest::{Digest, random};

/// More sessions are not remembered; the one that was used the longest ago ends.
const MAX_SESSIONS: usize = 4096;

/// A session of a visitor. It doesn't tell the secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Session(Digest);

impl Session {
    /// The session that a secret is of, if it exists.
    pub fn of(secret: &[u8]) -> Option<Self> {
        Digest::of(secret).map(Self)
    }

    /// Tells sessions apart.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Shows nothing.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// All sessions of one share.
#[derive(Default)]
pub struct Sessions {
    /// When each was last used, as a number that grows.
    used: HashMap<Digest, u64>,
    now: u64,
}

impl Sessions {
    /// Begins a session and returns its secret; none if the system has no random bytes.
    pub fn begin(&mut self) -> Option<String> {
        let secret = BASE64.encode(random()?);
        let digest = Digest::of(secret.as_bytes())?;
        if self.used.len() >= MAX_SESSIONS {
            let oldest = self.used.iter().min_by_key(|(_, used)| **used);
            if let Some(oldest) = oldest.map(|(digest, _)| *digest) {
                self.used.remove(&oldest);
            }
        }
        self.now += 1;
        self.used.insert(digest, self.now);
        Some(secret)
    }

    /// Whether this session has not ended. It counts as used now.
    pub fn has(&mut self, session: Session) -> bool {
        self.now += 1;
        let used = self.used.get_mut(&session.0);
        used.map(|used| *used = self.now).is_some()
    }

    /// Ends all.
    pub fn clear(&mut self) {
        self.used = HashMap::new();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_session_is_found_by_its_secret_only() {
        let mut sessions = Sessions::default();
        let secret = sessions.begin().unwrap();
        assert!(sessions.has(Session::of(secret.as_bytes()).unwrap()));
        let (mut first, mut last) = (secret.clone().into_bytes(), secret.clone().into_bytes());
        first[0] ^= 1;
        last[42] ^= 1;
        for wrong in [&first[..], &last[..], &secret.as_bytes()[1..], b""] {
            assert!(!sessions.has(Session::of(wrong).unwrap()));
        }
        sessions.clear();
        assert!(!sessions.has(Session::of(secret.as_bytes()).unwrap()));
    }

    #[test]
    fn secrets_have_256_bits_and_differ() {
        let mut sessions = Sessions::default();
        let secrets: HashSet<_> = (0..100).map(|_| sessions.begin().unwrap()).collect();
        assert_eq!(secrets.len(), 100);
        for secret in secrets {
            assert_eq!(BASE64.decode(secret).unwrap().len(), 32);
        }
    }

    #[test]
    fn of_too_many_the_one_that_was_not_used_ends() {
        let mut sessions = Sessions::default();
        let [used, unused] = [(); 2].map(|()| sessions.begin().unwrap());
        let [used, unused] = [used, unused].map(|secret| Session::of(secret.as_bytes()).unwrap());
        for _ in 0..MAX_SESSIONS {
            assert!(sessions.has(used));
            sessions.begin().unwrap();
        }
        assert!(sessions.has(used));
        assert!(!sessions.has(unused));
        assert_eq!(sessions.used.len(), MAX_SESSIONS);
    }
}
