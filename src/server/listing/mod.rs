//! What is in a folder, as data, in the order in which it is shown.
//!
//! The page and the JSON are written from this. The names are read first, which is quick also for
//! a hundred thousand of them; each entry is looked at only when its row is written.
//!
//! ```text
//! row       one line of a listing
//! names     the names of a folder in little memory
//! order     the order of names as people count
//! source    where the entries are
//! items     the entries of a folder, of which some have been looked at
//! listings  one reading for all who ask at the same time
//! subtree   what lies in the folders of a folder
//! json      a listing for programs, and for the page's script
//! ```

mod items;
mod json;
mod listings;
mod names;
mod order;
mod row;
mod source;
mod subtree;

pub use items::Items;
pub use json::{JsonForm, JsonRows};
pub use listings::{LIMITS, Listings, NamesId};
pub use row::{Listing, ListingRow};
pub use source::ListingSource;
