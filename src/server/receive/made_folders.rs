//! How many folders visitors have made before anything is in them.
//!
//! Each takes room on the disk for good, so there are not many of them: fewer than of files, and fewer
//! for each visitor.

use std::{collections::HashMap, net::IpAddr};

use super::error::ReceiveError;
use crate::server::uploads::UploadRules;

/// How many folders visitors make in one share.
const MAX: u64 = 10_000;

/// How many one visitor makes.
const MAX_OF_VISITOR: u64 = 2000;

/// What has become of a folder that a visitor wants to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderMade {
    Made,
    /// There is something with its name.
    IsThere,
}

/// How many folders visitors have made.
#[derive(Debug, Default)]
pub struct MadeFolders {
    all: u64,
    visitors: HashMap<Option<IpAddr>, u64>,
}

impl MadeFolders {
    /// Counts one more.
    ///
    /// # Errors
    /// There are too many.
    pub fn add(
        &mut self,
        rules: &UploadRules,
        visitor: Option<IpAddr>,
    ) -> Result<(), ReceiveError> {
        let most = rules.max_files.unwrap_or(MAX).min(MAX);
        // There are at most as many visitors as folders.
        let own = self.visitors.get(&visitor).copied().unwrap_or(0);
        if self.all >= most || own >= MAX_OF_VISITOR {
            return Err(ReceiveError::Quota);
        }
        self.all += 1;
        self.visitors.insert(visitor, own + 1);
        Ok(())
    }

    /// One was not made after all.
    pub fn remove(&mut self, visitor: Option<IpAddr>) {
        self.all = self.all.saturating_sub(1);
        if let Some(own) = self.visitors.get_mut(&visitor) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                self.visitors.remove(&visitor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_makes_so_many_folders_and_all_together_no_more_than_the_share_takes() {
        let mut made = MadeFolders::default();
        let rules = UploadRules::default();
        let visitor = |number: u8| Some(IpAddr::from([192, 0, 2, number]));
        for _ in 0..MAX_OF_VISITOR {
            made.add(&rules, visitor(1)).unwrap();
        }
        assert!(made.add(&rules, visitor(1)).is_err());
        made.remove(visitor(1));
        made.add(&rules, visitor(1)).unwrap();
        let few = UploadRules {
            max_files: Some(MAX_OF_VISITOR + 1),
            ..UploadRules::default()
        };
        made.add(&few, visitor(2)).unwrap();
        made.remove(visitor(2));
        assert_eq!(made.visitors.len(), 1);
        made.add(&few, visitor(2)).unwrap();
        assert!(made.add(&few, visitor(2)).is_err());
        assert!(made.add(&rules, visitor(2)).is_ok());
    }
}
