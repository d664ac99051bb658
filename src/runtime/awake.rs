//! Keeps the computer awake while bytes flow to or from a visitor.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::task::AbortHandle;

use crate::{desktop::awake::stay_awake, server::Activity};

/// Keeps the computer awake when needed, until it is dropped.
#[derive(Debug)]
pub struct Awake {
    is_wanted: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Awake {
    /// `is_wanted`: the setting `keep_awake`.
    pub fn start(activity: Activity, is_wanted: bool) -> Self {
        let is_wanted = Arc::new(AtomicBool::new(is_wanted));
        let task = tokio::spawn(keep_awake(activity, Arc::clone(&is_wanted)));
        Self {
            is_wanted,
            task: task.abort_handle(),
        }
    }

    /// Changes the setting for the next time that bytes begin to flow.
    pub fn set(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep_awake(activity: Activity, is_wanted: Arc<AtomicBool>) {
    // It would be said again at each download.
    let mut has_warned = false;
    loop {
        activity.begins().await;
        let lock = if is_wanted.load(Ordering::Relaxed) {
            match stay_awake().await {
                Ok(lock) => Some(lock),
                Err(error) => {
                    if has_warned {
                        tracing::debug!(%error, "can't keep the computer awake during a transfer");
                    } else {
                        tracing::warn!(%error, "can't keep the computer awake during a transfer");
                        has_warned = true;
                    }
                    None
                }
            }
        } else {
            None
        };
        activity.ends().await;
        drop(lock);
    }
}
