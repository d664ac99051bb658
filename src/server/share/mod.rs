//! What is shared, opened.
//!
//! ```text
//! content      what a person chose
//! start_error  why it can't be served
//! source       what was chosen, opened; and looking up a path in it
//! resource     the file or folder that a path leads to
//! website      which part of a share is a website
//! presence     whether what was chosen is still where it was
//! ```

mod content;
mod presence;
mod resource;
mod source;
mod start_error;
mod website;

pub use content::Content;
pub use presence::Presence;
pub use resource::{FileResource, FolderResource, Resource};
pub use source::{ChosenItem, ItemTarget, OpenShare, SharedContent};
pub use start_error::StartError;
pub use website::{INDEX, Membership};
