//! The desktop's own dialog for choosing a folder.

#[cfg(target_os = "linux")]
mod linux;
mod system_dialog;

#[cfg(target_os = "linux")]
pub use self::linux::{ADVICE, FolderDialog, pick_folder};
// Windows and macOS always have a dialog.
#[cfg(not(target_os = "linux"))]
pub use self::system_dialog::pick_folder;
