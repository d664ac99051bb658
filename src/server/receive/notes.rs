//! What is kept on the disk beside records: what the owner knows of, and what is lost.

use serde::{Deserialize, Serialize};

use super::id::{DeliveryId, UploadId};

/// A line among the records of complete files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Note {
    /// The owner knows of all files of a delivery whose records come before this, and is not told of
    /// them again.
    Told {
        #[serde(rename = "told")]
        delivery: DeliveryId,
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
        };
        let lost = Note::Lost {
            upload: UploadId::random().unwrap(),
        };
        for note in [told, lost] {
            assert_eq!(Note::parse(&note.to_line()), Some(note));
        }
        assert_eq!(Note::parse(b"{\"id\":3}"), None);
    }
}
