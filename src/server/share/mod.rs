//! What is shared, as open handles.
//!
//! ```text
//! content      what the owner chose
//! start_error  why it can't be served
//! source       opens what was chosen, and looks up paths in it
//! resource     the file or folder at a path
//! membership   which part of a share a file belongs to
//! kept         answers with files that were just sent
//! recent       remembers for a moment what a folder is part of
//! website      which part of a share is a website
//! chosen_path  a path through links, followed anew each time
//! hidden_files whether visitors see hidden files
//! location     whether what is at that path is what was chosen
//! presence     whether it exists, and the handles while there are visitors
//! ```

mod chosen_path;
mod content;
mod hidden_files;
mod kept;
mod location;
mod membership;
mod presence;
mod recent;
mod resource;
mod source;
mod start_error;
mod website;

pub use content::Content;
pub use hidden_files::{HiddenFiles, Hiding};
#[cfg(test)]
pub use kept::REST;
pub use kept::{Circumstances, Draft};
pub use membership::Membership;
pub use presence::{Look, Presence};
pub use resource::{FileResource, FolderResource, Resource};
pub use source::{ChosenItem, ItemTarget, OpenShare, SharedContent};
pub use start_error::StartError;
pub use website::INDEX;
