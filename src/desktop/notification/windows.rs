//! Windows: toasts need an app ID that Windows knows.

use notify_rust::Notification;
use windows_registry::CURRENT_USER;

/// The program's app ID. The installer also registers it, with an icon.
const APP_ID: &str = "SpotServe";

/// Shows the program's name on the toast. Without it, the toast would say PowerShell.
pub fn prepare(notification: &mut Notification) {
    let named = CURRENT_USER
        .create(format!(r"Software\Classes\AppUserModelId\{APP_ID}"))
        .and_then(|key| key.set_string("DisplayName", "Spot Serve"));
    match named {
        Ok(()) => {
            notification.app_id(APP_ID);
        }
        Err(error) => tracing::info!(%error, "can't show the program's name on toasts"),
    }
}
