//! The names of a folder, stored compactly.
//!
//! A folder may have a hundred thousand names. A string for each would take several times the
//! memory, which the allocator would not give back.

use std::{ffi::OsStr, io};

use crate::server::{folder::FileStamp, platform::os_name, work::Budget};

/// The names of a folder, in no particular order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// All names, concatenated.
    text: Vec<u8>,
    entries: Vec<Packed>,
    /// What is known about entries that have been looked up.
    looks: Vec<Look>,
}

/// What is known about an entry that has been looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub modified_s: i64,
    /// What tells its content from any other; `None` if it has just changed.
    pub version: Option<u64>,
}

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    /// Where its name begins.
    start: u32,
    /// The index of its look, or [`NO_LOOK`].
    look: u32,
    length: u16,
    is_folder: bool,
}

const NO_LOOK: u32 = u32::MAX;

impl Names {
    /// Adds an entry. If it can't be looked up later, such as the target of a link, it comes with
    /// what is known about it.
    ///
    /// # Errors
    /// If the budget is used up.
    pub fn push(
        &mut self,
        name: &OsStr,
        is_folder: bool,
        stamp: Option<&FileStamp>,
        budget: &Budget,
    ) -> io::Result<()> {
        self.push_bytes(name.as_encoded_bytes(), is_folder, stamp, budget)
    }

    /// Like [`Names::push`], with the bytes of a name.
    ///
    /// # Errors
    /// The errors of [`Names::push`].
    pub(super) fn push_bytes(
        &mut self,
        name: &[u8],
        is_folder: bool,
        stamp: Option<&FileStamp>,
        budget: &Budget,
    ) -> io::Result<()> {
        budget.spend_entry()?;
        budget.spend_bytes(name.len() + size_of::<Packed>())?;
        let too_large = |_| io::Error::other("the folder is too large");
        let look = match stamp {
            None => NO_LOOK,
            Some(stamp) => {
                budget.spend_bytes(size_of::<Look>())?;
                self.looks.push(Look {
                    size: if is_folder { 0 } else { stamp.size },
                    modified_s: stamp.modified_s,
                    version: stamp.version(),
                });
                u32::try_from(self.looks.len() - 1).map_err(too_large)?
            }
        };
        self.entries.push(Packed {
            start: u32::try_from(self.text.len()).map_err(too_large)?,
            look,
            length: u16::try_from(name.len()).map_err(too_large)?,
            is_folder,
        });
        self.text.extend_from_slice(name);
        Ok(())
    }

    /// Frees unused capacity.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.looks.shrink_to_fit();
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes in all names together.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// The name of an entry, as the file system has it.
    pub fn name(&self, index: usize) -> &[u8] {
        let entry = &self.entries[index];
        let start = entry.start as usize;
        &self.text[start..start + usize::from(entry.length)]
    }

    /// The same in the system's own type.
    pub fn os_name(&self, index: usize) -> Option<&OsStr> {
        os_name(self.name(index))
    }

    /// Whether an entry is a folder.
    pub fn is_folder(&self, index: usize) -> bool {
        self.entries[index].is_folder
    }

    /// What is known about an entry, if it has been looked up.
    pub fn look(&self, index: usize) -> Option<Look> {
        self.looks.get(self.entries[index].look as usize).copied()
    }

    /// Whether all entries can still be looked up, so that nothing here can be outdated.
    pub fn has_no_looks(&self) -> bool {
        self.looks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_names_take_little_more_than_their_letters() {
        let (mut names, budget) = (Names::default(), Budget::ample());
        for number in 0..100_000 {
            let name = format!("a file {number:06} with a name of usual length.txt");
            names.push(name.as_ref(), false, None, &budget).unwrap();
        }
        names.shrink();
        let bytes = names.text.capacity() + names.entries.capacity() * size_of::<Packed>();
        assert!(bytes < 6_000_000, "{bytes}");
        assert_eq!(
            names.name(99_999),
            b"a file 099999 with a name of usual length.txt"
        );
        assert!(names.has_no_looks() && names.look(0).is_none());
    }

    #[test]
    fn more_names_than_a_budget_allows_are_an_error() {
        let (mut names, budget) = (Names::default(), Budget::of_checks(2));
        assert!(names.push("a".as_ref(), false, None, &budget).is_ok());
        assert!(names.push("b".as_ref(), true, None, &budget).is_ok());
        assert!(names.push("c".as_ref(), true, None, &budget).is_err());
        assert_eq!(names.len(), 2);
    }
}
