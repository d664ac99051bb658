//! Windows and macOS: the system wants an event loop on the main thread, which tao runs.

mod menu;
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod system;

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    thread,
    time::Duration,
};

use muda::{MenuEvent, MenuId};
use tao::{
    event::Event as LoopEvent,
    event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy},
};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use self::menu::Actions;
use super::{TrayError, View, event_of};
use crate::app::{self, Event};

/// What can't be shown at the moment is tried again after this time.
const LOOKS_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The way into the running event loop; there is one loop a process.
static LOOP: OnceLock<EventLoopProxy<Order>> = OnceLock::new();

type Events = Box<dyn Fn(Event) + Send>;
type Failed = Box<dyn FnOnce(TrayError) + Send>;

enum Order {
    Start(Events, Failed),
    Show(View),
    /// What could not be shown may be possible by now.
    LookAgain,
    /// Title and body of what could not be shown as a notification.
    Tell(String, String),
    Clicked(MenuId),
    IconClicked,
    /// The system asks the program to end.
    End,
    /// The program has ended with this exit code.
    Leave(i32),
}

/// The running tray.
pub struct Tray(());

/// Runs the program on a thread of its own, and the event loop on this one, the main thread.
pub fn run(program: impl FnOnce() -> i32 + Send + 'static) -> i32 {
    let mut builder = EventLoopBuilder::<Order>::with_user_event();
    system::prepare_loop(&mut builder, || send(Order::End));
    let mut event_loop = builder.build();
    system::prepare(&mut event_loop);
    let proxy = event_loop.create_proxy();
    if LOOP.set(proxy.clone()).is_err() {
        tracing::error!("a second event loop was started");
        return 1;
    }
    let started = thread::Builder::new()
        .name("program".into())
        .spawn(move || {
            // A bug of ours must not leave an icon that does nothing. It is told by the panic.
            let code = catch_unwind(AssertUnwindSafe(program)).unwrap_or(1);
            // An error means that the loop has ended, and the process with it.
            let _ = proxy.send_event(Order::Leave(code));
        });
    if let Err(error) = started {
        tracing::error!(%error, "the program's thread can't be started");
        return 1;
    }
    let shown = RefCell::new(Shown::default());
    event_loop.run(move |event, _, control| {
        *control = ControlFlow::Wait;
        match event {
            LoopEvent::UserEvent(Order::Leave(code)) => {
                shown.borrow_mut().icon = None;
                *control = ControlFlow::ExitWithCode(code);
            }
            LoopEvent::UserEvent(order) => shown.borrow_mut().take(order),
            _ => {}
        }
    })
}

impl Tray {
    /// Starts the tray; clicks become events.
    pub fn start(
        events: impl Fn(Event) + Clone + Send + Sync + 'static,
        failed: impl FnOnce(TrayError) + Send + 'static,
    ) -> Self {
        MenuEvent::set_event_handler(Some(|event: MenuEvent| send(Order::Clicked(event.id))));
        TrayIconEvent::set_event_handler(Some(|event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                send(Order::IconClicked);
            }
        }));
        send(Order::Start(Box::new(events), Box::new(failed)));
        Self(())
    }

    /// Shows this from now on.
    pub fn show(&self, view: View) {
        send(Order::Show(view));
    }
}

/// Says something beside the icon, for as long as it is shown.
pub fn tell(title: &str, body: &str) {
    send(Order::Tell(title.to_owned(), body.to_owned()));
}

fn send(order: Order) {
    if let Some(event_loop) = LOOP.get() {
        // An error means that the loop has ended, and the process with it.
        let _ = event_loop.send_event(order);
    }
}

/// What is on the screen, and where clicks go.
#[derive(Default)]
struct Shown {
    events: Option<Events>,
    failed: Option<Failed>,
    actions: Actions,
    /// What is to be shown.
    wanted: Option<View>,
    /// The menu that is shown.
    menu: Option<app::Menu>,
    icon: Option<TrayIcon>,
    /// It is looked again soon whether all can be shown.
    looks_again: bool,
}

impl Shown {
    fn take(&mut self, order: Order) {
        match order {
            Order::Start(events, failed) => {
                self.events = Some(events);
                self.failed = Some(failed);
            }
            Order::Show(view) => {
                if self.wanted.as_ref() != Some(&view) {
                    self.wanted = Some(view);
                    self.show();
                }
            }
            Order::LookAgain => {
                self.looks_again = false;
                self.show();
            }
            Order::Tell(title, body) => {
                if let Some(icon) = &self.icon {
                    system::tell(icon, &title, &body);
                }
            }
            Order::Clicked(id) => {
                if let Some(action) = self.actions.of(&id) {
                    self.tell(event_of(action.clone()));
                }
            }
            Order::IconClicked => self.tell(Event::IconClicked),
            Order::End => self.tell(Event::Quit),
            Order::Leave(_) => {}
        }
    }

    fn tell(&self, event: Event) {
        if let Some(events) = &self.events {
            events(event);
        }
    }

    /// Shows what is wanted, so far as that is possible now.
    fn show(&mut self) {
        let Some(view) = self.wanted.take() else {
            return;
        };
        match self.try_to_show(&view) {
            Ok(true) => {}
            Ok(false) => self.look_again(),
            // The panel may not be there yet, at login, or be starting again.
            Err(error) => {
                tracing::info!(%error, "the tray can't be changed");
                if let Some(failed) = self.failed.take() {
                    failed(error);
                }
                self.look_again();
            }
        }
        self.wanted = Some(view);
    }

    /// Whether all of it is shown. A menu that is open stays as it is: it would close.
    fn try_to_show(&mut self, view: &View) -> Result<bool, TrayError> {
        let is_open = system::is_menu_open();
        if self.menu.as_ref() != Some(&view.menu) && !is_open {
            let menu = Box::new(self.actions.build(&view.menu).map_err(told)?);
            match &self.icon {
                Some(icon) => icon.set_menu(Some(menu)),
                None => self.icon = Some(new_icon(view, menu)?),
            }
            self.menu = Some(view.menu.clone());
        }
        if let Some(icon) = &self.icon {
            let pictured = system::set_picture(icon, picture(view)?);
            icon.set_tooltip(Some(&view.tooltip)).map_err(told)?;
            pictured.map_err(told)?;
        }
        Ok(self.menu.as_ref() == Some(&view.menu))
    }

    fn look_again(&mut self) {
        if self.looks_again {
            return;
        }
        let waiting = thread::Builder::new().name("panel".into()).spawn(|| {
            thread::sleep(LOOKS_AGAIN_AFTER);
            send(Order::LookAgain);
        });
        match waiting {
            Ok(_) => self.looks_again = true,
            Err(error) => tracing::error!(%error, "the tray is not looked at again"),
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
        .map_err(told)
}

fn picture(view: &View) -> Result<Icon, TrayError> {
    let (edge, rgba) = system::rgba(view.icon);
    Icon::from_rgba(rgba.to_vec(), edge, edge).map_err(told)
}

fn told(error: impl std::fmt::Display) -> TrayError {
    TrayError(error.to_string())
}
