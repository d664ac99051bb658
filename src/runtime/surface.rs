//! Where the user sees the program: the tray and its notifications, or a terminal.

use super::events::Events;
use crate::{
    app::{self, Event, MAY_TAKE_A_MINUTE, NetworkAnnouncement, Notice, ShareId, State},
    desktop::{
        clipboard::{Clipboard, ClipboardError, PendingContent},
        notification::Notifier,
    },
    terminal::Terminal,
    tray::{self, Tray, View},
};

/// Where the user sees the program.
pub enum Surface {
    Desktop(Desktop),
    Terminal(Terminal),
}

/// A link that works.
pub struct Announcement {
    pub share: ShareId,
    /// The name of the share.
    pub name: String,
    pub link: String,
    /// What the user should know about it.
    pub note: Option<String>,
    /// The link was seen to work; otherwise it may take a minute to open.
    pub is_checked: bool,
}

/// Tray, notifications and clipboard.
pub struct Desktop {
    tray: Tray,
    /// `None` if the user has switched notifications off.
    notifier: Option<Notifier>,
    clipboard: Clipboard,
}

impl Desktop {
    pub fn start(events: &Events, notifications: bool) -> Self {
        let send = {
            let events = events.clone();
            move |event| events.send(event)
        };
        let notifier = notifications.then(|| notifier(events));
        let tray = Tray::start(send, |error| tracing::warn!(%error));
        Self {
            tray,
            notifier,
            clipboard: Clipboard::default(),
        }
    }
}

fn notifier(events: &Events) -> Notifier {
    let events = events.clone();
    Notifier::start(move |event| events.send(event), tray::show_balloon)
}

impl Surface {
    /// Shows the state.
    pub fn show(&mut self, state: &State) {
        match self {
            Self::Desktop(desktop) => desktop.tray.show(View::of(state)),
            Self::Terminal(terminal) => terminal.show(state),
        }
    }

    /// Announces a link: copies it, then shows a notice about it.
    pub fn announce(&mut self, announcement: Announcement, events: &Events) {
        let Announcement {
            share,
            name,
            link,
            note,
            is_checked,
        } = announcement;
        match self {
            Self::Terminal(terminal) => {
                terminal.print_link(&link);
                if !is_checked {
                    terminal.say(MAY_TAKE_A_MINUTE);
                }
            }
            Self::Desktop(desktop) => {
                let copy = desktop.clipboard.copy(link.clone(), false);
                let events = events.clone();
                tokio::spawn(async move {
                    let is_on_clipboard = logged(copy.result().await).is_some();
                    let notice = app::online(
                        share,
                        &name,
                        link,
                        is_on_clipboard,
                        note.as_deref(),
                        is_checked,
                    );
                    events.send(Event::ShowNotice(notice));
                });
            }
        }
    }

    /// Announces a link that works in the local network only: copies it, then shows a notice about it.
    pub fn announce_on_network(&mut self, announcement: NetworkAnnouncement, events: &Events) {
        match self {
            Self::Terminal(terminal) => {
                let NetworkAnnouncement { name, why, .. } = &announcement;
                terminal.say(&format!(
                    "{name} is on your network only. There is no public link: {why}."
                ));
                terminal.print_link(&announcement.link);
            }
            Self::Desktop(desktop) => {
                let link = announcement.link.clone();
                // Whatever else is on the clipboard by now is the user's.
                let copy = match announcement.old.clone() {
                    Some(old) => desktop.clipboard.replace(old, link),
                    None => desktop.clipboard.copy(link, false),
                };
                let is_first = announcement.old.is_none();
                let events = events.clone();
                tokio::spawn(async move {
                    let copied = logged(copy.result().await);
                    let is_on_clipboard = copied.is_some_and(|is_new| is_new || is_first);
                    let notice = app::on_network_only(announcement, is_on_clipboard);
                    events.send(Event::ShowNotice(notice));
                });
            }
        }
    }

    /// Announces that a link has changed: replaces the old one on the clipboard if it is still
    /// there, then shows a notice.
    pub fn announce_new(
        &mut self,
        share: ShareId,
        name: String,
        link: String,
        old: String,
        events: &Events,
    ) {
        match self {
            Self::Terminal(terminal) => {
                terminal.say("The old link no longer works. The new one is:");
                terminal.print_link(&link);
            }
            Self::Desktop(desktop) => {
                let copy = desktop.clipboard.replace(old, link.clone());
                let events = events.clone();
                tokio::spawn(async move {
                    let has_replaced = logged(copy.result().await).unwrap_or(false);
                    let notice = app::new_link(share, &name, link, has_replaced);
                    events.send(Event::ShowNotice(notice));
                });
            }
        }
    }

    /// Copies text to the clipboard, then shows the notice. Reports a clipboard that doesn't work.
    pub fn copy(&mut self, text: String, is_secret: bool, notice: Option<Notice>, events: &Events) {
        if let Self::Desktop(desktop) = self {
            let copy = desktop.clipboard.copy(text, is_secret);
            let events = events.clone();
            tokio::spawn(async move {
                match (copy.result().await, notice) {
                    (Ok(_), Some(notice)) => events.send(Event::ShowNotice(notice)),
                    (Ok(_), None) => {}
                    (Err(error), _) => events.send(Event::ActionFailed(error.to_string())),
                }
            });
        }
    }

    /// Reads the clipboard. A terminal has none.
    pub fn read_clipboard(&mut self) -> Option<PendingContent> {
        match self {
            Self::Desktop(desktop) => Some(desktop.clipboard.read()),
            Self::Terminal(_) => None,
        }
    }

    pub fn notify(&mut self, notice: Notice) {
        match self {
            Self::Terminal(terminal) => terminal.print_notice(&notice),
            Self::Desktop(desktop) => {
                if let Some(notifier) = &desktop.notifier {
                    notifier.show(notice);
                }
            }
        }
    }

    /// Switches notifications on or off.
    pub fn set_notifications(&mut self, on: bool, events: &Events) {
        if let Self::Desktop(desktop) = self
            && desktop.notifier.is_some() != on
        {
            desktop.notifier = on.then(|| notifier(events));
        }
    }

    /// Shows and withdraws the last notifications before the program ends, and gives up the clipboard.
    pub async fn close(self) {
        if let Self::Desktop(Desktop {
            notifier,
            clipboard,
            ..
        }) = self
        {
            let notifications = async {
                if let Some(notifier) = notifier {
                    notifier.close().await;
                }
            };
            tokio::join!(notifications, clipboard.close());
        }
    }

    /// Removes the notification of a share.
    pub fn withdraw(&mut self, share: ShareId) {
        if let Self::Desktop(Desktop {
            notifier: Some(notifier),
            ..
        }) = self
        {
            notifier.withdraw(share);
        }
    }
}

/// Logs the error of a clipboard that doesn't work.
fn logged(result: Result<bool, ClipboardError>) -> Option<bool> {
    result.inspect_err(|error| tracing::warn!(%error)).ok()
}
