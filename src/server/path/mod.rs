//! Paths and names: what a request may ask for, and how names are shown.
//!
//! ```text
//! request_path  the path of a request as names, or nothing
//! hidden_name   names that hide a file or folder
//! windows_name  names that Windows reads in another way
//! shown_name    names as a person can read them
//! ```

pub mod hidden_name;
mod request_path;
mod shown_name;
mod windows_name;

pub use request_path::{MAX_NAMES, RequestPath, Rules, can_be_asked_for, push_encoded};
pub use shown_name::shown_name;
