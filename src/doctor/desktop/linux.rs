//! Linux: asks the session bus who shows icons and notifications.

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy, names::BusName};

use crate::{
    desktop::tray_host,
    doctor::{desktop::limit::LIMIT, finding::Finding},
};

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

pub async fn examine() -> Vec<Finding> {
    let connected = timeout(LIMIT, Connection::session()).await;
    let bus = match connected {
        Ok(Ok(bus)) => bus,
        Ok(Err(_)) | Err(_) => {
            return vec![Finding::warning(
                "desktop",
                "No desktop session was found (there is no D-Bus session bus), so Spot Serve can't show an icon or notifications.",
                "Share from the terminal: `spot-serve share FOLDER`.",
            )];
        }
    };
    vec![tray().await, notifications(&bus).await]
}

async fn tray() -> Finding {
    const CHECK: &str = "tray";
    if tray_host::is_there().await {
        return Finding::ok(CHECK, "available");
    }
    Finding::warning(
        CHECK,
        "Nothing on this desktop shows tray icons.",
        format!(
            "{} The command line works without a tray.",
            tray_host::ADVICE
        ),
    )
}

async fn notifications(bus: &Connection) -> Finding {
    const CHECK: &str = "notifications";
    let is_there = timeout(LIMIT, async {
        let name = BusName::try_from(NOTIFICATIONS)?;
        let bus = DBusProxy::new(bus).await?;
        let can_start = bus.list_activatable_names().await?;
        let is_there = bus.name_has_owner(name).await?;
        Ok::<_, zbus::Error>(
            is_there || can_start.iter().any(|name| name.as_str() == NOTIFICATIONS),
        )
    });
    if matches!(is_there.await, Ok(Ok(true))) {
        return Finding::ok(CHECK, "available");
    }
    Finding::warning(
        CHECK,
        "Nothing on this desktop shows notifications.",
        "Install a notification daemon, such as dunst.",
    )
}
