//! What a small picture is for.

/// What a visitor wants to have made of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub purpose: Purpose,
    /// Whether it may be a WebP.
    pub accepts_webp: bool,
}

impl Wish {
    /// For a program that shows WebP, or one that may not. Messengers don't always show what they accept.
    pub fn new(purpose: Purpose, accepts_webp: bool) -> Self {
        Self {
            purpose,
            accepts_webp: accepts_webp && purpose != Purpose::Card,
        }
    }

    /// Distinguishes its pictures from those of other wishes.
    pub fn id(self) -> String {
        let format = if self.accepts_webp { "-webp" } else { "" };
        format!("{}{format}", self.purpose.id())
    }
}

/// What a small picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tile of the gallery, quickly: the camera's thumbnail if there is one.
    Tile,
    /// The same tile for visitors who keep looking at it, if the camera's thumbnail is coarse.
    Sharp,
    /// As `Tile`, for screens where it has few pixels.
    SmallTile,
    /// As `Sharp`, for screens where it has few pixels.
    SmallSharp,
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
            Self::SmallTile | Self::SmallSharp => 208,
            Self::Card => 630,
            Self::View => VIEW_SIDE,
            Self::Cover => 512,
        }
    }

    /// Whether the camera's thumbnail is good enough.
    pub fn is_quick(self) -> bool {
        matches!(self, Self::Tile | Self::SmallTile)
    }

    /// Distinguishes its pictures from those for other purposes.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tile => "320",
            Self::Sharp => "320-sharp",
            Self::SmallTile => "208",
            Self::SmallSharp => "208-sharp",
            Self::Card => "630",
            Self::View => "2048",
            Self::Cover => "cover",
        }
    }

    /// A file of up to this many bytes that browsers can show is used as it is.
    pub fn small_bytes(self) -> u64 {
        match self {
            Self::View => 300 * 1024,
            Self::Cover => 0,
            _ => 32 * 1024,
        }
    }

    /// The memory for what is made from the pixels: two small pictures, one of them rotated, and the
    /// file.
    pub fn bytes(self) -> u64 {
        match self {
            Self::View => 52 * 1024 * 1024,
            _ => 12 * 1024 * 1024,
        }
    }
}
