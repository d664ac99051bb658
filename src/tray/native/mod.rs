//! Windows and macOS: the system wants an event loop on the main thread, which tao runs.

mod menu;
mod messages;
mod screen;
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod system;

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use muda::MenuEvent;
use tao::{
    event::Event as LoopEvent,
    event_loop::{ControlFlow, EventLoopBuilder},
};
use tray_icon::{MouseButton, MouseButtonState, TrayIconEvent};

use self::{
    messages::{LoopMessage, send, set_loop},
    screen::Screen,
};
use crate::{
    app::Event,
    tray::{error::TrayError, view::View},
};

/// The running tray.
pub struct Tray(());

/// Runs the program on its own thread, and the event loop on this one, the main thread.
pub fn run(program: impl FnOnce() -> i32 + Send + 'static) -> i32 {
    let mut builder = EventLoopBuilder::<LoopMessage>::with_user_event();
    system::prepare_loop(&mut builder, || send(LoopMessage::QuitRequested));
    let mut event_loop = builder.build();
    system::prepare(&mut event_loop);
    let proxy = event_loop.create_proxy();
    if !set_loop(proxy.clone()) {
        tracing::error!("a second event loop was started");
        return 1;
    }
    let started = thread::Builder::new()
        .name("program".into())
        .spawn(move || {
            // A bug must not leave an icon that does nothing. The panic hook reports it.
            let code = catch_unwind(AssertUnwindSafe(program)).unwrap_or(1);
            // Fails if the loop has ended, and the process with it.
            let _ = proxy.send_event(LoopMessage::Exit(code));
        });
    if let Err(error) = started {
        tracing::error!(%error, "can't start the program's thread");
        return 1;
    }
    let screen = RefCell::new(Screen::default());
    event_loop.run(move |event, _, control| {
        *control = ControlFlow::Wait;
        if let LoopEvent::UserEvent(message) = event {
            if let LoopMessage::Exit(code) = message {
                *control = ControlFlow::ExitWithCode(code);
            }
            screen.borrow_mut().handle(message);
        }
    })
}

impl Tray {
    /// Starts the tray; clicks become events. If the tray can't be shown, `failed` gets the error
    /// and the program keeps running without it.
    pub fn start(
        events: impl Fn(Event) + Clone + Send + Sync + 'static,
        failed: impl FnOnce(TrayError) + Send + 'static,
    ) -> Self {
        MenuEvent::set_event_handler(Some(|event: MenuEvent| {
            send(LoopMessage::MenuClicked(event.id));
        }));
        TrayIconEvent::set_event_handler(Some(|event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                send(LoopMessage::IconClicked);
            }
        }));
        send(LoopMessage::Start(Box::new(events), Box::new(failed)));
        Self(())
    }

    /// Shows this view from now on.
    pub fn show(&self, view: View) {
        send(LoopMessage::Show(view));
    }
}

/// Shows a balloon at the icon, if there is one.
pub fn show_balloon(title: &str, body: &str) {
    send(LoopMessage::ShowBalloon(title.to_owned(), body.to_owned()));
}
