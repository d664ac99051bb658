//! What belongs to the share of a site.

use crate::{
    inspector::Inspector,
    server::{Access, Activity},
};

/// What belongs to the share of a site. Clones belong to the same share.
#[derive(Clone, Debug, Default)]
pub struct SiteShare {
    /// Counts what is passed on.
    pub activity: Activity,
    /// What is passed on.
    pub access: Access,
    /// Records it, if somebody looks.
    pub inspector: Inspector,
}
