//! What the tray reports when it can't be shown.

/// The tray can't be shown. The program keeps running without it.
#[derive(Debug, thiserror::Error)]
#[error("The tray icon can't be shown: {0}")]
pub struct TrayError(pub String);
