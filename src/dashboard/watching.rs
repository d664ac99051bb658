//! What is happening at the shares right now, while a page is open.

use std::{collections::HashMap, sync::Arc};

use actix_web::rt;
use serde::Serialize;
use tokio::{sync::Notify, task::JoinHandle};

use super::{events::Parts, shared::Handle};
use crate::server::{Live, LiveGuard, VisitorView};

/// Watches shares until this is dropped.
#[derive(Default)]
pub struct Watching {
    watched: HashMap<u64, Watched>,
    changed: Arc<Notify>,
}

struct Watched {
    #[expect(dead_code, reason = "visitors are remembered while it is there")]
    guard: LiveGuard,
    task: JoinHandle<()>,
}

/// The visitors of a share.
#[derive(Serialize)]
struct Visitors<'a> {
    visitors: &'a [VisitorView],
    more: u64,
}

impl Watching {
    /// Adds what happens to the parts, and watches these shares from now on and no others. Returns
    /// whether something is on its way, whose progress is to be looked at soon.
    pub fn add_to(&mut self, parts: &mut Parts, handles: &[Handle]) -> bool {
        let is_there = |share: &u64| handles.iter().any(|handle| handle.share == *share);
        self.watched.retain(|share, _| is_there(share));
        let mut is_busy = false;
        for Handle { share, live, .. } in handles {
            let changed = &self.changed;
            self.watched
                .entry(*share)
                .or_insert_with(|| Watched::begin(live, changed));
            let view = live.snapshot();
            is_busy |= !view.transfers.is_empty();
            let visitors = Visitors {
                visitors: &view.visitors,
                more: view.more_visitors,
            };
            parts.set(format!("live/{share}"), &visitors);
            for transfer in &view.transfers {
                let id = serde_json::to_string(&transfer.id).unwrap_or_default();
                parts.set(format!("transfer/{share}/{id}"), transfer);
            }
        }
        is_busy
    }

    /// Completes when a visitor comes, or a transfer begins or ends.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Watched {
    fn begin(live: &Live, changed: &Arc<Notify>) -> Self {
        let (live, changed) = (live.clone(), Arc::clone(changed));
        let guard = live.watch();
        let mut next = live.changed();
        let task = rt::spawn(async move {
            loop {
                next.await;
                // Whoever looks now sees what comes later as well.
                next = live.changed();
                changed.notify_one();
            }
        });
        Self { guard, task }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}
