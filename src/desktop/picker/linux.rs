//! Linux: the dialog is the portal's, or zenity's; neither need be there.

use std::{env, time::Duration};

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy};

const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// A bus that does not answer by then has no portal either.
const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Says what to install when no dialog can be shown: rfd itself can't be told from a cancel.
pub async fn check_available() -> Result<(), String> {
    if has_zenity()
        || timeout(BUS_LIMIT, has_portal())
            .await
            .is_ok_and(|has| has.unwrap_or(false))
    {
        return Ok(());
    }
    Err("Your desktop offers no folder dialog. Install xdg-desktop-portal with the backend of your desktop (for example xdg-desktop-portal-gtk), or zenity. Until then: spot-serve share FOLDER.".into())
}

fn has_zenity() -> bool {
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .any(|dir| dir.join("zenity").is_file())
}

/// The portal runs, or the bus can start it.
async fn has_portal() -> zbus::Result<bool> {
    let bus = DBusProxy::new(&Connection::session().await?).await?;
    let names = [bus.list_names().await?, bus.list_activatable_names().await?];
    Ok(names.iter().flatten().any(|name| name.as_str() == PORTAL))
}
