//! The formats that can be decoded.

/// A format, recognized by the first bytes. The file name may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl Format {
    /// The format of a picture; `None` if it can't be decoded.
    pub fn of(data: &[u8]) -> Option<Self> {
        if data.starts_with(&[0xff, 0xd8]) {
            Some(Self::Jpeg)
        } else if data.starts_with(b"\x89PNG") {
            Some(Self::Png)
        } else if data.starts_with(b"GIF8") {
            Some(Self::Gif)
        } else if data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else {
            None
        }
    }
}
