//! Linux: a panel that shows icons registers with the watcher on the session bus.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{Connection, Proxy, fdo::DBusProxy, names::BusName};

use super::who::TrayHost;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The service that collects icons for Ayatana's applets. It is a watcher that always says yes.
const AYATANA: &str = "org.ayatana.indicator.application";

/// A bus that takes longer to answer counts as one without icons.
const LIMIT: Duration = Duration::from_secs(3);

/// Where icons are, after "is".
pub const PLACE: &str = "in your desktop's panel";

/// Who shows icons now.
pub async fn find() -> TrayHost {
    let asked = timeout(LIMIT, async { ask(&Connection::session().await?).await });
    asked
        .await
        .unwrap_or(Ok(TrayHost::Nobody))
        .unwrap_or(TrayHost::Nobody)
}

async fn ask(bus: &Connection) -> zbus::Result<TrayHost> {
    let watcher = Proxy::new(bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
    if !watcher
        .get_property::<bool>("IsStatusNotifierHostRegistered")
        .await?
    {
        return Ok(TrayHost::Nobody);
    }
    let names = DBusProxy::new(bus).await?;
    let watcher = names.get_name_owner(BusName::try_from(WATCHER)?).await?;
    let ayatana = names.get_name_owner(BusName::try_from(AYATANA)?).await;
    Ok(match ayatana {
        Ok(owner) if owner == watcher => TrayHost::PerhapsApplet,
        Ok(_) | Err(_) => TrayHost::Panel,
    })
}
