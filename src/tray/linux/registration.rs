//! Registers the icon with the panels.

use std::{future::poll_fn, pin::Pin};

use futures_core::Stream;
use zbus::{Connection, fdo::DBusProxy, names::BusName};

/// Panels that show icons own this name, or know the program that does.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Registers the icon with the watcher, now and whenever a new watcher starts. Returns when the
/// bus is lost.
pub async fn register_with_every_watcher(bus: Connection) {
    if let Err(error) = register_until_lost(&bus).await {
        tracing::warn!(%error, "can't watch for panels any more");
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
    while let Some(change) = poll_fn(|context| Pin::new(&mut owners).poll_next(context)).await {
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
    let registered = bus
        .call_method(
            Some(WATCHER),
            "/StatusNotifierWatcher",
            Some(WATCHER),
            "RegisterStatusNotifierItem",
            &name.as_str(),
        )
        .await;
    match registered {
        Ok(_) => tracing::info!("registered the tray icon"),
        Err(error) => tracing::warn!(%error, "the panel refused the tray icon"),
    }
}
