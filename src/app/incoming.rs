//! What visitors hand in to a share: what is coming in, and what has come in.

use serde::{Deserialize, Serialize};

use super::size;

/// Files that are coming in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    pub files: u32,
    /// Bytes of them so far.
    pub received: u64,
    /// Bytes of all of them, if that is known.
    pub expected: Option<u64>,
}

/// Whole files that have come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub files: u64,
    pub bytes: u64,
}

/// What visitors may hand in to a share, as its owner has decided for this share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadSettings {
    /// The bytes of all files together; `None` without a limit.
    pub max_size: Option<u64>,
    /// What visitors read above the uploader.
    pub message: String,
    /// What came in before this run of the program. It counts, too.
    pub before: Received,
}

impl Incoming {
    /// `receiving 3 files, 45%`; `None` if nothing is coming in.
    pub fn in_words(&self) -> Option<String> {
        let progress = match self.expected {
            Some(expected) if expected > 0 => {
                let percent = u128::from(self.received) * 100 / u128::from(expected);
                format!("{}%", percent.min(100))
            }
            _ => size::in_words(self.received),
        };
        let files = self.files_in_words()?;
        Some(format!("receiving {files}, {progress}"))
    }

    /// `Receiving 3 files: 540 MB of 1.2 GB`; `None` if nothing is coming in.
    pub fn in_detail(&self) -> Option<String> {
        let files = self.files_in_words()?;
        let received = size::in_words(self.received);
        Some(match self.expected {
            Some(expected) => {
                let expected = size::in_words(expected);
                format!("Receiving {files}: {received} of {expected}")
            }
            None => format!("Receiving {files}: {received}"),
        })
    }

    fn files_in_words(&self) -> Option<String> {
        (self.files > 0).then(|| files(self.files.into()))
    }
}

impl Received {
    /// More has come in.
    pub fn add(&mut self, files: u64, bytes: u64) {
        self.files = self.files.saturating_add(files);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// `3 files (1.2 GB)`; `None` if nothing has come in.
    pub fn in_words(&self) -> Option<String> {
        let size = size::in_words(self.bytes);
        (self.files > 0).then(|| format!("{} ({size})", files(self.files)))
    }
}

fn files(count: u64) -> String {
    match count {
        1 => "1 file".into(),
        _ => format!("{count} files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_percentage_if_the_sizes_are_known() {
        let words = |files, received, expected| {
            let incoming = Incoming {
                files,
                received,
                expected,
            };
            incoming.in_words()
        };
        assert_eq!(words(0, 0, Some(0)), None);
        assert_eq!(words(1, 0, Some(0)).unwrap(), "receiving 1 file, 0 bytes");
        assert_eq!(words(3, 459, Some(1000)).unwrap(), "receiving 3 files, 45%");
        // A visitor who sends more than was said.
        assert_eq!(
            words(1, u64::MAX, Some(1)).unwrap(),
            "receiving 1 file, 100%"
        );
        let incoming = Incoming {
            files: 3,
            received: 540_000_000,
            expected: Some(1_200_000_000),
        };
        assert_eq!(
            incoming.in_detail().unwrap(),
            "Receiving 3 files: 540 MB of 1.2 GB"
        );
        assert_eq!(
            words(2, 540_000_000, None).unwrap(),
            "receiving 2 files, 540 MB"
        );
    }

    #[test]
    fn what_has_come_in_is_counted_and_measured() {
        let mut received = Received::default();
        assert_eq!(received.in_words(), None);
        received.add(1, 999);
        assert_eq!(received.in_words().unwrap(), "1 file (999 bytes)");
        received.add(2, 1_200_000_000);
        assert_eq!(received.in_words().unwrap(), "3 files (1.2 GB)");
    }
}
