//! The icon and its menu on a connection to the session bus.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    sync::mpsc,
    time::{Duration, Instant, sleep_until},
};
use zbus::{Connection, connection, object_server::SignalEmitter};

use super::{
    changes::Changes,
    hosts::Hosts,
    item::{self, BusItem, Look},
    menu::{self, BusMenu, ShownMenu},
    numbering::Numbering,
    theme,
};
use crate::{app::Event, tray::view::View};

/// The icon and the menu change at most four times a second.
const MIN_INTERVAL: Duration = Duration::from_millis(250);

/// The tray on one connection to the bus.
pub struct TrayConnection {
    pub bus: Connection,
    menu: Arc<Mutex<ShownMenu>>,
    look: Arc<Mutex<Look>>,
}

impl TrayConnection {
    pub async fn open(
        view: &View,
        numbering: &mut Numbering,
        events: &(impl Fn(Event) + Clone + Send + Sync + 'static),
    ) -> zbus::Result<Self> {
        Self::on(connection::Builder::session(), view, numbering, events).await
    }

    async fn on(
        bus: connection::Builder<'_>,
        view: &View,
        numbering: &mut Numbering,
        events: &(impl Fn(Event) + Clone + Send + Sync + 'static),
    ) -> zbus::Result<Self> {
        let menu = Arc::new(Mutex::new(ShownMenu {
            rows: numbering.rows(&view.menu),
            revision: 1,
            hosts: Hosts::default(),
        }));
        let look = Arc::new(Mutex::new(look_of(view)));
        let bus = bus
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
                    shown: Arc::clone(&menu),
                    events: Box::new(events.clone()),
                },
            )
            .build()
            .await?;
        Ok(Self { bus, menu, look })
    }

    /// Shows each view that arrives, until the program ends.
    ///
    /// # Errors
    /// The bus is lost.
    pub async fn follow(
        &self,
        views: &mut mpsc::UnboundedReceiver<View>,
        current: &mut View,
        numbering: &mut Numbering,
    ) -> zbus::Result<()> {
        let item_signals = SignalEmitter::new(&self.bus, item::PATH)?;
        let menu_signals = SignalEmitter::new(&self.bus, menu::PATH)?;
        let mut last_change = Instant::now();
        while let Some(view) = latest(views, last_change + MIN_INTERVAL).await {
            if view == *current {
                continue;
            }
            let before = std::mem::replace(current, view);
            *self.look.lock().unwrap_or_else(PoisonError::into_inner) = look_of(current);
            if before.icon != current.icon {
                BusItem::new_icon(&item_signals).await?;
            }
            if before.tooltip != current.tooltip {
                BusItem::new_tool_tip(&item_signals).await?;
            }
            if before.menu != current.menu {
                let (changes, revision) = {
                    let mut menu = self.menu.lock().unwrap_or_else(PoisonError::into_inner);
                    let rows = numbering.rows(&current.menu);
                    let changes = Changes::between(&menu.rows, &rows);
                    menu.rows = rows;
                    menu.revision += 1;
                    (changes, menu.revision)
                };
                let Changes {
                    updated,
                    removed,
                    parents,
                } = changes;
                if !updated.is_empty() || !removed.is_empty() {
                    BusMenu::items_properties_updated(&menu_signals, updated, removed).await?;
                }
                for parent in parents {
                    BusMenu::layout_updated(&menu_signals, revision, parent).await?;
                }
            }
            last_change = Instant::now();
        }
        Ok(())
    }
}

/// The next view, or the last one of several that arrive before `due`.
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

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
