//! Newer versions of the program: asks the release feed, only when told to, and believes it only if it is
//! signed. Nothing is downloaded and nothing is installed.
//!
//! - [`source`]: where the feed is, and whose signature it must have
//! - [`ask`]: the request, and what is checked before the answer is believed
//! - [`answer`]: what the owner is told
//! - [`signature`], [`feed`], [`version`]: what the feed says, once it is known to be the maintainers'
//! - [`memory`]: the newest feed seen, so that nobody can show an older one
//! - [`installation`]: how this copy was installed, and so how it is updated
//! - [`error`]: why the feed was not believed

pub mod answer;
pub mod ask;
pub mod error;
pub mod feed;
pub mod installation;
pub mod memory;
pub mod signature;
pub mod source;
pub mod version;
