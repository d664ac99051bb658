//! Desktop notifications: one a share, replaced and not piled up; a click on it is an event.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::{collections::HashMap, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use crate::{
    app::{Event, Notice, ShareId},
    tray,
};

/// What a person did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Response {
    Open,
    Copy,
    Stop,
    Agree,
}

/// The name of the action for a click on the notification itself, fixed by the specification.
const OPEN: &str = "default";
const COPY: &str = "copy";
const STOP: &str = "stop";
const AGREE: &str = "agree";

/// What a person can do about a notice: the action's name and its label.
fn actions(notice: &Notice) -> &'static [(&'static str, &'static str)] {
    if notice.asks {
        &[(AGREE, "Share Anyway"), (STOP, "Don't Share")]
    } else if notice.link.is_some() {
        &[
            (OPEN, "Open in Browser"),
            (COPY, "Copy Link"),
            (STOP, "Stop Sharing"),
        ]
    } else {
        &[]
    }
}

impl Response {
    fn from_action(action: &str) -> Option<Self> {
        match action {
            OPEN => Some(Self::Open),
            COPY => Some(Self::Copy),
            STOP => Some(Self::Stop),
            AGREE => Some(Self::Agree),
            _ => None,
        }
    }

    fn event(self, share: ShareId) -> Event {
        match self {
            Self::Open => Event::OpenInBrowser(share),
            Self::Copy => Event::CopyLink(share),
            Self::Stop => Event::Stop(share),
            Self::Agree => Event::Agree(share),
        }
    }
}

/// Shows notices; each waits for its click on a task of its own.
pub struct Notifier {
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// At the end of the program, a notification server that does not answer is not waited for.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

enum Order {
    Show(Notice),
    Withdraw(ShareId),
}

impl Notifier {
    /// Starts the notifier; clicks become events in `events`.
    pub fn start(events: impl Fn(Event) + Clone + Send + Sync + 'static) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let task = tokio::spawn(show_all(inbox, events));
        Self { orders, task }
    }

    /// Waits until all is shown and taken away that was to be.
    pub async fn close(self) {
        drop(self.orders);
        if timeout(CLOSE_LIMIT, self.task).await.is_err() {
            tracing::info!("a notification may stay");
        }
    }

    pub fn show(&self, notice: Notice) {
        // The task ends only with the program.
        let _ = self.orders.send(Order::Show(notice));
    }

    /// Takes away what was shown about a share.
    pub fn withdraw(&self, share: ShareId) {
        let _ = self.orders.send(Order::Withdraw(share));
    }
}

async fn show_all(
    mut inbox: mpsc::UnboundedReceiver<Order>,
    events: impl Fn(Event) + Clone + Send + Sync + 'static,
) {
    let mut shown: HashMap<Option<ShareId>, (platform::ShownId, JoinHandle<()>)> = HashMap::new();
    while let Some(order) = inbox.recv().await {
        let notice = match order {
            Order::Show(notice) => notice,
            Order::Withdraw(share) => {
                if let Some((id, waiting)) = shown.remove(&Some(share)) {
                    waiting.abort();
                    platform::withdraw(id).await;
                }
                continue;
            }
        };
        let key = notice.share;
        let replaced = shown.remove(&key).map(|(id, waiting)| {
            // A click on the replaced one can no longer come; its task must not act on the
            // click on the new one, which has the same number.
            waiting.abort();
            id
        });
        match platform::show(&notice, replaced).await {
            Ok((id, click)) => {
                let events = events.clone();
                let waiting = tokio::spawn(async move {
                    if let (Some(response), Some(share)) = (click.await, key) {
                        events(response.event(share));
                    }
                });
                shown.insert(key, (id, waiting));
            }
            // No notification daemon costs nothing but the notification.
            Err(error) => {
                tracing::warn!(%error, title = notice.title, body = notice.body, "no notification was shown");
                tray::tell(&notice.title, &notice.body);
            }
        }
    }
}
