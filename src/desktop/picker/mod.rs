//! The desktop's own dialog for choosing a folder or files.

#[cfg(target_os = "linux")]
mod linux;
mod system_dialog;

#[cfg(target_os = "linux")]
pub use self::linux::{ADVICE, FolderDialog, pick};
// Windows and macOS always have a dialog.
#[cfg(not(target_os = "linux"))]
pub use self::system_dialog::pick;
