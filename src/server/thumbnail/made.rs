//! What was made of a picture.

use bytes::Bytes;

/// How the cache remembers that the file itself is the best.
const ORIGINAL: &[u8] = b"=";

/// What was made of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// A JPEG, PNG or WebP.
    Picture(Bytes),
    /// Nothing, because the file itself is as good.
    Original,
    /// Nothing, because the file can't be decoded within the limits.
    Nothing,
}

impl Made {
    /// What the cache has kept.
    pub fn from_kept(kept: Vec<u8>) -> Self {
        match kept.as_slice() {
            b"" => Self::Nothing,
            ORIGINAL => Self::Original,
            _ => Self::Picture(kept.into()),
        }
    }

    /// What the cache keeps.
    pub fn kept(&self) -> &[u8] {
        match self {
            Self::Picture(picture) => picture,
            Self::Original => ORIGINAL,
            Self::Nothing => b"",
        }
    }

    /// The media type of a picture.
    pub fn media_type(picture: &[u8]) -> &'static str {
        if picture.starts_with(b"\x89PNG") {
            "image/png"
        } else if picture.starts_with(b"RIFF") {
            "image/webp"
        } else {
            "image/jpeg"
        }
    }
}
