//! Where people see the program: the tray with its notifications, or a terminal.

use super::Events;
use crate::{
    app::{self, Event, MAY_TAKE_A_MINUTE, Notice, ShareId, State},
    desktop::{
        clipboard::{Clipboard, ClipboardError},
        notification::Notifier,
    },
    terminal::Terminal,
    tray::{Tray, View},
};

/// One of the two faces of the program.
pub enum Surface {
    Desktop(Desktop),
    Terminal(Terminal),
}

/// Tray, notifications and clipboard.
pub struct Desktop {
    tray: Tray,
    /// `None` when the person switched notifications off.
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
        let tray = Tray::start(send, |error| tracing::warn!("{error}"));
        Self {
            tray,
            notifier,
            clipboard: Clipboard::default(),
        }
    }
}

fn notifier(events: &Events) -> Notifier {
    let events = events.clone();
    Notifier::start(move |event| events.send(event))
}

impl Surface {
    /// Shows the state from now on.
    pub fn show(&mut self, state: &State) {
        match self {
            Self::Desktop(desktop) => desktop.tray.show(View::of(state)),
            Self::Terminal(terminal) => terminal.show(state),
        }
    }

    /// A link works: on the clipboard first, then told, so that what is told is true.
    /// One that was not seen to work may take a minute to open.
    pub fn announce(
        &mut self,
        share: ShareId,
        name: String,
        link: String,
        is_checked: bool,
        events: &Events,
    ) {
        match self {
            Self::Terminal(terminal) => {
                terminal.print_link(&link);
                if !is_checked {
                    terminal.say(MAY_TAKE_A_MINUTE);
                }
            }
            Self::Desktop(desktop) => {
                let answer = desktop.clipboard.copy(link.clone());
                let events = events.clone();
                tokio::spawn(async move {
                    let is_on_clipboard = told(answer.changed().await).is_some();
                    let notice = app::online(share, &name, link, is_on_clipboard, is_checked);
                    events.send(Event::Tell(notice));
                });
            }
        }
    }

    /// A share has another link than before: the clipboard is changed only if it still holds
    /// the old one.
    pub fn announce_new(
        &mut self,
        share: ShareId,
        name: String,
        link: String,
        old: String,
        events: &Events,
    ) {
        match self {
            Self::Terminal(terminal) => terminal.print_link(&link),
            Self::Desktop(desktop) => {
                let answer = desktop.clipboard.replace(old, link.clone());
                let events = events.clone();
                tokio::spawn(async move {
                    let has_replaced = told(answer.changed().await).unwrap_or(false);
                    let notice = app::new_link(share, &name, link, has_replaced);
                    events.send(Event::Tell(notice));
                });
            }
        }
    }

    /// Puts text on the clipboard, then shows the notice; a clipboard that does not work is told.
    pub fn copy(&mut self, text: String, notice: Option<Notice>, events: &Events) {
        if let Self::Desktop(desktop) = self {
            let answer = desktop.clipboard.copy(text);
            let events = events.clone();
            tokio::spawn(async move {
                match (answer.changed().await, notice) {
                    (Ok(_), Some(notice)) => events.send(Event::Tell(notice)),
                    (Ok(_), None) => {}
                    (Err(error), _) => events.send(Event::DidNotWork(error.to_string())),
                }
            });
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

    /// Notifications are wanted, or not, from now on.
    pub fn set_notifications(&mut self, wanted: bool, events: &Events) {
        if let Self::Desktop(desktop) = self
            && desktop.notifier.is_some() != wanted
        {
            desktop.notifier = wanted.then(|| notifier(events));
        }
    }

    /// The program ends: what is to be shown or taken away still is.
    pub async fn close(self) {
        if let Self::Desktop(Desktop {
            notifier: Some(notifier),
            ..
        }) = self
        {
            notifier.close().await;
        }
    }

    /// Takes away what was told about a share.
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

/// What the clipboard did; what it could not is in the log.
fn told(answer: Result<bool, ClipboardError>) -> Option<bool> {
    answer.inspect_err(|error| tracing::warn!(%error)).ok()
}
