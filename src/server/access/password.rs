//! The hash of a password: Argon2id with the parameters that OWASP recommends.
//!
//! Before a password is hashed or compared, it is brought into one form. Letters with accents are
//! composed (Unicode NFC), because keyboards differ in that. Four words, such as a generated
//! password, may be entered in capitals, and with spaces between them. Anything else is compared
//! as it was typed.

use std::{borrow::Cow, fmt};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use icu_normalizer::ComposingNormalizerBorrowed;
use subtle::ConstantTimeEq;

use super::{digest::Digest, hashing};

/// Longer passwords are wrong, and not hashed.
pub const MAX_PASSWORD_BYTES: usize = 1024;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;

/// How every hash here starts.
const START: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// The words of a generated password.
const WORDS: usize = 4;

/// The hash of a password, as a string in the PHC format. It doesn't tell the password, but
/// somebody who has it can check guesses without asking the share.
#[derive(Clone)]
pub struct PasswordHash {
    text: Box<str>,
    /// Recognises the password as long as this process runs. A stored hash has none.
    digest: Option<Digest>,
}

impl PasswordHash {
    /// The hash of a password of at most [`MAX_PASSWORD_BYTES`] bytes, with a new salt. Takes some
    /// 30 ms and 19 MiB, and may have to wait for others.
    ///
    /// # Errors
    /// The password is empty or too long, or the system has no memory or no random bytes.
    pub fn of(password: &str) -> Result<Self, UnusablePassword> {
        if password.is_empty() {
            return Err(UnusablePassword::Empty);
        }
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(UnusablePassword::TooLong);
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| UnusablePassword::System)?;
        let _turn = hashing::blocking_turn();
        let digest = digest(password, &salt).ok_or(UnusablePassword::System)?;
        let (salt, digest) = (BASE64.encode(salt), BASE64.encode(digest));
        Ok(Self {
            text: format!("{START}{salt}${digest}").into(),
            digest: Digest::of(canonical(password).as_bytes()),
        })
    }

    /// Reads what [`Self::as_str`] gave; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        parts(text)?;
        Some(Self {
            text: text.into(),
            digest: None,
        })
    }

    /// The string to store.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What recognises the password without a hash, if it is known.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Whether this is the password. Takes as long as [`Self::of`] and needs a
    /// [`turn`](hashing::turn).
    pub(super) fn is_of(&self, password: &str) -> bool {
        let Some((salt, expected)) = parts(&self.text) else {
            return false;
        };
        // Every digest takes the same time to compare, wherever it differs.
        digest(password, &salt).is_some_and(|digest| digest.ct_eq(&expected).into())
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PasswordHash {}

/// Shows nothing.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Why there is no hash of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusablePassword {
    #[error("The password is empty.")]
    Empty,
    #[error("The password is longer than {MAX_PASSWORD_BYTES} bytes.")]
    TooLong,
    #[error("The system has too little memory to protect the password.")]
    System,
}

/// The form of a password that is hashed and compared.
pub(super) fn canonical(password: &str) -> Cow<'_, str> {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(password);
    match four_words(&composed) {
        Some(words) => Cow::Owned(words.join("-").to_ascii_lowercase()),
        None => composed,
    }
}

/// The words of a password that looks generated, such as `quiet-river-lake-sand`.
fn four_words(password: &str) -> Option<[&str; WORDS]> {
    let is_separator = |c: char| c == '-' || c == ' ';
    let mut words = password.split(is_separator).filter(|word| !word.is_empty());
    let mut four = [""; WORDS];
    for word in &mut four {
        *word = words.next()?;
    }
    let is_word =
        |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    (words.next().is_none() && four.iter().all(is_word)).then_some(four)
}

fn digest(password: &str, salt: &[u8]) -> Option<[u8; DIGEST_BYTES]> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, Some(DIGEST_BYTES)).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut digest = [0; DIGEST_BYTES];
    argon
        .hash_password_into(canonical(password).as_bytes(), salt, &mut digest)
        .ok()?;
    Some(digest)
}

/// The salt and the digest of a stored hash.
fn parts(text: &str) -> Option<([u8; SALT_BYTES], [u8; DIGEST_BYTES])> {
    let (salt, digest) = text.strip_prefix(START)?.split_once('$')?;
    let salt = BASE64.decode(salt).ok()?.try_into().ok()?;
    let digest = BASE64.decode(digest).ok()?.try_into().ok()?;
    Some((salt, digest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hash_is_of_its_password_only() {
        let hash = PasswordHash::of("päss wörd").unwrap();
        assert!(hash.is_of("päss wörd"));
        // The same letters, decomposed.
        assert!(hash.is_of("pa\u{308}ss wo\u{308}rd"));
        for wrong in ["", "päss word", "Päss wörd", "päss wörd ", "päss-wörd"] {
            assert!(!hash.is_of(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_stored_hash_is_the_same_hash() {
        let hash = PasswordHash::of("x").unwrap();
        let stored = PasswordHash::parse(hash.as_str()).unwrap();
        assert_eq!(stored, hash);
        assert!(stored.is_of("x"));
        assert_ne!(PasswordHash::of("x").unwrap(), hash, "the salt is new");
        assert_eq!(format!("{hash:?}"), "PasswordHash");
    }

    #[test]
    fn the_hash_is_the_one_that_other_programs_compute() {
        // echo -n password | argon2 0123456789abcdef -id -t 2 -k 19456 -p 1 -l 32 -e
        let hash = PasswordHash::parse(REFERENCE).unwrap();
        assert!(hash.is_of("password"));
        assert!(!hash.is_of("Password"));
    }

    const REFERENCE: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$0qsHs573+LgGInzYb7sRqlOTBmqY4X6srNEm6ybpJ20";

    #[test]
    fn unusable_passwords_are_refused() {
        assert_eq!(PasswordHash::of(""), Err(UnusablePassword::Empty));
        let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
        assert_eq!(PasswordHash::of(&long), Err(UnusablePassword::TooLong));
    }

    #[test]
    fn four_words_are_recognised_however_they_are_entered() {
        for entered in [
            "quiet-river-lake-sand",
            "Quiet River Lake Sand",
            "  QUIET  RIVER-LAKE - SAND ",
        ] {
            assert_eq!(canonical(entered), "quiet-river-lake-sand", "{entered:?}");
        }
        for own in [
            "Quiet-River-Lake",
            "a-River-Lake-Sand",
            "Quiet-River-Lake-Sand-Dune",
            "Quiet_River_Lake_Sand",
            "Quiet-River-Lake-S4nd",
            "Hunter2 ",
        ] {
            assert_eq!(canonical(own), own);
        }
    }

    #[test]
    fn other_strings_are_no_hashes() {
        for text in [
            "",
            "password",
            START,
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg",
            "$argon2id$v=19$m=99999999,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AAAA",
        ] {
            assert_eq!(PasswordHash::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_stays_as_it_is(password: String) {
            let once = canonical(&password).into_owned();
            prop_assert_eq!(canonical(&once), once.as_str());
        }
    }
}
