//! One row of a listing.

use crate::server::{
    kind::FileKind,
    path::{RequestPath, push_encoded},
};

/// What is known about a folder before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name of the share; empty for several things chosen together.
    pub share: String,
    /// Its path, from the root of the share.
    pub path: RequestPath,
}

/// One row of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingRow {
    /// The name as the file system has it.
    pub name: Vec<u8>,
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// Seconds since 1970.
    pub modified_s: i64,
}

impl ListingRow {
    /// The relative URL of the entry; a folder's ends with a slash.
    pub fn url(&self) -> String {
        // The dot keeps a name such as `javascript:x` from being read as a scheme.
        let mut url = String::from("./");
        push_encoded(&self.name, &mut url);
        if self.is_folder {
            url.push('/');
        }
        url
    }

    /// What kind of entry it is.
    pub fn kind(&self) -> FileKind {
        if self.is_folder {
            FileKind::Folder
        } else {
            FileKind::of_file(&self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, is_folder: bool) -> ListingRow {
        ListingRow {
            name: name.as_bytes().to_vec(),
            is_folder,
            size: 1,
            modified_s: 0,
        }
    }

    #[test]
    fn a_name_that_looks_like_a_scheme_stays_a_name() {
        assert_eq!(
            row("javascript:alert(1)", false).url(),
            "./javascript%3Aalert%281%29"
        );
        assert_eq!(row("a b", true).url(), "./a%20b/");
    }
}
