//! Windows and macOS: the system wants an event loop on the main thread, which tao runs.

mod menu;
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod system;

use std::{cell::RefCell, sync::OnceLock, thread};

use muda::{MenuEvent, MenuId};
use tao::{
    event::{Event as LoopEvent, StartCause},
    event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy},
};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use self::menu::Actions;
use super::{TrayError, View, event_of};
use crate::app::Event;

/// The way into the running event loop; there is one loop a process.
static LOOP: OnceLock<EventLoopProxy<Order>> = OnceLock::new();

type Events = Box<dyn Fn(Event) + Send>;
type Failed = Box<dyn FnOnce(TrayError) + Send>;

enum Order {
    Start(Events, Failed),
    Show(View),
    Clicked(MenuId),
    IconClicked,
    /// The program has ended with this exit code.
    Leave(i32),
}

/// The running tray.
pub struct Tray(());

/// Runs the program on a thread of its own, and the event loop on this one, the main thread.
pub fn run(program: impl FnOnce() -> i32 + Send + 'static) -> i32 {
    let mut builder = EventLoopBuilder::<Order>::with_user_event();
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
            let code = program();
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
            LoopEvent::NewEvents(StartCause::Init) => {}
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
    view: Option<View>,
    icon: Option<TrayIcon>,
}

impl Shown {
    fn take(&mut self, order: Order) {
        match order {
            Order::Start(events, failed) => {
                self.events = Some(events);
                self.failed = Some(failed);
            }
            Order::Show(view) => {
                if self.view.as_ref() != Some(&view)
                    && let Err(error) = self.show(&view)
                {
                    tracing::warn!(%error, "the tray can't be changed");
                    if let Some(failed) = self.failed.take() {
                        failed(error);
                    }
                }
                self.view = Some(view);
            }
            Order::Clicked(id) => {
                if let Some(action) = self.actions.of(&id) {
                    self.tell(event_of(action.clone()));
                }
            }
            Order::IconClicked => self.tell(Event::IconClicked),
            Order::Leave(_) => {}
        }
    }

    fn tell(&self, event: Event) {
        if let Some(events) = &self.events {
            events(event);
        }
    }

    fn show(&mut self, view: &View) -> Result<(), TrayError> {
        let (edge, rgba) = system::rgba(view.icon);
        let picture = Icon::from_rgba(rgba.to_vec(), edge, edge).map_err(told)?;
        let menu = Box::new(self.actions.build(&view.menu).map_err(told)?);
        match &self.icon {
            Some(icon) => {
                system::set_picture(icon, picture).map_err(told)?;
                icon.set_tooltip(Some(&view.tooltip)).map_err(told)?;
                icon.set_menu(Some(menu));
            }
            None => {
                let builder = TrayIconBuilder::new()
                    .with_id("spot-serve")
                    .with_tooltip(&view.tooltip)
                    .with_menu(menu)
                    .with_menu_on_left_click(false);
                let built = system::with_picture(builder, picture)
                    .build()
                    .map_err(told)?;
                self.icon = Some(built);
            }
        }
        Ok(())
    }
}

fn told(error: impl std::fmt::Display) -> TrayError {
    TrayError(error.to_string())
}
