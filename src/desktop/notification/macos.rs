//! macOS: the notification centre knows the program by its bundle.

use notify_rust::Notification;

/// Nothing is to be done.
pub fn prepare(_notification: &mut Notification) {}
