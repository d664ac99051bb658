//! What the owner is told of photos that say where they were taken.

use super::share::Share;

/// What it means for the owner, and what to do.
pub const SAY_WHERE: &str = "Photos in it say where they were taken, and visitors get them as they are. If that is private, share copies without the location.";

impl Share {
    /// What to know about its photos, unless the owner wants visitors to know it.
    pub fn warning_of_places(&self) -> Option<&'static str> {
        (self.has_places == Some(true) && !self.places).then_some(SAY_WHERE)
    }

    /// Whether visitors are told where photos were taken; `None` if it has no photos.
    pub fn offered_places(&self) -> Option<bool> {
        self.target.may_have_photos().then_some(self.places)
    }
}
