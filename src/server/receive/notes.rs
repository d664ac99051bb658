//! What is kept on the disk beside records: what the owner knows of, and what is lost.

use serde::{Deserialize, Serialize};

use super::id::{DeliveryId, UploadId};

/// A line among the records of complete files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Note {
    /// The owner knows of so many files of a delivery, the first ones, and is not told of them again.
    Told {
        #[serde(rename = "told")]
        delivery: DeliveryId,
        files: u32,
    },
    /// An upload that was complete is not: the disk has refused its bytes.
    Lost {
        #[serde(rename = "lost")]
        upload: UploadId,
    },
}

impl Note {
    /// The note in a line, if it is one.
    pub fn parse(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// As one line.
    pub fn to_line(self) -> Vec<u8> {
        // Strings and numbers can always be written.
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written() {
        let told = Note::Told {
            delivery: DeliveryId::random().unwrap(),
            files: 3,
        };
        let lost = Note::Lost {
            upload: UploadId::random().unwrap(),
        };
        for note in [told, lost] {
            assert_eq!(Note::parse(&note.to_line()), Some(note));
        }
        assert_eq!(Note::parse(b"{\"files\":3}"), None);
    }
}
