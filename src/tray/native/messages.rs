//! Messages to the event loop of the main thread.

use std::sync::OnceLock;

use muda::MenuId;
use tao::event_loop::EventLoopProxy;

use crate::{
    app::Event,
    tray::{error::TrayError, view::View},
};

/// The way into the running event loop. A process has only one.
static LOOP: OnceLock<EventLoopProxy<LoopMessage>> = OnceLock::new();

pub type EventSender = Box<dyn Fn(Event) + Send>;
pub type Failed = Box<dyn FnOnce(TrayError) + Send>;

pub enum LoopMessage {
    Start(EventSender, Failed),
    Show(View),
    /// Try again to show what couldn't be shown.
    ShowAgain,
    /// Title and body of a notice that couldn't be shown as a notification.
    ShowBalloon(String, String),
    MenuClicked(MenuId),
    IconClicked,
    /// The system asks the program to end.
    QuitRequested,
    /// The program has ended with this exit code.
    Exit(i32),
}

/// Sets the event loop that gets the messages; false if there already is one.
pub fn set_loop(event_loop: EventLoopProxy<LoopMessage>) -> bool {
    LOOP.set(event_loop).is_ok()
}

pub fn send(message: LoopMessage) {
    if let Some(event_loop) = LOOP.get() {
        // Fails if the loop has ended, and the process with it.
        let _ = event_loop.send_event(message);
    }
}
