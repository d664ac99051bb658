//! The total size of a folder.

use std::io;

use super::{format::end_length, root::Root, walk::walk};
use crate::server::work::Budget;

/// The total of everything in and below a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub files: u64,
    /// Bytes in all files.
    pub size: u64,
    /// Bytes in its archive.
    pub zip: u64,
}

impl Total {
    /// Counts what an archive of these roots contains. Slow; waits for the disk.
    ///
    /// # Errors
    /// If the budget is used up.
    pub fn of(roots: &[Root], budget: &Budget) -> io::Result<Self> {
        let mut total = Self::default();
        let (mut entries, mut offset, mut central) = (0, 0, 0);
        walk(roots, budget, |visited| {
            let record = visited.record();
            entries += 1;
            central += record.central_length(offset);
            offset += record.length();
            total.files += u64::from(!visited.is_folder);
            total.size += visited.size();
            Ok(())
        })?;
        total.zip = offset + central + end_length(entries, offset, central);
        Ok(total)
    }
}
