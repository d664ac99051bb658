//! What happens when nothing happens: uploads expire, deliveries end without a word, and what can't be
//! put in its place is tried again.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::{Duration, SystemTime},
};

use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until},
};

use super::{
    entry::{Stage, Upload},
    error::ReceiveError,
    landing::put_in_place,
    parts::Parts,
    place::Whole,
    shared::{Shared, off_thread},
};
use crate::server::folder::Folder;

/// How long until a file is tried again that can't be put in its place.
const RETRY: Duration = Duration::from_secs(30);

/// Starts the task that looks after the time, unless it runs.
pub fn start(shared: &Arc<Shared>) {
    if let Ok(runtime) = Handle::try_current()
        && !shared.has_clock.swap(true, Ordering::SeqCst)
    {
        runtime.spawn(run(Arc::downgrade(shared)));
    }
}

/// Lets another task look after the time if this one ends with its thread.
struct Running(Weak<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.has_clock.store(false, Ordering::SeqCst);
        }
    }
}

async fn run(shared: Weak<Shared>) {
    let _running = Running(shared.clone());
    loop {
        let Some(inner) = shared.upgrade() else {
            return;
        };
        let clock = Arc::clone(&inner.clock);
        let due = inner.next_due(RETRY);
        drop(inner);
        match due {
            None => clock.notified().await,
            Some(due) => tokio::select! {
                () = clock.notified() => {}
                () = sleep_until(due) => {
                    let Some(inner) = shared.upgrade() else { return };
                    look(&inner).await;
                }
            },
        }
    }
}

/// Does what is due.
async fn look(shared: &Arc<Shared>) {
    let told = shared.table().deliveries.given_up(Instant::now());
    let root = shared.root().await;
    for told in told {
        shared.tell_off_thread(told, root.as_ref().ok()).await;
    }
    let Ok(root) = root else {
        return;
    };
    let expired = select(shared, |upload| {
        let state = upload.state();
        let is_open = state.stage == Stage::Open && state.writer.is_none();
        is_open && state.expires() <= SystemTime::now()
    });
    for upload in expired {
        let (shared, root) = (Arc::clone(shared), root.clone());
        if let Err(error) = off_thread(move || shared.remove(&upload, &root)).await {
            tracing::debug!(%error, "an upload that has expired can't be removed");
        }
    }
    retry(shared, &root).await;
    tidy(shared, &root).await;
}

/// Tries again to put complete files in their places.
pub async fn retry(shared: &Arc<Shared>, root: &Folder) {
    let stuck = select(shared, |upload| matches!(upload.stage(), Stage::Stuck(_)));
    for upload in stuck {
        let (shared, root) = (Arc::clone(shared), root.clone());
        let tried = off_thread(move || {
            if !upload.claim_stuck() {
                return Ok(());
            }
            retry_one(&shared, &upload, &root).inspect_err(|_| upload.set_stuck())
        });
        if let Err(error) = tried.await {
            tracing::debug!(%error, "a received file still can't be put in its place");
        }
    }
}

fn retry_one(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    root: &Folder,
) -> Result<(), ReceiveError> {
    let record = upload.state().whole.clone();
    let record = record.ok_or(ReceiveError::Unknown)?;
    let parts = shared.parts(root)?;
    let opened = parts.open_part(record.id);
    let (file, _) = opened.map_err(|error| shared.failed(error))?;
    let whole = Whole {
        record,
        wanted: upload.record.name().to_owned(),
        is_recovered: true,
    };
    put_in_place(shared, upload, parts, file, whole);
    Ok(())
}

/// Removes the folder of parts when nobody has handed in anything for a while.
async fn tidy(shared: &Arc<Shared>, root: &Folder) {
    if !shared.is_tidy_due() {
        return;
    }
    let root = root.clone();
    let kept = Arc::clone(shared);
    let tidied = off_thread(move || {
        let parts = Parts::open(&root).map_err(|error| kept.failed(error))?;
        let tidied = parts.map_or(Ok(()), |parts| parts.tidy(true));
        tidied.map_err(|error| kept.failed(error))
    });
    if let Err(error) = tidied.await {
        tracing::debug!(%error, "the folder of incomplete uploads can't be tidied");
    }
}

fn select(shared: &Shared, which: impl Fn(&Upload) -> bool) -> Vec<Arc<Upload>> {
    let table = shared.table();
    let uploads = table.uploads.values();
    uploads.filter(|upload| which(upload)).cloned().collect()
}
