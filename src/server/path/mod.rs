//! Paths and names: what a request may name, and how names are shown.
//!
//! ```text
//! request_path  parses the path of a request
//! windows_name  names with a special meaning on Windows
//! shown_name    names for display
//! ```

mod request_path;
mod shown_name;
pub mod windows_name;

pub use request_path::{MAX_NAMES, RequestPath, Rules, can_be_asked_for, push_encoded};
pub use shown_name::shown_name;
