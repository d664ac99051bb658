//! Who may see a share.
//!
//! ```text
//! lock      the password, and who has entered it
//! password  the hash of a password
//! hashing   how many hashes are computed at a time
//! ```

mod hashing;
mod lock;
mod password;

use std::sync::Arc;

pub use lock::{Lock, LockChanges};
pub use password::{MAX_PASSWORD_BYTES, PasswordHash, UnusablePassword};

/// What the owner allows visitors of one share. Can be changed while the share is online. Clones
/// belong to the same share. By default, everyone may see everything.
#[derive(Clone, Debug, Default)]
pub struct Access(Arc<Rules>);

#[derive(Debug, Default)]
struct Rules {
    lock: Lock,
}

impl Access {
    /// The password, and who has entered it.
    pub fn lock(&self) -> &Lock {
        &self.0.lock
    }
}
