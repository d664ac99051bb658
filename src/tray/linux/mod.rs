//! Linux: a StatusNotifierItem with a dbusmenu, over the session bus. No GTK, no thread.
//!
//! Written here and not taken from a library for two promises: a click on a menu that is open
//! while it changes is not lost (see [`rows`]), and an idle program never wakes up.

mod item;
mod menu;
mod pictures;
mod rows;
mod theme;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use zbus::{Connection, connection, fdo::DBusProxy, names::BusName, object_server::SignalEmitter};

use self::{
    item::{BusItem, Look},
    menu::{BusMenu, Shown},
    rows::{Numbering, ROOT},
};
use super::{TrayError, View};
use crate::app::Event;

/// The icon and the menu change at most four times a second.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// A bus that is lost is looked for so often. If it does not come back the session is over.
const PAUSES_S: [u64; 8] = [1, 1, 2, 4, 8, 16, 32, 64];

/// Panels that show icons own this name, or know who does.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The running tray. It leaves the panel with the program's connection to the bus.
pub struct Tray {
    views: mpsc::UnboundedSender<View>,
}

/// Runs the program: on Linux the tray needs no event loop of the main thread.
pub fn run<T>(program: impl FnOnce() -> T) -> T {
    program()
}

/// An icon can't speak here: what could not be shown as a notification is in the log.
pub fn tell(_title: &str, _body: &str) {}

impl Tray {
    /// Starts the tray; clicks become events. When it can't be shown, the sentence goes to
    /// `failed`, and the program goes on without it.
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

    /// Shows this from now on.
    pub fn show(&self, view: View) {
        // An error means that no tray can be shown, which was told already.
        let _ = self.views.send(view);
    }
}

/// Shows the views on the bus, and on the next one when that is lost.
async fn show_all(
    mut views: mpsc::UnboundedReceiver<View>,
    events: impl Fn(Event) + Clone + Send + Sync + 'static,
) -> zbus::Result<()> {
    let Some(mut now) = views.recv().await else {
        return Ok(());
    };
    let mut numbering = Numbering::default();
    let mut bus = Shelf::open(&now, &mut numbering, &events).await?;
    loop {
        tokio::select! {
            // A change on a bus that is lost fails as well.
            done = bus.follow(&mut views, &mut now, &mut numbering) => match done {
                Ok(()) => return Ok(()),
                Err(error) => tracing::info!(%error, "the tray can't be changed"),
            },
            () = register_with_every_watcher(bus.connection.clone()) => {}
        }
        tracing::warn!("the session bus is gone, and the tray icon with it");
        let mut pauses = PAUSES_S.into_iter();
        bus = loop {
            let Some(pause) = pauses.next() else {
                return Err(zbus::Error::Failure("the session bus stays away".into()));
            };
            sleep(Duration::from_secs(pause)).await;
            while let Ok(view) = views.try_recv() {
                now = view;
            }
            if let Ok(bus) = Shelf::open(&now, &mut numbering, &events).await {
                break bus;
            }
        };
    }
}

/// Icon and menu on one connection to the bus.
struct Shelf {
    connection: Connection,
    shown: Arc<Mutex<Shown>>,
    look: Arc<Mutex<Look>>,
}

impl Shelf {
    async fn open(
        view: &View,
        numbering: &mut Numbering,
        events: &(impl Fn(Event) + Clone + Send + Sync + 'static),
    ) -> zbus::Result<Self> {
        let shown = Arc::new(Mutex::new(Shown {
            rows: numbering.rows(&view.menu),
            revision: 1,
        }));
        let look = Arc::new(Mutex::new(look_of(view)));
        let connection = connection::Builder::session()
            .serve_at(
                item::PATH,
                BusItem {
                    look: Arc::clone(&look),
                    theme: theme::installed(),
                    events: Box::new(events.clone()),
                },
            )
            .serve_at(
                menu::PATH,
                BusMenu {
                    shown: Arc::clone(&shown),
                    events: Box::new(events.clone()),
                },
            )
            .build()
            .await?;
        Ok(Self {
            connection,
            shown,
            look,
        })
    }

    /// Shows one view after the other until the program ends.
    async fn follow(
        &self,
        views: &mut mpsc::UnboundedReceiver<View>,
        now: &mut View,
        numbering: &mut Numbering,
    ) -> zbus::Result<()> {
        let item_signals = SignalEmitter::new(&self.connection, item::PATH)?;
        let menu_signals = SignalEmitter::new(&self.connection, menu::PATH)?;
        let mut last_change = Instant::now();
        while let Some(view) = latest(views, last_change + SHORTEST_PAUSE).await {
            if view == *now {
                continue;
            }
            let before = std::mem::replace(now, view);
            *self.look.lock().unwrap_or_else(PoisonError::into_inner) = look_of(now);
            if before.icon != now.icon {
                BusItem::new_icon(&item_signals).await?;
            }
            if before.tooltip != now.tooltip {
                BusItem::new_tool_tip(&item_signals).await?;
            }
            if before.menu != now.menu {
                let revision = {
                    let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
                    shown.rows = numbering.rows(&now.menu);
                    shown.revision += 1;
                    shown.revision
                };
                BusMenu::layout_updated(&menu_signals, revision, ROOT).await?;
            }
            last_change = Instant::now();
        }
        Ok(())
    }
}

/// The next view; of several that come before `due`, the last.
async fn latest(views: &mut mpsc::UnboundedReceiver<View>, due: Instant) -> Option<View> {
    let mut view = views.recv().await?;
    while Instant::now() < due {
        tokio::select! {
            () = sleep_until(due) => break,
            next = views.recv() => view = next?,
        }
    }
    Some(view)
}

fn look_of(view: &View) -> Look {
    Look {
        icon: view.icon,
        tooltip: view.tooltip.clone(),
    }
}

/// Tells the watcher of our icon, now and whenever another watcher starts, until the bus is lost.
async fn register_with_every_watcher(bus: Connection) {
    if let Err(error) = register_until_lost(&bus).await {
        tracing::warn!(%error, "the tray icon can no longer be registered");
    }
}

async fn register_until_lost(bus: &Connection) -> zbus::Result<()> {
    let watcher = BusName::try_from(WATCHER)?;
    let proxy = DBusProxy::new(bus).await?;
    let mut owners = proxy
        .receive_name_owner_changed_with_args(&[(0, WATCHER)])
        .await?;
    if proxy.name_has_owner(watcher).await? {
        register(bus).await;
    }
    while let Some(change) = std::future::poll_fn(|context| {
        futures_core::Stream::poll_next(std::pin::Pin::new(&mut owners), context)
    })
    .await
    {
        if change.args()?.new_owner().is_some() {
            register(bus).await;
        }
    }
    Ok(())
}

async fn register(bus: &Connection) {
    let Some(name) = bus.unique_name() else {
        return;
    };
    let done = bus
        .call_method(
            Some(WATCHER),
            "/StatusNotifierWatcher",
            Some(WATCHER),
            "RegisterStatusNotifierItem",
            &name.as_str(),
        )
        .await;
    match done {
        Ok(_) => tracing::info!("the tray icon is registered"),
        Err(error) => tracing::warn!(%error, "the panel refuses the tray icon"),
    }
}
