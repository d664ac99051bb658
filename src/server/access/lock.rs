//! The password of a share, and who has entered it.

use std::sync::{
    RwLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;

use super::password::PasswordHash;

/// Whether visitors need a password, and which.
#[derive(Debug, Default)]
pub struct Lock {
    is_locked: AtomicBool,
    password: RwLock<Option<PasswordHash>>,
    /// Counts the changes.
    changes: watch::Sender<u64>,
}

impl Lock {
    /// Sets or removes the password. Everybody has to enter the new one, and everything that visitors
    /// are receiving ends.
    pub fn set_password(&self, password: Option<PasswordHash>) {
        let mut current = self.password.write().unwrap_or_else(|e| e.into_inner());
        self.is_locked.store(password.is_some(), Ordering::SeqCst);
        *current = password;
        drop(current);
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Whether visitors need a password.
    pub fn is_locked(&self) -> bool {
        self.is_locked.load(Ordering::Relaxed)
    }

    /// Follows changes of the password. Whoever starts something that lasts, such as a download or a
    /// web socket, gets this first, then checks whether it may start, and ends it with
    /// [`LockChanges::next`].
    pub fn changes(&self) -> LockChanges {
        LockChanges(self.changes.subscribe())
    }
}

/// Changes of the password since this was made.
#[derive(Clone, Debug)]
pub struct LockChanges(watch::Receiver<u64>);

impl LockChanges {
    /// Waits until the password was set, changed or removed.
    pub async fn next(&mut self) {
        // An error means that the share is gone.
        let _ = self.0.changed().await;
    }
}
