//! Windows and macOS, where a dialog is always there.

pub use super::by_system as pick_folder;
