//! Windows and macOS always have a tray and notifications.

use crate::doctor::finding::Finding;

pub async fn examine() -> Vec<Finding> {
    vec![
        Finding::ok("tray", "available"),
        Finding::ok("notifications", "available"),
    ]
}
