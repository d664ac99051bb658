//! Which part of a share a file belongs to.

/// What a file is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The website that is shared.
    Website,
    /// A site in a subfolder.
    NestedSite,
    /// No site.
    Listing,
}
