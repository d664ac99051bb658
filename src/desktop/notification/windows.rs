//! Windows: toasts are shown under a name that is known to Windows.

use notify_rust::Notification;
use windows_registry::CURRENT_USER;

/// The name of the program for the system; the installer writes it too, with a picture.
const APP_ID: &str = "SpotServe";

/// Lets the toast bear the program's name; without this it would be that of PowerShell.
pub fn prepare(notification: &mut Notification) {
    let named = CURRENT_USER
        .create(format!(r"Software\Classes\AppUserModelId\{APP_ID}"))
        .and_then(|key| key.set_string("DisplayName", "Spot Serve"));
    match named {
        Ok(()) => {
            notification.app_id(APP_ID);
        }
        Err(error) => tracing::info!(%error, "toasts can't bear the program's name"),
    }
}
