//! The content of a folder as data, in the order in which it is shown.
//!
//! The page and the JSON are written from this. The names are read first, which is fast even for a
//! hundred thousand of them; each entry is looked up only when its row is written.
//!
//! ```text
//! row       one row of a listing
//! looked    all that is known about an entry once it was looked up
//! names     the names of a folder, stored compactly
//! order     the natural order of names
//! source    where the entries are
//! items     the entries of a folder, some of which have been looked up
//! listings  one reading for everyone who asks at the same time
//! subtree   what the subfolders of a folder contain
//! folding   names without case and accents
//! search    what is found below a folder
//! searches  the searches of all visitors
//! json      a listing for programs, and for the page's script
//! ```

mod folding;
mod items;
mod json;
mod listings;
mod looked;
mod names;
mod order;
mod row;
mod search;
mod searches;
mod source;
mod subtree;

pub use folding::Sought;
pub use items::Items;
pub use json::{JsonForm, JsonRows};
pub use listings::{FOUND, Found, LIMITS, Listings, NamesId};
pub use looked::Looked;
pub use names::Names;
pub use row::{Listing, ListingRow};
pub use search::Search;
pub use searches::Searches;
pub use source::ListingSource;
