//! What is in a folder, as data, in the order in which it is shown.
//!
//! The page and the JSON are written from this. The names are read first, which is quick also for
//! a hundred thousand of them; each entry is looked at only when its row is written.
//!
//! ```text
//! row      one line of a listing
//! items    the entries of a folder, of which some have been looked at
//! source   where they are
//! subtree  what lies in the folders of a folder
//! order    the order of names as people count
//! json     a listing for programs, and for the page's script
//! ```

mod items;
mod json;
mod order;
mod row;
mod source;
mod subtree;

pub use items::{Items, Listings};
pub use json::{JsonForm, JsonRows};
pub use row::{Listing, ListingRow};
pub use source::ListingSource;
