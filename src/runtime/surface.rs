//! Where people see the program: the tray with its notifications, or a terminal.

use super::Events;
use crate::{
    app::{Event, Notice, ShareId, State},
    desktop::{clipboard::Clipboard, notification::Notifier},
    terminal::Terminal,
    tray::{Tray, View},
};

/// Said of a link that is registered and was not yet seen to open.
const MAY_TAKE_A_MINUTE: &str = "It may take a minute to open.";

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
                    let mut body = match answer.changed().await {
                        Ok(_) => format!("{link}\nThe link is on your clipboard."),
                        Err(error) => {
                            tracing::warn!(%error);
                            format!("{link}\nIt couldn't be put on the clipboard.")
                        }
                    };
                    if !is_checked {
                        body = format!("{body} {MAY_TAKE_A_MINUTE}");
                    }
                    events.send(Event::Tell(online_notice(
                        share,
                        format!("{name} is online"),
                        body,
                        link,
                    )));
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
                    let body = match answer.changed().await {
                        Ok(true) => {
                            format!("{link}\nIt has replaced the old link on your clipboard.")
                        }
                        Ok(false) => format!("{link}\nThe old link no longer works."),
                        Err(error) => {
                            tracing::warn!(%error);
                            format!("{link}\nThe old link no longer works.")
                        }
                    };
                    events.send(Event::Tell(online_notice(
                        share,
                        format!("{name} has a new link"),
                        body,
                        link,
                    )));
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

fn online_notice(share: ShareId, title: String, body: String, link: String) -> Notice {
    Notice {
        share: Some(share),
        title,
        body,
        link: Some(link),
        is_problem: false,
        asks: false,
    }
}
