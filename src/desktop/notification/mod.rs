//! Desktop notifications: one per share, which later notices replace, and those that stand alone. Clicks
//! become events.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;
mod response;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use self::response::About;
use crate::app::{Event, Notice, ShareId};

/// When the program ends, an unresponsive notification server gets this long.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Shows notices.
pub struct Notifier {
    commands: mpsc::UnboundedSender<NotifierCommand>,
    task: JoinHandle<()>,
}

enum NotifierCommand {
    Show(Notice),
    Withdraw(ShareId),
}

impl Notifier {
    /// Starts the notifier. Clicks become `events`; `fallback` gets the title and body of a notice
    /// that can't be shown.
    pub fn start(
        events: impl Fn(Event) + Clone + Send + Sync + 'static,
        fallback: fn(&str, &str),
    ) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let task = tokio::spawn(show_all(inbox, events, fallback));
        Self { commands, task }
    }

    /// Waits until everything has been shown and withdrawn.
    pub async fn close(self) {
        drop(self.commands);
        if timeout(CLOSE_LIMIT, self.task).await.is_err() {
            tracing::info!("a notification may stay on the screen");
        }
    }

    pub fn show(&self, notice: Notice) {
        // The task only ends with the program.
        let _ = self.commands.send(NotifierCommand::Show(notice));
    }

    /// Removes the notification of a share, but none that stands alone.
    pub fn withdraw(&self, share: ShareId) {
        let _ = self.commands.send(NotifierCommand::Withdraw(share));
    }
}

/// A notification that was shown.
struct Shown {
    id: platform::ShownId,
    waiting: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
}

impl Shown {
    fn into_id(self) -> platform::ShownId {
        self.waiting.abort();
        self.id
    }

    /// What the next notification replaces. One that was closed is gone: Plasma shows nothing in its
    /// place. After a click most servers close it themselves; the others are told to.
    async fn replaceable(self) -> Option<platform::ShownId> {
        // The new notification may have the same number, so this task would take its clicks for
        // those of the old one.
        self.waiting.abort();
        if !self.is_over.load(Ordering::Acquire) {
            return Some(self.id);
        }
        platform::withdraw(self.id).await;
        None
    }
}

/// Notices with the same key replace each other: the share, and whether they stand alone.
type Key = (Option<ShareId>, bool);

fn key_of(notice: &Notice) -> Key {
    (notice.share, notice.stands_alone)
}

async fn show_all(
    mut inbox: mpsc::UnboundedReceiver<NotifierCommand>,
    events: impl Fn(Event) + Clone + Send + Sync + 'static,
    fallback: fn(&str, &str),
) {
    let mut shown: HashMap<Key, Shown> = HashMap::new();
    while let Some(command) = inbox.recv().await {
        let notice = match command {
            NotifierCommand::Show(notice) => notice,
            NotifierCommand::Withdraw(share) => {
                if let Some(id) = shown.remove(&(Some(share), false)).map(Shown::into_id) {
                    platform::withdraw(id).await;
                }
                continue;
            }
        };
        let key = key_of(&notice);
        let about = About::of(&notice);
        let replaced = match shown.remove(&key) {
            Some(before) => before.replaceable().await,
            None => None,
        };
        match platform::show(&notice, replaced).await {
            Ok((id, response)) => {
                let events = events.clone();
                let is_over = Arc::new(AtomicBool::new(false));
                let ended = Arc::clone(&is_over);
                let waiting = tokio::spawn(async move {
                    let response = response.await;
                    // Before the event, which may lead to the next notification.
                    ended.store(true, Ordering::Release);
                    if let Some(event) = response.and_then(|response| response.event(about)) {
                        events(event);
                    }
                });
                shown.insert(
                    key,
                    Shown {
                        id,
                        waiting,
                        is_over,
                    },
                );
            }
            Err(error) => {
                // The body may contain a link.
                tracing::warn!(%error, title = notice.title, "can't show a notification");
                fallback(&notice.title, &notice.body);
            }
        }
    }
}
