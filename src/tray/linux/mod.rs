//! Linux: a StatusNotifierItem with a dbusmenu, over the session bus. No GTK, no thread.
//!
//! Written here instead of using tray-icon for two promises: a click on a menu that changes while
//! it is open is not lost (see [`numbering`]), and an idle program never wakes up.

mod changes;
mod connection;
mod expected;
mod hosts;
mod item;
mod menu;
mod numbering;
mod pictures;
mod places;
mod properties;
mod registration;
mod rows;
mod shortcut_marks;
mod theme;

use std::time::Duration;

use tokio::{sync::mpsc, time::sleep};

use self::{
    connection::TrayConnection, numbering::Numbering, registration::register_with_every_watcher,
    shortcut_marks::ShortcutMarks,
};
use crate::{
    app::Event,
    tray::{error::TrayError, view::View},
};

/// Seconds between attempts to find a lost bus again. If it stays away, the session is over.
const RETRY_PAUSES_S: [u64; 8] = [1, 1, 2, 4, 8, 16, 32, 64];

/// The running tray. Its icon disappears when the program's connection to the bus ends.
pub struct Tray {
    views: mpsc::UnboundedSender<View>,
}

/// Runs the program. On Linux, the tray doesn't need an event loop on the main thread.
pub fn run<T>(program: impl FnOnce() -> T) -> T {
    program()
}

/// Does nothing: an icon on Linux has no balloons. The log has what couldn't be shown.
pub fn show_balloon(_title: &str, _body: &str) {}

impl Tray {
    /// Starts the tray; clicks become events. If the tray can't be shown, `failed` gets the error
    /// and the program keeps running without it.
    pub fn start(
        events: impl Fn(Event) + Clone + Send + Sync + 'static,
        failed: impl FnOnce(TrayError) + Send + 'static,
    ) -> Self {
        let (views, inbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            if let Err(error) = show_all(inbox, events).await {
                failed(TrayError(error.to_string()));
            }
        });
        Self { views }
    }

    /// Shows this view from now on.
    pub fn show(&self, view: View) {
        // Fails if the tray can't be shown, which was already reported.
        let _ = self.views.send(view);
    }
}

/// Shows the views on the bus. If the bus is lost, shows them on the next one.
async fn show_all(
    mut views: mpsc::UnboundedReceiver<View>,
    events: impl Fn(Event) + Clone + Send + Sync + 'static,
) -> zbus::Result<()> {
    let Some(mut current) = views.recv().await else {
        return Ok(());
    };
    let mut numbering = Numbering::new(ShortcutMarks::of_this_desktop());
    let mut tray = TrayConnection::open(&current, &mut numbering, &events).await?;
    loop {
        tokio::select! {
            // A change also fails when the bus is lost.
            followed = tray.follow(&mut views, &mut current, &mut numbering) => match followed {
                Ok(()) => return Ok(()),
                Err(error) => tracing::info!(%error, "can't change the tray"),
            },
            () = register_with_every_watcher(tray.bus.clone()) => {}
        }
        tracing::warn!("lost the session bus and with it the tray icon");
        let mut pauses = RETRY_PAUSES_S.into_iter();
        tray = loop {
            let Some(pause) = pauses.next() else {
                return Err(zbus::Error::Failure("the session bus is gone".into()));
            };
            sleep(Duration::from_secs(pause)).await;
            while let Ok(view) = views.try_recv() {
                current = view;
            }
            if let Ok(tray) = TrayConnection::open(&current, &mut numbering, &events).await {
                break tray;
            }
        };
    }
}
