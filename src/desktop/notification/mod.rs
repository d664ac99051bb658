//! Desktop notifications: one per share, which later notices replace. Clicks become events.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;
mod response;

use std::{collections::HashMap, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

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

    /// Removes the notification of a share.
    pub fn withdraw(&self, share: ShareId) {
        let _ = self.commands.send(NotifierCommand::Withdraw(share));
    }
}

async fn show_all(
    mut inbox: mpsc::UnboundedReceiver<NotifierCommand>,
    events: impl Fn(Event) + Clone + Send + Sync + 'static,
    fallback: fn(&str, &str),
) {
    let mut shown: HashMap<Option<ShareId>, (platform::ShownId, JoinHandle<()>)> = HashMap::new();
    while let Some(command) = inbox.recv().await {
        let notice = match command {
            NotifierCommand::Show(notice) => notice,
            NotifierCommand::Withdraw(share) => {
                if let Some((id, waiting)) = shown.remove(&Some(share)) {
                    waiting.abort();
                    platform::withdraw(id).await;
                }
                continue;
            }
        };
        let (key, opens_folder) = (notice.share, notice.opens_folder);
        let replaced = shown.remove(&key).map(|(id, waiting)| {
            // The new notification has the same number, so this task would take its clicks for
            // those of the old one.
            waiting.abort();
            id
        });
        match platform::show(&notice, replaced).await {
            Ok((id, response)) => {
                let events = events.clone();
                let waiting = tokio::spawn(async move {
                    if let (Some(response), Some(share)) = (response.await, key) {
                        events(response.event(share, opens_folder));
                    }
                });
                shown.insert(key, (id, waiting));
            }
            Err(error) => {
                // The body may contain a link.
                tracing::warn!(%error, title = notice.title, "can't show a notification");
                fallback(&notice.title, &notice.body);
            }
        }
    }
}
