//! Linux: a StatusNotifierItem over D-Bus, on a thread with a plain channel loop. No GTK.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use muda::{MenuEvent, MenuId};
use tray_icon::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::{TrayError, View, event_of, native::Actions, pictures};
use crate::app::Event;

/// The menu is redrawn at most four times a second.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// The running tray. It leaves the panel when this is dropped.
pub struct Tray {
    orders: mpsc::Sender<Order>,
}

enum Order {
    Show(View),
    Clicked(MenuId),
}

/// Runs the program: on Linux the tray needs no event loop of the main thread.
pub fn run<T>(program: impl FnOnce() -> T) -> T {
    program()
}

impl Tray {
    /// Starts the tray on a thread of its own; clicks become events. When it can't be shown,
    /// the sentence goes to `failed`, and the program goes on without it.
    pub fn start(
        events: impl Fn(Event) + Clone + Send + Sync + 'static,
        failed: impl FnOnce(TrayError) + Send + 'static,
    ) -> Self {
        let (orders, inbox) = mpsc::channel();
        let clicks = orders.clone();
        MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
            // The thread ends only with the program.
            let _ = clicks.send(Order::Clicked(event.id));
        }));
        let icon_events = events.clone();
        TrayIconEvent::set_event_handler(Some(move |event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                icon_events(Event::IconClicked);
            }
        }));
        let started = thread::Builder::new().name("tray".into()).spawn(move || {
            if let Err(error) = show_all(&inbox, &events) {
                failed(error);
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, "the tray's thread can't be started");
        }
        Self { orders }
    }

    /// Shows this from now on.
    pub fn show(&self, view: View) {
        // An error means that no tray can be shown, which was told already.
        let _ = self.orders.send(Order::Show(view));
    }
}

fn show_all(inbox: &mpsc::Receiver<Order>, events: &impl Fn(Event)) -> Result<(), TrayError> {
    let mut actions = Actions::default();
    let mut shown: Option<(View, TrayIcon)> = None;
    let mut wanted: Option<View> = None;
    let mut last_change = Instant::now();
    loop {
        let order = match &wanted {
            // Nothing is due: wait without waking up.
            None => inbox
                .recv()
                .map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            Some(_) => inbox.recv_timeout(SHORTEST_PAUSE.saturating_sub(last_change.elapsed())),
        };
        match order {
            Ok(Order::Clicked(id)) => {
                if let Some(action) = actions.of(&id) {
                    events(event_of(action.clone()));
                }
            }
            Ok(Order::Show(view)) => {
                let is_news = shown.as_ref().is_none_or(|(now, _)| *now != view);
                wanted = is_news.then_some(view);
                if shown.is_none()
                    && let Some(view) = wanted.take()
                {
                    let icon = build(&view, &mut actions)?;
                    shown = Some((view, icon));
                    last_change = Instant::now();
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let (Some(view), Some((now, icon))) = (wanted.take(), &mut shown) {
                    change(icon, now, &view, &mut actions)?;
                    *now = view;
                    last_change = Instant::now();
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn build(view: &View, actions: &mut Actions) -> Result<TrayIcon, TrayError> {
    TrayIconBuilder::new()
        .with_id("spot-serve")
        .with_title("Spot Serve")
        .with_tooltip(&view.tooltip)
        .with_icon(pictures::picture(view.icon).map_err(told)?)
        .with_menu(Box::new(actions.build(&view.menu).map_err(told)?))
        .build()
        .map_err(told)
}

/// Changes only what differs: every change of the menu gives all its rows new numbers on the bus.
fn change(
    icon: &TrayIcon,
    now: &View,
    next: &View,
    actions: &mut Actions,
) -> Result<(), TrayError> {
    if now.icon != next.icon {
        icon.set_icon(Some(pictures::picture(next.icon).map_err(told)?))
            .map_err(told)?;
    }
    if now.tooltip != next.tooltip {
        icon.set_tooltip(Some(&next.tooltip)).map_err(told)?;
    }
    if now.menu != next.menu {
        icon.set_menu(Some(Box::new(actions.build(&next.menu).map_err(told)?)));
    }
    Ok(())
}

fn told(error: impl std::fmt::Display) -> TrayError {
    TrayError(error.to_string())
}
