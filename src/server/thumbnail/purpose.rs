//! What a small picture is for.

/// What a small picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tile of the gallery, quickly: the camera's thumbnail if there is one.
    Tile,
    /// The same tile for visitors who keep looking at it, if the camera's thumbnail is coarse.
    Sharp,
    /// The card of a link in a messenger.
    Card,
    /// The whole picture, as large as a screen.
    View,
    /// The cover of an album, from one of its files.
    Cover,
}

/// The longer side of a picture that fills a screen.
pub const VIEW_SIDE: u32 = 2048;

impl Purpose {
    /// Pixels of the shorter side, which is that of a picture whose longer side is too long.
    pub fn short_side(self) -> u32 {
        match self {
            Self::Tile | Self::Sharp => 320,
            Self::Card => 630,
            Self::View => VIEW_SIDE,
            Self::Cover => 512,
        }
    }

    /// Distinguishes its pictures from those for other purposes.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tile => "320",
            Self::Sharp => "320-sharp",
            Self::Card => "630",
            Self::View => "2048",
            Self::Cover => "cover",
        }
    }

    /// A file of up to this many bytes that browsers can show is used as it is.
    pub fn small_bytes(self) -> u64 {
        match self {
            Self::Tile | Self::Sharp | Self::Card => 32 * 1024,
            Self::View => 300 * 1024,
            Self::Cover => 0,
        }
    }

    /// The memory for what is made from the pixels: two small pictures, one of them rotated, and the
    /// file.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Tile | Self::Sharp | Self::Card | Self::Cover => 12 * 1024 * 1024,
            Self::View => 52 * 1024 * 1024,
        }
    }
}
