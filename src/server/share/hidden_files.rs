//! Whether visitors see hidden files.

use std::future::pending;

use tokio::sync::watch;

/// Whether visitors of a share see its hidden files. May change at any time. Clones belong to the same
/// share.
#[derive(Clone, Debug, Default)]
pub struct HiddenFiles(watch::Sender<bool>);

impl HiddenFiles {
    /// Serves them from the next request on, or no more. Then all answers that are longer than what is
    /// sent at once are cut off, as they may have something of them.
    pub fn serve(&self, are_served: bool) {
        self.0
            .send_if_modified(|now| std::mem::replace(now, are_served) != are_served);
    }

    pub fn are_served(&self) -> bool {
        *self.0.borrow()
    }

    /// Follows whether they are hidden again. Whoever starts an answer gets this first.
    pub fn hiding(&self) -> Hiding {
        Hiding(self.0.subscribe())
    }
}

impl From<bool> for HiddenFiles {
    fn from(are_served: bool) -> Self {
        Self(watch::Sender::new(are_served))
    }
}

/// Tells when hidden files that were served are hidden again.
#[derive(Debug)]
pub struct Hiding(watch::Receiver<bool>);

impl Hiding {
    /// Whether they have been hidden.
    pub fn has_happened(&self) -> bool {
        self.0.has_changed().unwrap_or(false) && !*self.0.borrow()
    }

    /// Waits until they are hidden.
    pub async fn next(&mut self) {
        while self.0.changed().await.is_ok() {
            if !*self.0.borrow_and_update() {
                return;
            }
        }
        // Nobody can hide them any more.
        pending().await
    }
}
