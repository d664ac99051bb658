//! Windows and macOS, where a dialog is always there.

use std::path::Path;

use crate::app::Pick;

/// Shows the dialog of the system, opened at `start`, and waits for the person.
pub async fn pick_folder(start: Option<&Path>) -> Pick {
    super::by_system(start).await
}
