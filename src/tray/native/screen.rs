//! The icon and the menu on the screen.

use std::{fmt::Display, thread, time::Duration};

use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use super::{
    menu::Actions,
    messages::{EventSender, Failed, LoopMessage, send},
    system,
};
use crate::{
    app::{self, Event},
    tray::{error::TrayError, view::View},
};

/// Time until the next attempt to show what couldn't be shown.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// What is on the screen, and where clicks go.
#[derive(Default)]
pub struct Screen {
    events: Option<EventSender>,
    failed: Option<Failed>,
    actions: Actions,
    /// The view to show.
    view: Option<View>,
    /// The menu that is on the screen.
    menu: Option<app::Menu>,
    icon: Option<TrayIcon>,
    /// Another attempt is scheduled.
    will_retry: bool,
}

impl Screen {
    pub fn handle(&mut self, message: LoopMessage) {
        match message {
            LoopMessage::Start(events, failed) => {
                self.events = Some(events);
                self.failed = Some(failed);
            }
            LoopMessage::Show(view) => {
                if self.view.as_ref() != Some(&view) {
                    self.view = Some(view);
                    self.show();
                }
            }
            LoopMessage::ShowAgain => {
                self.will_retry = false;
                self.show();
            }
            LoopMessage::ShowBalloon(title, body) => {
                if let Some(icon) = &self.icon {
                    system::show_balloon(icon, &title, &body);
                }
            }
            LoopMessage::MenuClicked(id) => {
                if let Some(action) = self.actions.of(&id) {
                    self.send_event(action.clone().into());
                }
            }
            LoopMessage::IconClicked => self.send_event(Event::IconClicked),
            LoopMessage::QuitRequested => self.send_event(Event::Quit),
            LoopMessage::Exit(_) => self.icon = None,
        }
    }

    fn send_event(&self, event: Event) {
        if let Some(events) = &self.events {
            events(event);
        }
    }

    /// Shows the view as far as that is possible now.
    fn show(&mut self) {
        let Some(view) = self.view.take() else {
            return;
        };
        match self.try_to_show(&view) {
            Ok(true) => {}
            Ok(false) => self.retry_soon(),
            // At login, the panel may not be there yet; or it is restarting.
            Err(error) => {
                tracing::info!(%error, "can't change the tray");
                if let Some(failed) = self.failed.take() {
                    failed(error);
                }
                self.retry_soon();
            }
        }
        self.view = Some(view);
    }

    /// Whether all of it is shown. A menu that is open isn't changed, because that would close it.
    fn try_to_show(&mut self, view: &View) -> Result<bool, TrayError> {
        let is_open = system::is_menu_open();
        if self.menu.as_ref() != Some(&view.menu) && !is_open {
            let menu = Box::new(self.actions.build(&view.menu).map_err(tray_error)?);
            match &self.icon {
                Some(icon) => icon.set_menu(Some(menu)),
                None => self.icon = Some(new_icon(view, menu)?),
            }
            self.menu = Some(view.menu.clone());
        }
        if let Some(icon) = &self.icon {
            let pictured = system::set_picture(icon, picture(view)?);
            icon.set_tooltip(Some(&view.tooltip)).map_err(tray_error)?;
            pictured.map_err(tray_error)?;
        }
        Ok(self.menu.as_ref() == Some(&view.menu))
    }

    fn retry_soon(&mut self) {
        if self.will_retry {
            return;
        }
        let waiting = thread::Builder::new().name("panel".into()).spawn(|| {
            thread::sleep(RETRY_AFTER);
            send(LoopMessage::ShowAgain);
        });
        match waiting {
            Ok(_) => self.will_retry = true,
            Err(error) => tracing::error!(%error, "can't retry to show the tray"),
        }
    }
}

fn new_icon(view: &View, menu: Box<muda::Menu>) -> Result<TrayIcon, TrayError> {
    let builder = TrayIconBuilder::new()
        .with_id("spot-serve")
        .with_tooltip(&view.tooltip)
        .with_menu(menu)
        .with_menu_on_left_click(false);
    system::with_picture(builder, picture(view)?)
        .build()
        .map_err(tray_error)
}

fn picture(view: &View) -> Result<Icon, TrayError> {
    let (edge, rgba) = system::rgba(view.icon);
    Icon::from_rgba(rgba.to_vec(), edge, edge).map_err(tray_error)
}

fn tray_error(error: impl Display) -> TrayError {
    TrayError(error.to_string())
}
