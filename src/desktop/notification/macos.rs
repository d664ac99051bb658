//! macOS: the Notification Center knows the program by its bundle.

use notify_rust::Notification;

/// Nothing to do.
pub fn prepare(_notification: &mut Notification) {}
