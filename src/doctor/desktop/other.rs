//! Windows and macOS always have a tray and notifications.

use super::Finding;

pub async fn examine() -> Vec<Finding> {
    vec![
        Finding::ok("tray", "belongs to the system"),
        Finding::ok("notifications", "belong to the system"),
    ]
}
