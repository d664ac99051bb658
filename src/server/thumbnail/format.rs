//! The formats that can be decoded.

/// A format, recognized by the first bytes. The file name may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
    Tiff,
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
        } else if data.starts_with(b"II*\0") || data.starts_with(b"MM\0*") {
            Some(Self::Tiff)
        } else {
            None
        }
    }

    /// Whether every browser shows it.
    pub fn is_shown_by_browsers(self) -> bool {
        self != Self::Tiff
    }
}
