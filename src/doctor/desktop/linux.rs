//! Linux: asks the session bus who shows icons and notifications.

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy, names::BusName};

use crate::{
    desktop::{
        display,
        picker::{self, FolderDialog},
        tray_host::{self, TrayHost},
    },
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
    vec![
        tray().await,
        notifications(&bus).await,
        folder_dialog().await,
    ]
}

async fn tray() -> Finding {
    const CHECK: &str = "tray";
    match tray_host::find().await {
        TrayHost::Panel => Finding::ok(CHECK, "available"),
        TrayHost::PerhapsApplet => Finding::warning(
            CHECK,
            "ayatana-indicator-application collects tray icons, but only a panel with the indicator applet shows them.",
            "If there is no icon, add the indicator applet to your panel.",
        ),
        TrayHost::Nobody => Finding::warning(
            CHECK,
            "Nothing on this desktop shows tray icons.",
            format!(
                "{} The command line works without a tray.",
                tray_host::ADVICE
            ),
        ),
    }
}

async fn folder_dialog() -> Finding {
    const CHECK: &str = "folder dialog";
    if !display::is_there() {
        return Finding::warning(
            CHECK,
            "No display, so there is no folder dialog.",
            "Share from the terminal: `spot-serve share FOLDER`.",
        );
    }
    match FolderDialog::find().await {
        Some(FolderDialog::Portal {
            opens_at_start: true,
        }) => Finding::ok(CHECK, "available, by the desktop's portal"),
        Some(FolderDialog::Portal {
            opens_at_start: false,
        }) => Finding::warning(
            CHECK,
            "The portal of this desktop is too old to open its dialog at your usual folder.",
            "Choose a folder at the left of the dialog, or install zenity or kdialog.",
        ),
        Some(FolderDialog::Zenity) => Finding::ok(CHECK, "available, by zenity"),
        Some(FolderDialog::Kdialog) => Finding::ok(CHECK, "available, by kdialog"),
        None => Finding::warning(CHECK, "There is no folder dialog.", picker::ADVICE),
    }
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
